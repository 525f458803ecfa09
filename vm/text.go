package vm

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// encodings maps the labels of https://encoding.spec.whatwg.org/#names-and-labels that we know to their names.
var encodings = map[string]string{
	"utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicode20utf8": "utf-8",
	"x-unicode20utf8": "utf-8",
	"utf-16le":        "utf-16le", "utf-16": "utf-16le", "ucs-2": "utf-16le", "unicode": "utf-16le", "csunicode": "utf-16le",
	"iso-10646-ucs-2": "utf-16le", "unicodefeff": "utf-16le",
	"utf-16be": "utf-16be", "unicodefffe": "utf-16be",
	"windows-1252": "windows-1252", "latin1": "windows-1252", "iso-8859-1": "windows-1252", "ascii": "windows-1252",
	"us-ascii": "windows-1252", "cp1252": "windows-1252", "x-cp1252": "windows-1252", "iso8859-1": "windows-1252",
	"ansi_x3.4-1968": "windows-1252", "l1": "windows-1252", "iso_8859-1": "windows-1252",
}

// windows1252 are the characters of the bytes 0x80 to 0x9f; the others are their own.
var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}

func (g *globals) encodeText(call goja.FunctionCall) goja.Value {
	return bytesToArray(g.rt, []byte(call.Argument(0).String()))
}

// decodeText is decode(bytes, encoding, fatal, keepBOM, last): {text, used, invalid}. Unless last, bytes that may be
// the beginning of a character are left for the next call.
func (g *globals) decodeText(call goja.FunctionCall) goja.Value {
	b, _ := arrayBytes(call.Argument(0))
	encoding, keepBOM, last := call.Argument(1).String(), call.Argument(3).ToBoolean(), call.Argument(4).ToBoolean()
	var units []uint16
	var used int
	var valid bool
	switch encoding {
	case "utf-8":
		units, used, valid = decodeUTF8(b, last)
	case "windows-1252":
		for _, c := range b {
			r := rune(c)
			if c >= 0x80 && c < 0xa0 {
				r = windows1252[c-0x80]
			}
			units = append(units, uint16(r))
		}
		used, valid = len(b), true
	default:
		units, used, valid = decodeUTF16(b, encoding == "utf-16be", last)
	}
	if !keepBOM && encoding != "windows-1252" && len(units) > 0 && units[0] == 0xfeff {
		units = units[1:]
	}
	o := g.rt.NewObject()
	_ = o.Set("text", goja.StringFromUTF16(units))
	_ = o.Set("used", used)
	_ = o.Set("invalid", !valid && call.Argument(2).ToBoolean())
	return o
}

// decodeUTF8 replaces each maximal part of a broken character by one U+FFFD, as the Encoding Standard does; Go would
// replace each byte.
func decodeUTF8(b []byte, last bool) (units []uint16, used int, valid bool) {
	units, valid = make([]uint16, 0, len(b)), true
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			var more bool
			if n, more = brokenPart(b[i:]); more && !last {
				return units, i, valid
			}
			valid = false
		}
		units = utf16.AppendRune(units, r)
		i += n
	}
	return units, len(b), valid
}

// brokenPart returns the length of the maximal part of a character that b begins with, which is no whole one; more
// says that b ends within it.
func brokenPart(b []byte) (n int, more bool) {
	size, low, high := 0, byte(0x80), byte(0xbf)
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		size = 2
	case c >= 0xe0 && c <= 0xef:
		size = 3
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		size = 4
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	default:
		return 1, false
	}
	for n = 1; n < size; n++ {
		if n == len(b) {
			return n, true
		}
		if b[n] < low || b[n] > high {
			return n, false
		}
		low, high = 0x80, 0xbf
	}
	return n, false
}

// decodeUTF16 replaces each surrogate without its other half by U+FFFD.
func decodeUTF16(b []byte, bigEndian, last bool) (units []uint16, used int, valid bool) {
	unit := func(i int) uint16 {
		if bigEndian {
			return uint16(b[i])<<8 | uint16(b[i+1])
		}
		return uint16(b[i+1])<<8 | uint16(b[i])
	}
	valid = true
	i := 0
	for ; i+1 < len(b); i += 2 {
		u := unit(i)
		switch {
		case u >= 0xd800 && u < 0xdc00 && i+3 < len(b) && unit(i+2) >= 0xdc00 && unit(i+2) < 0xe000:
			units = append(units, u, unit(i+2))
			i += 2
		case u >= 0xd800 && u < 0xdc00 && i+3 >= len(b) && !last:
			return units, i, valid
		case u >= 0xd800 && u < 0xe000:
			units, valid = append(units, utf8.RuneError), false
		default:
			units = append(units, u)
		}
	}
	if i < len(b) && last {
		units, i, valid = append(units, utf8.RuneError), len(b), false
	}
	return units, i, valid
}
