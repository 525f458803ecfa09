package vm

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/dop251/goja"
)

// frame is the JavaScript between the loop and its callbacks.
//
// goja runs promise jobs when the last JavaScript frame returns to Go. Below this one, callbacks and ticks run as
// parts of one call, so the jobs come after the ticks, as in Node.
var frame = glue("loop", `(function (body) { return function () { body() } })`)

// microtask wraps a function so that what it throws goes to report.
var microtask = glue("microtask", `(function (report, f) {
	return function () { try { f() } catch (e) { report(e) } }
})`)

// glue compiles JavaScript of ours when it is first used; its frames are in no stack.
func glue(name, src string) func() *goja.Program {
	return sync.OnceValue(func() *goja.Program {
		p, err := Compile(hostFile+name, src, true)
		if err != nil {
			panic(err)
		}
		return p
	})
}

// callGlue runs a program of ours and calls its value, a function.
func callGlue(rt *goja.Runtime, p *goja.Program, args ...goja.Value) (goja.Value, error) {
	v, err := rt.RunProgram(p)
	if err != nil {
		return nil, err
	}
	fn, _ := goja.AssertFunction(v)
	return fn(nil, args...)
}

func (l *Loop) bindFrame() {
	v, err := callGlue(l.rt, frame(), l.rt.ToValue(l.callBody))
	if err != nil {
		panic(err) // one line of ours, in a new runtime
	}
	l.enter, _ = goja.AssertFunction(v)
}

// callBody is the native end of a turn: the callback, then the ticks, those that ticks add included.
func (l *Loop) callBody(goja.FunctionCall) goja.Value {
	if fn := l.body; fn != nil {
		l.body = nil
		fn()
	}
	l.drainTicks()
	return goja.Undefined()
}

// drainTicks runs the ticks; one that panics leaves the others in the queue.
func (l *Loop) drainTicks() {
	for !l.stopped {
		fn, ok := l.ticks.pop()
		if !ok {
			return
		}
		fn()
	}
}

// fifo is a queue whose room is used again.
type fifo struct {
	items []func()
	head  int
}

func (q *fifo) push(fn func()) { q.items = append(q.items, fn) }

func (q *fifo) empty() bool { return q.head == len(q.items) }

func (q *fifo) pop() (func(), bool) {
	if q.empty() {
		return nil, false
	}
	fn := q.items[q.head]
	q.items[q.head] = nil
	q.head++
	if q.empty() {
		q.items, q.head = q.items[:0], 0
	} else if q.head >= 1024 && q.head*2 >= len(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return fn, true
}

func (l *Loop) reportThrown(call goja.FunctionCall) goja.Value {
	l.uncaught(call.Argument(0), originException)
	return nil
}

// turn runs fn as one callback, then ticks, promise jobs and the judgement of rejections until none is left.
// Inside another turn it only runs fn.
func (l *Loop) turn(fn func()) {
	if l.inTurn {
		fn()
		return
	}
	if l.stopped {
		return
	}
	l.inTurn = true
	defer func() { l.inTurn = false }()
	l.step(fn)
	for !l.stopped {
		if !l.ticks.empty() {
			l.step(nil)
		} else if !l.judge() {
			break
		}
	}
	if l.afterTurn != nil && !l.stopped {
		l.afterTurn()
	}
}

// step makes one call into the runtime. A panic that is no JavaScript exception is a fault of goja's or ours: the
// runtime cannot be trusted after it, so the loop ends.
func (l *Loop) step(fn func()) {
	defer func() {
		if x := recover(); x != nil {
			l.stopped = true
			l.fault = &PanicError{Value: fmt.Sprint(x), Stack: debug.Stack()}
		}
	}()
	l.body = fn
	l.enterJS()
	_, err := l.enter(nil)
	l.leaveJS()
	if err != nil {
		l.Report(err)
	}
}

// PanicError is a panic inside the engine or a host function.
type PanicError struct {
	Value string
	Stack []byte // of the goroutine
}

func (e *PanicError) Error() string { return "internal error: " + e.Value }

// Call calls fn as a callback of its own: what it throws is an uncaught exception, and ticks and promise jobs run
// before the next callback. Called from inside another callback it only calls. Loop goroutine only.
func (l *Loop) Call(fn goja.Callable, this goja.Value, args ...goja.Value) {
	l.turn(func() {
		if _, err := fn(this, args...); err != nil {
			l.Report(err)
		}
	})
}

// Report treats err, which a Callable returned, as thrown and not caught. An error that is no exception of
// JavaScript ends the loop: Run returns it. Loop goroutine only.
func (l *Loop) Report(err error) {
	var (
		thrown    *goja.Exception
		value     *thrownError
		overflow  *goja.StackOverflowError
		interrupt *goja.InterruptedError
	)
	switch {
	case Broken(err):
	case errors.As(err, &interrupt):
		l.stopped = true // by Exit or the end of ctx
	case errors.As(err, &overflow):
		l.uncaught(overflowError(l.rt, overflow), originException)
	case errors.As(err, &thrown):
		l.uncaught(thrown.Value(), originException)
	case errors.As(err, &value):
		l.uncaught(value.value, originException)
	default:
		if l.fault == nil {
			l.fault = err
		}
		l.exit.Code = 1
		l.stopped = true
	}
}

// Exit stops JavaScript at once, as process.exit does: neither catch nor finally sees it. Exit hooks run first, once.
// Called by such a hook it only changes the code. Loop goroutine only.
func (l *Loop) Exit(code int) {
	l.finish(code)
	l.rt.Interrupt(errExit)
}

// finish ends the loop with code, after the exit hooks. No tick runs after them; promise jobs of theirs do if the
// loop ran out of work, and do not if Exit was called, as in Node.
func (l *Loop) finish(code int) {
	l.exit.Code = code
	if l.exiting {
		return
	}
	l.exiting = true
	run := func() {
		for _, hook := range l.hooks.exit {
			if ex := l.rt.Try(func() { hook(l.exit.Code) }); ex != nil {
				l.Report(ex)
			}
		}
		l.stopped = true
	}
	if l.inTurn {
		run()
		return
	}
	l.inTurn = true
	l.step(run)
	l.inTurn = false
}

// queueMicrotask is the global function: fn becomes a promise job; what it throws is an exception, not a rejection.
func (l *Loop) queueMicrotask(call goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(argumentError(l.rt, "callback", "of type function", call.Argument(0)))
	}
	if l.report == nil {
		l.report = hostFunction(l.rt, l.reportThrown)
	}
	callback := call.Argument(0)
	if l.context != nil {
		run := l.inContext(func() {
			if _, err := fn(nil); err != nil {
				panic(rethrow(l.rt, err))
			}
		})
		callback = hostFunction(l.rt, func(goja.FunctionCall) goja.Value { run(); return nil })
	}
	job, err := callGlue(l.rt, microtask(), l.report, callback)
	if err != nil {
		panic(rethrow(l.rt, err))
	}
	// A promise that is resolved with a thenable calls its then in exactly one job.
	thenable := l.rt.CreateObject(nil)
	_ = thenable.Set("then", job)
	_, resolve, _ := l.rt.NewPromise()
	_ = resolve(thenable)
	return nil
}

// Broken reports whether err, of a Callable, is that Break ended it.
func Broken(err error) bool {
	var interrupt *goja.InterruptedError
	return errors.As(err, &interrupt) && interrupt.Value() == errBreak
}
