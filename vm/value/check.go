package value

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Codes of msgpack's format table that are needed by name.
const (
	fixMap     = 0x80
	fixArray   = 0x90
	fixStr     = 0xa0
	codeNil    = 0xc0
	codeTrue   = 0xc3
	codeUint64 = 0xcf
)

// typeOf returns the type of the item that begins with code c.
func typeOf(c byte) Type {
	switch {
	case c < fixMap || c >= 0xe0:
		return Int
	case c < fixArray:
		return Map
	case c < fixStr:
		return Array
	case c < codeNil:
		return Str
	}
	return [32]Type{
		Nil, Invalid, Bool, Bool, Bin, Bin, Bin, Ext, Ext, Ext, Float, Float, Int, Int, Int, Uint,
		Int, Int, Int, Int, Ext, Ext, Ext, Ext, Ext, Str, Str, Str, Array, Array, Map, Map,
	}[c-codeNil]
}

// head is what the first bytes of an item say: its type, the size of that head, and either the bytes of its payload
// or the number of items inside.
type head struct {
	typ         Type
	kind        Kind // of an extension
	size        int  // 0: the head is cut off or begins no item
	bytes, item uint64
}

// header reads the head at pos, which is inside b.
func header(b []byte, pos int) head {
	c := b[pos]
	h := head{typ: typeOf(c), size: 1}
	switch {
	case c < fixMap || c >= 0xe0 || c == codeNil || h.typ == Bool:
		return h
	case c < fixArray:
		h.item = 2 * uint64(c&15)
		return h
	case c < fixStr:
		h.item = uint64(c & 15)
		return h
	case c < codeNil:
		h.bytes = uint64(c & 31)
		return h
	case h.typ == Invalid:
		h.size = 0
		return h
	}
	// How many bytes hold the length, or the number itself; 16 + n means a payload of n bytes without a length.
	width := int([32]byte{
		4: 1, 5: 2, 6: 4, 7: 1, 8: 2, 9: 4, 10: 16 + 4, 11: 16 + 8, 12: 16 + 1, 13: 16 + 2, 14: 16 + 4, 15: 16 + 8,
		16: 16 + 1, 17: 16 + 2, 18: 16 + 4, 19: 16 + 8, 20: 16 + 1, 21: 16 + 2, 22: 16 + 4, 23: 16 + 8, 24: 16 + 16,
		25: 1, 26: 2, 27: 4, 28: 2, 29: 4, 30: 2, 31: 4,
	}[c-codeNil])
	n := uint64(width - 16)
	if width < 16 {
		h.size += width
		if len(b)-pos < h.size {
			h.size = 0
			return h
		}
		n = number(b[pos+1 : pos+1+width])
	}
	switch h.typ {
	case Array:
		h.item = n
	case Map:
		h.item = 2 * n
	case Ext:
		h.size++ // the kind
		if len(b)-pos < h.size {
			h.size = 0
			return h
		}
		h.kind, h.bytes = Kind(b[pos+h.size-1]), n
	default:
		h.bytes = n
	}
	return h
}

// number reads a big-endian number of 1, 2 or 4 bytes.
func number(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	}
	return uint64(binary.BigEndian.Uint32(b))
}

// inlineDepth is how deep a scan goes before it needs more room than the stack gives it.
const inlineDepth = 64

// scanner walks over one item and all that is inside it, by heads alone.
type scanner struct {
	b     []byte
	pos   int
	base  int // depth at which the scan began
	owed  int // items expected in all, also outside of what is scanned; see Reader
	nodes int
	lim   Limits
}

// item scans one item.
func (s *scanner) item() error {
	var inline [inlineDepth]int
	open := inline[:0] // items still expected in each array or map that the scan has entered
	for {
		if s.pos >= len(s.b) {
			return &FormatError{s.pos, "end, want an item"}
		}
		h := header(s.b, s.pos)
		if h.size == 0 {
			return &FormatError{s.pos, cutOff(h.typ)}
		}
		if s.nodes++; s.nodes > s.lim.MaxNodes {
			return &FormatError{s.pos, fmt.Sprintf("more than %d items", s.lim.MaxNodes)}
		}
		left := uint64(len(s.b) - s.pos - h.size)
		room := int(left) - (s.owed - s.base - len(open))
		switch {
		case h.bytes > left:
			return &FormatError{s.pos, fmt.Sprintf("%v of %d bytes, %d left", h.typ, h.bytes, left)}
		case h.typ == Str && !utf8.Valid(s.b[s.pos+h.size:][:h.bytes]):
			return &FormatError{s.pos, "string that is not UTF-8"}
		case h.item > left || int(h.item) > room:
			return &FormatError{s.pos, fmt.Sprintf("%v of %d items, at most %d bytes left for it", h.typ, h.item, room)}
		case h.item > 0 && s.base+len(open) >= s.lim.MaxDepth:
			return &FormatError{s.pos, fmt.Sprintf("nested more than %d deep", s.lim.MaxDepth)}
		}
		s.pos += h.size + int(h.bytes)
		if h.item > 0 {
			open = append(open, int(h.item))
			s.owed += int(h.item)
			continue
		}
		for {
			if len(open) == 0 {
				return nil
			}
			s.owed--
			if open[len(open)-1]--; open[len(open)-1] > 0 {
				break
			}
			open = open[:len(open)-1]
		}
	}
}

func cutOff(t Type) string {
	if t == Invalid {
		return "invalid item"
	}
	return "cut off"
}

// Check returns nil if b is exactly one well-formed value within the limits, else a *FormatError. It looks at heads
// only and neither recurses nor, down to a depth of 64, allocates; so it is what a process does that forwards b.
// It checks msgpack and UTF-8, not that extensions carry what their kind needs.
func Check(b []byte, lim Limits) error {
	s := scanner{b: b, lim: lim.filled()}
	if err := s.item(); err != nil {
		return err
	}
	if s.pos < len(b) {
		return &FormatError{s.pos, fmt.Sprintf("%d bytes after the end", len(b)-s.pos)}
	}
	return nil
}
