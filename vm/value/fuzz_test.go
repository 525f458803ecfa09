package value

import (
	"bytes"
	"testing"
)

func addSeeds(f *testing.F) {
	for _, c := range golden {
		w := NewWriter(nil)
		c.write(w)
		f.Add(w.Bytes())
	}
	for _, c := range hostile {
		f.Add(c.b[:min(len(c.b), 4096)])
	}
}

// FuzzCheck holds Check and the Reader to each other: what one takes, the other takes, and Raw gives it back.
func FuzzCheck(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := Limits{MaxDepth: 50, MaxNodes: 10_000}
		err := Check(b, lim)
		r := NewReader(b, lim)
		readOne(r)
		for len(r.open) > 0 && r.Err() == nil {
			readOne(r)
		}
		if (r.End() == nil) != (err == nil) {
			t.Fatalf("Check: %v, Reader: %v", err, r.Err())
		}
		raw := NewReader(b, lim)
		if got := raw.Raw(); err == nil && !bytes.Equal(got, b) {
			t.Fatalf("Raw of %x = %x", b, got)
		}
	})
}

// FuzzJSON holds that what ToJSON writes FromJSON reads.
func FuzzJSON(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := ToJSON(b)
		if err != nil {
			return
		}
		back, err := FromJSON(text)
		if err != nil {
			t.Fatalf("ToJSON(%x) = %s, which FromJSON refuses: %v", b, text, err)
		}
		// Objects may hold a name twice, of which JSON.parse would keep one.
		again, err := ToJSON(back)
		if err != nil || !bytes.Contains(text, []byte(`":`)) && !bytes.Equal(again, text) {
			t.Fatalf("%s became %s, %v", text, again, err)
		}
	})
}

// FuzzDecodeError holds that no bytes make DecodeError panic, and that what it returns survives the way back.
func FuzzDecodeError(f *testing.F) {
	addSeeds(f)
	f.Add(Error{Name: "A", Cause: &Error{Message: "b"}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, ok := DecodeError(b); ok {
			if _, ok := DecodeError(e.Encode()); !ok {
				t.Fatalf("%+v cannot be read back", e)
			}
		}
	})
}
