package vm

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
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

// Exit says how a Loop ended.
type Exit struct {
	Code int
	Err  *UncaughtError // what ended it; nil if it ran out of work or was told to exit
}

// Loop is one goroutine with one runtime: see the package comment for what may be called from where.
type Loop struct {
	cfg   LoopConfig
	rt    *goja.Runtime
	enter goja.Callable // runs l.body below a JavaScript frame, see turn

	wake  chan struct{} // holds one token when there is something to look at
	refs  atomic.Int64  // of Ref
	async asyncPool

	mu     sync.Mutex
	inside bool // JavaScript runs; see Break
	broken bool // Break was called since
	posted []func()
	ended  bool // nothing more is accepted

	// What follows belongs to the loop's goroutine.
	body           func()
	context        goja.Value // see TrackAsync; nil before it
	inTurn         bool
	ticks          fifo
	timers         timerHeap
	timerIDs       map[int64]*timer // those whose number was asked for
	lastTimer      int64
	asked          *timer // set by ask, as is askedImmediate
	askedImmediate *immediate
	timerRefs      int
	immediates     []*immediate
	immedRefs      int
	rejections     rejections
	hooks          hooks
	afterTurn      func()       // looks after each turn whether to go on; may be nil
	report         *goja.Object // reportThrown, once a microtask needed it
	timerProto     *goja.Object
	saidNegative   bool // that a delay was negative
	saidNaN        bool // that a delay was no number
	immedProto     *goja.Object
	base           time.Time
	waited         time.Duration // for timers and what is posted
	timing         Timing

	exiting bool  // Exit was called, its hooks have run or are running
	stopped bool  // no further callback runs
	fault   error // what Run returns
	exit    Exit
}

type hooks struct {
	uncaught   []func(goja.Value, string) bool
	unhandled  []func(goja.Value, *goja.Promise) bool
	handled    []func(*goja.Promise)
	beforeExit []func()
	exit       []func(int)
}

// NewLoop returns a Loop with a new runtime. It starts nothing.
func NewLoop(cfg LoopConfig) *Loop {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxStack == 0 {
		cfg.MaxStack = 10000
	}
	if cfg.MaxAsync == 0 {
		cfg.MaxAsync = 64
	}
	if cfg.Grace == 0 {
		cfg.Grace = time.Second
	}
	l := &Loop{
		cfg:  cfg,
		rt:   newRuntime(cfg.MaxStack),
		wake: make(chan struct{}, 1),
		base: time.Now(),
	}
	l.async.max = cfg.MaxAsync
	l.rt.SetPromiseRejectionTracker(l.rejections.track)
	l.bindFrame()
	return l
}

// Runtime returns the loop's runtime, to be touched on the loop's goroutine, or before Run.
func (l *Loop) Runtime() *goja.Runtime { return l.rt }

// Run runs start, then whatever it set going, until nothing is left that keeps the loop alive, Exit is called, an
// error is not caught, or ctx is done; then the returned error is ctx's. An error of start that is no JavaScript
// exception ends the loop and is returned. Run returns after every goroutine it started, except one that outlives
// the end of its context by more than cfg.Grace.
func (l *Loop) Run(ctx context.Context, start func() error) (Exit, error) {
	actx, cancel := context.WithCancel(ctx)
	l.async.start(func() context.Context { return actx })
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		l.rt.Interrupt(context.Cause(ctx))
		l.signal()
	})

	l.turn(func() {
		if err := start(); err != nil {
			l.Report(err)
		}
	})
	l.phases(ctx)

	l.mu.Lock()
	l.ended = true
	l.posted = nil
	l.mu.Unlock()
	if !stop() {
		<-interrupted
	}
	// A flag that was raised when no JavaScript ran would stop whoever looks at the error next.
	l.rt.ClearInterrupt()
	cancel()
	if !l.async.wait(l.cfg.Grace) {
		l.cfg.Logger.Warn("host function goes on after the end of its loop")
	}
	if l.fault != nil {
		return l.exit, l.fault
	}
	if !l.exiting && l.exit.Err == nil && ctx.Err() != nil {
		return l.exit, ctx.Err()
	}
	return l.exit, nil
}

// Timing says how a loop spent its time.
type Timing struct {
	Origin time.Time     // when the loop was made
	Start  time.Duration // from Origin to the first turn of its phases; zero before it
	Idle   time.Duration // how long it has waited
	Turns  int           // of its phases
	Ended  bool          // its exit hooks run, or have run
}

// Timers returns how many timers keep the loop alive, Immediates how many immediates do. Loop goroutine only.
func (l *Loop) Timers() int { return l.timerRefs }

// Immediates is described with Timers.
func (l *Loop) Immediates() int { return l.immedRefs }

// Timing returns how the loop has spent its time so far. Loop goroutine only.
func (l *Loop) Timing() Timing {
	t := l.timing
	t.Origin, t.Idle, t.Ended = l.base, l.waited, l.exiting
	return t
}

// phases turns the loop, in Node's order: timers, what was posted, immediates.
func (l *Loop) phases(ctx context.Context) {
	l.timing.Start = time.Since(l.base)
	for !l.over(ctx) {
		l.timing.Turns++
		l.runTimers(ctx)
		l.poll(ctx)
		l.runPosted(ctx)
		l.runImmediates(ctx)
		if l.over(ctx) || l.alive() {
			continue
		}
		for _, hook := range l.hooks.beforeExit {
			l.turn(hook)
		}
		if !l.over(ctx) && !l.alive() {
			l.finish(l.exit.Code)
		}
	}
}

func (l *Loop) over(ctx context.Context) bool { return l.stopped || ctx.Err() != nil }

// alive reports whether anything is left to wait for.
func (l *Loop) alive() bool {
	if l.refs.Load() > 0 || l.timerRefs > 0 || l.immedRefs > 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.posted) > 0
}

// poll waits until there is something to do: not at all if there is already.
func (l *Loop) poll(ctx context.Context) {
	if l.over(ctx) || len(l.immediates) > 0 || !l.alive() {
		return
	}
	var due <-chan time.Time
	if len(l.timers) > 0 {
		d := time.Duration(l.timers[0].at)*time.Millisecond - time.Since(l.base)
		if d <= 0 {
			return
		}
		t := time.NewTimer(d)
		defer t.Stop()
		due = t.C
	}
	began := time.Now()
	defer func() { l.waited += time.Since(began) }()
	select {
	case <-l.wake:
	case <-due:
	case <-ctx.Done():
	}
}

func (l *Loop) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Post has fn run on the loop; any goroutine may call it. It returns false if the loop has ended: fn will not run.
func (l *Loop) Post(fn func()) bool {
	l.mu.Lock()
	ended := l.ended
	if !ended {
		l.posted = append(l.posted, fn)
	}
	l.mu.Unlock()
	l.signal()
	return !ended
}

// Break ends the JavaScript that runs now, as Exit does, but the loop goes on. Any goroutine may call it; when no
// JavaScript runs it does nothing. Promise jobs that wait for the broken callback's end are lost with it.
func (l *Loop) Break() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside {
		l.broken = true
		l.rt.Interrupt(errBreak)
	}
}

// enterJS and leaveJS stand around every call into the runtime, so that a break never hits the next one.
func (l *Loop) enterJS() {
	l.mu.Lock()
	l.inside = true
	l.mu.Unlock()
}

func (l *Loop) leaveJS() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inside = false
	if l.broken {
		l.broken = false
		l.rt.ClearInterrupt()
	}
}

// runPosted runs what was posted before this phase began; what comes meanwhile waits for the next.
func (l *Loop) runPosted(ctx context.Context) {
	l.mu.Lock()
	batch := l.posted
	l.posted = nil
	l.mu.Unlock()
	for _, fn := range batch {
		if l.over(ctx) {
			return
		}
		l.turn(fn)
	}
}

// Ref keeps the loop alive until release is called; any goroutine may call both. Releasing twice is harmless.
func (l *Loop) Ref() (release func()) {
	l.refs.Add(1)
	return sync.OnceFunc(func() {
		if l.refs.Add(-1) == 0 {
			l.signal()
		}
	})
}

// NextTick has fn run after the current callback, before promise jobs. Loop goroutine only.
func (l *Loop) NextTick(fn func()) { l.ticks.push(l.inContext(fn)) }
