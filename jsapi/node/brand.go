package node

import (
	"math/big"
	"reflect"
	"time"

	"github.com/dop251/goja"
)

// The Go types by which goja's objects can be told apart.
var (
	typeMap         = reflect.TypeFor[[][2]any]()
	typeSlice       = reflect.TypeFor[[]any]()
	typePromise     = reflect.TypeFor[*goja.Promise]()
	typeProxy       = reflect.TypeFor[goja.Proxy]()
	typeArrayBuffer = reflect.TypeFor[goja.ArrayBuffer]()
	typeTime        = reflect.TypeFor[time.Time]()
	typeBigInt      = reflect.TypeFor[*big.Int]()
	typeString      = reflect.TypeFor[string]()
)

// typesBinding serves js/types.js.
func (n *Node) typesBinding() *goja.Object {
	intrinsics := n.intrinsics()
	return n.object(map[string]any{
		"brand": func(call goja.FunctionCall) goja.Value {
			if o, ok := call.Argument(0).(*goja.Object); ok && n.isShared(o) {
				return n.rt.ToValue("SharedArrayBuffer")
			}
			return n.rt.ToValue(intrinsics.brand(call.Argument(0)))
		},
		"previewIterator": n.previewIterator,
		"proxyDetails":    n.proxyDetails,
		"promiseDetails":  n.promiseDetails,
	})
}

// intrinsics are prototypes captured before the script may change them.
type intrinsics struct {
	dataView, weakMap, weakSet, mapIterator, setIterator, generator *goja.Object
	toString                                                        goja.Callable
}

func (n *Node) intrinsics() *intrinsics {
	eval := func(src string) *goja.Object {
		v, err := n.rt.RunString(src)
		if err != nil {
			panic(err) // constant text
		}
		return v.ToObject(n.rt)
	}
	toString, _ := goja.AssertFunction(eval("Object.prototype.toString"))
	return &intrinsics{
		dataView:    eval("DataView.prototype"),
		weakMap:     eval("WeakMap.prototype"),
		weakSet:     eval("WeakSet.prototype"),
		mapIterator: eval("Object.getPrototypeOf(new Map().keys())"),
		setIterator: eval("Object.getPrototypeOf(new Set().keys())"),
		generator:   eval("Object.getPrototypeOf(Object.getPrototypeOf((function* () {}).prototype))"),
		toString:    toString,
	}
}

// brand names the builtin class of v as js/types.js documents; "" for plain objects, arrays and primitives.
func (in *intrinsics) brand(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	t := o.ExportType()
	if t == typeProxy {
		return "Proxy" // before anything that a revoked one would refuse
	}
	class := o.ClassName()
	switch t {
	case typeMap:
		return "Map"
	case typePromise:
		return "Promise"
	case typeArrayBuffer:
		return "ArrayBuffer"
	case typeTime:
		if class == "Date" {
			return "Date"
		}
	case typeSlice:
		if class != "Array" {
			return "Set"
		}
		return ""
	case typeBigInt:
		return "BigInt"
	case typeString:
		if class == "Object" { // a boxed Symbol: goja exports it as its text
			return "Symbol"
		}
	default:
		if t != nil && t.Kind() == reflect.Slice && t != typeSlice && class == "Object" {
			return "TypedArray"
		}
	}
	if _, callable := goja.AssertFunction(o); callable {
		return "Function"
	}
	switch class {
	case "Date", "RegExp", "Error", "Number", "String", "Boolean", "Arguments":
		return class
	}
	return in.byPrototype(o)
}

// byPrototype finds the classes that goja gives no sign of: by the prototype chain.
func (in *intrinsics) byPrototype(o *goja.Object) string {
	for p := o.Prototype(); p != nil; p = p.Prototype() {
		switch p {
		case in.dataView:
			return "DataView"
		case in.weakMap:
			return "WeakMap"
		case in.weakSet:
			return "WeakSet"
		case in.mapIterator:
			return "Map Iterator"
		case in.setIterator:
			return "Set Iterator"
		case in.generator:
			return "Generator"
		}
	}
	return ""
}

// proxyDetails returns [target, handler], [null, null] for a revoked proxy, undefined for anything else.
func (n *Node) proxyDetails(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok || o.ExportType() != typeProxy {
		return goja.Undefined()
	}
	p := o.Export().(goja.Proxy)
	return n.rt.NewArray(orNull(p.Target()), orNull(p.Handler()))
}

func orNull(o *goja.Object) goja.Value {
	if o == nil {
		return goja.Null()
	}
	return o
}

// promiseDetails returns [state, result], undefined for anything but a promise.
func (n *Node) promiseDetails(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok || o.ExportType() != typePromise {
		return goja.Undefined()
	}
	p := o.Export().(*goja.Promise)
	state := "pending"
	switch p.State() {
	case goja.PromiseStateFulfilled:
		state = "fulfilled"
	case goja.PromiseStateRejected:
		state = "rejected"
	}
	result := p.Result()
	if result == nil {
		result = goja.Undefined()
	}
	return n.rt.NewArray(state, result)
}
