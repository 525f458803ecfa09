package vm

import (
	"fmt"
	"testing"

	"github.com/dop251/goja"
)

// TestBufferBindingRefuses holds that the native half of Buffer touches no memory for arguments that are not plain:
// memory that was given away, bounds outside of it, receivers that only look like bytes.
func TestBufferBindingRefuses(t *testing.T) {
	rt := goja.New()
	memory := rt.NewArrayBuffer(make([]byte, 8))
	_ = rt.Set("memory", memory)
	binding := BufferBinding(rt)
	_ = rt.Set("b", binding)
	if _, err := rt.RunString(`
		var gone = new Uint8Array(memory, 2), here = new Uint8Array([1, 2, 3]);
		b.adopt(Uint8Array);
		var fake = {length: 3, buffer: here.buffer, byteOffset: 0, byteLength: 1000, __proto__: Uint8Array.prototype};
		Object.defineProperty(here, 'byteLength', {value: 1000});
		Object.defineProperty(here, 'length', {value: 1000});`); err != nil {
		t.Fatal(err)
	}
	memory.Detach()
	for _, c := range []struct{ src, want string }{
		{"b.text(gone, 'utf8')", "undefined"},
		{"b.write(gone, 'abc', 'utf8', 0, 3)", "undefined"},
		{"b.fill(gone, here, 0, 1)", "undefined"},
		{"b.copy(here, gone, 0, 0, 1)", "undefined"},
		{"b.join([here, gone])", "undefined"},
		{"b.text(fake, 'utf8')", "undefined"},
		{"b.text('abc', 'utf8')", "undefined"},
		{"b.text(here, 'utf8', 0, 4)", "undefined"},
		{"b.text(here, 'rot13')", "undefined"},
		{"b.text(here, 'hex')", "010203"},
		{"b.copy(here, here, 2, 0, 2)", "undefined"},
		{"b.write(here, 'abcdef', 'utf8', 1, 3)", "undefined"},
		{"b.fill(here, here, 2, 4)", "undefined"},
		{"b.join({length: 1e9, 0: here})", "undefined"},
		{"var long = []; long.length = 1e9; b.join(long)", "undefined"},
		{"b.join([here], 2 ** 40)", "undefined"},
		{"b.slice(here, 1, 99).length", "2"},
		{"b.find(here, here, -5, 0, true)", "0"},
		{"b.find(here, here.subarray(1), 99, 1, false)", "1"},
	} {
		v, err := rt.RunString(c.src)
		if got := fmt.Sprint(v); err != nil || got != c.want {
			t.Errorf("%s = %s, %v, want %s", c.src, got, err, c.want)
		}
	}
}

// TestEmitterBinding holds that emit asks the slow form about what is not plain, and that a length which a script
// claims is not believed.
func TestEmitterBinding(t *testing.T) {
	rt := goja.New()
	_ = rt.Set("b", EventsBinding(rt))
	v, err := rt.RunString(`
		var seen = [], kCapture = Symbol();
		var emit = b.emitter(function (type) { seen.push(['slow', typeof this, type]); return 'slow'; }, (...args) => seen.push(['rejected', args.length]), kCapture);
		var long = []; long.length = 4e9;
		var e = {emit, _events: {x: (v) => { seen.push(v); return Promise.resolve(); }, long, odd: 5, error: () => 1, list: [() => seen.push('a'), () => seen.push('b')]}};
		var results = [e.emit('x', 1), e.emit('none'), e.emit('error'), e.emit('long'), e.emit('odd'), e.emit('list'), e.emit(3), emit.call(5, 'x'), emit.call({}, 'x')];
		e[kCapture] = true;
		e.emit('x', 2);
		JSON.stringify([results, seen])`)
	want := `[[true,false,"slow","slow","slow",true,"slow","slow","slow"],[1,["slow","object","error"],["slow","object","long"],` +
		`["slow","object","odd"],"a","b",["slow","object",3],["slow","object","x"],["slow","object","x"],2,["rejected",4]]]`
	if err != nil || v.String() != want {
		t.Errorf("emit: %v, %v, want %s", v, err, want)
	}
}
