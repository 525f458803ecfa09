package vm

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// container reads an array that begins with the kind k.
func (d *decoder) container(k value.Kind) goja.Value {
	if k == value.KindBlob {
		return d.embedded()
	}
	n := d.r.ArrayLen() - 1
	_, p := d.r.Ext()
	parts := map[value.Kind]int{value.KindRegExp: 2, value.KindError: 5, value.KindView: 3, value.KindBoxed: 1, value.KindHost: 2}
	if want, ok := parts[k]; ok && n != want || (k == value.KindView) != (len(p) == 1) || len(p) > 1 {
		return d.fail(fmt.Sprintf("kind %d with %d parts", k, n))
	}
	switch k {
	case value.KindMap:
		return d.mapObject(n)
	case value.KindSet:
		return d.set(n)
	case value.KindRegExp:
		return d.regexp()
	case value.KindError:
		return d.error()
	case value.KindView:
		return d.view(value.View(p[0]))
	case value.KindFunction:
		return d.function(n)
	case value.KindSparse:
		return d.sparse(n)
	case value.KindHost:
		return d.hosted()
	default:
		return d.boxed()
	}
}

func (d *decoder) mapObject(n int) goja.Value {
	if n%2 != 0 {
		return d.fail("map with a key and no value")
	}
	o := d.add(d.construct("Map"))
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	var arg [2]goja.Value
	for ; n > 0 && d.r.Err() == nil; n -= 2 {
		key := d.value()
		v := d.value()
		arg[0], arg[1] = key, v
		builtins.mapSet(goja.FunctionCall{This: o, Arguments: arg[:]})
	}
	return o
}

func (d *decoder) set(n int) goja.Value {
	o := d.add(d.construct("Set"))
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	var arg [1]goja.Value
	for ; n > 0 && d.r.Err() == nil; n-- {
		arg[0] = d.value()
		builtins.setAdd(goja.FunctionCall{This: o, Arguments: arg[:]})
	}
	return o
}

// str reads a string in either form.
func (d *decoder) str() goja.Value {
	if d.r.PeekExt() == value.KindString {
		return d.leaf()
	}
	return d.rt.ToValue(d.r.Str())
}

func (d *decoder) regexp() goja.Value {
	source, flags := d.str(), d.str()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	properties := strings.Count(source.String(), `\p{`) + strings.Count(source.String(), `\P{`)
	unicode := strings.ContainsAny(flags.String(), "uv")
	if regexpCost(source.String(), unicode) > maxRegexps || properties > maxProperties {
		return d.fail("RegExps too large to compile")
	}
	fitting, otherFlags, fault := translateRegexp(source.String(), flags.String())
	if fault != "" {
		return d.fail("RegExp /" + source.String() + "/" + flags.String() + ": " + fault)
	}
	if d.regexps += regexpCost(fitting, unicode); d.regexps > maxRegexps {
		return d.fail("RegExps too large to compile")
	}
	if fitting != source.String() {
		if d.o.regexps != nil {
			d.o.regexps()
		}
		source, flags = d.rt.ToValue(fitting), d.rt.ToValue(otherFlags)
	}
	return d.add(d.construct("RegExp", source, flags))
}

func (d *decoder) boxed() goja.Value {
	number := len(d.objects)
	d.add(nil)
	switch d.r.Type() {
	case value.Bool, value.Int, value.Uint, value.Float, value.Str:
	default:
		if k := d.r.PeekExt(); k != value.KindBigInt && k != value.KindString {
			return d.fail("boxed value that is no primitive")
		}
	}
	v := d.value()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	o := v.ToObject(d.rt)
	d.objects[number] = o
	return o
}

func (d *decoder) sparse(n int) goja.Value {
	o := d.add(d.rt.NewArray())
	length := d.r.Uint()
	if n < 1 || n%2 != 1 {
		return d.fail("sparse array with an index and no value")
	}
	d.setLength(o, length)
	least := uint64(0) // goja moves all that is above a new index
	for n--; n > 0 && d.r.Err() == nil; n -= 2 {
		var key string
		if d.r.Type() == value.Int {
			i := d.r.Uint()
			if i >= length {
				return d.fail("index over the length of its array")
			}
			if i < least {
				return d.fail("index that is not above the one before")
			}
			key, least = indexKey(int(i)), i+1
		} else if key = d.key(); key == "length" {
			return d.fail("array with a second length")
		}
		d.define(o, key, d.value(), goja.FLAG_TRUE)
	}
	return o
}

// ownedBytes is the length from which a binary value becomes a part of the message, which it then keeps alive.
const ownedBytes = 4096

// buffer makes an ArrayBuffer of p, which is a part of the message.
func (d *decoder) buffer(p []byte) *goja.Object {
	// Typed arrays read whole words, so a part of the message must begin where a word may.
	if aligned := uintptr(unsafe.Pointer(unsafe.SliceData(p)))%8 == 0; !d.o.Owned || !aligned || len(p) < ownedBytes {
		p = append(make([]byte, 0, len(p)), p...)
	}
	return d.rt.ToValue(d.rt.NewArrayBuffer(p)).(*goja.Object)
}

// bytes reads a Uint8Array that has a buffer of its own.
func (d *decoder) bytes() goja.Value {
	p := d.r.Bin()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	buf := d.buffer(p)
	o := d.add(d.construct("Uint8Array", buf))
	d.add(buf)
	return o
}

// viewNames are the constructors of the views.
var viewNames = [...]string{
	value.ViewInt8: "Int8Array", value.ViewUint8: "Uint8Array", value.ViewUint8Clamped: "Uint8ClampedArray",
	value.ViewInt16: "Int16Array", value.ViewUint16: "Uint16Array", value.ViewInt32: "Int32Array",
	value.ViewUint32: "Uint32Array", value.ViewFloat32: "Float32Array", value.ViewFloat64: "Float64Array",
	value.ViewBigInt64: "BigInt64Array", value.ViewBigUint64: "BigUint64Array", value.ViewDataView: "DataView",
	value.ViewBuffer: "Uint8Array",
}

func (d *decoder) view(t value.View) goja.Value {
	number := len(d.objects)
	d.add(nil)
	offset, length := d.r.Uint(), d.r.Uint()
	if k := d.r.PeekExt(); k != value.KindBuffer && k != value.KindReference && d.r.PeekContainer() != value.KindHost {
		return d.fail("view of something that is no buffer")
	}
	buf := d.value()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	size := uint64(t.Size())
	if buf.ExportType() != exportsBuffer || size == 0 {
		return d.fail("view of something that is no buffer")
	}
	b := buf.Export().(goja.ArrayBuffer)
	if all := uint64(len(b.Bytes())); offset > all || length > all-offset || offset%size != 0 || length%size != 0 {
		return d.fail(fmt.Sprintf("view of %d bytes at %d, in a buffer of %d", length, offset, all))
	}
	o := d.construct(viewNames[t], buf, d.rt.ToValue(offset), d.rt.ToValue(length/size))
	if t == value.ViewBuffer {
		if proto := bufferPrototype(d.rt); proto != nil {
			if err := o.SetPrototype(proto); err != nil {
				d.refuse(err)
			}
		}
	}
	d.objects[number] = o
	return o
}

// errorNames are the constructors that an Error's name selects.
var errorNames = map[string]bool{
	"Error": true, "TypeError": true, "RangeError": true, "SyntaxError": true, "ReferenceError": true,
	"EvalError": true, "URIError": true, "AggregateError": true,
}

func (d *decoder) error() goja.Value {
	number := len(d.objects)
	d.add(nil)
	name := d.str()
	message, stack := d.optional(), d.optional()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	class := name.String()
	if !errorNames[class] {
		class = "Error"
	}
	o := d.newError(class)
	d.objects[number] = o
	if message != nil {
		d.define(o, "message", message, goja.FLAG_FALSE)
	}
	if class != name.String() {
		d.define(o, "name", name, goja.FLAG_FALSE)
	}
	text := ""
	if stack != nil {
		text = stack.String()
		if d.o.MapStack != nil {
			text = d.o.MapStack(text)
		}
	}
	d.define(o, "stack", d.rt.ToValue(text), goja.FLAG_FALSE)
	d.properties(o, goja.FLAG_FALSE)
	d.properties(o, goja.FLAG_TRUE)
	return o
}

// newError makes an Error of a built-in class. The constructor of AggregateError would iterate over its argument, by
// a method that scripts can replace.
func (d *decoder) newError(class string) *goja.Object {
	if class != "AggregateError" {
		return d.construct(class)
	}
	o := d.construct("Error")
	if proto := d.realm.prototype(class); proto != nil {
		if err := o.SetPrototype(proto); err != nil {
			d.refuse(err)
		}
	}
	return o
}

// optional reads a string or nil.
func (d *decoder) optional() goja.Value {
	if d.r.Type() == value.Nil {
		d.r.Nil()
		return nil
	}
	return d.str()
}
