package vm

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

func readTestdata(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// evaluate runs src, an expression, and returns its value.
func evaluate(t testing.TB, rt *goja.Runtime, name, src string) *goja.Object {
	t.Helper()
	v, err := rt.RunScript(name, src)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v.(*goja.Object)
}

// shape is a function of testdata/functions.js.
type shape struct {
	name string
	fn   goja.Value
	rest []goja.Value
}

func shapes(t testing.TB, rt *goja.Runtime, list string) []shape {
	t.Helper()
	var out []shape
	o := evaluate(t, rt, "functions.js", readTestdata(t, "functions.js")).Get(list).(*goja.Object)
	for _, k := range o.Keys() {
		row := o.Get(k).(*goja.Object)
		s := shape{name: row.Get("0").String(), fn: row.Get("1")}
		for _, i := range row.Keys()[2:] {
			s.rest = append(s.rest, row.Get(i))
		}
		out = append(out, s)
	}
	return out
}

// outcome calls fn and shows what it returned, what its promise settled to, or what it threw.
func outcome(t testing.TB, rt *goja.Runtime, fn goja.Value, args []goja.Value) string {
	t.Helper()
	show, _ := goja.AssertFunction(evaluate(t, rt, "show.js", readTestdata(t, "show.js")))
	call, ok := goja.AssertFunction(fn)
	if !ok {
		t.Fatal("not callable")
	}
	v, err := call(nil, args...)
	prefix := ""
	if err != nil {
		v, prefix = Thrown(rt, err), "throws "
	} else if p, ok := v.Export().(*goja.Promise); ok {
		v, prefix = p.Result(), "resolves "
		if p.State() == goja.PromiseStateRejected {
			prefix = "rejects "
		}
	}
	s, err := show(nil, v)
	if err != nil {
		t.Fatalf("show: %v", err)
	}
	return prefix + s.String()
}

// ship returns the function as another runtime gets it.
func ship(t testing.TB, from *goja.Runtime, fn goja.Value, to *goja.Runtime) goja.Value {
	t.Helper()
	f, err := FunctionOf(from, fn, nil)
	if err != nil {
		t.Fatalf("FunctionOf: %v", err)
	}
	g, err := DecodeFunction(f.Encode())
	if err != nil {
		t.Fatalf("DecodeFunction: %v", err)
	}
	if g.Hash() != f.Hash() {
		t.Error("the hash changed on the way")
	}
	p, err := g.Compile()
	if err != nil {
		t.Fatalf("Compile: %v\n%s", err, g.Source)
	}
	o, err := g.Bind(to, p)
	if err != nil {
		t.Fatalf("Bind: %v\n%s", err, g.Source)
	}
	if got := o.Get("name").String(); got != f.Name {
		t.Errorf("name %q, want %q", got, f.Name)
	}
	return o
}

// carry copies plain data between runtimes.
func carry(t testing.TB, args []goja.Value, to *goja.Runtime) []goja.Value {
	t.Helper()
	out := make([]goja.Value, len(args))
	for i, a := range args {
		b, err := json.Marshal(a.Export())
		if err != nil {
			t.Fatal(err)
		}
		v, err := to.RunString("(" + string(b) + ")")
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func TestFunctionShapes(t *testing.T) {
	wants := nodeShapes(t)
	from := newRuntime(500)
	list := shapes(t, from, "list")
	if len(list) < 88 {
		t.Errorf("%d shapes, want at least 88", len(list))
	}
	for i, s := range list {
		t.Run(s.name, func(t *testing.T) {
			to := newRuntime(500)
			shipped := ship(t, from, s.fn, to)
			got := outcome(t, to, shipped, carry(t, s.rest, to))
			// The shipped function goes first: a shape may change its argument.
			if want := outcome(t, from, s.fn, s.rest); got != want {
				t.Errorf("shipped: %s, here: %s", got, want)
			}
			if wants != nil && got != wants[i] {
				t.Errorf("shipped: %s, in node: %s", got, wants[i])
			}
		})
	}
}

// nodeShapes returns the outcomes of node, or nil where there is none.
func nodeShapes(t *testing.T) []string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil || testing.Short() {
		return nil
	}
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader(`
const show = ` + readTestdata(t, "show.js") + `;
const { list } = ` + readTestdata(t, "functions.js") + `;
(async () => {
	const out = [];
	for (const [, fn, ...args] of list) {
		try {
			const v = fn.call(undefined, ...args);
			if (v instanceof Promise) out.push(await v.then((x) => 'resolves ' + show(x), (e) => 'rejects ' + show(e)));
			else out.push(show(v));
		} catch (e) { out.push('throws ' + show(e)); }
	}
	console.log(JSON.stringify(out));
})();`)
	b, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, b)
	}
	var out []string
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFunctionRefused(t *testing.T) {
	rt := newRuntime(500)
	for _, s := range shapes(t, rt, "refused") {
		t.Run(s.name, func(t *testing.T) {
			f, err := FunctionOf(rt, s.fn, nil)
			if err == nil {
				t.Fatalf("it is sent as %q", f.Source)
			}
			if want := s.rest[0].String(); !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("error %q, want it to say %q", err, want)
			}
		})
	}
}

func TestFunctionPlace(t *testing.T) {
	const src = "\n\nconst f =\n    () => { throw new Error('here') };\nfunction g() { throw new Error('there') }\n[f, g, { m() { null.x } }.m]"
	from := newRuntime(500)
	list := evaluate(t, from, "/app/master.js", src)
	locate := func(text string) Position {
		i := strings.Index(src, text)
		line := strings.Count(src[:i], "\n")
		return Position{"/app/master.js", line + 1, i - strings.LastIndexByte(src[:i], '\n') - 1}
	}
	for i, want := range []string{"    at f (/app/master.js:4:19)", "    at g (/app/master.js:5:22)", "    at m (/app/master.js:6:21)"} {
		f, err := FunctionOf(from, list.Get(string(rune('0'+i))), locate)
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Compile()
		if err != nil {
			t.Fatal(err)
		}
		to := newRuntime(500)
		o, err := f.Bind(to, p)
		if err != nil {
			t.Fatal(err)
		}
		call, _ := goja.AssertFunction(o)
		_, err = call(nil)
		stack := CleanStack(Thrown(to, err).(*goja.Object).Get("stack").String())
		if _, got, _ := strings.Cut(stack, "\n"); got != want {
			t.Errorf("stack\n%s\nwant\n%s", got, want)
		}
	}
}

func TestFunctionCaptures(t *testing.T) {
	w := value.NewWriter(nil)
	w.Begin(value.KindFunction, 3)
	w.Int(0)
	w.Int(1)
	w.Int(2)
	f := &Function{Source: "(x) => x + a + b", Name: "sum", Names: []string{"a", "b"}, Env: w.Bytes()}
	g, err := DecodeFunction(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	rt := newRuntime(500)
	o, err := g.instantiate(rt, f.Env, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	call, _ := goja.AssertFunction(o)
	if v, err := call(nil, rt.ToValue(10)); err != nil || v.ToInteger() != 13 {
		t.Errorf("sum(10) = %v, %v; want 13", v, err)
	}
	other := *f
	other.Env = []byte{5}
	if other.Hash() != f.Hash() {
		t.Error("captured values change the hash")
	}
	other.Names = []string{"a", "c"}
	if other.Hash() == f.Hash() {
		t.Error("captured names do not change the hash")
	}
}

// TestEnvironment: what is captured and the arguments travel together and come apart again.
func TestEnvironment(t *testing.T) {
	args := []byte{0x91, 1}
	env, got, err := splitEnv(JoinEnv([]byte{7}, args))
	if err != nil || string(env) != "\x07" || string(got) != string(args) {
		t.Errorf("splitEnv(JoinEnv) = %v, %v, %v", env, got, err)
	}
	if env, got, err = splitEnv(JoinEnv(nil, args)); err != nil || env != nil || string(got) != string(args) {
		t.Errorf("without captures: %v, %v, %v", env, got, err)
	}
	for _, b := range [][]byte{{0x82, 0xa3}, {0x81, 1, 1}, {0x82, 0xa3, 'e', 'n', 'v', 1, 1, 1}} {
		if _, _, err := splitEnv(b); err == nil {
			t.Errorf("splitEnv(%v) takes it", b)
		}
	}
}

// TestFunctionTextIsNotAskedOfTheFunction: a property named toString must not decide what is sent.
func TestFunctionTextIsNotAskedOfTheFunction(t *testing.T) {
	rt := newRuntime(500)
	v := evaluate(t, rt, "a.js", "Object.assign(() => 1, { toString: () => '() => 2' })")
	f, err := FunctionOf(rt, v, nil)
	if err != nil || f.Source != "() => 1" {
		t.Errorf("FunctionOf = %v, %v", f, err)
	}
}

func FuzzDecodeFunction(f *testing.F) {
	for _, fn := range []*Function{
		{Source: "x => x"},
		{Source: "m(x) { return x }", Name: "m", Kind: KindMethod, Pos: Position{"/a/b.js", 12, 4}},
		{Source: "() => a", Names: []string{"a"}, Parts: []*Function{{Kind: KindGlobal}}},
	} {
		f.Add(fn.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fn, err := DecodeFunction(b)
		if err != nil {
			return
		}
		again, err := DecodeFunction(fn.Encode())
		if err != nil {
			t.Fatalf("what Encode made of %q cannot be decoded: %v", b, err)
		}
		if again.Hash() != fn.Hash() || len(again.Parts) != len(fn.Parts) {
			t.Errorf("%+v became %+v", fn, again)
		}
		_, _ = fn.Compile() // any text may come; it must not panic
	})
}

// TestNoForm: a text that no script can have a function of.
func TestNoForm(t *testing.T) {
	if _, err := formOf("a b c", "f"); text(err) != `cannot send the function "f": its text cannot be evaluated on its own; give it a body in braces` {
		t.Errorf("formOf(a b c): %v", err)
	}
}
