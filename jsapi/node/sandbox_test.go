package node

import (
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/google/go-cmp/cmp"

	"supercluster/vm"
)

// pure are the modules that a task's sandbox has: they must do without any native function but those of package vm.
var pure = []string{
	"assert", "assert/strict", "buffer", "events", "path", "path/posix", "path/win32", "querystring", "string_decoder", "timers",
	"timers/promises", "url", "util", "util/types",
}

// sandbox is a runtime with the globals of a task, in which js files get the bindings of package vm only; what print gets is in out.
func sandbox(t *testing.T) (n *Node, out *strings.Builder) {
	t.Helper()
	n = New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
	n.bindings = map[string]func() *goja.Object{"events_emit": n.bindings["events_emit"], "buffer_native": n.bindings["buffer_native"]}
	vm.Globals(n.rt, vm.GlobalsConfig{Loop: n.loop, Require: n.load})
	out = &strings.Builder{}
	format, err := n.member("format", "format")
	if err != nil {
		t.Fatal(err)
	}
	fn, _ := goja.AssertFunction(format)
	console := n.object(map[string]any{"log": func(call goja.FunctionCall) goja.Value {
		text, err := fn(goja.Undefined(), call.Arguments...)
		if err != nil {
			panic(vm.Thrown(n.rt, err))
		}
		out.WriteString(text.String() + "\n")
		return goja.Undefined()
	}})
	for name, v := range map[string]any{"console": console, "require": func(call goja.FunctionCall) goja.Value {
		v, ok, err := n.Builtin(call.Argument(0).String())
		if err != nil || !ok {
			panic(n.rt.NewTypeError("require: %v", err))
		}
		return v
	}} {
		if err := n.rt.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return n, out
}

func TestSandboxModules(t *testing.T) {
	n, out := sandbox(t)
	for _, name := range pure {
		if _, ok, err := n.Builtin(name); !ok || err != nil {
			t.Errorf("Builtin(%q) = %v, %v", name, ok, err)
		}
	}
	_, err := n.rt.RunString(`
		const util = require('util');
		console.log(typeof process, [new Map([[1, { a: 2 }]]), new Set([1]), new Date(0), /x/, new Uint8Array(2), () => 1, class A {}, Promise.resolve(1), new Proxy({ p: 1 }, {}), Object(1)]);
		console.log(util.types.isMap(new Map()), util.types.isPromise(Promise.resolve()), util.types.isDate({}), util.isDeepStrictEqual([new Set([1])], [new Set([1])]));
		console.log(util.inspect(new RangeError('r')).split('\n')[0], require('path').join('a', '..', 'b'), require('path').resolve('x'));
		try { require('assert').deepStrictEqual({ a: 1 }, { a: 2 }) } catch (e) { console.log(e.code, e.message) }
		const E = require('events'); const e = new E(); e.on('x', (v) => console.log('x', v)); e.emit('x', 1);
		console.log(require('url').parse('http://a.b/c?d=1').query, Buffer.from('é').toString('base64'), util.promisify((cb) => cb(null, 1))() instanceof Promise);
	`)
	if err != nil {
		t.Fatal(err)
	}
	want := `undefined [
  Map(1) { 1 => { a: 2 } },
  Set(1) { 1 },
  1970-01-01T00:00:00.000Z,
  /x/,
  Uint8Array(2) [ 0, 0 ],
  [Function (anonymous)],
  [class A],
  Promise {  },
  { p: 1 },
  [Number: 1]
]
true true false true
RangeError: r b /x
ERR_ASSERTION Expected values to be strictly deep-equal:
+ actual - expected

  {
+   a: 1
-   a: 2
  }
x 1
d=1 w6k= true
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("in the sandbox (-want +got):\n%s", diff)
	}
}

// TestSandboxScripts: the scripts on pure modules print the same there.
func TestSandboxScripts(t *testing.T) {
	for _, name := range []string{"text", "buffer"} {
		n, out := sandbox(t)
		text, err := os.ReadFile("testdata/" + name + ".js")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.rt.RunString("(function () {" + string(text) + "\n})()"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-node +sandbox):\n%s", name, diff)
		}
	}
}
