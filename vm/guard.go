package vm

import (
	"fmt"
	"math"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/dop251/goja"
)

// defaultAsk is what one call may ask for in a process without a memory limit, in bytes.
const defaultAsk = 512 << 20

// cellSize is what an element of an array takes, in bytes.
const cellSize = 16

// askLimit is the number of bytes that one call of a built-in function may ask for.
func askLimit(cfg int64) int64 {
	if cfg > 0 {
		return cfg
	}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	return defaultAsk
}

// A guard makes built-in functions of a task's runtime refuse, with a RangeError that names the call, what would take
// more memory than the task may have: otherwise that ends its executor. A task gets only those whose words its text
// holds, so most get none. Guards are for honest mistakes: an amount that is computed while the call runs, or an
// operator, goes past them and meets the limits of the process.
type guard struct {
	words   []string
	install func(g *globals)
}

// guards are built once; each is a bit of what wanted returns.
var guards = func() []guard {
	list := []guard{
		{[]string{"repeat"}, (*globals).guardRepeat},
		{[]string{"padStart", "padEnd"}, (*globals).guardPad},
		{[]string{"Array("}, (*globals).guardSparse},
		{[]string{"Array.from"}, (*globals).guardFrom},
		{[]string{".apply"}, (*globals).guardApply},
		{[]string{"String.raw"}, (*globals).guardRaw},
	}
	for _, c := range bufferClasses {
		list = append(list, guard{[]string{c.name + "(", "extends " + c.name}, func(g *globals) { g.guardClass(c.name, c.size) }})
	}
	return list
}()

// bufferClasses are the classes whose objects own as much memory as their first argument says: in elements of so many
// bytes.
var bufferClasses = []struct {
	name string
	size int64
}{
	{"ArrayBuffer", 1}, {"Int8Array", 1}, {"Uint8Array", 1}, {"Uint8ClampedArray", 1}, {"Int16Array", 2}, {"Uint16Array", 2},
	{"Int32Array", 4}, {"Uint32Array", 4}, {"Float32Array", 4}, {"Float64Array", 8}, {"BigInt64Array", 8}, {"BigUint64Array", 8},
}

// refuse throws if n things of so many bytes are more than a call may ask for.
func (g *globals) refuse(call string, n, size int64, things string) {
	if n > 0 && n > g.ask/size {
		panic(newError(g.rt, "RangeError", fmt.Sprintf("%s: %d %s of %d bytes, limit %d bytes", call, n, things, size, g.ask),
			"ERR_TASK_MEMORY"))
	}
}

// wrap puts check before the method name of o, unless o no longer has goja's own.
func (g *globals) wrap(o *goja.Object, name string, check func(goja.FunctionCall)) {
	own, ok := o.Get(name).(*goja.Object)
	if !ok {
		return
	}
	fn, ok := own.Export().(func(goja.FunctionCall) goja.Value)
	if !ok {
		return
	}
	setHidden(o, name, g.native(name, int(own.Get("length").ToInteger()), func(call goja.FunctionCall) goja.Value {
		check(call)
		return fn(call)
	}))
}

// intrinsic is a property of a global, as Array.prototype.
func (g *globals) intrinsic(class, name string) *goja.Object {
	o, ok := g.rt.GlobalObject().Get(class).(*goja.Object)
	if ok && name != "" {
		o, ok = o.Get(name).(*goja.Object)
	}
	if !ok {
		return g.rt.NewObject() // somebody deleted it
	}
	return o
}

// stringSize is the length of a string, and how many bytes a character of it takes; 0 if v is none.
func stringSize(v goja.Value) (n, size int64) {
	s, ok := v.(goja.String)
	if !ok {
		return 0, 1
	}
	size = 1
	if reflect.TypeOf(s) == isUTF16 {
		size = 2
	}
	return int64(s.Length()), size
}

// integer is v as an integer, 0 if it is no number: what converts itself is not looked at.
func integer(v goja.Value) int64 {
	if f, ok := v.Export().(float64); ok && f > math.MaxInt64/2 {
		return math.MaxInt64 / 2
	}
	switch v.Export().(type) {
	case int64, float64:
		return v.ToInteger()
	}
	return 0
}

// lengthOf is the length of an array, or of an object that is like one and cannot be iterated; else 0.
func lengthOf(v goja.Value) int64 {
	o, ok := v.(*goja.Object)
	if !ok || o.ExportType() == exportsProxy || o.ClassName() != "Array" && o.ClassName() != "Object" {
		return 0
	}
	if n := o.Get("length"); n != nil {
		return integer(n)
	}
	return 0
}

func (g *globals) guardRepeat() {
	g.wrap(g.intrinsic("String", "prototype"), "repeat", func(call goja.FunctionCall) {
		n, size := stringSize(call.This)
		if times := integer(call.Argument(0)); n > 0 && times > 0 {
			if times > math.MaxInt64/n {
				times = math.MaxInt64 / n
			}
			g.refuse("String.prototype.repeat", n*times, size, "characters")
		}
	})
}

func (g *globals) guardPad() {
	for _, name := range []string{"padStart", "padEnd"} {
		g.wrap(g.intrinsic("String", "prototype"), name, func(call goja.FunctionCall) {
			_, size := stringSize(call.This)
			_, filler := stringSize(call.Argument(1))
			g.refuse("String.prototype."+name, integer(call.Argument(0)), max(size, filler), "characters")
		})
	}
}

// guardSparse is about arrays that are long and empty, which cost nothing until they are filled or joined.
func (g *globals) guardSparse() {
	for _, name := range []string{"fill", "join", "toString", "reverse", "sort", "slice", "map"} {
		g.wrap(g.intrinsic("Array", "prototype"), name, func(call goja.FunctionCall) {
			g.refuse("Array.prototype."+name, lengthOf(call.This), cellSize, "elements")
		})
	}
}

func (g *globals) guardFrom() {
	g.wrap(g.intrinsic("Array", ""), "from", func(call goja.FunctionCall) {
		g.refuse("Array.from", lengthOf(call.Argument(0)), cellSize, "elements")
	})
}

func (g *globals) guardApply() {
	g.wrap(g.intrinsic("Function", "prototype"), "apply", func(call goja.FunctionCall) {
		g.refuse("Function.prototype.apply", lengthOf(call.Argument(1)), cellSize, "arguments")
	})
	g.wrap(g.intrinsic("Reflect", ""), "apply", func(call goja.FunctionCall) {
		g.refuse("Reflect.apply", lengthOf(call.Argument(2)), cellSize, "arguments")
	})
}

func (g *globals) guardRaw() {
	g.wrap(g.intrinsic("String", ""), "raw", func(call goja.FunctionCall) {
		if o, ok := call.Argument(0).(*goja.Object); ok && o.ExportType() != exportsProxy {
			g.refuse("String.raw", lengthOf(o.Get("raw")), 1, "parts")
		}
	})
}

// guardClass replaces a class of memory by one that asks first. Both have one prototype, so that instanceof and
// constructor are right for the objects of either; what the class inherits and has itself, the new one has too.
func (g *globals) guardClass(name string, size int64) {
	class := g.intrinsic(name, "")
	construct, ok := goja.AssertConstructor(class)
	if !ok {
		return
	}
	var guarded *goja.Object
	guarded = g.rt.ToValue(func(call goja.ConstructorCall) *goja.Object {
		arg := call.Argument(0)
		n := integer(arg)
		if o, ok := arg.(*goja.Object); ok && o.ClassName() == "Object" && o.GetSymbol(goja.SymIterator) == nil {
			n = lengthOf(arg)
		}
		g.refuse("new "+name, n, size, "elements")
		target := call.NewTarget
		if target == nil {
			target = guarded
		}
		o, err := construct(target, call.Arguments...)
		if err != nil {
			panic(rethrow(g.rt, err))
		}
		return o
	}).(*goja.Object)
	for _, key := range class.GetOwnPropertyNames() {
		if key != "prototype" {
			_ = guarded.DefineDataProperty(key, class.Get(key), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
		}
	}
	proto := class.Get("prototype")
	_ = guarded.SetPrototype(class.Prototype())
	_ = guarded.Set("prototype", proto)
	setHidden(proto.(*goja.Object), "constructor", guarded)
	setHidden(g.rt.GlobalObject(), name, guarded)
}

// guardsOf returns the guards, by index, that a text may need.
func guardsOf(source string) uint64 {
	var bits uint64
	for i, w := range guards {
		for _, word := range w.words {
			if strings.Contains(source, word) {
				bits |= 1 << i
			}
		}
	}
	return bits
}

// guard installs what guardsOf returned, each once.
func (g *globals) guard(bits uint64) {
	bits &^= g.guarded
	g.guarded |= bits
	for i := range guards {
		if bits&(1<<i) != 0 {
			guards[i].install(g)
		}
	}
}
