package vm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// Codes of the errors of a task that its own code did not throw.
const (
	codeTimeout   = "ERR_TASK_TIMEOUT"
	codeCancelled = "ERR_CANCELLED"
	codeStack     = "ERR_TASK_STACK"
	codeUnsettled = "ERR_TASK_UNSETTLED" // its promise can never settle
	codeSyntax    = "ERR_TASK_SYNTAX"    // its function does not compile here
	codeArgs      = "ERR_TASK_ARGS"
	codeResult    = "ERR_TASK_RESULT" // it cannot be sent
	codeThrown    = "ERR_TASK_THROWN" // what it threw is no Error; cause has it
	codeInternal  = "ERR_INTERNAL"
)

var errTimeout = errors.New("the task's time is over")

// taskRun is one call of a task. All of it but signalled belongs to the loop's goroutine.
type taskRun struct {
	e    *Engine
	t    Task
	h    Host
	l    *Loop
	g    *globals
	mods *modules
	ask  func(ctx context.Context, request []byte) (answer []byte, err error) // of the Host, nil if it is no Asker
	ctx  func() context.Context                                               // of the run

	object  *goja.Object // task, once something asked for it
	fn      goja.Callable
	args    []goja.Value
	ready   goja.Value    // what the call returned, if that is no promise
	waiting *goja.Promise // what it returned, if it is one, until it has settled

	each   *eachRun // the calls of Task.Each; nil before they begin
	done   bool
	result Result

	signalled atomic.Bool // the task holds its signal
	abort     func()      // aborts the signal
	aborted   bool        // what the task gives after that does not count
}

// newTaskRun makes the runtime of a task that is not known yet; see begin.
func newTaskRun(e *Engine) *taskRun {
	r := &taskRun{e: e, l: NewLoop(LoopConfig{MaxStack: e.cfg.MaxStack})}
	r.g = &globals{rt: r.l.rt, l: r.l, extra: r.global, outside: r.module, ask: e.cfg.MaxAsk}
	r.mods = newModules(r.l.rt, r.binding)
	r.g.mods = r.mods
	r.g.installLazily()
	r.l.OnUncaught(func(v goja.Value, _ string) bool {
		r.settle(false, v)
		return true
	})
	r.l.OnBeforeExit(r.unsettled)
	r.l.afterTurn = r.look
	return r
}

// begin makes r the run of t, whose time begins now.
func (r *taskRun) begin(t Task, h Host) {
	r.t, r.h, r.l.base = t, h, time.Now()
	r.g.coarse = t.Grants&KeyRequired != 0
	if a, ok := h.(Asker); ok && t.Grants != 0 {
		r.ask, r.l.async.max = a.Ask, maxAsync
	}
}

// cancelWith has cancel called when ctx ends; a task that holds its signal hears of it first and has the grace to
// clean up. The returned function undoes it.
func (r *taskRun) cancelWith(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	var timer atomic.Pointer[time.Timer]
	undo := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if !r.signalled.Load() {
			cancel(cause)
			return
		}
		timer.Store(time.AfterFunc(r.e.cfg.Grace, func() { cancel(cause) }))
		r.l.Post(func() {
			if r.abort != nil && !r.done {
				r.aborted = true
				r.abort()
			}
		})
	})
	return func() {
		undo()
		if t := timer.Load(); t != nil {
			t.Stop()
		}
	}
}

// start decodes the task and makes the first call.
func (r *taskRun) start() error {
	f, err := DecodeFunction(r.t.Code)
	if err != nil {
		return r.fail(codeSyntax, "SyntaxError", err)
	}
	env, args, err := splitEnv(r.t.Args)
	if err != nil {
		return r.fail(codeArgs, "TypeError", err)
	}
	r.t.Args = args
	if _, err := r.compile(f); err != nil {
		return r.fail(codeSyntax, "SyntaxError", err)
	}
	fn, err := f.instantiate(r.l.rt, env, r.decodeOptions())
	if err != nil {
		return r.failThrown(codeSyntax, "SyntaxError", err)
	}
	r.fn, _ = goja.AssertFunction(fn)
	if err := r.decodeArgs(); err != nil {
		return r.failThrown(codeArgs, "TypeError", err)
	}
	if r.each != nil {
		r.nextItem()
		return nil
	}
	r.call(r.args)
	return nil
}

func (r *taskRun) decode(b []byte) (goja.Value, error) {
	return Decode(r.l.rt, b, r.decodeOptions())
}

func (r *taskRun) decodeOptions() DecodeOptions {
	return DecodeOptions{Functions: true, Compile: r.compile, regexps: r.g.regexpArrived}
}

// compile is for the functions among arguments and captures.
func (r *taskRun) compile(f *Function) (*goja.Program, error) {
	p, err := r.e.programs.get(f)
	if err != nil {
		return nil, err
	}
	r.g.add(p.want)
	r.g.guard(p.guards)
	return p.prog, nil
}

func (r *taskRun) decodeArgs() error {
	if len(r.t.Args) == 0 {
		if r.t.Each {
			return errors.New("there is no array to go through")
		}
		return nil
	}
	v, err := r.decode(r.t.Args)
	if err != nil {
		return err
	}
	r.args = arrayElements(v)
	if !r.t.Each {
		return nil
	}
	if len(r.args) == 0 || arrayElements(r.args[0]) == nil {
		return errors.New("the first argument is no array to go through")
	}
	r.each = newEachRun(arrayElements(r.args[0]), r.args[1:])
	return nil
}

// maxElements bounds an array of arguments or of items: hostile bytes can claim four thousand million holes in six.
const maxElements = 10_000_000

// arrayElements returns the elements of an array, nil if v is none or is longer than maxElements. Holes are undefined.
func arrayElements(v goja.Value) []goja.Value {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Array" {
		return nil
	}
	n := int(o.Get("length").ToInteger())
	if n > maxElements {
		return nil
	}
	out := make([]goja.Value, n)
	for i := range out {
		if out[i] = o.Get(indexKey(i)); out[i] == nil {
			out[i] = goja.Undefined()
		}
	}
	return out
}

// call calls the function. A promise or another thenable goes through a promise of ours, so that all come out alike;
// what is none is ready when the turn is over, since a rejection that nobody handled comes first.
func (r *taskRun) call(args []goja.Value) {
	v, err := r.fn(nil, args...)
	if err != nil {
		r.l.Report(err)
		return
	}
	if why := cannotReturn(r.l.rt, v); why != "" {
		r.settle(false, newError(r.l.rt, "TypeError", why, codeResult))
		return
	}
	thenable, err := isThenable(r.l.rt, v)
	switch {
	case err != nil:
		r.l.Report(err)
	case thenable:
		promise, resolve, _ := r.l.rt.NewPromise()
		r.waiting, r.l.rejections.ignore = promise, promise
		if err := resolve(v); err != nil {
			r.l.Report(err)
		}
	default:
		r.ready = v
	}
}

func isThenable(rt *goja.Runtime, v goja.Value) (is bool, err error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return false, nil
	}
	if ex := rt.Try(func() { _, is = goja.AssertFunction(o.Get("then")) }); ex != nil {
		return false, ex
	}
	return is, nil
}

// cannotReturn explains the return values that are surely a mistake.
func cannotReturn(rt *goja.Runtime, v goja.Value) (why string) {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	rt.Try(func() {
		tag := o.GetSymbol(goja.SymToStringTag)
		if tag == nil || o.Get("next") == nil {
			return
		}
		switch tag.String() {
		case "Generator":
			why = "the function is a generator: its values are not sent one by one; return [...generator()] from an ordinary function"
		case "AsyncGenerator":
			why = "the function is an async generator: its values are not sent one by one; collect them and return an array"
		}
	})
	return why
}

// look runs after each turn.
func (r *taskRun) look() {
	if v := r.ready; v != nil {
		r.ready = nil
		if r.each != nil && r.each.take(v) {
			r.nextItem()
			return
		}
		r.l.step(func() { r.settle(true, v) })
		return
	}
	p := r.waiting
	if p == nil || p.State() == goja.PromiseStatePending {
		return
	}
	r.waiting = nil
	r.l.step(func() { r.settle(p.State() == goja.PromiseStateFulfilled, p.Result()) })
}

// unsettled runs when nothing is left that could settle the promise.
func (r *taskRun) unsettled() {
	if !r.done {
		r.settle(false, newError(r.l.rt, "Error", "the promise that the function returned can never settle: nothing is pending", codeUnsettled))
	}
}

// settle is told what came of the call, or of the item of Each that is under way.
func (r *taskRun) settle(ok bool, v goja.Value) {
	if r.done {
		return
	}
	r.ready, r.waiting = nil, nil
	if r.each != nil {
		r.settleItem(ok, v)
		return
	}
	if ok {
		r.finish(v)
	} else {
		r.finishError(v)
	}
}

func (r *taskRun) end(res Result) {
	r.result, r.done, r.l.stopped = res, true, true
}

// finish ends the task with the value v.
func (r *taskRun) finish(v goja.Value) {
	b, err := Encode(r.l.rt, v, EncodeOptions{Path: "result"})
	r.finishEncoded(b, err)
}

// finishEncoded ends the task with what Encode returned.
func (r *taskRun) finishEncoded(b []byte, err error) {
	switch bad := (*ValueError)(nil); {
	case err == nil:
		r.end(Result{Value: b})
	case errors.As(err, &bad):
		r.end(Result{Err: value.Error{Name: "TypeError", Message: bad.Error(), Code: codeResult}.Encode()})
	default:
		r.finishError(r.thrown(err))
	}
}

// thrown is Thrown but for an interrupt, which goes on unwinding.
func (r *taskRun) thrown(err error) goja.Value {
	if interrupt := (*goja.InterruptedError)(nil); errors.As(err, &interrupt) {
		panic(interrupt)
	}
	return Thrown(r.l.rt, err)
}

// finishError ends the task with what it threw.
func (r *taskRun) finishError(v goja.Value) {
	b, err := Encode(r.l.rt, errorOf(r.l.rt, v), EncodeOptions{Path: "error"})
	if err != nil {
		if interrupt := (*goja.InterruptedError)(nil); errors.As(err, &interrupt) {
			panic(interrupt)
		}
		b = value.Error{Name: "Error", Message: "the task threw something that cannot be sent: " + err.Error(), Code: codeThrown}.Encode()
	}
	r.end(Result{Err: b})
}

// errorOf returns v if it is an Error, else one whose cause is v.
func errorOf(rt *goja.Runtime, v goja.Value) goja.Value {
	if isErrorLike(rt, v) {
		return v
	}
	text := plainText(v)
	o := newError(rt, "Error", text, codeThrown)
	setHidden(o, "cause", v)
	return o
}

// fail ends the task before its first call.
func (r *taskRun) fail(code, name string, err error) error {
	r.end(Result{Err: value.Error{Name: name, Message: err.Error(), Code: code}.Encode()})
	return nil
}

// failThrown is fail for errors that JavaScript may have thrown.
func (r *taskRun) failThrown(code, name string, err error) error {
	var interrupt *goja.InterruptedError
	var thrown *goja.Exception
	switch {
	case errors.As(err, &interrupt):
		return err
	case errors.As(err, &thrown):
		r.finishError(thrown.Value())
		return nil
	}
	return r.fail(code, name, err)
}

// ended explains why the loop ended without a result; err is what it returned.
func (r *taskRun) ended(ctx context.Context, err error) value.Error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errTimeout), errors.Is(cause, context.DeadlineExceeded):
		message := "the task took longer than its deadline allows"
		if r.t.Timeout > 0 {
			message = fmt.Sprintf("the task took longer than %v", r.t.Timeout)
		}
		return value.Error{Name: "Error", Message: message, Code: codeTimeout}
	case cause != nil:
		message := "the task was cancelled"
		if !errors.Is(cause, context.Canceled) {
			message += ": " + cause.Error()
		}
		return value.Error{Name: "Error", Message: message, Code: codeCancelled}
	case err != nil:
		return value.Error{Name: "Error", Message: err.Error(), Code: codeInternal}
	}
	return value.Error{Name: "Error", Message: "the task ended without a result", Code: codeInternal}
}

// taskGlobals are those that global makes.
var taskGlobals = append([]string{"console", "task", "worker", "require", importName}, webGlobals...)

// outsideGlobals are those of a task that may reach something outside.
var outsideGlobals = []string{"process"}

// global makes what a task has and a script has not.
func (r *taskRun) global(name string) goja.Value {
	switch name {
	case "console":
		return r.mods.mustLoad("prelude_console")
	case "task":
		return r.taskObject()
	case "worker":
		return r.taskObject().Get("worker")
	case "fetch", "Headers", "Request", "Response":
		r.g.addSymbols() // bodies are async iterables
		return r.mods.mustLoad("prelude_fetch").(*goja.Object).Get(name)
	case "process":
		if r.granted() {
			return r.mods.mustLoad("prelude_process")
		}
	case "require":
		return nativeFunction(r.l.rt, "require", 1, r.require)
	case importName:
		d := decoder{rt: r.l.rt, r: value.NewReader(nil, value.Limits{})}
		return importFunction(r.l.rt, func(spec string) (v goja.Value, err error) {
			if ex := r.l.rt.Try(func() { v = r.require(goja.FunctionCall{Arguments: []goja.Value{r.l.rt.ToValue(spec)}}) }); ex != nil {
				return nil, ex
			}
			return d.namespace(v), nil
		})
	}
	return nil
}

// setProgress is task.setProgress.
func (r *taskRun) setProgress(call goja.FunctionCall) goja.Value {
	v := call.Argument(0)
	f := math.NaN()
	switch n := v.Export().(type) {
	case int64:
		f = float64(n)
	case float64:
		f = n
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		panic(argumentError(r.l.rt, "fraction", "a number from 0 to 1", v))
	}
	r.h.Progress(min(max(f, 0), 1))
	return nil
}
