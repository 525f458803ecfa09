package vm

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/google/go-cmp/cmp"

	"supercluster/vm/value"
)

// TestNumberBlocks holds when the elements of an array become one block, and of which width.
func TestNumberBlocks(t *testing.T) {
	for _, c := range []struct {
		name, element string // of the i-th of 20 elements
		width         byte   // 0: one by one
	}{
		{"small", `i`, value.NumberInt8},
		{"least of 8 bits", `-128`, value.NumberInt8},
		{"over 7 bits", `128`, value.NumberInt16},
		{"some over 7 bits", `i?1:128`, 0},
		{"least of 16 bits", `-32768`, value.NumberInt16},
		{"most of 16 bits", `32767`, value.NumberInt16},
		{"over 15 bits", `32768`, 0},
		{"least of 32 bits", `-2147483648`, value.NumberInt32},
		{"most of 32 bits", `2147483647`, value.NumberInt32},
		{"over 31 bits", `2147483648`, 0},
		{"over 32 bits", `4294967296`, value.NumberFloat64},
		{"fractions", `i+0.5`, value.NumberFloat64},
		{"minus zero", `-0`, value.NumberFloat64},
		{"not a number", `NaN`, value.NumberFloat64},
		{"one fraction", `i?1:0.5`, 0},
		{"one string", `i?1:"x"`, 0},
		{"one undefined", `i?1:undefined`, 0},
		{"bigints", `1n`, 0},
	} {
		b := encode(t, `Array.from({length:20},(_, i)=>`+c.element+`)`)
		r := value.NewReader(b, value.Limits{})
		var width byte
		if r.Type() == value.Ext {
			if k, p := r.Ext(); k == value.KindNumbers {
				width = p[0]
			}
		}
		if width != c.width {
			t.Errorf("%s: encoded by width %d, want %d: %x", c.name, width, c.width, b)
		}
	}
}

func TestArrayIndex(t *testing.T) {
	for key, want := range map[string]int{
		"0": 0, "7": 7, "10": 10, "4294967294": math.MaxUint32 - 1,
		"": -1, "00": -1, "01": -1, "-1": -1, "1.0": -1, "4294967295": -1, "99999999999": -1, "x": -1, "1x": -1, "१": -1,
	} {
		if got, ok := arrayIndex(key); ok != (want >= 0) || ok && got != want {
			t.Errorf("arrayIndex(%q) = %d, %v, want %d", key, got, ok, want)
		}
	}
}

func TestKeyOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []string
		moves int
	}{
		{"an engine's order", []string{"0", "5", "17", "b", "a", "01"}, 0},
		{"an index after a name", []string{"a", "b", "1"}, 2},
		{"going down", []string{"3", "2", "1"}, 1 + 2},
		{"the same twice", []string{"3", "3"}, 1},
	} {
		var k keyOrder
		for i, key := range c.keys {
			k.take(i, key)
		}
		if k.moves != c.moves {
			t.Errorf("%s: %d moves, want %d", c.name, k.moves, c.moves)
		}
	}
}

func TestRegexpCost(t *testing.T) {
	for _, c := range []struct {
		source  string
		want    int
		unicode bool
	}{
		{source: `\u{99999}\p{L}{9}`, want: 64 + 17 + 72, unicode: true}, {source: `\u{99999}`, want: 64 + 9 + 8*99999},
		{source: `\u0041{9}`, want: 64 + 9 + 72, unicode: true}, {source: `\u{`, want: 67, unicode: true},
		{source: "", want: 64}, {source: "abc", want: 67}, {source: `\(\{9}`, want: 70}, {source: "a{3}", want: 68 + 24},
		{source: "a{2,5}", want: 70 + 40}, {source: "a{", want: 66}, {source: "a{x}", want: 68}, {source: "a{1,}", want: 69 + 8},
		{source: "a{99999999999999999999}", want: 64 + 23 + 8*999999},
		{source: strings.Repeat("(", 100) + strings.Repeat(")", 100), want: 264},
		{source: strings.Repeat("(", 101) + strings.Repeat(")", 101), want: math.MaxInt32},
		{source: strings.Repeat("()", 101), want: 266},
	} {
		if got := regexpCost(c.source, c.unicode); got != c.want {
			t.Errorf("regexpCost(%.30s) = %d, want %d", c.source, got, c.want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for s, want := range map[string]bool{"a": true, "_$9": true, "é": true, "9a": false, "": false, "a b": false, "a-b": false, `"`: false} {
		if got := isIdentifier(s); got != want {
			t.Errorf("isIdentifier(%q) = %v, want %v", s, got, want)
		}
	}
}

// TestHostData sends what Go code puts into a runtime as data.
func TestHostData(t *testing.T) {
	rt := goja.New()
	long := make([]any, 40)
	for i := range long {
		long[i] = fmt.Sprint("s", i)
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{map[string]any{"a": 1}, `{"a":1}`},
		{[]any{1, "x", nil}, `array3{"0":1,"1":"x","2":null}`},
		{"größe und noch mehr", `"gr\u00f6\u00dfe und noch mehr"`},
		{"not \xff UTF-8", `"not \ufffd UTF-8"`},
		{"not \xff UTF-8, longer than sixteen bytes", `"not \ufffd UTF-8, longer than sixteen bytes"`},
		{int64(1) << 60, "1152921504606847000"},
		{1.5, "1.5"},
		{rt.NewArrayBuffer([]byte{1}), "buffer 01"},
	} {
		b, err := Encode(rt, rt.ToValue(c.v), EncodeOptions{})
		if err != nil {
			t.Errorf("%v: %v", c.v, err)
			continue
		}
		there := goja.New()
		got, err := Decode(there, b, DecodeOptions{})
		if err != nil {
			t.Errorf("%v: %v", c.v, err)
			continue
		}
		if s := dump(t, there, got); s != c.want {
			t.Errorf("%v arrives as %s, want %s", c.v, s, c.want)
		}
	}
	if b, err := Encode(rt, rt.ToValue(long), EncodeOptions{}); err != nil || len(b) != 3+10*3+30*4 {
		t.Errorf("a long slice of the host: %d bytes, %v", len(b), err)
	}
	if b, err := Encode(rt, nil, EncodeOptions{}); err != nil || hex.EncodeToString(b) != "c70001" {
		t.Errorf("no value at all: %x, %v, want undefined", b, err)
	}
}

// TestDetached holds that a buffer that is gone is an error, not a crash.
func TestDetached(t *testing.T) {
	rt := goja.New()
	v := eval(t, rt, `var b = new ArrayBuffer(8); [b, new Uint16Array(b), new DataView(b)]`).(*goja.Object)
	b, ok := eval(t, rt, `b`).Export().(goja.ArrayBuffer)
	if !ok || !b.Detach() {
		t.Fatal("the buffer cannot be detached")
	}
	for i := range 3 {
		_, err := Encode(rt, v.Get(fmt.Sprint(i)), EncodeOptions{Path: "args"})
		if text(err) != "args: a detached ArrayBuffer cannot be sent" {
			t.Errorf("element %d: %v", i, err)
		}
	}
}

// TestNoConstructors decodes where a script has taken constructors away before anybody kept them.
func TestNoConstructors(t *testing.T) {
	for _, c := range []struct{ global, source, want string }{
		{`Map = 5`, `new Map`, "the global Map is no constructor"},
		{`delete globalThis.Date`, `new Date(1)`, "the global Date is no constructor"},
		{`Error = () => {}`, `new RangeError("m")`, ""},
		{`RangeError = () => {}`, `new RangeError("m")`, "the global RangeError is no constructor"},
		{`Set = function() { throw new Error("mine") }`, `new Set`, "Error: mine at Set (test.js:1:26(3))"},
	} {
		rt := goja.New()
		b := encode(t, c.source)
		eval(t, rt, c.global)
		v, err := Decode(rt, b, DecodeOptions{})
		if text(err) != c.want {
			t.Errorf("after %s: Decode(%s) = %v, %v, want %s", c.global, c.source, v, err, c.want)
		}
	}
	rt := goja.New()
	eval(t, rt, `Map = 5`)
	if err := KeepRealm(rt); text(err) != "the global Map is no constructor" {
		t.Errorf("KeepRealm: %v", err)
	}
}

// TestKeepRealmIsHidden holds that scripts do not stumble over what KeepRealm leaves, and cannot remove it.
func TestKeepRealmIsHidden(t *testing.T) {
	rt := goja.New()
	keys := eval(t, rt, `Object.keys(globalThis).join()`).String()
	if err := KeepRealm(rt); err != nil {
		t.Fatal(err)
	}
	if got := eval(t, rt, `Object.keys(globalThis).join()`).String(); got != keys {
		t.Errorf("Object.keys(globalThis) = %s, want %s", got, keys)
	}
	eval(t, rt, `for (const s of Object.getOwnPropertySymbols(globalThis)) { try { delete globalThis[s]; globalThis[s] = 1 } catch {} }`)
	if r := realmOf(rt); len(r.ctors) != len(realmNames) {
		t.Errorf("the realm is gone: %v", r.ctors)
	}
	if realmOf(rt) == realmOf(goja.New()) {
		t.Error("two runtimes share a realm")
	}
}

// TestOrderOfNumbers holds the numbering, which both ends must agree upon: a reference after each kind of object.
func TestOrderOfNumbers(t *testing.T) {
	var parts []string
	for _, c := range values {
		if strings.HasPrefix(c.source, "(r=>") || strings.Contains(c.name, "error") && c.name != "error" {
			continue
		}
		parts = append(parts, c.source)
	}
	last := "({last:1})"
	source := "(() => { const x = " + last + "; return [" + strings.Join(parts, ",\n") + ", x, x, {x}] })()"
	rt := goja.New()
	v, err := Decode(rt, encode(t, source), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.Set("v", v); err != nil {
		t.Fatal(err)
	}
	n := len(parts)
	got := eval(t, rt, fmt.Sprintf(`JSON.stringify([v[%d], v[%d] === v[%d], v[%d].x === v[%d]])`, n, n, n+1, n+2, n)).String()
	if diff := cmp.Diff(`[{"last":1},true,true]`, got); diff != "" {
		t.Errorf("after %d objects (-want +got)\n%s", n, diff)
	}
}

// TestErrorsCountTowardsSize holds that an error cannot hide a value that is too large.
func TestErrorsCountTowardsSize(t *testing.T) {
	rt := goja.New()
	v := eval(t, rt, `Object.assign(new Error("m"),{big:"x".repeat(5000)})`)
	if b, err := Encode(rt, v, EncodeOptions{MaxBytes: 1000}); err == nil {
		t.Errorf("encoded to %d bytes of 1000", len(b))
	}
}
