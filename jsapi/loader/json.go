package loader

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf16"
)

// object is a JSON object that keeps the order of its keys, which decides among the conditions of a package.json.
type object struct {
	keys []string
	vals map[string]any
}

func (o *object) get(key string) any {
	if o == nil {
		return nil
	}
	return o.vals[key]
}

func (o *object) str(key string) string {
	s, _ := o.get(key).(string)
	return s
}

// maxJSONDepth bounds the nesting of a package.json, and with it the depth of recursion over it.
const maxJSONDepth = 100

var errJSONDepth = errors.New("nested too deeply")

// parseJSON decodes one JSON value: nil, bool, float64, string, []any or *object.
func parseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	v, err := parseValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the value")
	}
	return v, nil
}

func parseValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errJSONDepth
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := parseValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		return parseObject(d, depth)
	}
	return t, nil
}

func parseObject(d *json.Decoder, depth int) (*object, error) {
	o := &object{vals: map[string]any{}}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := k.(string) // the decoder allows nothing else here
		v, err := parseValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		if _, ok := o.vals[key]; !ok {
			o.keys = append(o.keys, key)
		}
		o.vals[key] = v
	}
	_, err := d.Token()
	return o, err
}

// unquoteJS decodes a string literal in double quotes with JavaScript's escapes. Lone surrogates become U+FFFD.
func unquoteJS(s string) string {
	s = s[1 : len(s)-1]
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'x', 'u':
			r, n := hexEscape(s[i:])
			b = append(b, string(r)...)
			i += n - 1
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// hexEscape decodes what follows a backslash, xHH or uHHHH (two of these for a pair), and says how long it is.
func hexEscape(s string) (r rune, n int) {
	n = 3
	if s[0] == 'u' {
		n = 5
	}
	if len(s) < n {
		return 0xfffd, len(s)
	}
	v, err := strconv.ParseUint(s[1:n], 16, 32)
	if err != nil {
		return 0xfffd, n
	}
	if utf16.IsSurrogate(rune(v)) && len(s) >= 11 && s[5] == '\\' && s[6] == 'u' {
		if low, err := strconv.ParseUint(s[7:11], 16, 32); err == nil {
			return utf16.DecodeRune(rune(v), rune(low)), 11
		}
	}
	return rune(v), n
}
