package vm

import (
	"reflect"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// buffer encodes an ArrayBuffer.
func (e *encoder) buffer(o *goja.Object) error {
	if e.reference(o) {
		return nil
	}
	if ok, err := e.hosted(o); ok || err != nil {
		return err
	}
	b := o.Export().(goja.ArrayBuffer)
	if b.Detached() {
		return e.fail("a detached ArrayBuffer cannot be sent")
	}
	e.number(o)
	e.w.Grow(len(b.Bytes()) + extHead)
	e.w.Ext(value.KindBuffer, b.Bytes())
	return e.size()
}

// extHead is more than the head of any extension, in bytes.
const extHead = 16

// Binary returns all bytes of the buffer of an ArrayBuffer or a typed array. With
// the object and its prototype they say what Encode makes of it by itself. It returns false for everything else.
func Binary(o *goja.Object) ([]byte, bool) {
	t := o.ExportType()
	if t == exportsBuffer {
		b := o.Export().(goja.ArrayBuffer)
		return b.Bytes(), !b.Detached()
	}
	if t == nil || t.Kind() != reflect.Slice || !builtins.isView(goja.FunctionCall{Arguments: []goja.Value{o}}).ToBoolean() {
		return nil, false
	}
	b := builtins.viewBuffer(goja.FunctionCall{This: o}).Export().(goja.ArrayBuffer)
	return b.Bytes(), !b.Detached()
}

// view encodes a typed array with elements of the Go kind, or a DataView if that is 0. Views of one buffer share it
// at the other end too, so the whole of it travels, as structuredClone has it; but a Buffer, which Node cuts from
// pools, travels by itself.
func (e *encoder) view(o *goja.Object, kind reflect.Kind) error {
	t, bufferOf, offsetOf, lengthOf := viewOf(kind), builtins.viewBuffer, builtins.viewOffset, builtins.viewLength
	if kind == 0 {
		t, bufferOf, offsetOf, lengthOf = value.ViewDataView, builtins.dataBuffer, builtins.dataOffset, builtins.dataLength
	}
	buf := e.call(bufferOf, o).(*goja.Object)
	b := buf.Export().(goja.ArrayBuffer)
	if b.Detached() {
		return e.fail("a detached ArrayBuffer cannot be sent")
	}
	offset, length := int(e.call(offsetOf, o).ToInteger()), int(e.call(lengthOf, o).ToInteger())
	if kind == reflect.Uint8 {
		t = e.bytesOf(o)
	}
	if err := e.enter(1); err != nil {
		return err
	}
	defer e.leave(1)
	_, known := e.seen[buf]
	e.number(o)
	switch {
	case t == value.ViewUint8 && !known && e.o.Host == nil && offset == 0 && length == len(b.Bytes()):
		e.number(buf)
		e.w.Grow(length + extHead)
		e.w.Bin(b.Bytes())
		return e.size()
	case t == value.ViewBuffer:
		e.number(nil)
		e.w.Grow(length + 2*extHead)
		e.beginView(t, 0, length)
		e.w.Ext(value.KindBuffer, b.Bytes()[offset:offset+length])
		return e.size()
	}
	e.beginView(t, offset, length)
	return e.buffer(buf)
}

func (e *encoder) beginView(t value.View, offset, length int) {
	e.w.ArrayLen(4)
	e.w.Ext(value.KindView, []byte{byte(t)})
	e.w.Int(int64(offset))
	e.w.Int(int64(length))
}

// bytesOf tells the views apart that hold bytes.
func (e *encoder) bytesOf(o *goja.Object) value.View {
	if name := e.call(builtins.viewName, o); name.String() == "Uint8ClampedArray" {
		return value.ViewUint8Clamped
	}
	if e.o.Host != nil {
		return value.ViewUint8
	}
	if e.realm == nil {
		e.realm = realmOf(e.rt)
	}
	// The global Buffer may be made on first use: ask for it only if the value is likely to be one.
	proto := o.Prototype()
	if proto != nil && proto != e.realm.prototype("Uint8Array") && proto == bufferPrototype(e.rt) {
		return value.ViewBuffer
	}
	return value.ViewUint8
}

// bufferPrototype returns Buffer.prototype, or nil where there is no Buffer.
func bufferPrototype(rt *goja.Runtime) *goja.Object {
	c, ok := rt.GlobalObject().Get("Buffer").(*goja.Object)
	if !ok {
		return nil
	}
	p, _ := c.Get("prototype").(*goja.Object)
	return p
}

func viewOf(k reflect.Kind) value.View {
	switch k {
	case reflect.Int8:
		return value.ViewInt8
	case reflect.Int16:
		return value.ViewInt16
	case reflect.Uint16:
		return value.ViewUint16
	case reflect.Int32:
		return value.ViewInt32
	case reflect.Uint32:
		return value.ViewUint32
	case reflect.Float32:
		return value.ViewFloat32
	case reflect.Float64:
		return value.ViewFloat64
	case reflect.Int64:
		return value.ViewBigInt64
	case reflect.Uint64:
		return value.ViewBigUint64
	}
	return value.ViewUint8
}
