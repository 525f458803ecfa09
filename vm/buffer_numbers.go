package vm

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/dop251/goja"
)

// A number is a pair of Buffer's methods, readUInt16LE and writeUInt16LE.
type number struct {
	name      string
	size      int
	low, high int64 // what an integer may be
	get       func([]byte) any
	put       func([]byte, int64)
}

var fixedNumbers = []number{
	{"UInt8", 1, 0, math.MaxUint8, func(b []byte) any { return int64(b[0]) }, func(b []byte, v int64) { b[0] = byte(v) }},
	{"Int8", 1, math.MinInt8, math.MaxInt8, func(b []byte) any { return int64(int8(b[0])) }, func(b []byte, v int64) { b[0] = byte(v) }},
	{"UInt16LE", 2, 0, math.MaxUint16, func(b []byte) any { return int64(binary.LittleEndian.Uint16(b)) },
		func(b []byte, v int64) { binary.LittleEndian.PutUint16(b, uint16(v)) }},
	{"UInt16BE", 2, 0, math.MaxUint16, func(b []byte) any { return int64(binary.BigEndian.Uint16(b)) },
		func(b []byte, v int64) { binary.BigEndian.PutUint16(b, uint16(v)) }},
	{"Int16LE", 2, math.MinInt16, math.MaxInt16, func(b []byte) any { return int64(int16(binary.LittleEndian.Uint16(b))) },
		func(b []byte, v int64) { binary.LittleEndian.PutUint16(b, uint16(v)) }},
	{"Int16BE", 2, math.MinInt16, math.MaxInt16, func(b []byte) any { return int64(int16(binary.BigEndian.Uint16(b))) },
		func(b []byte, v int64) { binary.BigEndian.PutUint16(b, uint16(v)) }},
	{"UInt32LE", 4, 0, math.MaxUint32, func(b []byte) any { return int64(binary.LittleEndian.Uint32(b)) },
		func(b []byte, v int64) { binary.LittleEndian.PutUint32(b, uint32(v)) }},
	{"UInt32BE", 4, 0, math.MaxUint32, func(b []byte) any { return int64(binary.BigEndian.Uint32(b)) },
		func(b []byte, v int64) { binary.BigEndian.PutUint32(b, uint32(v)) }},
	{"Int32LE", 4, math.MinInt32, math.MaxInt32, func(b []byte) any { return int64(int32(binary.LittleEndian.Uint32(b))) },
		func(b []byte, v int64) { binary.LittleEndian.PutUint32(b, uint32(v)) }},
	{"Int32BE", 4, math.MinInt32, math.MaxInt32, func(b []byte) any { return int64(int32(binary.BigEndian.Uint32(b))) },
		func(b []byte, v int64) { binary.BigEndian.PutUint32(b, uint32(v)) }},
	{"FloatLE", 4, 0, 0, func(b []byte) any { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }, nil},
	{"FloatBE", 4, 0, 0, func(b []byte) any { return float64(math.Float32frombits(binary.BigEndian.Uint32(b))) }, nil},
	{"DoubleLE", 8, 0, 0, func(b []byte) any { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }, nil},
	{"DoubleBE", 8, 0, 0, func(b []byte) any { return math.Float64frombits(binary.BigEndian.Uint64(b)) }, nil},
}

// numbers adds to o reader(name, slow, called) and writer(name, slow, called): the methods of that name (UInt16LE) for a plain
// offset and an integer that fits, or undefined if there is none; slow does all else.
func (b *buffers) numbers(o *goja.Object) {
	method := func(verb string, length int, make func(n number, slow native) native) {
		_ = o.Set(strings.TrimSuffix(verb, "e")+"er", hostFunction(b.rt, func(call goja.FunctionCall) goja.Value {
			slow, ok := nativeOf(call.Argument(1))
			if !ok {
				return nil
			}
			for _, n := range fixedNumbers {
				if n.name == call.Argument(0).String() && (verb == "read" || n.put != nil) {
					return nativeFunction(b.rt, call.Argument(2).String(), length, make(n, slow))
				}
			}
			return nil
		}))
	}
	method("read", 0, b.reader)
	method("write", 1, b.writer)
}

// room is the n bytes at offset, which may be missing, of the Uint8Array v.
func room(v, offset goja.Value, n int) (memory []byte, at int, ok bool) {
	memory, ok = viewed(v)
	if !ok {
		return nil, 0, false
	}
	if !goja.IsUndefined(offset) {
		if at, ok = index(offset, len(memory)); !ok {
			return nil, 0, false
		}
	}
	if at+n > len(memory) {
		return nil, 0, false
	}
	return memory[at : at+n], at, true
}

func (b *buffers) reader(n number, slow native) native {
	return func(call goja.FunctionCall) goja.Value {
		memory, _, ok := room(call.This, call.Argument(0), n.size)
		if !ok {
			return slow(call)
		}
		return b.rt.ToValue(n.get(memory))
	}
}

func (b *buffers) writer(n number, slow native) native {
	return func(call goja.FunctionCall) goja.Value {
		value := call.Argument(0)
		if value.ExportType() != exportsInt {
			return slow(call)
		}
		memory, at, ok := room(call.This, call.Argument(1), n.size)
		if v := value.ToInteger(); ok && v >= n.low && v <= n.high {
			n.put(memory, v)
			return b.rt.ToValue(at + n.size)
		}
		return slow(call)
	}
}
