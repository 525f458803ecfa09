package value

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"github.com/vmihailenco/msgpack/v5"
)

// maxSafe is the largest integer that a JavaScript number tells from its neighbours, 2^53-1 (ECMA-262 21.1.2.6).
const maxSafe = 1<<53 - 1

// Writer appends items to a buffer. Who writes an ArrayLen or MapLen must write so many elements or pairs after it;
// the Writer does not count. Its methods cannot fail: lengths over 4 GiB are the caller's to refuse.
type Writer struct {
	out sink
	enc *msgpack.Encoder // writes to out the forms that take more than a byte or two
}

// sink is the io.Writer under the encoder: a buffer that grows.
type sink struct{ b []byte }

// Write appends p.
func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

// WriteByte appends c.
func (s *sink) WriteByte(c byte) error {
	s.b = append(s.b, c)
	return nil
}

// NewWriter returns a Writer that appends to buf, which may be nil.
func NewWriter(buf []byte) *Writer {
	w := &Writer{out: sink{buf}}
	w.enc = msgpack.NewEncoder(&w.out)
	return w
}

// Bytes returns what buf held and all that was written since; it is valid until the next write.
func (w *Writer) Bytes() []byte { return w.out.b }

// Len returns len(w.Bytes()).
func (w *Writer) Len() int { return len(w.out.b) }

// Grow makes room for n more bytes at once.
func (w *Writer) Grow(n int) { w.out.b = slices.Grow(w.out.b, n) }

// Truncate takes back what was written after the first n bytes, n being what Len returned.
func (w *Writer) Truncate(n int) { w.out.b = w.out.b[:n] }

// Nil writes nil: null.
func (w *Writer) Nil() { _ = w.enc.EncodeNil() }

// Bool writes a boolean.
func (w *Writer) Bool(v bool) { _ = w.enc.EncodeBool(v) }

// Int writes an integer in its shortest form.
func (w *Writer) Int(n int64) {
	if n >= -32 && n < 128 {
		w.out.b = append(w.out.b, byte(n))
		return
	}
	_ = w.enc.EncodeInt(n)
}

// Uint writes an unsigned integer in its shortest form.
func (w *Writer) Uint(n uint64) { _ = w.enc.EncodeUint(n) }

// nan is the one NaN that is written; JavaScript cannot tell them apart.
const nan = 0x7ff8000000000000

// Float writes a float 64 as it is; see Number.
func (w *Writer) Float(f float64) {
	if f != f {
		f = math.Float64frombits(nan)
	}
	_ = w.enc.EncodeFloat64(f)
}

// Date writes a date of ms milliseconds since 1970, an invalid one if ms is NaN.
func (w *Writer) Date(ms float64) {
	if ms != ms {
		ms = math.Float64frombits(nan)
	}
	var p [8]byte
	binary.BigEndian.PutUint64(p[:], math.Float64bits(ms))
	w.Ext(KindDate, p[:])
}

// Number writes a JavaScript number: as an integer if f is integral, safe and not -0, as a float otherwise.
func (w *Writer) Number(f float64) {
	if n := int64(f); f >= -maxSafe && f <= maxSafe && float64(n) == f && (n != 0 || !math.Signbit(f)) {
		w.Int(n)
		return
	}
	w.Float(f)
}

// Str writes a string, which must be valid UTF-8: a Reader refuses others.
func (w *Writer) Str(s string) {
	if len(s) < 32 {
		w.out.b = append(append(w.out.b, fixStr|byte(len(s))), s...)
		return
	}
	_ = w.enc.EncodeString(s)
}

// StrBytes writes b as a string, without converting it.
func (w *Writer) StrBytes(b []byte) { w.Str(unsafe.String(unsafe.SliceData(b), len(b))) }

// Bin writes bytes; nil is empty, not null.
func (w *Writer) Bin(b []byte) {
	_ = w.enc.EncodeBytesLen(len(b))
	w.out.b = append(w.out.b, b...)
}

// ArrayLen begins an array of n elements.
func (w *Writer) ArrayLen(n int) { _ = w.enc.EncodeArrayLen(n) }

// MapLen begins a map of n pairs.
func (w *Writer) MapLen(n int) { _ = w.enc.EncodeMapLen(n) }

// Ext writes an extension of the kind with its payload, which may be empty.
func (w *Writer) Ext(k Kind, payload []byte) {
	w.ExtLen(k, len(payload))
	w.out.b = append(w.out.b, payload...)
}

// ExtLen begins an extension whose payload of n bytes is written with Raw.
func (w *Writer) ExtLen(k Kind, n int) { _ = w.enc.EncodeExtHeader(int8(k), n) }

// Raw appends b, which holds whole items (or the payload that ExtLen promised).
func (w *Writer) Raw(b []byte) { w.out.b = append(w.out.b, b...) }

// Undefined writes undefined.
func (w *Writer) Undefined() { w.Ext(KindUndefined, nil) }

// Begin begins the container of kind k with n parts, not counting the kind itself.
func (w *Writer) Begin(k Kind, n int) {
	w.ArrayLen(n + 1)
	w.Ext(k, nil)
}
