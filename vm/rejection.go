package vm

import (
	"slices"

	"github.com/dop251/goja"
)

// The origins of an uncaught error, as Node names them.
const (
	originException = "uncaughtException"
	originRejection = "unhandledRejection"
)

// maxJudged bounds how many promises are remembered after they were judged unhandled.
const maxJudged = 1000

// UncaughtError is a thrown value that nothing caught, or the reason of a rejection that nothing handled.
type UncaughtError struct {
	Value  goja.Value
	Origin string // "uncaughtException" or "unhandledRejection", as Node names them
}

// rejections follows rejected promises until they are handled or judged.
type rejections struct {
	waiting []*goja.Promise // rejected and not handled so far
	judged  []*goja.Promise // judged unhandled, the newest maxJudged
	late    []*goja.Promise // judged, and handled since
	ignore  *goja.Promise   // somebody else looks after it
}

func (r *rejections) track(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionReject {
		if p != r.ignore {
			r.waiting = append(r.waiting, p)
		}
		return
	}
	if i := slices.Index(r.waiting, p); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	} else if i := slices.Index(r.judged, p); i >= 0 {
		r.judged = slices.Delete(r.judged, i, i+1)
		r.late = append(r.late, p)
	}
}

// judge tells the hooks of the promises that are still unhandled, each in a step of its own, and reports whether
// there were any: then there may be new ticks, jobs and rejections.
func (l *Loop) judge() bool {
	r := &l.rejections
	any := len(r.waiting)+len(r.late) > 0
	for len(r.late) > 0 && !l.stopped {
		p := r.late[0]
		r.late = r.late[1:]
		for _, hook := range l.hooks.handled {
			l.step(func() { hook(p) })
		}
	}
	for len(r.waiting) > 0 && !l.stopped {
		p := r.waiting[0]
		r.waiting = r.waiting[1:]
		if len(r.judged) == maxJudged {
			r.judged = slices.Delete(r.judged, 0, 1)
		}
		r.judged = append(r.judged, p)
		l.step(func() { l.unhandled(p) })
	}
	return any
}

// unhandled treats a rejection as Node's --unhandled-rejections=throw does, its default.
func (l *Loop) unhandled(p *goja.Promise) {
	reason := p.Result()
	for _, hook := range l.hooks.unhandled {
		if hook(reason, p) {
			return
		}
	}
	if l.stopped {
		return
	}
	if !isErrorLike(l.rt, reason) {
		reason = newError(l.rt, "UnhandledPromiseRejection", "This error originated either by throwing inside of an async"+
			" function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise"+
			" rejected with the reason \""+plainText(reason)+"\".", "ERR_UNHANDLED_REJECTION")
	}
	l.uncaught(reason, originRejection)
}

// uncaught asks the hooks; if none handles v, the loop ends with status 1.
func (l *Loop) uncaught(v goja.Value, origin string) {
	if !l.exiting {
		for _, hook := range l.hooks.uncaught {
			if hook(v, origin) {
				return
			}
		}
		if l.stopped {
			return // a hook called Exit
		}
		if l.cfg.Uncaught != nil && l.cfg.Uncaught(UncaughtError{v, origin}) {
			return
		}
	}
	if l.exit.Err == nil {
		l.exit.Err = &UncaughtError{v, origin}
	}
	l.finish(1)
	l.rt.Interrupt(errExit)
}

// Fatal ends the loop with status code and v as the error that nothing caught, without asking anybody. Loop goroutine
// only.
func (l *Loop) Fatal(v goja.Value, code int) {
	if l.exit.Err == nil {
		l.exit.Err = &UncaughtError{v, originException}
	}
	l.finish(code)
	l.rt.Interrupt(errExit)
}

// OnUncaught adds a hook that is asked, in order, about a value that nothing caught, until one handles it. origin
// is "uncaughtException" or "unhandledRejection".
func (l *Loop) OnUncaught(hook func(err goja.Value, origin string) (handled bool)) {
	l.hooks.uncaught = append(l.hooks.uncaught, hook)
}

// OnUnhandledRejection adds a hook that is asked about a rejected promise that nothing handled by the time its
// callback and the promise jobs were done. If no hook handles it, it is an uncaught error.
func (l *Loop) OnUnhandledRejection(hook func(reason goja.Value, p *goja.Promise) (handled bool)) {
	l.hooks.unhandled = append(l.hooks.unhandled, hook)
}

// OnRejectionHandled adds a hook that hears of a promise that was judged unhandled, and is handled after all.
func (l *Loop) OnRejectionHandled(hook func(p *goja.Promise)) {
	l.hooks.handled = append(l.hooks.handled, hook)
}

// OnBeforeExit adds a hook that runs when nothing keeps the loop alive; if it starts something, the loop goes on.
func (l *Loop) OnBeforeExit(hook func()) { l.hooks.beforeExit = append(l.hooks.beforeExit, hook) }

// OnExit adds a hook that runs once before the loop ends; what it starts does not run.
func (l *Loop) OnExit(hook func(code int)) { l.hooks.exit = append(l.hooks.exit, hook) }
