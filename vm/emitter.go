package vm

import (
	"strconv"

	"github.com/dop251/goja"
)

// manyListeners is the most listeners of an event that emit copies by itself: a script can claim any length.
const manyListeners = 1024

// EventsBinding serves js/events_emit.js, in scripts and tasks alike: every stream, socket and request calls these
// functions many times, and in JavaScript the array that gathers the arguments costs more than the call itself.
//
//	emitter(slow, rejections, kCapture) → emit, which leaves to slow all that is not plain
//	once(emitter, type, listener) → a function that removes itself, then calls listener
func EventsBinding(rt *goja.Runtime) *goja.Object {
	o := rt.NewObject()
	_ = o.Set("emitter", func(call goja.FunctionCall) goja.Value {
		slow, _ := nativeOf(call.Argument(0))
		rejections, _ := nativeOf(call.Argument(1))
		capture, _ := call.Argument(2).(*goja.Symbol)
		e := &emitter{rt: rt, slow: slow, rejections: rejections, capture: capture}
		return nativeFunction(rt, "emit", 1, e.emit)
	})
	_ = o.Set("once", func(call goja.FunctionCall) goja.Value {
		return onceFunction(rt, call.Argument(0).(*goja.Object), call.Argument(1), call.Argument(2))
	})
	return o
}

// nativeOf returns the function v, to be called by a native function only: what it throws is a panic, which passes
// through the caller to the JavaScript around it.
func nativeOf(v goja.Value) (native, bool) {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Function" {
		return nil, false
	}
	fn, ok := o.Export().(native)
	return fn, ok
}

type emitter struct {
	rt               *goja.Runtime
	slow, rejections native
	capture          *goja.Symbol
}

// emit is EventEmitter.prototype.emit. The event error has rules of its own, in JavaScript.
func (e *emitter) emit(call goja.FunctionCall) goja.Value {
	this, ok := call.This.(*goja.Object)
	if !ok {
		return e.slow(call)
	}
	events, ok := this.Get("_events").(*goja.Object)
	if !ok {
		return e.slow(call)
	}
	var handler goja.Value
	switch typ := call.Argument(0).(type) {
	case *goja.Symbol:
		handler = events.GetSymbol(typ)
	case goja.String:
		if n, size := stringSize(typ); size != 1 || n == 5 && typ.String() == "error" {
			return e.slow(call)
		}
		handler = events.Get(typ.String())
	default:
		return e.slow(call)
	}
	if handler == nil || goja.IsUndefined(handler) {
		return e.rt.ToValue(false)
	}
	if fn, ok := nativeOf(handler); ok {
		e.deliver(fn, this, call)
		return e.rt.ToValue(true)
	}
	list, ok := handler.(*goja.Object)
	if !ok || list.ClassName() != "Array" {
		return e.slow(call)
	}
	n := list.Get("length").ToInteger()
	if n > manyListeners {
		return e.slow(call)
	}
	fns := make([]native, n)
	for i := range fns {
		if fns[i], ok = nativeOf(list.Get(strconv.Itoa(i))); !ok {
			return e.slow(call)
		}
	}
	for _, fn := range fns {
		e.deliver(fn, this, call)
	}
	return e.rt.ToValue(true)
}

// deliver calls one listener, and looks after the promise that it may return where the emitter wants that.
func (e *emitter) deliver(fn native, this *goja.Object, call goja.FunctionCall) {
	result := fn(goja.FunctionCall{This: this, Arguments: call.Arguments[1:]})
	if result == nil || goja.IsUndefined(result) || goja.IsNull(result) {
		return
	}
	if wants := this.GetSymbol(e.capture); wants == nil || !wants.ToBoolean() {
		return
	}
	args := make([]any, len(call.Arguments)-1)
	for i, arg := range call.Arguments[1:] {
		args[i] = arg
	}
	e.rejections(goja.FunctionCall{This: goja.Undefined(),
		Arguments: []goja.Value{this, result, call.Arguments[0], e.rt.NewArray(args...)}})
}

// onceFunction removes itself before it calls listener, so that an event raised by listener does not reach it again.
func onceFunction(rt *goja.Runtime, target *goja.Object, typ, listener goja.Value) goja.Value {
	fired := false
	var wrapped *goja.Object
	wrapped = nativeFunction(rt, "bound onceWrapper", 0, func(call goja.FunctionCall) goja.Value {
		if fired {
			return nil
		}
		remove, ok := nativeOf(target.Get("removeListener"))
		if !ok {
			panic(rt.NewTypeError("removeListener is not a function"))
		}
		remove(goja.FunctionCall{This: target, Arguments: []goja.Value{typ, wrapped}})
		fired = true
		fn, ok := nativeOf(listener)
		if !ok { // a proxy of a function
			fn, _ = nativeOf(rt.GlobalObject().Get("Function").ToObject(rt).Get("prototype").ToObject(rt).Get("call"))
			return fn(goja.FunctionCall{This: listener, Arguments: append([]goja.Value{target}, call.Arguments...)})
		}
		return fn(goja.FunctionCall{This: target, Arguments: call.Arguments})
	})
	_ = wrapped.Set("listener", listener)
	return wrapped
}
