package vm

import (
	"bytes"

	"github.com/dop251/goja"
)

// BufferBinding serves js/buffer_native.js, in scripts and tasks alike. Its functions work on the memory of a Buffer;
// they decide nothing about arguments: each returns undefined, without having done anything, for whatever is not
// plain (a receiver that is no Uint8Array, an offset that is no integer), and the JavaScript half does it in full.
//
//	adopt(Buffer): the class of what the others make; the rest throws before
//	allocate(size), from(text, encoding), slice(bytes, start, end), join(list, size) → Buffer
//	text(bytes, encoding[, start, end]) → string
//	write(bytes, text, encoding, at, room) → bytes written, whole characters only
//	size(text, encoding) → bytes that from makes
//	order(a, b) → -1, 0, 1
//	find(bytes, needle, from, step, forward) → index or -1; a hit is a multiple of step away from the begin
//	copy(source, target, at, from, count)
//	fill(bytes, pattern, from, to)
//	isMemory(value): whether it is an ArrayBuffer, whatever its prototype says
//	isGone(value): whether it is one whose memory was given away
//
// An encoding is one of utf8 utf16le latin1 ascii base64 base64url hex.
func BufferBinding(rt *goja.Runtime) *goja.Object {
	b := &buffers{rt: rt}
	class, _ := rt.GlobalObject().Get("Uint8Array").(*goja.Object)
	b.construct, _ = goja.AssertConstructor(class)
	o := rt.NewObject()
	for name, fn := range map[string]native{
		"adopt": b.adopt, "allocate": b.allocate, "from": b.from, "slice": b.slice, "join": b.join, "text": b.text,
		"write": b.write, "size": b.size, "order": b.order, "find": b.find, "copy": b.copyBytes, "fill": b.fill, "isMemory": b.isMemory, "isGone": b.isGone,
	} {
		_ = o.Set(name, hostFunction(rt, fn))
	}
	b.numbers(o)
	return o
}

type buffers struct {
	rt        *goja.Runtime
	construct goja.Constructor
	class     *goja.Object
}

func (b *buffers) adopt(call goja.FunctionCall) goja.Value {
	b.class, _ = call.Argument(0).(*goja.Object)
	return nil
}

// over returns a Buffer that owns memory.
func (b *buffers) over(memory []byte) goja.Value {
	return b.view(b.rt.ToValue(b.rt.NewArrayBuffer(memory)))
}

func (b *buffers) view(args ...goja.Value) goja.Value {
	o, err := b.construct(b.class, args...)
	if err != nil {
		panic(rethrow(b.rt, err))
	}
	return o
}

// viewed is the memory that a Uint8Array shows; ok is false for all else, and for one whose memory was given away.
// Nothing in it can be replaced by a script.
func viewed(v goja.Value) (memory []byte, ok bool) {
	o, isObject := v.(*goja.Object)
	if !isObject || o.ExportType() != exportsBytes {
		return nil, false
	}
	this := goja.FunctionCall{This: o}
	whole, isObject := builtins.viewBuffer(this).(*goja.Object)
	if !isObject {
		return nil, false
	}
	buffer, isBuffer := whole.Export().(goja.ArrayBuffer)
	if !isBuffer || buffer.Detached() {
		return nil, false
	}
	from := builtins.viewOffset(this).ToInteger()
	n := builtins.viewLength(this).ToInteger()
	return buffer.Bytes()[from : from+n : from+n], true
}

// index is v as an integer from 0 to most; ok is false if it is something else.
func index(v goja.Value, most int) (i int, ok bool) {
	if v == nil || v.ExportType() != exportsInt {
		return 0, false
	}
	n := v.ToInteger()
	return int(n), n >= 0 && n <= int64(most)
}

// part is index for the bounds of slice: missing means otherwise, negative counts from the end, too large is the end.
func part(v goja.Value, otherwise, size int) (i int, ok bool) {
	if goja.IsUndefined(v) {
		return otherwise, true
	}
	if v.ExportType() != exportsInt {
		return 0, false
	}
	n := v.ToInteger()
	if n < 0 {
		n += int64(size)
	}
	return int(min(max(n, 0), int64(size))), true
}

func (b *buffers) isMemory(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	return b.rt.ToValue(ok && o.ExportType() == exportsBuffer)
}

func (b *buffers) isGone(call goja.FunctionCall) goja.Value {
	if o, ok := call.Argument(0).(*goja.Object); ok && o.ExportType() == exportsBuffer {
		return b.rt.ToValue(o.Export().(goja.ArrayBuffer).Detached())
	}
	return b.rt.ToValue(false)
}

func (b *buffers) allocate(call goja.FunctionCall) goja.Value { return b.view(call.Argument(0)) }

func (b *buffers) slice(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok || o.ExportType() != exportsBytes {
		return nil
	}
	this := goja.FunctionCall{This: o}
	size := int(builtins.viewLength(this).ToInteger())
	from, ok1 := part(call.Argument(1), 0, size)
	to, ok2 := part(call.Argument(2), size, size)
	if !ok1 || !ok2 {
		return nil
	}
	offset := builtins.viewOffset(this).ToInteger() + int64(from)
	return b.view(builtins.viewBuffer(this), b.rt.ToValue(offset), b.rt.ToValue(max(to-from, 0)))
}

// join copies a list of bytes, which is an array, one after the other into size bytes; size may be undefined.
func (b *buffers) join(call goja.FunctionCall) goja.Value {
	list, ok := call.Argument(0).(*goja.Object)
	if !ok || list.ClassName() != "Array" {
		return nil
	}
	n := list.Get("length").ToInteger()
	if n > manyParts {
		return nil
	}
	if n == 0 { // Node ignores the size then
		return b.over(nil)
	}
	parts := make([][]byte, n)
	total := 0
	for i := range parts {
		if parts[i], ok = viewed(b.rt.ToValue(list.Get(itoa(i)))); !ok {
			return nil
		}
		total += len(parts[i])
	}
	if size := call.Argument(1); !goja.IsUndefined(size) {
		if total, ok = index(size, maxJoin); !ok {
			return nil
		}
	}
	if total > maxJoin {
		return nil
	}
	memory := make([]byte, total)
	at := 0
	for _, p := range parts {
		at += copy(memory[at:], p)
	}
	return b.over(memory)
}

func (b *buffers) order(call goja.FunctionCall) goja.Value {
	x, ok1 := viewed(call.Argument(0))
	y, ok2 := viewed(call.Argument(1))
	if !ok1 || !ok2 {
		return nil
	}
	return b.rt.ToValue(bytes.Compare(x, y))
}

func (b *buffers) find(call goja.FunctionCall) goja.Value {
	hay, ok1 := viewed(call.Argument(0))
	needle, ok2 := viewed(call.Argument(1))
	if !ok1 || !ok2 || len(needle) == 0 {
		return nil
	}
	from, step := int(call.Argument(2).ToInteger()), max(int(call.Argument(3).ToInteger()), 1)
	if call.Argument(4).ToBoolean() {
		return b.rt.ToValue(findForward(hay, needle, max(from, 0), step))
	}
	for at := min(from, len(hay)-len(needle)); at >= 0; {
		at = bytes.LastIndex(hay[:at+len(needle)], needle)
		if at < 0 || at%step == 0 {
			return b.rt.ToValue(at)
		}
		at--
	}
	return b.rt.ToValue(-1)
}

func findForward(hay, needle []byte, from, step int) int {
	for from <= len(hay) {
		i := bytes.Index(hay[from:], needle)
		if i < 0 {
			return -1
		}
		if (from+i)%step == 0 {
			return from + i
		}
		from += i + 1
	}
	return -1
}

func (b *buffers) copyBytes(call goja.FunctionCall) goja.Value {
	source, ok1 := viewed(call.Argument(0))
	target, ok2 := viewed(call.Argument(1))
	if !ok1 || !ok2 {
		return nil
	}
	at, ok1 := index(call.Argument(2), len(target))
	from, ok2 := index(call.Argument(3), len(source))
	if !ok1 || !ok2 {
		return nil
	}
	count, ok := index(call.Argument(4), min(len(source)-from, len(target)-at))
	if !ok {
		return nil
	}
	return b.rt.ToValue(copy(target[at:], source[from:from+count]))
}

func (b *buffers) fill(call goja.FunctionCall) goja.Value {
	memory, ok1 := viewed(call.Argument(0))
	pattern, ok2 := viewed(call.Argument(1))
	if !ok1 || !ok2 || len(pattern) == 0 {
		return nil
	}
	to, ok1 := index(call.Argument(3), len(memory))
	from, ok2 := index(call.Argument(2), to)
	if !ok1 || !ok2 {
		return nil
	}
	memory = memory[from:to]
	// The pattern may be a part of what is filled: it is read once, then doubled.
	for n := copy(memory, pattern); n > 0 && n < len(memory); n *= 2 {
		copy(memory[n:], memory[:n])
	}
	return b.rt.ToValue(true)
}
