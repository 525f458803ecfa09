package value

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"
)

// golden holds what was decided once: these bytes must never change.
var golden = []struct {
	name, hex string
	write     func(*Writer)
}{
	{"null", "c0", func(w *Writer) { w.Nil() }},
	{"true", "c3", func(w *Writer) { w.Bool(true) }},
	{"false", "c2", func(w *Writer) { w.Bool(false) }},
	{"smallest fixed integer", "e0", func(w *Writer) { w.Number(-32) }},
	{"below the fixed integers", "d0df", func(w *Writer) { w.Number(-33) }},
	{"largest fixed integer", "7f", func(w *Writer) { w.Number(127) }},
	{"over the fixed integers", "cc80", func(w *Writer) { w.Number(128) }},
	{"largest safe integer", "cf001fffffffffffff", func(w *Writer) { w.Number(1<<53 - 1) }},
	{"smallest safe integer", "d3ffe0000000000001", func(w *Writer) { w.Number(-(1<<53 - 1)) }},
	{"not safe, though integral", "cb4340000000000000", func(w *Writer) { w.Number(1 << 53) }},
	{"minus zero", "cb8000000000000000", func(w *Writer) { w.Number(math.Copysign(0, -1)) }},
	{"fraction", "cb3ff8000000000000", func(w *Writer) { w.Number(1.5) }},
	{"infinity", "cbfff0000000000000", func(w *Writer) { w.Number(math.Inf(-1)) }},
	{"unsigned", "cfffffffffffffffff", func(w *Writer) { w.Uint(math.MaxUint64) }},
	{"empty string", "a0", func(w *Writer) { w.Str("") }},
	{"string", "a3c3a461", func(w *Writer) { w.Str("äa") }},
	{"string of 32 bytes", "d920" + strings.Repeat("61", 32), func(w *Writer) { w.Str(strings.Repeat("a", 32)) }},
	{"no bytes", "c400", func(w *Writer) { w.Bin(nil) }},
	{"bytes", "c4020001", func(w *Writer) { w.Bin([]byte{0, 1}) }},
	{"array", "9201c0", func(w *Writer) { w.ArrayLen(2); w.Int(1); w.Nil() }},
	{"map", "81a16101", func(w *Writer) { w.MapLen(1); w.StrBytes([]byte("a")); w.Int(1) }},
	{"undefined", "c70001", func(w *Writer) { w.Undefined() }},
	{"hole", "d60200000003", func(w *Writer) { w.Ext(KindHole, []byte{0, 0, 0, 3}) }},
	{"container", "92c70006c3", func(w *Writer) { w.Begin(KindSet, 1); w.Bool(true) }},
	{"error", "96c70008a154a16dc080" + "82a4636f6465a143a16ba176", func(w *Writer) {
		w.Raw(Error{Name: "T", Message: "m", Code: "C", Props: map[string]string{"k": "v"}}.Encode())
	}},
}

func TestGolden(t *testing.T) {
	for _, c := range golden {
		w := NewWriter([]byte("x"))
		c.write(w)
		if got := hex.EncodeToString(w.Bytes()); got != "78"+c.hex {
			t.Errorf("%s: wrote %s, want 78%s", c.name, got, c.hex)
		}
		if w.Len() != 1+len(c.hex)/2 {
			t.Errorf("%s: Len() = %d, want %d", c.name, w.Len(), 1+len(c.hex)/2)
		}
		b, _ := hex.DecodeString(c.hex)
		if err := Check(b, Limits{}); err != nil {
			t.Errorf("%s: Check: %v", c.name, err)
		}
		if r := NewReader(b, Limits{}); !bytes.Equal(r.Raw(), b) || r.End() != nil {
			t.Errorf("%s: Raw does not give it back: %v", c.name, r.Err())
		}
		for n := range b {
			if err := Check(b[:n], Limits{}); err == nil {
				t.Errorf("%s: Check accepts its first %d bytes", c.name, n)
			}
		}
	}
}

// TestKinds holds the numbers of the kinds, which are on the wire.
func TestKinds(t *testing.T) {
	kinds := []Kind{KindUndefined, KindHole, KindDate, KindBigInt, KindMap, KindSet, KindRegExp, KindError, KindView,
		KindBuffer, KindReference, KindFunction, KindSparse, KindBoxed, KindString, KindNumbers, KindBlob, KindHost}
	for i, k := range kinds {
		if int(k) != i+1 {
			t.Errorf("kind %d has number %d", i+1, k)
		}
	}
	views := []View{ViewInt8, ViewUint8, ViewUint8Clamped, ViewInt16, ViewUint16, ViewInt32, ViewUint32, ViewFloat32,
		ViewFloat64, ViewBigInt64, ViewBigUint64, ViewDataView, ViewBuffer}
	sizes := []int{1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 1, 1}
	for i, v := range views {
		if int(v) != i+1 || v.Size() != sizes[i] {
			t.Errorf("view %d has number %d and size %d, want size %d", i+1, v, v.Size(), sizes[i])
		}
	}
	if n := View(99).Size(); n != 0 {
		t.Errorf("View(99).Size() = %d, want 0", n)
	}
}
