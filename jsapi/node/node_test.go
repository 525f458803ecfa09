package node

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/js"
	"supercluster/vm"
)

func TestBuiltin(t *testing.T) {
	n := New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
	if err := n.Install(); err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		v, ok, err := n.Builtin(name)
		if !ok || err != nil || goja.IsUndefined(v) {
			t.Errorf("Builtin(%q) = %v, %v, %v, want a module", name, v, ok, err)
		}
		again, _, _ := n.Builtin(name)
		if !v.SameAs(again) {
			t.Errorf("Builtin(%q) gives two modules", name)
		}
	}
	for _, name := range []string{"", "inspect", "fs_native", "errors", "left-pad", "prelude_text", "../go"} {
		if _, ok, err := n.Builtin(name); ok || err != nil {
			t.Errorf("Builtin(%q) = %v, %v, want no module of that name", name, ok, err)
		}
	}
}

func TestUnavailable(t *testing.T) {
	n := New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
	for name, file := range publicModules {
		if file != "" {
			continue
		}
		_, ok, err := n.Builtin(name)
		if !ok || err == nil {
			t.Errorf("Builtin(%q) = %v, %v, want an error that names it", name, ok, err)
			continue
		}
		e := vm.Thrown(n.rt, err).ToObject(n.rt)
		if code := e.Get("code").String(); code != "ERR_UNKNOWN_BUILTIN_MODULE" {
			t.Errorf("Builtin(%q): code %s", name, code)
		}
		if text := e.Get("message").String(); !strings.Contains(text, `"`+name+`" is not available in sc yet`) {
			t.Errorf("Builtin(%q): message %q", name, text)
		}
	}
}

// TestFiles: every public module has its file, and every file compiles.
func TestFiles(t *testing.T) {
	files := js.Names()
	for name, file := range publicModules {
		if file != "" && !slices.Contains(files, file) {
			t.Errorf("module %q: no file js/%s.js", name, file)
		}
	}
	for _, file := range files {
		if _, ok := vm.Builtin(file); !ok {
			t.Errorf("js/%s.js: not found", file)
		}
	}
}

// TestLazy: a script that prints a line loads the console and what that needs, no more.
func TestLazy(t *testing.T) {
	n := New(Config{Loop: vm.NewLoop(vm.LoopConfig{}), Stdout: &strings.Builder{}})
	if err := n.Install(); err != nil {
		t.Fatal(err)
	}
	if len(n.modules) != 0 {
		t.Errorf("Install loaded %d modules, want none", len(n.modules))
	}
	if _, err := n.rt.RunString(`console.log('hello')`); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"buffer", "util", "fs", "inspect_raw", "url_whatwg", "stdin", "os", "assert"} {
		if _, ok := n.modules[name]; ok {
			t.Errorf("console.log of a string loaded %q", name)
		}
	}
}

// TestReplacedGlobals: scripts may put their own in the place of a global.
func TestReplacedGlobals(t *testing.T) {
	r := run(t, `const log = console.log; console = { log: (x) => log('mine', x) }; console.log(1); URL = 5; globalThis.process.x = 1;
		log(URL, process.x, typeof global, global === globalThis, Object.keys(globalThis).includes('process'))`, "")
	if want := "mine 1\n5 1 object true false\n"; r.stdout != want {
		t.Errorf("printed %q, want %q (stderr %q)", r.stdout, want, r.stderr)
	}
}

// TestErrorsPrinted: errors are printed with a stack in V8's form and their own properties.
func TestErrorsPrinted(t *testing.T) {
	r := run(t, `function f() { const e = new TypeError('bad'); e.code = 'E_X'; return e; }
console.log(f());
console.log({ e: new Error('in') });
console.log(new Error('outer', { cause: f() }));
class MyError extends Error {}
console.log(new MyError('m').stack.split('\n')[0], String(require('util').inspect(new MyError('m'))).split('\n')[0]);
try { require('fs').readFileSync('/nope/x') } catch (e) { console.log(e) }
try { null.x } catch (e) { console.log(e instanceof TypeError, /^TypeError: /.test(require('util').inspect(e))) }`, "")
	for _, want := range []string{
		"TypeError: bad\n    at f (script.js:1:",
		"\n  code: 'E_X'\n}\n",
		"{\n  e: Error: in\n      at ",
		"[cause]: TypeError: bad\n      at f (",
		"Error: m MyError: m",
		"Error: ENOENT: no such file or directory, open '/nope/x'\n    at ",
		"{\n  errno: -2,\n  code: 'ENOENT',\n  syscall: 'open',\n  path: '/nope/x'\n}\n",
		"true true\n",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in:\n%s%s", want, r.stdout, r.stderr)
		}
	}
	if strings.Contains(r.stdout, "\tat ") {
		t.Errorf("a stack in goja's form:\n%s", r.stdout)
	}
}

func TestMapStack(t *testing.T) {
	var out strings.Builder
	loop := vm.NewLoop(vm.LoopConfig{})
	n := New(Config{Loop: loop, Stdout: &out, MapStack: func(s string) string { return strings.ReplaceAll(s, "a.js", "a.ts") }})
	if err := n.Install(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.rt.RunScript("a.js", `console.log(new Error('x'))`); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "a.ts:1:") {
		t.Errorf("printed %q, want the mapped file", out.String())
	}
}

func TestSystemError(t *testing.T) {
	rt := goja.New()
	e := systemError(rt, failed(errors.New("strange"), "open", "a", "b"), "open")
	if got, want := e.Get("message").String(), "UNKNOWN: strange, open 'a' -> 'b'"; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if got := e.Get("dest").String(); got != "b" {
		t.Errorf("dest %q", got)
	}
	if failed(nil, "open", "a") != nil {
		t.Error("failed(nil) is an error")
	}
}

// BenchmarkHello is a script's start: a runtime, its modules, one line on the console.
func BenchmarkHello(b *testing.B) {
	for b.Loop() {
		n := New(Config{Loop: vm.NewLoop(vm.LoopConfig{}), Stdout: &strings.Builder{}})
		if err := n.Install(); err != nil {
			b.Fatal(err)
		}
		if _, err := n.rt.RunString(`console.log('hello')`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInspect prints a tree of a hundred objects.
func BenchmarkInspect(b *testing.B) {
	n := New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
	if err := n.Install(); err != nil {
		b.Fatal(err)
	}
	v, _, err := n.Builtin("util")
	if err != nil {
		b.Fatal(err)
	}
	inspect, _ := goja.AssertFunction(v.ToObject(n.rt).Get("inspect"))
	tree, err := n.rt.RunString(`Array.from({ length: 100 }, (_, i) => ({ id: i, name: 'user' + i, tags: ['a', 'b'] }))`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := inspect(goja.Undefined(), tree); err != nil {
			b.Fatal(err)
		}
	}
}
