package loader

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStdin compares main modules from standard input with what Node.js prints for them.
func TestStdin(t *testing.T) {
	tests := []struct {
		name, text, want string
		node             bool
	}{
		{"CommonJS", "console.log(__filename, __dirname, module.filename, module.id, require('./a').a)", "[stdin] . $DIR/[stdin] [stdin] 1\n", true},
		{"ES module", "import { a } from './a.js'; console.log(a, import.meta.dirname)", "1 $DIR\n", false},
		{"TypeScript", "const x: number = 5; console.log(x)", "5\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, "a.js", "exports.a = 1")
			r := script(t, dir, "-", func(c *Config) { c.Stdin = strings.NewReader(tt.text) })
			got := strings.ReplaceAll(r.out.String(), dir, "$DIR")
			if got != tt.want || r.err != nil {
				t.Errorf("printed %q, want %q; %s", got, tt.want, r.report.Text)
			}
			node, err := exec.LookPath("node")
			if err != nil || !tt.node {
				return
			}
			cmd := exec.CommandContext(t.Context(), node, "-")
			cmd.Dir, cmd.Stdin = dir, strings.NewReader(tt.text)
			out, err := cmd.Output()
			if got := strings.ReplaceAll(string(out), dir, "$DIR"); got != tt.want || err != nil {
				t.Errorf("Node.js prints %q, %v", got, err)
			}
		})
	}
	r := script(t, write(t), "-", func(c *Config) { c.Stdin = strings.NewReader("let a = 1\nlet b = a b") })
	if r.report.Line != 2 || !strings.Contains(r.report.Frame, "> 2 | let b = a b") {
		t.Errorf("a syntax error on stdin: %+v", r.report)
	}
}

func TestMainFile(t *testing.T) {
	dir := write(t, "a.js", "console.log('a')", "sub/index.ts", "console.log('sub')", "x.json", "{}", "pkg/package.json", `{"main": "m.cjs"}`, "pkg/m.cjs", "")
	r := script(t, dir, "a.js")
	for path, want := range map[string]string{"a": "a.js", "./a.js": "a.js", "sub": "sub/index.ts", "sub/": "sub/index.ts", "pkg": "pkg/m.cjs", filepath.Join(dir, "a"): "a.js", "x": "x.json"} {
		got, err := r.loader.MainFile(path)
		if err != nil || got != filepath.Join(dir, filepath.FromSlash(want)) {
			t.Errorf("MainFile(%q) = %q, %v, want %s", path, got, err, want)
		}
	}
	if got, err := r.loader.MainFile("nope"); err == nil {
		t.Errorf("MainFile(nope) = %q", got)
	}
}

func TestRequire(t *testing.T) {
	dir := write(t, "m.js", "", "lib/a.js", "module.exports = 'a' + require('b')", "node_modules/b/index.js", "module.exports = 'b'")
	r := script(t, dir, "m.js")
	v, err := r.loader.Require(filepath.Join(dir, "lib"), "./a")
	if err != nil || v.String() != "ab" {
		t.Errorf("Require = %v, %v", v, err)
	}
	if _, err := r.loader.Require(dir, "./lib/gone"); r.loader.Describe(err).Code != "MODULE_NOT_FOUND" {
		t.Errorf("Require of what is not there: %v", err)
	}
}

// TestUnreadable: files that are there but cannot be used are errors that say so.
func TestUnreadable(t *testing.T) {
	dir := write(t, "m.js", "for (const f of ['./no.js', './addon.node', 'bad']) try { require(f) } catch (e) { console.log(e.code) }",
		"no.js", "", "addon.node", "\x7fELF", "node_modules/bad/package.json", "[1]", "node_modules/bad/index.js", "")
	want := "EACCES\nERR_DLOPEN_FAILED\nERR_INVALID_PACKAGE_CONFIG\n"
	if err := os.Chmod(filepath.Join(dir, "no.js"), 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(filepath.Join(dir, "no.js")); err == nil {
		f.Close()
		want = strings.TrimPrefix(want, "EACCES\n") // root may read everything
	}
	if r := script(t, dir, "m.js"); r.out.String() != want {
		t.Errorf("printed %q, want %q; %s", r.out.String(), want, r.report.Text)
	}
}

// TestStackOverflow: endless recursion is a report, and not the end of the process.
func TestStackOverflow(t *testing.T) {
	dir := write(t, "m.js", "function f() {\n  f()\n}\nf()")
	r := script(t, dir, "m.js")
	if r.report.Name != "RangeError" || r.report.Message != "Maximum call stack size exceeded" || r.report.Line != 2 {
		t.Errorf("report = %+v", r.report)
	}
}

// TestDeepPackage: a package.json that nests without end is refused, not followed.
func TestDeepPackage(t *testing.T) {
	if _, err := parseJSON([]byte(strings.Repeat("[", 100000))); err != errJSONDepth {
		t.Errorf("parseJSON = %v, want %v", err, errJSONDepth)
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":{"b":[1,null,true,"x"]},"a":2}`, "[", "{", `{"exports":{"./*":"./x/*.js"}}`, "\ufeff1", "1 2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := parseJSON(data)
		if o, ok := v.(*object); err == nil && ok && len(o.keys) != len(o.vals) {
			t.Errorf("%d keys, %d values", len(o.keys), len(o.vals))
		}
	})
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{`"a"`: "a", `plain`: "plain", `"\x41\n\"\\"`: "A\n\"\\", `"é😀"`: "é😀", `"\ud800"`: "\ufffd", `"\u1"`: "\ufffd"} {
		if got := unquote(in); got != want {
			t.Errorf("unquote(%s) = %q, want %q", in, got, want)
		}
	}
}
