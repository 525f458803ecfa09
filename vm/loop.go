package vm

import (
	"context"
	"log/slog"
	"time"

	"github.com/dop251/goja"
)

// LoopConfig sets up a Loop. The zero value is ready to use.
type LoopConfig struct {
	Logger   *slog.Logger  // nil discards
	MaxStack int           // nested JavaScript calls; zero means 10000
	MaxAsync int           // slow host functions at once; zero means 64
	Grace    time.Duration // how long Run waits for slow host functions that ignore the end of their context; zero means 1 s
	// Uncaught is told of an error that no OnUncaught hook handled; if it returns true the loop goes on. nil: false.
	Uncaught func(UncaughtError) bool
}

// UncaughtError is a thrown value that nothing caught, or the reason of a rejection that nothing handled.
type UncaughtError struct {
	Value  goja.Value
	Origin string // "uncaughtException" or "unhandledRejection", as Node names them
}

// Exit says how a Loop ended.
type Exit struct {
	Code int
	Err  *UncaughtError // what ended it; nil if it ran out of work or was told to exit
}

// Loop is one goroutine with one runtime.
type Loop struct{ rt *goja.Runtime }

// NewLoop returns a Loop with a new runtime. It starts nothing.
func NewLoop(cfg LoopConfig) *Loop { return &Loop{rt: newRuntime(10000)} }

// Runtime returns the loop's runtime, to be touched on the loop's goroutine, or before Run.
func (l *Loop) Runtime() *goja.Runtime { return l.rt }

// Run runs start, then whatever it set going, until nothing is left that keeps the loop alive, Exit is called, an
// error is not caught, or ctx is done; then the returned error is ctx's. It returns after every goroutine it started.
func (l *Loop) Run(ctx context.Context, start func() error) (Exit, error) { return Exit{}, nil }

// Post has fn run on the loop; any goroutine may call it. It returns false if the loop has ended: fn will not run.
func (l *Loop) Post(fn func()) bool { return false }

// Ref keeps the loop alive until release is called; any goroutine may call both. Releasing twice is harmless.
func (l *Loop) Ref() (release func()) { return func() {} }

// NextTick has fn run after the current callback, before promise jobs. Loop goroutine only.
func (l *Loop) NextTick(fn func()) {}

// Immediate has fn run in the check phase of this turn of the loop. Loop goroutine only.
func (l *Loop) Immediate(fn func()) (cancel func()) { return func() {} }

// After has fn run once d has passed; it keeps the loop alive unless it is cancelled. Loop goroutine only.
func (l *Loop) After(d time.Duration, fn func()) (cancel func()) { return func() {} }

// Call calls fn as a callback of its own: what it throws is an uncaught exception, and ticks and promise jobs run
// before the next callback. Called from inside another callback it only calls. Loop goroutine only.
func (l *Loop) Call(fn goja.Callable, this goja.Value, args ...goja.Value) {}

// Async runs work on another goroutine and returns a promise. What work returns runs on the loop and settles the
// promise, exactly once: with its value, or rejected with its error. The loop stays alive meanwhile. ctx ends with
// the loop; work must return soon after. Loop goroutine only.
func (l *Loop) Async(work func(ctx context.Context) (settle func() (goja.Value, error))) *goja.Object {
	return nil
}

// Exit stops JavaScript at once, as process.exit does: neither catch nor finally sees it. Exit hooks run first, once.
// Called by such a hook it only changes the code. Loop goroutine only.
func (l *Loop) Exit(code int) {}

// OnUncaught adds a hook that is asked, in order, about a value that nothing caught, until one handles it. origin
// is "uncaughtException" or "unhandledRejection".
func (l *Loop) OnUncaught(hook func(err goja.Value, origin string) (handled bool)) {}

// OnUnhandledRejection adds a hook that is asked about a rejected promise that nothing handled by the time its
// callback and the promise jobs were done. If no hook handles it, it is an uncaught error.
func (l *Loop) OnUnhandledRejection(hook func(reason goja.Value, p *goja.Promise) (handled bool)) {}

// OnRejectionHandled adds a hook that hears of a promise that was judged unhandled, and is handled after all.
func (l *Loop) OnRejectionHandled(hook func(p *goja.Promise)) {}

// OnBeforeExit adds a hook that runs when nothing keeps the loop alive; if it starts something, the loop goes on.
func (l *Loop) OnBeforeExit(hook func()) {}

// OnExit adds a hook that runs once before the loop ends; what it starts does not run.
func (l *Loop) OnExit(hook func(code int)) {}

// Throw makes an error of a JavaScript value, for functions that return errors: Async rejects with the value itself.
func Throw(v goja.Value) error { return nil }
