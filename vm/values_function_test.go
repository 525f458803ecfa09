package vm

import (
	"errors"
	"testing"

	"github.com/dop251/goja"
)

// TestFunctionsTravel sends functions inside arguments: they run, they stay the same function, their errors say where.
func TestFunctionsTravel(t *testing.T) {
	rt := goja.New()
	v := eval(t, rt, `(() => { const f = (x) => x * (x + 1); return [f, {m(a) { return a + "!" }, again: f}, async () => 7] })()`)
	b, err := Encode(rt, v, EncodeOptions{Path: "args", Functions: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(goja.New(), b, DecodeOptions{}); !errors.Is(err, errFunctionRefused) {
		t.Errorf("Decode without Functions: %v, want %v", err, errFunctionRefused)
	}
	there := goja.New()
	compiled := 0
	got, err := Decode(there, b, DecodeOptions{Functions: true, Compile: func(f *Function) (*goja.Program, error) {
		compiled++
		return f.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := there.Set("args", got); err != nil {
		t.Fatal(err)
	}
	if s := eval(t, there, `JSON.stringify([args[0](4), args[1].m("a"), args[0] === args[1].again, args[2]() instanceof Promise])`).String(); s != `[20,"a!",true,true]` {
		t.Errorf("the functions give %s", s)
	}
	if compiled != 3 {
		t.Errorf("compiled %d functions, want 3", compiled)
	}
}

// TestFunctionsRefused holds that what FunctionOf refuses is an error that names its path.
func TestFunctionsRefused(t *testing.T) {
	rt := goja.New()
	v := eval(t, rt, `[1,{f:Math.max}]`)
	_, err := Encode(rt, v, EncodeOptions{Path: "args", Functions: true})
	_, inner := FunctionOf(rt, eval(t, rt, `Math.max`), nil)
	if inner == nil || err == nil || err.Error() != "args[1].f: "+inner.Error() {
		t.Errorf("error %v, want args[1].f: %v", err, inner)
	}
}

// TestBuffer sends Node's kind of bytes, of which only those shown travel.
func TestBuffer(t *testing.T) {
	const class = `class Buffer extends Uint8Array {}; globalThis.Buffer = Buffer; `
	rt := goja.New()
	v := eval(t, rt, class+`(b => [new Buffer(b, 2, 3), new Buffer(b, 0, 1), b])(new Uint8Array([1,2,3,4,5,6,7,8]).buffer)`)
	b, err := Encode(rt, v, EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ there, want string }{
		{class, `array3{"0":Buffer0+3 030405,"1":Buffer0+1 01,"2":buffer 0102030405060708}`},
		{"0", `array3{"0":[object Uint8Array]0+3 buffer 030405,"1":[object Uint8Array]0+1 buffer 01,"2":buffer 0102030405060708}`},
	} {
		there := goja.New()
		eval(t, there, c.there)
		got, err := Decode(there, b, DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if s := dump(t, there, got); s != c.want {
			t.Errorf("arrives as %s, want %s", s, c.want)
		}
	}
}
