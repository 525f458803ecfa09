package value

import (
	"encoding/hex"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReaderReadsAll(t *testing.T) {
	w := NewWriter(nil)
	w.ArrayLen(12)
	w.Nil()
	w.Bool(true)
	w.Int(-5)
	w.Int(math.MinInt64)
	w.Uint(math.MaxUint64)
	w.Float(2.5)
	w.Number(7)
	w.Str("häß")
	w.Bin([]byte{9})
	w.MapLen(1)
	w.Str("k")
	w.ArrayLen(0)
	w.Ext(KindDate, make([]byte, 8))
	w.Begin(KindSet, 1)
	w.Nil()

	r := NewReader(w.Bytes(), Limits{})
	if n := r.ArrayLen(); n != 12 {
		t.Fatalf("ArrayLen() = %d, %v", n, r.Err())
	}
	r.Nil()
	check := func(what string, ok bool) {
		t.Helper()
		if !ok || r.Err() != nil {
			t.Errorf("%s: wrong value, or %v", what, r.Err())
		}
	}
	check("bool", r.Bool())
	check("int", r.Int() == -5)
	check("smallest int", r.Int() == math.MinInt64)
	check("type of a large uint", r.Type() == Uint)
	check("uint", r.Uint() == math.MaxUint64)
	check("float", r.Float() == 2.5)
	check("number", r.Number() == 7)
	check("string", r.Str() == "häß")
	bin := r.Bin()
	check("bin, without room to append into the input", len(bin) == 1 && bin[0] == 9 && cap(bin) == 1)
	check("map", r.MapLen() == 1 && string(r.StrBytes()) == "k" && r.ArrayLen() == 0)
	check("peek", r.PeekExt() == KindDate && r.PeekContainer() == 0)
	k, p := r.Ext()
	check("ext", k == KindDate && len(p) == 8)
	check("peek container", r.PeekContainer() == KindSet && r.PeekExt() == 0)
	r.Skip()
	check("end", r.Type() == End && r.End() == nil && r.Remaining() == 0 && r.Offset() == w.Len())
	if len(r.open) != 0 || r.owed != 0 {
		t.Errorf("after the end %v is open, %d items owed", r.open, r.owed)
	}
	r.Nil()
	if r.Err() == nil || r.Type() != Invalid {
		t.Errorf("reading past the end: no error")
	}
}

// TestReaderRefuses gives each read what it must not take; the message says what was wrong.
func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct {
		name, hex, want string
		read            func(*Reader)
	}{
		{"string for int", "a161", "value at byte 0: str, want int", func(r *Reader) { r.Int() }},
		{"int for float", "01", "value at byte 0: int, want float", func(r *Reader) { r.Float() }},
		{"nothing", "", "value at byte 0: end, want bool", func(r *Reader) { r.Bool() }},
		{"reserved code", "c1", "value at byte 0: invalid item, want nil", func(r *Reader) { r.Nil() }},
		{"int over int64", "cfffffffffffffffff", "value at byte 0: integer over 2^63-1", func(r *Reader) { r.Int() }},
		{"negative uint", "ff", "value at byte 0: integer below 0", func(r *Reader) { r.Uint() }},
		{"negative int8 as uint", "d0ff", "value at byte 0: integer below 0", func(r *Reader) { r.Uint() }},
		{"cut int", "cd01", "value at byte 0: cut off", func(r *Reader) { r.Int() }},
		{"cut uint", "cf01", "value at byte 0: cut off", func(r *Reader) { r.Uint() }},
		{"cut float", "cb01", "value at byte 0: cut off", func(r *Reader) { r.Float() }},
		{"cut string head", "da00", "value at byte 0: cut off", func(r *Reader) { r.Str() }},
		{"string longer than the rest", "a361", "value at byte 0: str of 3 bytes, 1 left", func(r *Reader) { r.Str() }},
		{"latin 1", "a1e4", "value at byte 1: string that is not UTF-8", func(r *Reader) { r.Str() }},
		{"encoded surrogate", "a3eda080", "value at byte 1: string that is not UTF-8", func(r *Reader) { r.Str() }},
		{"4 GiB of bytes", "c6ffffffff", "value at byte 0: bin of 4294967295 bytes, 0 left", func(r *Reader) { r.Bin() }},
		{"cut ext", "c7", "value at byte 0: cut off", func(r *Reader) { r.Ext() }},
		{"4 GiB of ext", "c9ffffffff01", "value at byte 0: ext of 4294967295 bytes, 0 left", func(r *Reader) { r.Ext() }},
		{"4 Gi elements", "ddffffffff", "value at byte 0: array of 4294967295 items, at most 0 bytes left for it", func(r *Reader) { r.ArrayLen() }},
		{"4 Gi pairs", "dfffffffff", "value at byte 0: map of 4294967295 items, at most 0 bytes left for it", func(r *Reader) { r.MapLen() }},
		{"one pair too many", "820102", "value at byte 0: map of 2 items, at most 2 bytes left for it", func(r *Reader) { r.MapLen() }},
		{"cut array head", "dc00", "value at byte 0: cut off", func(r *Reader) { r.ArrayLen() }},
		{"cut map head", "de00", "value at byte 0: cut off", func(r *Reader) { r.MapLen() }},
		{"what the outer array still expects", "929201", "value at byte 1: array of 2 items, at most 0 bytes left for it",
			func(r *Reader) { r.ArrayLen(); r.ArrayLen() }},
		{"the same in Raw", "929201", "value at byte 1: array of 2 items, at most 0 bytes left for it", func(r *Reader) { r.ArrayLen(); r.Raw() }},
		{"bytes after the end", "0102", "value at byte 1: 1 bytes after the end", func(r *Reader) { r.Int(); _ = r.End() }},
		{"what its caller finds", "01", "value at byte 0: odd", func(r *Reader) { r.Fail("odd"); r.Fail("later") }},
		{"Raw of nothing", "", "value at byte 0: end, want an item", func(r *Reader) { r.Raw() }},
		{"Raw of a cut head", "91cd01", "value at byte 1: int of 2 bytes, 1 left", func(r *Reader) { r.Raw() }},
	} {
		r := NewReader(unhex(t, c.hex), Limits{})
		c.read(r)
		var fe *FormatError
		if err := r.Err(); !errors.As(err, &fe) || err.Error() != c.want {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
		if r.Int() != 0 || r.Str() != "" || r.Bool() || r.ArrayLen() != 0 || r.Bin() != nil || r.Raw() != nil {
			t.Errorf("%s: reads something after the error", c.name)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("91", 1000) + "c0"
	for _, c := range []struct {
		name, hex string
		lim       Limits
		want      string
	}{
		{"as deep as allowed", deep, Limits{}, ""},
		{"one deeper", "91" + deep, Limits{}, "value at byte 1000: nested more than 1000 deep"},
		{"depth 1", "91c0", Limits{MaxDepth: 1}, ""},
		{"depth 2 of 1", "9191c0", Limits{MaxDepth: 1}, "value at byte 1: nested more than 1 deep"},
		{"an empty array is no depth", "9190", Limits{MaxDepth: 1}, ""},
		{"3 items", "920102", Limits{MaxNodes: 3}, ""},
		{"4 of 3 items", "93010203", Limits{MaxNodes: 3}, "value at byte 3: more than 3 items"},
	} {
		b := unhex(t, c.hex)
		for what, err := range map[string]error{"Check": Check(b, c.lim), "Reader": walk(b, c.lim)} {
			if got := errText(err); got != c.want {
				t.Errorf("%s: %s: error %q, want %q", c.name, what, got, c.want)
			}
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// walk reads b with the methods of Reader, item by item.
func walk(b []byte, lim Limits) error {
	r := NewReader(b, lim)
	for r.Type() != End && r.Err() == nil {
		readOne(r)
	}
	return r.Err()
}

func readOne(r *Reader) {
	switch r.Type() {
	case Nil:
		r.Nil()
	case Bool:
		r.Bool()
	case Int, Uint, Float:
		r.Number()
	case Str:
		r.Str()
	case Bin:
		r.Bin()
	case Array:
		r.ArrayLen()
	case Map:
		r.MapLen()
	case Ext:
		r.Ext()
	default:
		r.Skip()
	}
}

// hostile are the frames that end a process which decodes them by a general decoder.
var hostile = []struct {
	name string
	b    []byte
}{
	{"array of 4 Gi", []byte{0xdd, 0xff, 0xff, 0xff, 0xff}},
	{"map of 4 Gi", []byte{0xdf, 0xff, 0xff, 0xff, 0xff}},
	{"bin of 4 GiB", []byte{0xc6, 0xff, 0xff, 0xff, 0xff}},
	{"str of 4 GiB", []byte{0xdb, 0xff, 0xff, 0xff, 0xff}},
	{"ext of 4 GiB", []byte{0xc9, 0xff, 0xff, 0xff, 0xff, 0x05}},
	{"4 MiB of arrays", []byte(strings.Repeat("\x91", 4<<20))},
	{"4 MiB of maps", []byte(strings.Repeat("\x81", 4<<20))},
	{"arrays of a million", []byte(strings.Repeat("\xdd\x00\x10\x00\x00", 100))},
	{"arrays of as much as is left", []byte(strings.Repeat("\xdc\x7f\xff", 1<<16))},
}

func TestHostileFrames(t *testing.T) {
	for _, c := range hostile {
		if Check(c.b, Limits{}) == nil || walk(c.b, Limits{}) == nil {
			t.Errorf("%s: accepted", c.name)
		}
		for what, f := range map[string]func([]byte, Limits) error{"Check": Check, "Reader": walk} {
			took, size := measure(func() { _ = f(c.b, Limits{}) })
			// It takes microseconds; machines under load are slow.
			if took > 50*time.Millisecond || size > 64<<10 {
				t.Errorf("%s: %s takes %v and %d bytes, want at most 50 ms and 64 KiB", c.name, what, took, size)
			}
		}
	}
}

// measure returns the least time that f takes in ten runs, and the bytes that one run allocates.
func measure(f func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	least := time.Hour
	runtime.ReadMemStats(&before)
	for range 10 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	runtime.ReadMemStats(&after)
	return least, (after.TotalAlloc - before.TotalAlloc) / 10
}

func TestCheckDoesNotAllocate(t *testing.T) {
	b := unhex(t, strings.Repeat("92a3616263", 60)+"01")
	if n := testing.AllocsPerRun(100, func() {
		if err := Check(b, Limits{}); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Check allocates %v times, want 0", n)
	}
}

// TestHeaderAgrees compares our reading of all heads with the library's, by skipping one item of each code.
func TestHeaderAgrees(t *testing.T) {
	for c := range 256 {
		b := append([]byte{byte(c)}, make([]byte, 40)...) // 40 zeros: lengths 0, payloads, elements 0
		if c == 0xc1 {
			continue
		}
		in := &source{b: b}
		d := msgpack.NewDecoder(in)
		if err := d.Skip(); err != nil {
			t.Fatalf("%x: the library cannot skip it: %v", c, err)
		}
		r := NewReader(b, Limits{})
		if got := len(r.Raw()); got != in.pos || r.Err() != nil {
			t.Errorf("%x: Raw takes %d bytes, the library %d: %v", c, got, in.pos, r.Err())
		}
	}
}
