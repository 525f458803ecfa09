package loader

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/goleak"

	"supercluster/vm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write what the fixtures print into them")

// run is one process of a script, as far as the loader makes it.
type run struct {
	out    bytes.Buffer
	loader *Loader
	exit   vm.Exit
	err    error // of Run, or what Uncaught was told
	report Report
}

// script runs the main module at path in dir. Builtin modules are "fs", a file system of three functions, "empty"
// and the library.
func script(t testing.TB, dir, path string, change ...func(*Config)) *run {
	t.Helper()
	r := new(run)
	loop := vm.NewLoop(vm.LoopConfig{})
	rt := loop.Runtime()
	vm.Globals(rt, vm.GlobalsConfig{Loop: loop}) // lowered code asks for them
	console := rt.NewObject()
	print := func(c goja.FunctionCall) goja.Value {
		for i, a := range c.Arguments {
			if i > 0 {
				r.out.WriteByte(' ')
			}
			r.out.WriteString(a.String())
		}
		r.out.WriteByte('\n')
		return goja.Undefined()
	}
	_ = console.Set("log", print)
	_ = console.Set("error", func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	_ = rt.Set("console", console)
	_ = rt.Set("setTimeout", func(c goja.FunctionCall) goja.Value {
		fn, _ := goja.AssertFunction(c.Argument(0))
		release := loop.Ref()
		time.AfterFunc(0, func() { loop.Post(func() { defer release(); loop.Call(fn, goja.Undefined()) }) })
		return goja.Undefined()
	})
	cfg := Config{Loop: loop, Dir: dir, Builtin: builtins(rt), Uncaught: func(err error) { r.err = err }}
	for _, c := range change {
		c(&cfg)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r.loader = New(cfg)
	exit, err := loop.Run(ctx, func() error {
		err := r.loader.Run(path)
		if err != nil {
			r.err = err
			r.report = r.loader.Describe(err)
		}
		return err
	})
	if err != nil && r.err == nil {
		t.Errorf("loop: %v", err)
	}
	if r.err != nil && r.report.Text == "" {
		r.report = r.loader.Describe(r.err)
	}
	if exit.Err != nil && r.err == nil {
		r.err = errors.New("uncaught")
		r.report = r.loader.DescribeValue(exit.Err.Value)
	}
	r.exit = exit
	return r
}

func builtins(rt *goja.Runtime) func(string) (goja.Value, bool, error) {
	made := map[string]goja.Value{}
	return func(name string) (goja.Value, bool, error) {
		if v, ok := made[name]; ok {
			return v, true, nil
		}
		o := rt.NewObject()
		switch name {
		case "fs":
			_ = o.Set("existsSync", func(p string) bool { _, err := os.Stat(p); return err == nil })
			_ = o.Set("writeFileSync", func(p, text string) { _ = os.WriteFile(p, []byte(text), 0o600) })
			_ = o.Set("readFileSync", func(p, _ string) string { b, _ := os.ReadFile(p); return string(b) })
		case "path":
			_ = o.Set("basename", func(p string) string { return filepath.Base(p) })
			_ = o.Set("join", func(c goja.FunctionCall) goja.Value {
				var parts []string
				for _, a := range c.Arguments {
					parts = append(parts, a.String())
				}
				return rt.ToValue(filepath.Join(parts...))
			})
		case "url":
			_ = o.Set("pathToFileURL", func(p string) map[string]string { return map[string]string{"href": urlOfPath(p)} })
		case "sc:supercluster", "sc:nnet":
			_ = o.Set("isBuiltin", true)
		case "http2":
			return nil, false, errors.New("http2 is not available")
		default:
			return nil, false, nil
		}
		made[name] = o
		return o, true, nil
	}
}

// TestGraphs runs the trees of modules in testdata/graph: each prints what its file "stdout" holds, and Node.js, if
// there is one and the comment does not say "no node", prints the same. Other words of the comment: "run FILE".
func TestGraphs(t *testing.T) {
	files, err := filepath.Glob("testdata/graph/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { graph(t, file) })
	}
}

func graph(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir, main, want := unpack(t, ar)
	if _, after, ok := strings.Cut(string(ar.Comment), "run "); ok {
		main = strings.Fields(after)[0]
	}
	r := script(t, dir, main)
	got := strings.ReplaceAll(r.out.String(), dir, "$DIR")
	if r.err != nil {
		got += "threw " + strings.ReplaceAll(headOf(r.report), dir, "$DIR") + "\n"
	}
	if r.loader.Pending() {
		got += "pending\n"
	}
	if *update {
		rewrite(t, file, ar, got)
		want = got
	}
	if got != want {
		t.Errorf("%s printed\n%s\nwant\n%s\nreport: %s", main, got, want, r.report.Text)
	}
	if strings.Contains(string(ar.Comment), "no node") {
		return
	}
	if node := nodeOutput(t, dir, main); node != "" && node != want {
		t.Errorf("%s: Node.js prints\n%s\nwant\n%s", main, node, want)
	}
}

// unpack writes the files of ar; "FILE -> TARGET" is a symbolic link.
func unpack(t *testing.T, ar *txtar.Archive) (dir, main, stdout string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == "stdout" {
			stdout = string(f.Data)
			continue
		}
		name, target, link := strings.Cut(f.Name, " -> ")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if link {
			if err := os.Symlink(target, path); err != nil {
				t.Skip("no symbolic links here")
			}
			continue
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		if main == "" {
			main = name
		}
	}
	return dir, main, stdout
}

func rewrite(t *testing.T, file string, ar *txtar.Archive, got string) {
	t.Helper()
	kept := ar.Files[:0:0]
	for _, f := range ar.Files {
		if f.Name != "stdout" {
			kept = append(kept, f)
		}
	}
	ar.Files = append(kept, txtar.File{Name: "stdout", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
		t.Fatal(err)
	}
}

// nodeOutput is what Node.js prints, "" without Node.js.
func nodeOutput(t *testing.T, dir, main string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		return ""
	}
	// console.log of Node prints objects its own way; the fixtures print strings only.
	cmd := exec.CommandContext(t.Context(), node, "--no-warnings", main)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	got := strings.ReplaceAll(string(out), dir, "$DIR")
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed) && failed.ExitCode() == 13:
		got += "pending\n"
	case errors.As(err, &failed):
		got += "threw " + firstError(strings.ReplaceAll(stderr.String(), dir, "$DIR")) + "\n"
	case err != nil:
		t.Fatal(err)
	}
	return got
}

// firstError finds the line with name and message in what Node.js says of an uncaught error.
func firstError(stderr string) string {
	var head []string
	for _, line := range strings.Split(stderr, "\n") {
		if len(head) > 0 {
			if strings.HasPrefix(line, "    at ") || line == "" {
				break
			}
			head = append(head, line)
			continue
		}
		if name, _, ok := strings.Cut(line, ":"); ok && strings.HasSuffix(strings.Fields(name + " x")[0], "Error") {
			head = append(head, line)
		}
	}
	text := strings.Join(head, "\n")
	if i := strings.Index(text, " ["); i > 0 && i < strings.Index(text, ":") {
		text = text[:i] + text[strings.Index(text, "]")+1:]
	}
	return strings.TrimSuffix(text, " {")
}

func ExampleLoader() {
	dir, _ := os.MkdirTemp("", "loader")
	defer os.RemoveAll(dir)
	_ = os.WriteFile(filepath.Join(dir, "main.ts"), []byte("throw new RangeError('too ' + ('far' as string))\n"), 0o600)
	loop := vm.NewLoop(vm.LoopConfig{})
	l := New(Config{Loop: loop, Dir: dir})
	_, _ = loop.Run(context.Background(), func() error {
		report := l.Describe(l.Run("main.ts"))
		fmt.Println(report.Name, report.Message, report.Line, report.Col)
		return nil
	})
	// Output: RangeError too far 1 7
}
