package value

import (
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
)

// Limits bound what a Reader accepts beyond the length of its input.
type Limits struct {
	MaxDepth int // arrays and maps inside each other; zero means 1000
	MaxNodes int // items in all, an array or map counting as one; zero means 10 million
}

const (
	defaultDepth = 1000
	defaultNodes = 10_000_000
)

func (l Limits) filled() Limits {
	if l.MaxDepth <= 0 {
		l.MaxDepth = defaultDepth
	}
	if l.MaxNodes <= 0 {
		l.MaxNodes = defaultNodes
	}
	return l
}

// FormatError says where and why bytes are no value.
type FormatError struct {
	Offset int // in bytes, from the start of the input
	What   string
}

// Error returns the offset and the reason.
func (e *FormatError) Error() string { return fmt.Sprintf("value at byte %d: %s", e.Offset, e.What) }

// Reader takes items one by one from bytes that nobody vouches for. Its error is sticky: after the first one each
// read returns a zero value, so that a decoder may check Err once, at its end and before each loop over a length.
// The Reader knows which array or map it is in: it counts elements, checks depth, and refuses a length that, together
// with what the open arrays and maps still expect, exceeds the bytes that are left. So whoever allocates by the
// lengths it returns allocates in proportion to the input.
type Reader struct {
	in    source
	dec   msgpack.Decoder // reads from in what takes more than a byte
	lim   Limits
	nodes int
	open  []int // items still expected in each open array or map, outermost first
	owed  int   // their sum; it counts the item that is being read and all that it is inside of, len(open) in all
	err   error
}

// source is the io.ByteScanner under the decoder: the input and the place in it.
type source struct {
	b   []byte
	pos int
}

// Read copies what is left, or as much as fits.
func (s *source) Read(p []byte) (int, error) {
	if s.pos == len(s.b) {
		return 0, io.EOF
	}
	n := copy(p, s.b[s.pos:])
	s.pos += n
	return n, nil
}

// ReadByte returns the next byte.
func (s *source) ReadByte() (byte, error) {
	if s.pos == len(s.b) {
		return 0, io.EOF
	}
	s.pos++
	return s.b[s.pos-1], nil
}

// UnreadByte steps back.
func (s *source) UnreadByte() error {
	s.pos--
	return nil
}

// NewReader returns a Reader of b. What Bin, Ext, StrBytes and Raw return are parts of b, not copies.
func NewReader(b []byte, lim Limits) *Reader {
	r := &Reader{in: source{b: b}, lim: lim.filled()}
	r.dec.Reset(&r.in)
	return r
}

// Err returns the first error, a *FormatError, or nil.
func (r *Reader) Err() error { return r.err }

// Remaining returns the number of bytes that were not read yet.
func (r *Reader) Remaining() int { return len(r.in.b) - r.in.pos }

// Offset returns the place of the next item, in bytes.
func (r *Reader) Offset() int { return r.in.pos }

// Fail makes the Reader stop here, with the reason that its caller found, unless it has stopped already.
func (r *Reader) Fail(what string) { r.failAt(r.in.pos, what) }

// End returns Err or, if bytes are left, an error that says so.
func (r *Reader) End() error {
	if n := r.Remaining(); n > 0 {
		r.Fail(fmt.Sprintf("%d bytes after the end", n))
	}
	return r.err
}

func (r *Reader) failAt(pos int, what string) {
	if r.err == nil {
		r.err = &FormatError{pos, what}
	}
}

// Type returns the type of the next item without consuming it.
func (r *Reader) Type() Type {
	switch {
	case r.err != nil:
		return Invalid
	case r.in.pos == len(r.in.b):
		return End
	}
	return typeOf(r.in.b[r.in.pos])
}

// begin checks that the next item has the type, and that one more may come. It consumes nothing.
func (r *Reader) begin(want Type) bool {
	if r.err != nil {
		return false
	}
	if t := r.Type(); t != want && !(want == Uint && t == Int) && !(want == Int && t == Uint) {
		r.Fail(t.String() + ", want " + want.String())
		return false
	}
	return r.count(1)
}

func (r *Reader) count(n int) bool {
	r.nodes += n
	if r.nodes > r.lim.MaxNodes {
		r.Fail(fmt.Sprintf("more than %d items", r.lim.MaxNodes))
		return false
	}
	return true
}

// end notes that an item is complete, and with it perhaps the arrays and maps that it was the last item of.
func (r *Reader) end() {
	for i := len(r.open) - 1; i >= 0; i-- {
		r.owed--
		r.open[i]--
		if r.open[i] > 0 {
			return
		}
		r.open = r.open[:i]
	}
}

// check turns an error of the decoder into ours; the decoder fails only where the input ends too soon.
func (r *Reader) check(at int, err error) bool {
	if err != nil {
		r.failAt(at, "cut off")
	}
	return err == nil
}

// Nil reads a nil.
func (r *Reader) Nil() {
	if r.begin(Nil) {
		r.in.pos++
		r.end()
	}
}

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	if !r.begin(Bool) {
		return false
	}
	r.in.pos++
	r.end()
	return r.in.b[r.in.pos-1] == codeTrue
}

// Int reads an integer; one over math.MaxInt64 is an error.
func (r *Reader) Int() int64 {
	if !r.begin(Int) {
		return 0
	}
	at := r.in.pos
	if c := r.in.b[at]; c < 128 || c >= 0xe0 {
		r.in.pos++
		r.end()
		return int64(int8(c))
	}
	big := r.in.b[at] == codeUint64
	n, err := r.dec.DecodeInt64()
	if !r.check(at, err) {
		return 0
	}
	if big && n < 0 {
		r.failAt(at, "integer over 2^63-1")
		return 0
	}
	r.end()
	return n
}

// Uint reads an integer; a negative one is an error.
func (r *Reader) Uint() uint64 {
	if !r.begin(Uint) {
		return 0
	}
	at := r.in.pos
	signed := r.in.b[at] >= 0xd0 // int 8 to 64, negative fixint
	n, err := r.dec.DecodeUint64()
	if !r.check(at, err) {
		return 0
	}
	if signed && int64(n) < 0 {
		r.failAt(at, "integer below 0")
		return 0
	}
	r.end()
	return n
}

// Float reads a float 32 or 64; an integer is an error.
func (r *Reader) Float() float64 {
	if !r.begin(Float) {
		return 0
	}
	at := r.in.pos
	f, err := r.dec.DecodeFloat64()
	if !r.check(at, err) {
		return 0
	}
	r.end()
	return f
}

// Number reads an integer or a float, as what a JavaScript number may have become.
func (r *Reader) Number() float64 {
	switch r.Type() {
	case Int:
		return float64(r.Int())
	case Uint:
		return float64(r.Uint())
	}
	return r.Float()
}

// Str reads a string, which it copies.
func (r *Reader) Str() string { return string(r.StrBytes()) }

// StrBytes reads a string as part of the input. One that is not UTF-8 is an error.
func (r *Reader) StrBytes() []byte {
	b := r.bytes(Str)
	if !utf8.Valid(b) {
		r.failAt(r.in.pos-len(b), "string that is not UTF-8")
		return nil
	}
	return b
}

// Bin reads bytes as part of the input.
func (r *Reader) Bin() []byte { return r.bytes(Bin) }

func (r *Reader) bytes(t Type) []byte {
	if !r.begin(t) {
		return nil
	}
	at := r.in.pos
	n := int(r.in.b[at] & 0x1f)
	if c := r.in.b[at]; c >= fixStr && c < fixStr+32 {
		r.in.pos++
	} else {
		var err error
		if n, err = r.dec.DecodeBytesLen(); !r.check(at, err) {
			return nil
		}
	}
	return r.payload(at, t, n)
}

// payload ends a leaf with its last n bytes.
func (r *Reader) payload(at int, t Type, n int) []byte {
	if n < 0 || n > r.Remaining() {
		r.failAt(at, fmt.Sprintf("%v of %d bytes, %d left", t, uint32(n), r.Remaining()))
		return nil
	}
	r.in.pos += n
	r.end()
	return r.in.b[r.in.pos-n : r.in.pos : r.in.pos]
}

// Ext reads an extension, its payload being part of the input.
func (r *Reader) Ext() (Kind, []byte) {
	if !r.begin(Ext) {
		return 0, nil
	}
	at := r.in.pos
	k, n, err := r.dec.DecodeExtHeader()
	if !r.check(at, err) {
		return 0, nil
	}
	b := r.payload(at, Ext, n)
	if r.err != nil {
		return 0, nil
	}
	return Kind(k), b
}

// PeekExt returns the kind of the next item if that is an extension, else 0. It consumes nothing.
func (r *Reader) PeekExt() Kind {
	if r.Type() != Ext {
		return 0
	}
	h := header(r.in.b, r.in.pos)
	if h.size == 0 {
		return 0
	}
	return h.kind
}

// PeekContainer returns the kind of the container that the next item is, or 0 if that is no array or a plain one. It
// consumes nothing.
func (r *Reader) PeekContainer() Kind {
	if r.Type() != Array {
		return 0
	}
	h := header(r.in.b, r.in.pos)
	next := r.in.pos + h.size
	if h.size == 0 || h.item == 0 || next >= len(r.in.b) {
		return 0
	}
	if h = header(r.in.b, next); h.size == 0 || h.typ != Ext || !h.kind.Container() {
		return 0
	}
	return h.kind
}

// ArrayLen enters an array and returns the number of its elements. The Reader leaves it after the last.
func (r *Reader) ArrayLen() int {
	if !r.begin(Array) {
		return 0
	}
	at := r.in.pos
	n, err := r.dec.DecodeArrayLen()
	if !r.check(at, err) {
		return 0
	}
	return r.enter(at, Array, n, 1)
}

// MapLen enters a map and returns the number of its pairs. The Reader leaves it after the last value.
func (r *Reader) MapLen() int {
	if !r.begin(Map) {
		return 0
	}
	at := r.in.pos
	n, err := r.dec.DecodeMapLen()
	if !r.check(at, err) {
		return 0
	}
	return r.enter(at, Map, n, 2)
}

func (r *Reader) enter(at int, t Type, n, each int) int {
	if left := r.Remaining() - (r.owed - len(r.open)); n < 0 || n > math.MaxInt32 || n*each > left {
		r.failAt(at, fmt.Sprintf("%v of %d items, at most %d bytes left for it", t, uint32(n), left))
		return 0
	}
	if n == 0 {
		r.end()
		return 0
	}
	if len(r.open) >= r.lim.MaxDepth {
		r.failAt(at, fmt.Sprintf("nested more than %d deep", r.lim.MaxDepth))
		return 0
	}
	r.open = append(r.open, n*each)
	r.owed += n * each
	return n
}

// Raw reads the next item with all that is inside it, checks that, and returns it as part of the input.
func (r *Reader) Raw() []byte {
	if r.err != nil {
		return nil
	}
	s := scanner{b: r.in.b, pos: r.in.pos, owed: r.owed, base: len(r.open), nodes: r.nodes, lim: r.lim}
	if err := s.item(); err != nil {
		r.err = err
		return nil
	}
	at := r.in.pos
	r.nodes, r.in.pos = s.nodes, s.pos
	r.end()
	return r.in.b[at:r.in.pos:r.in.pos]
}

// Skip reads past the next item and all that is inside it.
func (r *Reader) Skip() { r.Raw() }
