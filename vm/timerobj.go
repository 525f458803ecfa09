package vm

import (
	"math"
	"strconv"

	"github.com/dop251/goja"
)

var (
	// symHandle is the key, known to nobody in JavaScript, under which a Timeout holds the function that leads to
	// its timer.
	symHandle = goja.NewSymbol("handle")

	symDispose      = goja.NewSymbol("Symbol.dispose")
	symAsyncDispose = goja.NewSymbol("Symbol.asyncDispose")
	symAsyncIter    = goja.NewSymbol("Symbol.asyncIterator")
)

// maxDelay is the longest delay of setTimeout, in milliseconds; what is longer becomes 1, as in browsers and Node.
const maxDelay = math.MaxInt32

// setTimeout is the global function, and setInterval if repeat.
func (l *Loop) setTimeout(repeat bool) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		if _, ok := goja.AssertFunction(call.Argument(0)); !ok {
			panic(argumentError(l.rt, "callback", "of type function", call.Argument(0)))
		}
		delay := l.delayOf(call.Argument(1))
		var args []goja.Value
		if len(call.Arguments) > 2 {
			args = append(args, call.Arguments[2:]...) // goja uses its slice again
		}
		o := l.rt.CreateObject(l.timeoutPrototype())
		t := &timer{index: -1, delay: delay, repeat: repeat, ref: true, callback: call.Argument(0)}
		t.fn = l.inContext(func() {
			if fn, ok := goja.AssertFunction(t.callback); ok {
				l.Call(fn, o, args...)
			}
		})
		l.setHandle(o, func() { l.asked = t })
		l.arm(t)
		return o
	}
}

// setHandle hides in o a function of Go that says what stands behind it.
func (l *Loop) setHandle(o *goja.Object, say func()) {
	fn := func(goja.FunctionCall) goja.Value { say(); return nil }
	_ = o.DefineDataPropertySymbol(symHandle, hostFunction(l.rt, fn), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}

// ask calls the function that setHandle has hidden in v, if there is one.
func (l *Loop) ask(v goja.Value) {
	l.asked, l.askedImmediate = nil, nil
	o, ok := v.(*goja.Object)
	if !ok {
		return
	}
	if say, ok := goja.AssertFunction(o.GetSymbol(symHandle)); ok {
		_, _ = say(nil)
	}
}

// timerOf returns the timer of a Timeout, or of the number that one became; nil if v is neither.
func (l *Loop) timerOf(v goja.Value) *timer {
	if v == nil {
		return nil
	}
	if _, ok := v.(*goja.Object); ok {
		l.ask(v)
		return l.asked
	}
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	id, err := strconv.ParseInt(v.String(), 10, 64)
	if err != nil {
		return nil
	}
	return l.timerIDs[id]
}

func (l *Loop) clearTimeout(call goja.FunctionCall) goja.Value {
	if t := l.timerOf(call.Argument(0)); t != nil {
		l.cancel(t)
	}
	return nil
}

// timeoutPrototype makes the class of what setTimeout returns, once.
func (l *Loop) timeoutPrototype() *goja.Object {
	if l.timerProto != nil {
		return l.timerProto
	}
	p := l.class("Timeout")
	method := func(name string, fn func(t *timer) goja.Value) {
		l.method(p, name, func(call goja.FunctionCall) goja.Value {
			if t := l.timerOf(call.This); t != nil {
				if v := fn(t); v != nil {
					return v
				}
			}
			return call.This
		})
	}
	method("ref", func(t *timer) goja.Value { l.setRef(t, true); return nil })
	method("unref", func(t *timer) goja.Value { l.setRef(t, false); return nil })
	method("hasRef", func(t *timer) goja.Value { return l.rt.ToValue(t.ref) })
	method("refresh", func(t *timer) goja.Value { l.arm(t); return nil })
	method("close", func(t *timer) goja.Value { l.cancel(t); return nil })
	primitive := func(call goja.FunctionCall) goja.Value {
		t := l.timerOf(call.This)
		if t == nil {
			return l.rt.ToValue(math.NaN())
		}
		if t.id == 0 {
			l.lastTimer++
			t.id = l.lastTimer
		}
		if l.timerIDs == nil {
			l.timerIDs = make(map[int64]*timer)
		}
		if t.index >= 0 || t.repeat {
			l.timerIDs[t.id] = t
		}
		return l.rt.ToValue(t.id)
	}
	dispose := func(call goja.FunctionCall) goja.Value {
		if t := l.timerOf(call.This); t != nil {
			l.cancel(t)
		}
		return nil
	}
	l.symbolMethod(p, goja.SymToPrimitive, primitive)
	l.symbolMethod(p, symDispose, dispose)
	l.timerProperties(p)
	l.timerProto = p
	return p
}

func (l *Loop) setImmediate(call goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(argumentError(l.rt, "callback", "of type function", call.Argument(0)))
	}
	args := append([]goja.Value(nil), call.Arguments[1:]...)
	o := l.rt.CreateObject(l.immediatePrototype())
	m := &immediate{ref: true}
	m.fn = l.inContext(func() { l.Call(fn, o, args...) })
	l.setHandle(o, func() { l.askedImmediate = m })
	l.addImmediate(m)
	return o
}

func (l *Loop) clearImmediate(call goja.FunctionCall) goja.Value {
	l.ask(call.Argument(0))
	if m := l.askedImmediate; m != nil {
		l.cancelImmediate(m)
	}
	return nil
}

// immediatePrototype makes the class of what setImmediate returns, once.
func (l *Loop) immediatePrototype() *goja.Object {
	if l.immedProto != nil {
		return l.immedProto
	}
	p := l.class("Immediate")
	setRef := func(ref bool) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value {
			l.ask(call.This)
			if m := l.askedImmediate; m != nil && m.ref != ref {
				m.ref = ref
				switch {
				case m.fn == nil:
				case ref:
					l.immedRefs++
				default:
					l.immedRefs--
				}
			}
			return call.This
		}
	}
	l.method(p, "ref", setRef(true))
	l.method(p, "unref", setRef(false))
	l.method(p, "hasRef", func(call goja.FunctionCall) goja.Value {
		l.ask(call.This)
		return l.rt.ToValue(l.askedImmediate != nil && l.askedImmediate.ref)
	})
	l.symbolMethod(p, symDispose, func(call goja.FunctionCall) goja.Value {
		l.clearImmediate(goja.FunctionCall{Arguments: []goja.Value{call.This}})
		return nil
	})
	l.immedProto = p
	return p
}

// class returns the prototype of a new class whose name JavaScript can read but not call.
func (l *Loop) class(name string) *goja.Object {
	ctor := l.rt.ToValue(func(goja.ConstructorCall) *goja.Object {
		panic(l.rt.NewTypeError("Illegal constructor"))
	}).(*goja.Object)
	_ = ctor.DefineDataProperty("name", l.rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return ctor.Get("prototype").(*goja.Object)
}

func (l *Loop) method(o *goja.Object, name string, fn func(goja.FunctionCall) goja.Value) {
	setHidden(o, name, nativeFunction(l.rt, name, 0, fn))
}

func (l *Loop) symbolMethod(o *goja.Object, name *goja.Symbol, fn func(goja.FunctionCall) goja.Value) {
	_ = o.DefineDataPropertySymbol(name, hostFunction(l.rt, fn), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// nativeFunction returns fn as a function whose name and length are those that JavaScript expects.
func nativeFunction(rt *goja.Runtime, name string, length int, fn func(goja.FunctionCall) goja.Value) *goja.Object {
	o := hostFunction(rt, fn)
	_ = o.DefineDataProperty("name", rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = o.DefineDataProperty("length", rt.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return o
}

// hostFunction makes a function of fn, which may return nil for undefined. goja itself must not be given nil: a
// promise job that such a function is the handler of would crash.
func hostFunction(rt *goja.Runtime, fn func(goja.FunctionCall) goja.Value) *goja.Object {
	return rt.ToValue(func(call goja.FunctionCall) goja.Value {
		if v := fn(call); v != nil {
			return v
		}
		return goja.Undefined()
	}).(*goja.Object)
}
