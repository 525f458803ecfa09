package value

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf16"
)

// FromJSON returns the value that JSON.parse would make of text. A lone surrogate in an escape becomes U+FFFD.
func FromJSON(text []byte) ([]byte, error) {
	sizes, err := jsonSizes(text)
	if err != nil {
		return nil, err
	}
	w := NewWriter(make([]byte, 0, len(text)))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err == io.EOF {
			return w.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case nil:
			w.Nil()
		case bool:
			w.Bool(t)
		case string:
			w.Str(t)
		case json.Number:
			f, _ := strconv.ParseFloat(string(t), 64) // out of range is ±Infinity, as in JSON.parse
			w.Number(f)
		case json.Delim:
			switch t {
			case '{':
				w.MapLen(sizes[0] / 2)
				sizes = sizes[1:]
			case '[':
				w.ArrayLen(sizes[0])
				sizes = sizes[1:]
			}
		}
	}
}

// jsonSizes returns the number of items in each array and object of text, in the order in which they begin. An error
// says that text is not one JSON value, or is nested too deep to be read back.
func jsonSizes(text []byte) ([]int, error) {
	if !json.Valid(text) {
		var v json.RawMessage
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, err
		}
	}
	var sizes, open []int
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err == io.EOF {
			return sizes, nil
		}
		if err != nil {
			return nil, err
		}
		if t == json.Delim('}') || t == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			sizes[open[len(open)-1]]++
		}
		if t == json.Delim('{') || t == json.Delim('[') {
			if len(open) >= defaultDepth {
				return nil, fmt.Errorf("JSON nested more than %d deep", defaultDepth)
			}
			open = append(open, len(sizes))
			sizes = append(sizes, 0)
		}
	}
}

// ToJSON returns what JSON.stringify would give for b, where JSON can tell it: null, booleans, numbers, strings,
// arrays, plain objects, undefined and dates. Any other kind is an error, and so is undefined by itself.
func ToJSON(b []byte) ([]byte, error) {
	r := NewReader(b, Limits{})
	out, ok := appendJSON(make([]byte, 0, len(b)+len(b)/2), r)
	if !ok {
		r.Fail("undefined has no JSON")
	}
	return out, r.End()
}

// appendJSON appends the next item; false means that it was undefined and nothing was appended. It recurses as deep
// as the Reader lets it.
func appendJSON(out []byte, r *Reader) ([]byte, bool) {
	switch r.Type() {
	case Nil:
		r.Nil()
		return append(out, "null"...), true
	case Bool:
		return strconv.AppendBool(out, r.Bool()), true
	case Int, Uint, Float:
		return appendNumber(out, r.Number()), true
	case Str:
		return appendString(out, r.StrBytes()), true
	case Array:
		return appendArray(out, r), true
	case Map:
		out = append(out, '{')
		n := r.MapLen()
		for first := true; n > 0 && r.Err() == nil; n-- {
			undo := len(out)
			if !first {
				out = append(out, ',')
			}
			out = append(appendString(out, r.StrBytes()), ':')
			var ok bool
			if out, ok = appendJSON(out, r); !ok {
				out = out[:undo]
				continue
			}
			first = false
		}
		return append(out, '}'), true
	case Ext:
		return appendExt(out, r)
	}
	r.Fail(r.Type().String() + " has no JSON")
	return out, true
}

func appendArray(out []byte, r *Reader) []byte {
	out = append(out, '[')
	n := r.ArrayLen()
	if n > 0 && r.PeekExt().Container() {
		r.Fail(fmt.Sprintf("kind %d has no JSON", r.PeekExt()))
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		if i > 0 {
			out = append(out, ',')
		}
		var ok bool
		if out, ok = appendJSON(out, r); !ok {
			out = append(out, "null"...)
		}
	}
	return append(out, ']')
}

func appendExt(out []byte, r *Reader) ([]byte, bool) {
	switch k, p := r.Ext(); {
	case k == KindUndefined:
		return out, false
	case k == KindDate && len(p) == 8:
		ms := math.Float64frombits(binary.BigEndian.Uint64(p))
		if math.IsNaN(ms) || math.Abs(ms) > 8.64e15 {
			return append(out, "null"...), true
		}
		return appendString(out, []byte(ISODate(ms))), true
	case k == KindString:
		return appendString(out, []byte(UTF16ToString(p))), true
	default:
		r.Fail(fmt.Sprintf("kind %d has no JSON", k))
	}
	return out, true
}

// ISODate returns the time of ms milliseconds since 1970 as Date.prototype.toISOString has it (ECMA-262 21.4.4.36);
// ms must be within ±8.64e15.
func ISODate(ms float64) string {
	t := time.UnixMilli(int64(ms)).UTC()
	rest := t.Format("-01-02T15:04:05.000Z")
	switch y := t.Year(); {
	case y < 0:
		return fmt.Sprintf("-%06d%s", -y, rest)
	case y > 9999:
		return fmt.Sprintf("+%06d%s", y, rest)
	default:
		return fmt.Sprintf("%04d%s", y, rest)
	}
}

// appendNumber writes a number as JSON.stringify does: what is not finite as null.
func appendNumber(out []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(out, "null"...)
	}
	if f == 0 {
		return append(out, '0') // also -0
	}
	b, err := json.Marshal(f)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, b...)
}

// appendString writes s in quotes, escaping what JSON.stringify escapes and no more.
func appendString(out []byte, s []byte) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\b':
			out = append(out, `\b`...)
		case c == '\f':
			out = append(out, `\f`...)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ':
			out = append(out, `\u00`...)
			out = append(out, hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// UTF16ToString returns the payload of a KindString as a Go string, lone surrogates as U+FFFD.
func UTF16ToString(p []byte) string {
	units := make([]uint16, len(p)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(p[2*i:])
	}
	return string(utf16.Decode(units))
}
