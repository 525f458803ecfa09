package vm

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
)

// lower is what the loader does to syntax that goja lacks.
func lower(t *testing.T, src string, loader api.Loader, tsconfig string) string {
	t.Helper()
	return transform(t, src, loader, tsconfig, map[string]bool{
		"async-generator": false, "for-await": false, "using": false, "decorators": false, "dynamic-import": false,
		"import-meta": false, "import-attributes": false, "hashbang": false, "unicode-escapes": false,
		"regexp-set-notation": false, "regexp-match-indices": false,
	})
}

func transform(t *testing.T, src string, loader api.Loader, tsconfig string, supported map[string]bool) string {
	t.Helper()
	r := api.Transform(src, api.TransformOptions{
		Format: api.FormatCommonJS, Platform: api.PlatformNode, Target: api.ESNext, Loader: loader, TsconfigRaw: tsconfig,
		Supported: supported,
	})
	for _, e := range r.Errors {
		t.Fatalf("esbuild: %s", e.Text)
	}
	return string(r.Code)
}

// loweredTasks returns the functions of a file as tasks. Its helpers are left behind.
func loweredTasks(t *testing.T, code string) (rows []*goja.Object, tasks []Task) {
	t.Helper()
	rt := newRuntime(500)
	l := &Loop{rt: rt}
	Globals(rt, GlobalsConfig{Loop: l})
	v, err := rt.RunScript("lowered.js", code)
	if err != nil {
		t.Fatalf("%v\n%s", err, code)
	}
	list := v.(*goja.Object)
	for _, k := range list.Keys() {
		row := list.Get(k).(*goja.Object)
		keys := row.Keys()
		f, err := FunctionOf(rt, row.Get(keys[len(keys)-1]), nil)
		if err != nil {
			t.Fatalf("%s: %v", row.Get("0"), err)
		}
		rows, tasks = append(rows, row), append(tasks, Task{Code: f.Encode()})
	}
	return rows, tasks
}

func TestLowered(t *testing.T) {
	src := readTestdata(t, "lowered.js")
	var wants []string
	if path, err := exec.LookPath("node"); err == nil && !testing.Short() {
		// node 20 lacks only using: for that esbuild's own helpers are the oracle.
		code := transform(t, "globalThis.list = "+src, api.LoaderJS, "", map[string]bool{"using": false})
		cmd := exec.Command(path, "-")
		cmd.Stdin = strings.NewReader(code + `
const show = ` + readTestdata(t, "show.js") + `;
(async () => { for (const [, fn] of globalThis.list) console.log(show(await fn())); })();`)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node: %v\n%s", err, b)
		}
		wants = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	rows, tasks := loweredTasks(t, lower(t, src, api.LoaderJS, ""))
	e := NewEngine(EngineConfig{})
	for i, task := range tasks {
		t.Run(rows[i].Get("0").String(), func(t *testing.T) {
			got := showResult(t, e.Run(context.Background(), task, new(recorder)))
			if strings.Contains(got, "[ERR_") || strings.HasPrefix(got, "ReferenceError") {
				t.Error(got)
			}
			if wants != nil && got != wants[i] {
				t.Errorf("%s, in node %s", got, wants[i])
			}
		})
	}
}

func TestDecorated(t *testing.T) {
	rows, tasks := loweredTasks(t, lower(t, readTestdata(t, "decorated.ts"), api.LoaderTS, ""))
	e := NewEngine(EngineConfig{})
	for i, task := range tasks {
		t.Run(rows[i].Get("0").String(), func(t *testing.T) {
			got := showResult(t, e.Run(context.Background(), task, new(recorder)))
			if want := strings.ReplaceAll(rows[i].Get("1").String(), `"k":`, "k:"); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestDecoratedAsTypeScript(t *testing.T) {
	src := `[['legacy', () => {
		const seen = [];
		const m = (target, key, desc) => { seen.push('member ' + key + ' ' + typeof desc?.value); };
		const c = (C) => { seen.push('class ' + C.name.length); return class extends C { y = 2 }; };
		const p = (target, key, i) => { seen.push('param ' + key + ' ' + i); };
		@c class A { @m foo(@p a) {} @m x = 1; constructor(@p b?: number) {} }
		const a = new A();
		return [...seen, a.x, (a as any).y];
	}]]`
	_, tasks := loweredTasks(t, lower(t, src, api.LoaderTS, `{"compilerOptions":{"experimentalDecorators":true}}`))
	got := showResult(t, NewEngine(EngineConfig{}).Run(context.Background(), tasks[0], new(recorder)))
	if want := `["param foo 0","member foo function","member x undefined","param undefined 0","class 1",1,2]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestHelpersAreThere: every global that is promised is made, and is no accident of the language.
func TestHelpersAreThere(t *testing.T) {
	for module, names := range preludes {
		if _, ok := Builtin(module); !ok {
			t.Errorf("no module %s", module)
		}
		for _, name := range names {
			got := run(t, NewEngine(EngineConfig{}), taskOf(t, "() => typeof "+name, ""), nil)
			if got != `"function"` && got != `"object"` {
				t.Errorf("%s is %s", name, got)
			}
		}
	}
}
