package loader

import (
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// TestFunctionText: what a script sees of its functions is their text.
func TestFunctionText(t *testing.T) {
	text := `const k = 1;
function f(a) { return a + k; }
class C { m() { return k; } get g() { return k; } }
console.log(f.toString(), '|', String((x) => (x + k)), '|', (() => ({ k })).toString(), '|', new C().m.toString());
console.log(String(C), '|', C.toString === f.toString, '|', Function.prototype.toString.call(Math.max).includes('native code'));`
	want := "function f(a) { return a + k; } | (x) => (x + k) | () => ({ k }) | m() { return k; }\n" +
		"class C { m() { return k; } get g() { return k; } } | true | true\n"
	r := script(t, write(t, "m.js", text), "m.js")
	if got := r.out.String(); got != want || r.err != nil {
		t.Errorf("printed\n%s\nwant\n%s\n%s", got, want, r.report.Text)
	}
}

// TestFreeVariables checks which names of a function are found to come from around it.
func TestFreeVariables(t *testing.T) {
	for _, c := range []struct{ name, fn, want string }{
		{"none", "(a) => a + 1", ""},
		{"one, used twice", "() => a + a", "a"},
		{"in the order of their use", "() => c + a", "c a"},
		{"parameters", "(a, { b }, [c], ...d) => a + b + c + d + e", "e"},
		{"defaults", "(a = b, { c = d } = e) => 1", "b d e"},
		{"var in a block", "() => { if (b) { var a; } return a; }", "b"},
		{"let in a block", "() => { { let a; } return a; }", "a"},
		{"function below", "() => { return a(); function a() { return b; } }", "b"},
		{"property names", "() => ({ a: b }).a.c", "b"},
		{"shorthand", "() => ({ a })", "a"},
		{"computed keys", "() => ({ [a]: 1, [b]() {} })", "a b"},
		{"catch", "() => { try { a(); } catch (b) { b; c; } }", "a c"},
		{"for heads", "() => { for (let a = b; a < c; a++) d; for (const e of a) e; for (b in c) ; }", "b c d a"},
		{"labels", "() => { a: for (;;) break a; }", ""},
		{"assignment patterns", "() => { [a, b.c] = d; ({ e, f: g = 1 } = d); }", "a b d e g"},
		{"classes", "() => class b extends a { [c] = d; static #e = b; static { f; } m() { return super.m(g); } }", "a c d f g"},
		{"name of its own", "function a() { return a; }", ""},
		{"inner functions", "() => () => function () { return a; }", "a"},
		{"templates", "() => `${a}` + b`${c}`", "a b c"},
		{"arguments", "function () { return arguments; }", ""},
		{"new.target, this", "function () { return [new.target, this, a]; }", "a"},
		{"switch", "(x) => { switch (x) { case a: let b; default: b; c; } }", "a c"},
		{"optional", "() => a?.b?.[c]?.(d)", "a c d"},
		{"spread and yield", "function* () { yield* a; yield [...b]; }", "a b"},
	} {
		l := New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
		u, err := l.compile("/m.js", "let a, b, c, d, e, f, g; ("+c.fn+")", dialect{loader: 2})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []string
		for _, v := range u.closures[0].vars {
			got = append(got, v.name.String())
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s: %s uses %v, want %v", c.name, c.fn, got, want)
		}
	}
}

// TestSendingDoesNotRun: taking a function apart runs nothing of it, whatever its parameters are.
func TestSendingDoesNotRun(t *testing.T) {
	text := `const k = 1; let ran = 0; const run = () => { ran++; return {}; };
for (const f of [() => { run(); return k; }, ({ a = run() }, [b = run()], c = run()) => k, async (a = run()) => k + run(),
  function* () { yield k; run(); }]) send(f);
console.log(ran);`
	dir := write(t, "m.js", text)
	r := script(t, dir, "m.js", func(cfg *Config) {
		rt := cfg.Loop.Runtime()
		_ = rt.Set("send", func(c goja.FunctionCall) goja.Value {
			f, err := vm.FunctionOf(rt, c.Argument(0), nil)
			if err != nil || !slices.Contains(f.Names, "k") {
				t.Errorf("%v: %v, %v", c.Argument(0), f, err)
			}
			return goja.Undefined()
		})
	})
	if got := r.out.String(); got != "0\n" || r.err != nil {
		t.Errorf("printed %q, want 0\n%s", got, r.report.Text)
	}
}
