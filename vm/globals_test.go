package vm

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// TestGlobals compares what tasks, and scripts, have with node where it is present.
func TestGlobals(t *testing.T) {
	src := readTestdata(t, "globals.js")
	var wants []string
	if path, err := exec.LookPath("node"); err == nil && !testing.Short() {
		cmd := exec.Command(path, "-")
		cmd.Stdin = strings.NewReader(`
const show = ` + readTestdata(t, "show.js") + `;
(async () => { for (const [, fn, want] of ` + src + `) console.log(want ?? show(await fn())); })();`)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node: %v\n%s", err, b)
		}
		wants = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	rt := newRuntime(500)
	list := evaluate(t, rt, "globals.js", src)
	e := NewEngine(EngineConfig{})
	for i, k := range list.Keys() {
		row := list.Get(k).(*goja.Object)
		t.Run(row.Get("0").String(), func(t *testing.T) {
			f, err := FunctionOf(rt, row.Get("1"), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := showResult(t, e.Run(context.Background(), Task{Code: f.Encode()}, new(recorder)))
			if want := row.Get("2"); !goja.IsUndefined(want) && got != want.String() {
				t.Errorf("%s, want %s", got, want)
			}
			if wants != nil && got != wants[i] {
				t.Errorf("%s, in node %s", got, wants[i])
			}
			out, exit, err := script(t, `const show = `+readTestdata(t, "show.js")+`;
				(async () => console.log(show(await (`+src+`)[`+k+`][1]())))();`)
			if err != nil || exit.Err != nil {
				t.Fatalf("as a script: %+v, %v", exit, err)
			}
			if strings.TrimSpace(out) != got {
				t.Errorf("as a script: %s, as a task: %s", out, got)
			}
		})
	}
}

func TestGlobalsOfScripts(t *testing.T) {
	out, exit, err := script(t, `
		console.log(Object.hasOwn(globalThis, 'setTimeout'), typeof Buffer, typeof GoError, 'URL' in globalThis);
		console.log(Object.keys(globalThis).filter((k) => k !== 'console' && k !== 'process').sort().join());
		setTimeout = 5; console.log(setTimeout); delete globalThis.URL; console.log(typeof URL);
		console.log(global === globalThis, new AbortController().signal instanceof EventTarget);`)
	want := `true undefined undefined true
atob,btoa,clearImmediate,clearInterval,clearTimeout,crypto,global,performance,queueMicrotask,setImmediate,setInterval,setTimeout,structuredClone
5
undefined
true true
`
	if err != nil || exit.Err != nil || out != want {
		t.Errorf("%+v, %v, printed\n%swant\n%s", exit, err, out, want)
	}
}

func TestBuiltin(t *testing.T) {
	a, ok := Builtin("prelude_events")
	b, _ := Builtin("prelude_events")
	if !ok || a != b {
		t.Error("compiled twice")
	}
	if _, ok := Builtin("no such module"); ok {
		t.Error("it is there")
	}
}
