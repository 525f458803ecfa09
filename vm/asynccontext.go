package vm

import "github.com/dop251/goja"

// An async context is one JavaScript value that goes with the flow of control: callbacks of timers, immediates, ticks
// and promises see the value that was current when they were set. js/async_hooks.js keeps the stores of
// AsyncLocalStorage in it. Until TrackAsync nothing is kept, and nothing costs.

// TrackAsync begins to hand the async context on. Loop goroutine only.
func (l *Loop) TrackAsync() {
	if l.context == nil {
		l.context = goja.Undefined()
		l.rt.SetAsyncContextTracker((*contextTracker)(l))
	}
}

// AsyncContext returns the current async context; undefined if none was set. Loop goroutine only.
func (l *Loop) AsyncContext() goja.Value {
	if l.context == nil {
		return goja.Undefined()
	}
	return l.context
}

// SetAsyncContext replaces the async context for the rest of the current callback. Loop goroutine only.
func (l *Loop) SetAsyncContext(v goja.Value) { l.context = v }

// inContext returns fn so that it runs in the context of now.
func (l *Loop) inContext(fn func()) func() {
	if l.context == nil {
		return fn
	}
	context := l.context
	return func() {
		defer l.SetAsyncContext(l.context)
		l.context = context
		fn()
	}
}

// contextTracker hands the context on to the jobs of promises.
type contextTracker Loop

// Grab is of goja.AsyncContextTracker.
func (t *contextTracker) Grab() any { return t.context }

// Resumed is of goja.AsyncContextTracker.
func (t *contextTracker) Resumed(context any) { t.context, _ = context.(goja.Value) }

// Exited is of goja.AsyncContextTracker.
func (t *contextTracker) Exited() { t.context = goja.Undefined() }
