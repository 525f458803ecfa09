package vm

import (
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

const (
	// manyParts is the most parts that join looks at by itself: a script can claim any length of an array.
	manyParts = 1 << 16
	// maxJoin is the most bytes that join makes; beyond, JavaScript does it, with its own limits.
	maxJoin = 1 << 30
)

func itoa(i int) string { return strconv.Itoa(i) }

// unitsOf calls each with the UTF-16 units of text.
func unitsOf(text goja.String, each func(i int, unit uint16)) {
	for i, n := 0, text.Length(); i < n; i++ {
		each(i, text.CharAt(i))
	}
}

// encodeString returns the bytes of text; ok is false for an encoding that is done elsewhere.
func encodeString(text goja.String, encoding string) (out []byte, ok bool) {
	switch encoding {
	case "utf8":
		return utf8Of(text), true
	case "utf16le":
		out = make([]byte, 2*text.Length())
		unitsOf(text, func(i int, unit uint16) { out[2*i], out[2*i+1] = byte(unit), byte(unit>>8) })
		return out, true
	case "latin1", "ascii":
		if s, ascii := asciiText(text); ascii {
			return []byte(s), true
		}
		out = make([]byte, text.Length())
		unitsOf(text, func(i int, unit uint16) { out[i] = byte(unit) })
		return out, true
	case "hex":
		return decodeHex(text), true
	case "base64", "base64url":
		return decodeBase64(text), true
	}
	return nil, false
}

// asciiText returns text as a Go string if it is ASCII and goja holds it as bytes.
func asciiText(text goja.String) (string, bool) {
	switch reflect.TypeOf(text) {
	case isASCII:
		return text.String(), true
	case isUTF16:
		return "", false
	}
	s := text.String() // of a string that came from Go: never looked at yet
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return "", false
		}
	}
	return s, true
}

// utf8Of is the UTF-8 form of text; a surrogate without its other half becomes U+FFFD.
func utf8Of(text goja.String) []byte {
	if s, ascii := asciiText(text); ascii {
		return []byte(s)
	}
	n := text.Length()
	out := make([]byte, 0, n+n/2)
	for i := 0; i < n; i++ {
		r := rune(text.CharAt(i))
		if utf16.IsSurrogate(r) {
			next := rune(0)
			if i+1 < n {
				next = rune(text.CharAt(i + 1))
			}
			if r = utf16.DecodeRune(r, next); r != utf8.RuneError {
				i++
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// utf8Size is len(utf8Of(text)).
func utf8Size(text goja.String) int {
	if s, ascii := asciiText(text); ascii {
		return len(s)
	}
	size := 0
	for i, n := 0, text.Length(); i < n; i++ {
		switch unit := text.CharAt(i); {
		case unit < 0x80:
			size++
		case unit < 0x800:
			size += 2
		case unit >= 0xd800 && unit < 0xdc00 && i+1 < n && text.CharAt(i+1) >= 0xdc00 && text.CharAt(i+1) < 0xe000:
			size += 4
			i++
		default:
			size += 3
		}
	}
	return size
}

// decodeHex stops, as Node does, before the first pair that is no number.
func decodeHex(text goja.String) []byte {
	out := make([]byte, 0, text.Length()/2)
	for i, n := 0, text.Length(); i+1 < n; i += 2 {
		high, ok1 := hexDigit(text.CharAt(i))
		low, ok2 := hexDigit(text.CharAt(i + 1))
		if !ok1 || !ok2 {
			break
		}
		out = append(out, high<<4|low)
	}
	return out
}

func hexDigit(unit uint16) (byte, bool) {
	switch {
	case unit >= '0' && unit <= '9':
		return byte(unit - '0'), true
	case unit >= 'a' && unit <= 'f':
		return byte(unit - 'a' + 10), true
	case unit >= 'A' && unit <= 'F':
		return byte(unit - 'A' + 10), true
	}
	return 0, false
}

// decodeBase64 takes, as Node does, both alphabets, ignores what is in neither and stops at the first "=".
func decodeBase64(text goja.String) []byte {
	n := text.Length()
	out := make([]byte, 0, n/4*3+3)
	bits, have := uint32(0), 0
	for i := 0; i < n; i++ {
		unit := byte(text.CharAt(i)) // Node looks at the low byte, too
		if unit == '=' {
			break
		}
		digit, ok := base64Digit(unit)
		if !ok {
			continue
		}
		bits = bits<<6 | digit
		if have += 6; have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
		}
	}
	return out
}

func base64Digit(unit byte) (uint32, bool) {
	switch {
	case unit >= 'A' && unit <= 'Z':
		return uint32(unit - 'A'), true
	case unit >= 'a' && unit <= 'z':
		return uint32(unit-'a') + 26, true
	case unit >= '0' && unit <= '9':
		return uint32(unit-'0') + 52, true
	case unit == '+' || unit == '-':
		return 62, true
	case unit == '/' || unit == '_':
		return 63, true
	}
	return 0, false
}

// decodeBytes is the text of memory; nil for an encoding that is done elsewhere.
func (b *buffers) decodeBytes(memory []byte, encoding string) goja.Value {
	switch encoding {
	case "utf8":
		if isASCIIBytes(memory) {
			return b.rt.ToValue(string(memory))
		}
		units, _, _ := decodeUTF8(memory, true)
		return goja.StringFromUTF16(units)
	case "utf16le":
		units := make([]uint16, len(memory)/2)
		for i := range units {
			units[i] = uint16(memory[2*i]) | uint16(memory[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	case "latin1":
		if isASCIIBytes(memory) {
			return b.rt.ToValue(string(memory))
		}
		units := make([]uint16, len(memory))
		for i, c := range memory {
			units[i] = uint16(c)
		}
		return goja.StringFromUTF16(units)
	case "ascii":
		text := make([]byte, len(memory))
		for i, c := range memory {
			text[i] = c & 0x7f
		}
		return b.rt.ToValue(string(text))
	case "hex":
		return b.rt.ToValue(hex.EncodeToString(memory))
	case "base64":
		return b.rt.ToValue(base64.StdEncoding.EncodeToString(memory))
	case "base64url":
		return b.rt.ToValue(base64.RawURLEncoding.EncodeToString(memory))
	}
	return nil
}

func isASCIIBytes(memory []byte) bool {
	for _, c := range memory {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (b *buffers) from(call goja.FunctionCall) goja.Value {
	text, ok := call.Argument(0).(goja.String)
	if !ok {
		return nil
	}
	memory, ok := encodeString(text, call.Argument(1).String())
	if !ok {
		return nil
	}
	return b.over(memory)
}

func (b *buffers) size(call goja.FunctionCall) goja.Value {
	text, ok := call.Argument(0).(goja.String)
	if !ok || call.Argument(1).String() != "utf8" {
		return nil
	}
	return b.rt.ToValue(utf8Size(text))
}

func (b *buffers) text(call goja.FunctionCall) goja.Value {
	memory, ok := viewed(call.Argument(0))
	if !ok {
		return nil
	}
	if len(call.Arguments) > 2 {
		to, ok1 := index(call.Argument(3), len(memory))
		from, ok2 := index(call.Argument(2), to)
		if !ok1 || !ok2 {
			return nil
		}
		memory = memory[from:to]
	}
	return b.decodeBytes(memory, call.Argument(1).String())
}

// write puts into room bytes as much of text as fits there in whole characters.
func (b *buffers) write(call goja.FunctionCall) goja.Value {
	memory, ok1 := viewed(call.Argument(0))
	text, ok2 := call.Argument(1).(goja.String)
	if !ok1 || !ok2 {
		return nil
	}
	encoding := call.Argument(2).String()
	at, ok1 := index(call.Argument(3), len(memory))
	room, ok2 := index(call.Argument(4), len(memory)-at)
	if !ok1 || !ok2 {
		return nil
	}
	out, ok := encodeString(text, encoding)
	if !ok {
		return nil
	}
	if len(out) > room {
		switch encoding {
		case "utf16le":
			room -= room % 2
		case "utf8":
			for room > 0 && !utf8.RuneStart(out[room]) {
				room--
			}
		}
		out = out[:room]
	}
	return b.rt.ToValue(copy(memory[at:], out))
}
