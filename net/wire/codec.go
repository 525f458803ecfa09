package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"supercluster/vm/value"
)

// limits bound a frame's body beyond its length. Our own fields nest two deep at most; the rest is room for later ones.
var limits = value.Limits{MaxDepth: maxDepth, MaxNodes: maxItems}

// Size returns about how long the frame of m is, in bytes, header included; it is longer by what numbers and lengths save.
func Size(m Message) int { return HeaderLen + m.size() }

// Append appends m to buf as a whole frame and returns the longer slice. Text that is not UTF-8 is mended.
func Append(buf []byte, m Message) []byte {
	w := value.NewWriter(buf)
	frame(w, m)
	return w.Bytes()
}

// frame writes a whole frame.
func frame(w *value.Writer, m Message) {
	at := w.Len()
	w.Raw([]byte{0, 0, 0, 0, byte(m.Kind())})
	m.encode(w)
	buf := w.Bytes()
	binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-HeaderLen))
}

// An Encoder gathers frames in a buffer that it keeps, for who sends many. It is for one goroutine at a time.
type Encoder struct{ w *value.Writer }

// NewEncoder returns an Encoder without frames.
func NewEncoder() *Encoder { return &Encoder{value.NewWriter(nil)} }

// Append is Append for the Encoder's buffer.
func (e *Encoder) Append(m Message) { frame(e.w, m) }

// Bytes returns the frames, until the next call of Append or Reset.
func (e *Encoder) Bytes() []byte { return e.w.Bytes() }

// Len returns the length of the frames in bytes.
func (e *Encoder) Len() int { return e.w.Len() }

// Reset forgets the frames, and their buffer if it has grown beyond keep bytes.
func (e *Encoder) Reset(keep int) {
	if cap(e.w.Bytes()) > keep {
		e.w = value.NewWriter(nil)
	}
	e.w.Truncate(0)
}

// Decode returns the message that a frame's body holds. Byte slices in it are parts of body, which must not change any more. The
// error wraps ErrKind for a kind that this version does not know, and ErrMalformed for a body that is not what its kind says.
func Decode(kind Kind, body []byte) (Message, error) {
	m := newMessage(kind)
	if m == nil {
		return nil, fmt.Errorf("%w: %d", ErrKind, byte(kind))
	}
	r := value.NewReader(body, limits)
	f := enter(r)
	m.decode(&f)
	f.leave()
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: %v: %w", ErrMalformed, kind, err)
	}
	return m, nil
}

// fields reads the fields of a message, or of a struct in it, in their order. Those that the sender did not send are zero.
type fields struct {
	r    *value.Reader
	left int
}

// enter begins the array of fields that comes next.
func enter(r *value.Reader) fields { return fields{r, r.ArrayLen()} }

// leave skips the fields that this version does not know.
func (f *fields) leave() {
	for f.next() {
		f.r.Skip()
	}
}

// next reports whether there is another field, which the caller then reads.
func (f *fields) next() bool {
	if f.left == 0 || f.r.Err() != nil {
		return false
	}
	f.left--
	return true
}

func (f *fields) bool() bool { return f.next() && f.r.Bool() }

func (f *fields) int64() int64 {
	if !f.next() {
		return 0
	}
	return f.r.Int()
}

// signed reads a number that fits an int everywhere.
func (f *fields) signed() int {
	n := f.int64()
	if n != int64(int32(n)) {
		f.r.Fail(fmt.Sprintf("number %d, at most 32 bits", n))
		return 0
	}
	return int(n)
}

func (f *fields) uint64() uint64 {
	if !f.next() {
		return 0
	}
	return f.r.Uint()
}

// uint reads an unsigned number of at most max.
func (f *fields) uint(max uint64) uint64 {
	n := f.uint64()
	if n > max {
		f.r.Fail(fmt.Sprintf("number %d, at most %d", n, max))
		return 0
	}
	return n
}

// count reads how many of something there are.
func (f *fields) count() int { return int(f.uint(math.MaxInt32)) }

func (f *fields) float() float64 {
	if !f.next() {
		return 0
	}
	return f.r.Float()
}

func (f *fields) text() string {
	if !f.next() {
		return ""
	}
	return f.r.Str()
}

// bytes reads a part of the body; none and empty are both nil.
func (f *fields) bytes() []byte {
	if !f.next() {
		return nil
	}
	if b := f.r.Bin(); len(b) > 0 {
		return b
	}
	return nil
}

// fixed reads len(to) bytes, or none.
func (f *fields) fixed(to []byte) {
	b := f.bytes()
	if n := copy(to, b); b != nil && (n != len(to) || n != len(b)) {
		f.r.Fail(fmt.Sprintf("%d bytes, want %d", len(b), len(to)))
	}
}

// json reads one JSON value, or none.
func (f *fields) json() []byte {
	b := f.bytes()
	if b != nil && !json.Valid(b) {
		f.r.Fail("not JSON")
		return nil
	}
	return b
}

// text writes a string.
func text(w *value.Writer, s string) { w.Str(strings.ToValidUTF8(s, "\uFFFD")) }

// count writes how many of something there are, within what its reader accepts.
func count(w *value.Writer, n int) { w.Uint(uint64(min(max(n, 0), math.MaxInt32))) }

// fixed writes bytes of a fixed length, nothing if all are zero.
func fixed(w *value.Writer, b []byte) {
	for _, c := range b {
		if c != 0 {
			w.Bin(b)
			return
		}
	}
	w.Bin(nil)
}
