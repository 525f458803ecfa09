package vm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// hostile are messages that a general decoder dies of, and what each must be answered.
var hostile = []struct{ name, hex, want string }{
	{"nothing", "", "value at byte 0: end, want a value"},
	{"array of 4 Gi", "ddffffffff", "value at byte 0: array of 4294967295 items, at most 0 bytes left for it"},
	{"map of 4 Gi", "dfffffffff", "value at byte 0: map of 4294967295 items, at most 0 bytes left for it"},
	{"bin of 4 GiB", "c6ffffffff", "value at byte 0: bin of 4294967295 bytes, 0 left"},
	{"buffer of 4 GiB", "c9ffffffff0a", "value at byte 0: ext of 4294967295 bytes, 0 left"},
	{"4 MiB of arrays", strings.Repeat("91", 4<<20), "value at byte 1000: nested more than 1000 deep"},
	{"many maps", strings.Repeat("81a161", 1<<18), "value at byte 3000: nested more than 1000 deep"},
	{"many sets", strings.Repeat("92c70006", 1<<18), "value at byte 4000: nested more than 1000 deep"},
	{"many boxes", strings.Repeat("92c7000e", 1<<18), "value at byte 4: boxed value that is no primitive"},
	{"many errors", strings.Repeat("96c70008a0a0a081a163", 1<<18), "value at byte 5000: nested more than 1000 deep"},
	{"arrays of a million", strings.Repeat("dd00100000", 100), "value at byte 0: array of 1048576 items, at most 495 bytes left for it"},
	{"array of 4 Gi holes", "91d602ffffffff", ""},
	{"too many holes", "92d602ffffffffd602ffffffff", "value at byte 13: array longer than 2^32-1"},
	{"hole by itself", "d60200000001", "value at byte 6: extension that is no value"},
	{"hole without a length", "91c70002", "value at byte 4: hole without a length"},
	{"sparse of 4 Gi", "92c7000dceffffffff", ""},
	{"sparse beyond 4 Gi", "92c7000dcf0000000100000000", "value at byte 13: array longer than 2^32-1"},
	{"index beyond the length", "94c7000d010500", "value at byte 6: index over the length of its array"},
	{"second length", "94c7000d01a66c656e67746805", "value at byte 12: array with a second length"},
	{"sparse without a value", "93c7000d0100", "value at byte 5: sparse array with an index and no value"},
	{"reference to nothing", "d60b00000000", "value at byte 6: reference to an object that has not come yet"},
	{"reference to a later object", "92d60b0000000180", "value at byte 7: reference to an object that has not come yet"},
	{"reference from a view to itself", "94d409020000d60b00000000", "value at byte 12: reference to an object from inside it"},
	{"reference of 3 bytes", "c7030b000000", "value at byte 6: extension that is no value"},
	{"view of an object", "928094d409020000d60b00000001", "value at byte 14: view of something that is no buffer"},
	{"view of a number", "94d40902000005", "value at byte 6: view of something that is no buffer"},
	{"view past the end", "94d40902" + "0104" + "d60a00000000", "value at byte 12: view of 4 bytes at 1, in a buffer of 4"},
	{"view before everything", "94d40902" + "cfffffffffffffffff01" + "d60a00000000", "value at byte 20: view of 1 bytes at 18446744073709551615, in a buffer of 4"},
	{"view of half a word", "94d40904" + "0003" + "d60a00000000", "value at byte 12: view of 3 bytes at 0, in a buffer of 4"},
	{"view off a word", "94d40904" + "0102" + "d60a00000000", "value at byte 12: view of 2 bytes at 1, in a buffer of 4"},
	{"view of unknown kind", "94d40963" + "0000" + "d60a00000000", "value at byte 12: view of something that is no buffer"},
	{"view without a kind", "94c700090000d60a00000000", "value at byte 4: kind 9 with 3 parts"},
	{"map with an odd part", "92c7000501", "value at byte 4: map with a key and no value"},
	{"regexp that is none", "93c70007a128a0", "SyntaxError: Unterminated group"},
	{"regexp with unknown flags", "93c70007a161a17a", "SyntaxError: Invalid flags supplied to RegExp constructor 'z'"},
	{"sparse that goes down", "96c7000d0903c003c0", "value at byte 8: index that is not above the one before"},
	{"deep regexp", regexpOf(strings.Repeat("(?=a)(a|", 200) + "b" + strings.Repeat("))", 200)), "value at byte 2009: RegExps too large to compile"},
	{"regexp of repetitions", regexpOf(strings.Repeat("a{1000}", 100)), "value at byte 708: RegExps too large to compile"},
	{"many regexps", "dd00010000" + strings.Repeat("93c70007a0a0", 1<<16), "value at byte 6155: RegExps too large to compile"},
	{"keys that go down", descending(), "object with too many indices out of order"},
	{"function", "92c7000cc400", "a function is not allowed here"},
	{"key that is a number", "810102", "value at byte 1: int, want str"},
	{"boxed object", "92c7000e80", "value at byte 4: boxed value that is no primitive"},
	{"bigint with a sign of 2", "d5040201", "value at byte 4: extension that is no value"},
	{"surrogates by halves", "c7030f00d800", "value at byte 6: extension that is no value"},
	{"numbers of 3 bytes", "c704100300" + "0000", "value at byte 7: block of numbers of unknown form"},
	{"half a number", "c702100200", "value at byte 5: block of numbers of unknown form"},
	{"unknown kind", "d46300", "value at byte 3: extension that is no value"},
	{"timestamp", "d6ff00000000", "value at byte 6: extension that is no value"},
	{"kind alone", "c70006", "value at byte 3: extension that is no value"},
	{"two values", "c0c0", "value at byte 1: 1 bytes after the end"},
}

func regexpOf(source string) string {
	w := value.NewWriter(nil)
	w.Begin(value.KindRegExp, 2)
	w.Str(source)
	w.Str("")
	return hex.EncodeToString(w.Bytes())
}

// descending is an object that would take goja an hour to put its keys in order.
func descending() string {
	const n = 100_000
	w := value.NewWriter(nil)
	w.MapLen(n)
	for i := range n {
		w.Str(indexKey(2*n - i))
		w.Nil()
	}
	return hex.EncodeToString(w.Bytes())
}

func TestHostile(t *testing.T) {
	for i, c := range hostile {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(c.name, err)
		}
		rt := goja.New()
		_, err = Decode(rt, b, DecodeOptions{}) // also warms what the runtime makes on first use
		if got := text(err); got != c.want && (c.name != "keys that go down" || !strings.HasSuffix(got, c.want)) {
			t.Errorf("%s: Decode(%.40s) = %q, want %q", c.name, c.hex, got, c.want)
		}
		var fe *value.FormatError
		if strings.HasPrefix(text(err), "value at") && !errors.As(err, &fe) {
			t.Errorf("%s: error of type %T, want *value.FormatError", c.name, err)
		}
		took, size := cost(func() { _, _ = Decode(rt, b, DecodeOptions{}) })
		// The claims at the top of the table cost microseconds, or a millisecond down to the deepest level; for the
		// rest it is enough that they are bounded. Machines under load are slow, so time is judged generously.
		most, room := 2*time.Second, uint64(8<<20)
		if i < 12 {
			most, room = 100*time.Millisecond, 1<<20
		}
		if took > most || size > room {
			t.Errorf("%s: takes %v and allocates %d bytes, want at most %v and %d", c.name, took, size, most, room)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// cost returns the least time of some runs of f, and the bytes that one of them allocates.
func cost(f func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	least := time.Hour
	runtime.ReadMemStats(&before)
	for range 4 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	runtime.ReadMemStats(&after)
	return least, (after.TotalAlloc - before.TotalAlloc) / 4
}

// TestFunctionBomb nests functions in the captures of functions, each level a Decode inside a Decode.
func TestFunctionBomb(t *testing.T) {
	w := value.NewWriter(nil)
	w.Nil()
	for range 300 {
		f := Function{Source: "()=>x", Names: []string{"x"}}
		env := value.NewWriter(nil)
		env.Begin(value.KindFunction, 2)
		env.Int(0)
		env.Raw(w.Bytes())
		w = value.NewWriter(nil)
		w.Begin(value.KindFunction, 2)
		w.Bin(f.Encode())
		w.Bin(env.Bytes())
	}
	_, err := Decode(goja.New(), w.Bytes(), DecodeOptions{Functions: true})
	if err == nil || !strings.Contains(err.Error(), "functions nested too deep") {
		t.Errorf("300 functions inside each other: %v, want an error about depth", err)
	}
}

func TestLimitsOfDecode(t *testing.T) {
	_, err := Decode(goja.New(), []byte{0x93, 1, 2, 3}, DecodeOptions{Limits: value.Limits{MaxNodes: 3}})
	if text(err) != "value at byte 3: more than 3 items" {
		t.Errorf("4 items of 3: %v", err)
	}
}

// TestOwned holds that large binary values share the message only if it was given away.
func TestOwned(t *testing.T) {
	w := value.NewWriter(nil)
	w.Bin(bytes.Repeat([]byte{1}, 2*ownedBytes))
	// A bin of this size has a head of 3 bytes; put the payload where a word may begin.
	b := append(make([]byte, 5), w.Bytes()...)[5:]
	for _, owned := range []bool{false, true} {
		rt := goja.New()
		v, err := Decode(rt, b, DecodeOptions{Owned: owned})
		if err != nil {
			t.Fatal(err)
		}
		if err := rt.Set("u", v); err != nil {
			t.Fatal(err)
		}
		b[len(b)-1] = 1
		eval(t, rt, `u[u.length-1] = 9`)
		if shared := b[len(b)-1] == 9; shared != owned {
			t.Errorf("owned %v: shared %v", owned, shared)
		}
	}
}

// FuzzDecode holds that no bytes make Decode panic or allocate out of proportion, and that what it takes, Encode gives
// back in a form that stays.
func FuzzDecode(f *testing.F) {
	for _, c := range hostile {
		if b, err := hex.DecodeString(c.hex); err == nil && len(b) < 4096 {
			f.Add(b)
		}
	}
	for _, c := range values {
		if b := encode(f, c.source); len(b) < 4096 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rt := goja.New()
		v, err := Decode(rt, b, DecodeOptions{Limits: value.Limits{MaxDepth: 100}})
		if err != nil {
			return
		}
		if err := value.Check(b, value.Limits{}); err != nil {
			t.Fatalf("Decode takes %x, Check does not: %v", b, err)
		}
		once, err := Encode(rt, v, EncodeOptions{})
		if err != nil {
			t.Fatalf("Encode of what %x is: %v", b, err)
		}
		there := goja.New()
		v, err = Decode(there, once, DecodeOptions{})
		if err != nil {
			t.Fatalf("%x became %x: %v", b, once, err)
		}
		twice, err := Encode(there, v, EncodeOptions{})
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x, then %x, %v", b, once, twice, err)
		}
	})
}
