package value

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONRoundTrip(t *testing.T) {
	for _, in := range []string{
		`null`, `true`, `0`, `-1`, `1.5`, `1e+300`, `9007199254740993`, `""`, `"a\"\\\n\u0001<é€😀"`, `[]`, `{}`, `[[],{}]`,
		`{"b":1,"a":{"x":[1,2,{"y":null}]},"c":[]}`, ` [ 1 , 2 ] `,
	} {
		b, err := FromJSON([]byte(in))
		if err != nil {
			t.Errorf("FromJSON(%s): %v", in, err)
			continue
		}
		if err := Check(b, Limits{}); err != nil {
			t.Errorf("FromJSON(%s) = %x: %v", in, b, err)
		}
		want := strings.NewReplacer(" ", "", "9007199254740993", "9007199254740992").Replace(in)
		if out, err := ToJSON(b); err != nil || string(out) != want {
			t.Errorf("ToJSON of %s = %s, %v", in, out, err)
		}
	}
}

func TestFromJSONRefuses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "unexpected end of JSON input"},
		{`{`, "unexpected end of JSON input"},
		{`1 2`, "invalid character '2' after top-level value"},
		{`{"a":1,}`, "invalid character '}' looking for beginning of object key string"},
		{strings.Repeat("[", 1001) + strings.Repeat("]", 1001), "JSON nested more than 1000 deep"},
	} {
		if b, err := FromJSON([]byte(c.in)); err == nil || err.Error() != c.want {
			t.Errorf("FromJSON(%.20s) = %x, %v, want %s", c.in, b, err, c.want)
		}
	}
}

func TestToJSONOfMore(t *testing.T) {
	date := func(ms float64) []byte { return binary.BigEndian.AppendUint64(nil, math.Float64bits(ms)) }
	for _, c := range []struct {
		name, want string
		write      func(*Writer)
	}{
		{"undefined in an object", `{"b":1}`, func(w *Writer) { w.MapLen(2); w.Str("a"); w.Undefined(); w.Str("b"); w.Int(1) }},
		{"undefined in an array", `[null,1]`, func(w *Writer) { w.ArrayLen(2); w.Undefined(); w.Int(1) }},
		{"not finite", `[null,null,0]`, func(w *Writer) {
			w.ArrayLen(3)
			w.Float(math.NaN())
			w.Float(math.Inf(1))
			w.Float(math.Copysign(0, -1))
		}},
		{"date", `"2001-09-09T01:46:40.001Z"`, func(w *Writer) { w.Ext(KindDate, date(1e12+1)) }},
		{"far date", `"+275760-09-13T00:00:00.000Z"`, func(w *Writer) { w.Ext(KindDate, date(8.64e15)) }},
		{"early date", `"-000001-01-01T00:00:00.000Z"`, func(w *Writer) { w.Ext(KindDate, date(-62198755200000)) }},
		{"invalid date", `null`, func(w *Writer) { w.Ext(KindDate, date(math.NaN())) }},
		{"lone surrogate", `"a�"`, func(w *Writer) { w.Ext(KindString, []byte{0, 'a', 0xd8, 0}) }},
	} {
		w := NewWriter(nil)
		c.write(w)
		if out, err := ToJSON(w.Bytes()); err != nil || string(out) != c.want {
			t.Errorf("%s: ToJSON = %s, %v, want %s", c.name, out, err, c.want)
		}
	}
	for _, c := range []struct {
		want  string
		write func(*Writer)
	}{
		{"value at byte 3: undefined has no JSON", func(w *Writer) { w.Undefined() }},
		{"value at byte 0: bin has no JSON", func(w *Writer) { w.Bin(nil) }},
		{"value at byte 1: kind 6 has no JSON", func(w *Writer) { w.Begin(KindSet, 0) }},
		{"value at byte 3: kind 4 has no JSON", func(w *Writer) { w.Ext(KindBigInt, nil) }},
		{"value at byte 0: end has no JSON", func(w *Writer) {}},
	} {
		w := NewWriter(nil)
		c.write(w)
		if out, err := ToJSON(w.Bytes()); errText(err) != c.want {
			t.Errorf("ToJSON(%x) = %s, %v, want %s", w.Bytes(), out, err, c.want)
		}
	}
}

func TestErrorRoundTrip(t *testing.T) {
	e := Error{
		Name: "RangeError", Message: "m", Stack: "RangeError: m\n    at f (a.js:1:2)", Code: "ERR_X",
		Props: map[string]string{"b": "2", "a": "1"},
		Cause: &Error{Message: "why", Cause: &Error{Name: "TypeError"}},
	}
	got, ok := DecodeError(e.Encode())
	e.Cause.Name = "Error"
	if diff := cmp.Diff(e, got); diff != "" || !ok {
		t.Errorf("DecodeError gives ok %v and (-want +got)\n%s", ok, diff)
	}
	for _, c := range []struct {
		e    Error
		want string
	}{{e, "RangeError: m"}, {Error{}, "Error"}, {Error{Name: "X"}, "X"}, {Error{Message: "m"}, "Error: m"}} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("Error() = %q, want %q", got, c.want)
		}
	}
}

// TestDecodeErrorOfMore reads what an engine may put into an Error and Go has no field for.
func TestDecodeErrorOfMore(t *testing.T) {
	w := NewWriter(nil)
	w.Begin(KindError, 5)
	w.Ext(KindString, []byte{0xd8, 0})
	w.Nil()
	w.Nil()
	w.MapLen(2)
	w.Str("errors")
	w.ArrayLen(1)
	w.Int(1)
	w.Str("cause")
	w.Int(1)
	w.MapLen(4)
	w.Str("n")
	w.Float(1.5)
	w.Str("b")
	w.Bool(true)
	w.Str("o")
	w.MapLen(0)
	w.Str("code")
	w.Int(404)
	want := Error{Name: "�", Code: "404", Props: map[string]string{"n": "1.5", "b": "true"}}
	if got, ok := DecodeError(w.Bytes()); !ok || !cmp.Equal(got, want) {
		t.Errorf("DecodeError = %v, %+v, want %+v", ok, got, want)
	}
	for _, s := range []string{"", "c0", "90", "91c70008", "92c7000601", "96c70008c0c0c080"} {
		if got, ok := DecodeError(unhex(t, s)); ok {
			t.Errorf("DecodeError(%s) = %+v, want none", s, got)
		}
	}
}
