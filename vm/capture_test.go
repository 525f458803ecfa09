package vm

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// testCaptures gives functions the captures of a table, by their names.
type testCaptures map[string][]Variable

func (c testCaptures) Snapshot(bool) Snapshot { return c }

func (c testCaptures) Closure(fn *goja.Object) (*Closure, error) {
	name := fn.Get("name").String()
	text := builtins.functionText(goja.FunctionCall{This: fn}).String()
	return &Closure{Source: text, Class: strings.HasPrefix(text, "class"), Variables: c[name]}, nil
}

func (testCaptures) Known(goja.Value) (*Reference, error) { return nil, nil }
func (testCaptures) Frame(Position) (place, frame string) { return "a.js:1:2", "> 1 | x" }
func (testCaptures) Warn(string)                          {}

// captures keeps in rt what the globals whose names are listed capture: "f: a b" means that f uses a and b.
func captures(t *testing.T, rt *goja.Runtime, lines ...string) {
	t.Helper()
	c := testCaptures{}
	for _, l := range lines {
		name, rest, _ := strings.Cut(l, ": ")
		for _, v := range strings.Fields(rest) {
			c[name] = append(c[name], Variable{Name: v, Value: evaluate(t, rt, "v.js", "["+v+"]").Get("0")})
		}
	}
	if err := KeepCaptures(rt, c); err != nil {
		t.Fatal(err)
	}
}

// TestCapturesInCircles has functions and classes that refer to each other.
func TestCapturesInCircles(t *testing.T) {
	rt := newRuntime(500)
	const src = `var even = (n) => n === 0 || odd(n - 1), odd = (n) => n !== 0 && even(n - 1);
var A = class A { twin() { return make(); } is(x) { return x instanceof A; } }, make = () => new A(), shared = { n: 0 };
var left = () => ++shared.n, right = () => shared.n;
var main = (n) => [even(n), odd(n), make().twin().is(make()), left(), left(), right()].join(); main`
	v := evaluate(t, rt, "m.js", src)
	captures(t, rt, "main: even odd make left right", "even: odd", "odd: even", "A: make", "make: A", "left: shared", "right: shared")
	f, err := FunctionOf(rt, v, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := DecodeFunction(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Parts) != 6 {
		t.Errorf("%d parts, want 6", len(g.Parts))
	}
	args, err := Encode(rt, rt.NewArray(7), EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, NewEngine(EngineConfig{}), Task{Code: f.Encode(), Args: JoinEnv(f.Env, args)}, nil)
	if !strings.Contains(got, "false,true,true,1,2,2") {
		t.Errorf("the task gives %s", got)
	}
}

func TestCaptureErrorNamesTheVariable(t *testing.T) {
	rt := newRuntime(500)
	v := evaluate(t, rt, "m.js", `var config = { a: [Symbol("s")] }, helper = () => config; var main = () => helper(); main`)
	captures(t, rt, "main: helper", "helper: config")
	_, err := FunctionOf(rt, v, nil)
	want := "cannot send the function \"helper\": it uses config.a[0], but a symbol cannot be sent (a.js:1:2)\n> 1 | x"
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

// FuzzEnv: no captured values make the decoder panic, whatever they claim of the code that they come with.
func FuzzEnv(f *testing.F) {
	fn := &Function{Source: "() => a", Names: []string{"a"}, Parts: []*Function{
		{Source: "class { b() { return b } }", Kind: KindClass, Names: []string{"b"}}, {Kind: KindGlobal}, {Kind: KindRequire, Names: []string{"x"}},
		{Kind: KindInstance}, {Kind: KindModule, Source: "exports.x = 1"}, {Kind: KindBuiltin, Source: "path"},
	}}
	for part := range 8 {
		w := value.NewWriter(nil)
		w.Begin(value.KindFunction, 2)
		w.Int(0)
		w.Begin(value.KindFunction, 3)
		w.Int(int64(part))
		w.Ext(value.KindReference, []byte{0, 0, 0, 1})
		w.Str("Math")
		f.Add(w.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rt := newRuntime(100)
		if o, err := fn.instantiate(rt, b, DecodeOptions{Limits: value.Limits{MaxNodes: 1000}}); err == nil {
			_, _ = FunctionOf(rt, o, nil)
		}
	})
}
