package vm

import (
	"math"

	"github.com/dop251/goja"
)

// delayOf is the delay of setTimeout in milliseconds. What cannot be one becomes 1, with a warning in a script, as in
// Node: each time if it is too long, once a process if it is negative or no number.
func (l *Loop) delayOf(v goja.Value) int64 {
	if goja.IsUndefined(v) {
		return 1
	}
	d := v.ToFloat()
	switch {
	case d >= 1 && d <= maxDelay:
		return int64(d)
	case d > maxDelay:
		l.warnDelay("TimeoutOverflowWarning", v.String()+" does not fit into a 32-bit signed integer.")
	case d < 0 && !l.saidNegative:
		l.saidNegative = true
		l.warnDelay("TimeoutNegativeWarning", v.String()+" is a negative number.")
	case math.IsNaN(d) && !l.saidNaN:
		l.saidNaN = true
		l.warnDelay("TimeoutNaNWarning", v.String()+" is not a number.")
	}
	return 1
}

// warnDelay calls process.emitWarning; a task has none.
func (l *Loop) warnDelay(name, text string) {
	process, ok := l.rt.GlobalObject().Get("process").(*goja.Object)
	if !ok {
		return
	}
	if emit, ok := nativeOf(process.Get("emitWarning")); ok {
		emit(goja.FunctionCall{This: process, Arguments: []goja.Value{
			l.rt.ToValue(text + "\nTimeout duration was set to 1."), l.rt.ToValue(name)}})
	}
}

// timerProperties gives the class of timers those properties of Node's that programs look at, or set: a delay of -1,
// or a callback that is null, ends the timer.
func (l *Loop) timerProperties(p *goja.Object) {
	property := func(name string, get func(t *timer) any, set func(t *timer, v goja.Value)) {
		getter := nativeFunction(l.rt, name, 0, func(call goja.FunctionCall) goja.Value {
			if t := l.timerOf(call.This); t != nil {
				return l.rt.ToValue(get(t))
			}
			return nil
		})
		var setter goja.Value
		if set != nil {
			setter = nativeFunction(l.rt, name, 1, func(call goja.FunctionCall) goja.Value {
				if t := l.timerOf(call.This); t != nil {
					set(t, call.Argument(0))
				}
				return nil
			})
		}
		_ = p.DefineAccessorProperty(name, getter, setter, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	ended := func(t *timer) bool { return t.index < 0 && !t.repeat }
	property("_destroyed", func(t *timer) any { return ended(t) }, nil)
	property("_idleTimeout", func(t *timer) any {
		if ended(t) {
			return -1
		}
		return t.delay
	}, func(t *timer, v goja.Value) {
		if d := v.ToInteger(); d < 1 {
			l.cancel(t)
		} else {
			t.delay = min(d, maxDelay)
		}
	})
	property("_onTimeout", func(t *timer) any { return t.callback }, func(t *timer, v goja.Value) {
		t.callback = v
		if _, ok := nativeOf(v); !ok {
			l.cancel(t)
		}
	})
	property("_repeat", func(t *timer) any {
		if t.repeat {
			return t.delay
		}
		return nil
	}, nil)
}
