package value

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// tree makes a random value of Go types that stand for the items: []any is an array, []pair a map, ext an extension.
type pair struct {
	Key   string
	Value any
}

type ext struct {
	Kind    Kind
	Payload []byte
}

func tree(r *rand.Rand, depth int) any {
	n := 12
	if depth == 0 {
		n = 9
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.Int64N(1<<uint(1+r.IntN(62))) - 1<<uint(r.IntN(40))
	case 3:
		return uint64(math.MaxInt64) + 1 + r.Uint64N(1000)
	case 4:
		return r.NormFloat64()
	case 5:
		return strings.Repeat("é", r.IntN(40))
	case 6:
		return strings.Repeat("x", sizes[r.IntN(len(sizes))])
	case 7:
		return bytes.Repeat([]byte{7}, sizes[r.IntN(len(sizes))])
	case 8:
		return ext{Kind(r.IntN(17) + 1), bytes.Repeat([]byte{8}, sizes[r.IntN(len(sizes))])}
	case 9:
		pairs := make([]pair, r.IntN(18))
		for i := range pairs {
			pairs[i] = pair{strings.Repeat("k", r.IntN(40)), tree(r, depth-1)}
		}
		return pairs
	default:
		items := make([]any, r.IntN(18))
		for i := range items {
			items[i] = tree(r, depth-1)
		}
		return items
	}
}

// sizes are around the borders of the forms of a length.
var sizes = []int{0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 255, 256}

func write(w *Writer, v any) {
	switch v := v.(type) {
	case nil:
		w.Nil()
	case bool:
		w.Bool(v)
	case int64:
		w.Int(v)
	case uint64:
		w.Uint(v)
	case float64:
		w.Float(v)
	case string:
		w.Str(v)
	case []byte:
		w.Bin(v)
	case ext:
		w.Ext(v.Kind, v.Payload)
	case []pair:
		w.MapLen(len(v))
		for _, p := range v {
			w.Str(p.Key)
			write(w, p.Value)
		}
	case []any:
		w.ArrayLen(len(v))
		for _, e := range v {
			write(w, e)
		}
	}
}

func read(r *Reader) any {
	switch r.Type() {
	case Nil:
		r.Nil()
	case Bool:
		return r.Bool()
	case Int:
		return r.Int()
	case Uint: // of 64 bits, which is also how a positive int of more than 32 is written
		if n := r.Uint(); n > math.MaxInt64 {
			return n
		} else {
			return int64(n)
		}
	case Float:
		return r.Float()
	case Str:
		return r.Str()
	case Bin:
		return r.Bin()
	case Ext:
		k, p := r.Ext()
		return ext{k, p}
	case Map:
		pairs := make([]pair, r.MapLen())
		for i := range pairs {
			pairs[i] = pair{r.Str(), read(r)}
		}
		return pairs
	case Array:
		items := make([]any, r.ArrayLen())
		for i := range items {
			items[i] = read(r)
		}
		return items
	}
	return r.Err()
}

// TestTrees writes random values and reads them back: item by item, by Raw from within, and by Check.
func TestTrees(t *testing.T) {
	for seed := range uint64(40) {
		want := []any{tree(rand.New(rand.NewPCG(seed, 1)), 3), "after"}
		w := NewWriter(nil)
		write(w, want)
		if err := Check(w.Bytes(), Limits{}); err != nil {
			t.Errorf("seed %d: Check: %v", seed, err)
		}
		r := NewReader(w.Bytes(), Limits{})
		got := read(r)
		if diff := cmp.Diff(any(want), got, cmpopts.EquateEmpty()); diff != "" || r.End() != nil {
			t.Errorf("seed %d: %v (-want +got)\n%s", seed, r.Err(), diff)
		}
		r = NewReader(w.Bytes(), Limits{})
		r.ArrayLen()
		raw := r.Raw()
		if s := r.Str(); s != "after" || r.End() != nil {
			t.Errorf("seed %d: after Raw %q, %v", seed, s, r.Err())
		}
		inner := NewWriter(nil)
		write(inner, want[0])
		if !bytes.Equal(raw, inner.Bytes()) {
			t.Errorf("seed %d: Raw gives %d bytes, want %d", seed, len(raw), inner.Len())
		}
		// No shorter input is whole.
		for range 5 {
			if n := rand.IntN(w.Len()); Check(w.Bytes()[:n], Limits{}) == nil {
				t.Errorf("seed %d: Check accepts the first %d of %d bytes", seed, n, w.Len())
			}
		}
	}
}

func TestWriterParts(t *testing.T) {
	w := NewWriter(nil)
	w.Str("kept")
	mark := w.Len()
	w.ArrayLen(3)
	w.Truncate(mark)
	w.ExtLen(KindBuffer, 2)
	w.Raw([]byte{1, 2})
	w.Date(math.NaN())
	w.Date(1)
	r := NewReader(w.Bytes(), Limits{})
	if s := r.Str(); s != "kept" {
		t.Errorf("before the mark: %q", s)
	}
	if k, p := r.Ext(); k != KindBuffer || !bytes.Equal(p, []byte{1, 2}) {
		t.Errorf("in parts: kind %d, %x", k, p)
	}
	for _, want := range []string{"7ff8000000000000", "3ff0000000000000"} {
		if k, p := r.Ext(); k != KindDate || !bytes.Equal(p, unhex(t, want)) {
			t.Errorf("date: kind %d, %x, want %s", k, p, want)
		}
	}
	if err := r.End(); err != nil {
		t.Error(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		w.Truncate(0)
		w.MapLen(1)
		w.Str("key")
		w.Int(1000)
		w.Number(2.5)
		w.Bin(nil)
	}); n != 0 {
		t.Errorf("writing into room that is there allocates %v times, want 0", n)
	}
}

// TestNaN holds that all NaNs are written alike.
func TestNaN(t *testing.T) {
	w := NewWriter(nil)
	w.Float(math.Float64frombits(0xfff8000000000123))
	if !bytes.Equal(w.Bytes(), unhex(t, "cb7ff8000000000000")) {
		t.Errorf("NaN is %x", w.Bytes())
	}
}

func BenchmarkCheck(b *testing.B) {
	w := NewWriter(nil)
	write(w, tree(rand.New(rand.NewPCG(3, 1)), 3))
	b.SetBytes(int64(w.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := Check(w.Bytes(), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	w := NewWriter(nil)
	w.ArrayLen(3000)
	for i := range int64(1000) {
		w.Int(i)
		w.Str("some text")
		w.Float(0.5)
	}
	b.SetBytes(int64(w.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(w.Bytes(), Limits{})
		for n := r.ArrayLen(); n > 0; n -= 3 {
			r.Int()
			r.StrBytes()
			r.Float()
		}
		if err := r.End(); err != nil {
			b.Fatal(err)
		}
	}
}
