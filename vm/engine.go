package vm

import (
	"container/list"
	"context"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// Task is one call of a function, as it comes from the wire.
type Task struct {
	ID, Name   string
	Code, Args []byte   // of Function.Encode, and of Encode: an array of arguments
	Hash       [32]byte // of the function; zero if unknown
	Each       bool     // call once for each element of the first argument; the result is what ReadEach reads
	WorkerID   string
	WorkerData []byte        // JSON
	Timeout    time.Duration // zero: none
	// Memory, in bytes, and CPU bound this task where they are less than the executor's own limits; zero: no less. An
	// Engine in the worker's process cannot keep them.
	Memory int64
	CPU    time.Duration
	Grants Grants // what it may reach outside, if its Host is an Asker
}

// Host is what a task reaches outside its runtime. Its methods are called on the task's goroutine.
type Host interface {
	Log(stream, text string) // "stdout" or "stderr"; text ends with a newline
	Progress(fraction float64)
	Send(event string, data []byte) // to the task's master; data as Encode made it
	Post(m Message) error           // returns when m is on its way; a *PostError, or the task was told to end
}

// Result is what became of a task.
type Result struct {
	Value []byte // as Encode made it
	Err   []byte // the error as Encode made it, when the task failed; then Value is nil
	Run   time.Duration
	// Busy is the part of Run in which the task did not wait for timers or for answers: about its processor time.
	Busy time.Duration
}

// EngineConfig sets the limits of an Engine.
type EngineConfig struct {
	MaxStack int // nested JavaScript calls; zero means 4000
	Programs int // compiled functions kept; zero means 1000
	// Grace is how long a cancelled task that holds its signal may go on to clean up; zero means 100 ms.
	Grace time.Duration
	// RegexpTimeout ends a backtracking match, which then counts as no match: it must be longer than any task may
	// take. It holds for the whole process. Zero means no limit.
	RegexpTimeout time.Duration
	// MaxAsk is how much memory one call of a built-in function may ask for, in bytes: 'x'.repeat(1e9) throws a
	// RangeError instead of ending the process. Zero means the memory limit of the process (debug.SetMemoryLimit), or
	// 512 MiB if it has none.
	MaxAsk int64
	// Binding returns the native half of the js module name, or nil. It may be nil.
	Binding func(rt *goja.Runtime, name string) *goja.Object
}

// Engine runs tasks, each in a runtime of its own. It is safe for concurrent use.
type Engine struct {
	cfg      EngineConfig
	programs *programCache
	spare    atomic.Pointer[taskRun] // that no task has yet; may be nil
}

// NewEngine returns an Engine; it starts nothing.
func NewEngine(cfg EngineConfig) *Engine {
	if cfg.MaxStack == 0 {
		cfg.MaxStack = 4000
	}
	if cfg.Programs == 0 {
		cfg.Programs = 1000
	}
	if cfg.Grace == 0 {
		cfg.Grace = 100 * time.Millisecond
	}
	cfg.MaxAsk = askLimit(cfg.MaxAsk)
	tuneRegexps()
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 { // so memory ends before that stack, which would pass for "no match"
		regexp2.DefaultOptimizationOptions.MaxBacktrackingStackSize = max(maxBacktrack, int(limit/4))
	}
	if cfg.RegexpTimeout > 0 {
		regexp2.DefaultMatchTimeout = cfg.RegexpTimeout
	}
	return &Engine{cfg: cfg, programs: newProgramCache(cfg.Programs)}
}

// Prepare makes the runtime of the next task ahead of need, unless there is one already. It is for who has time between
// two tasks: a runtime takes about as long to make as a small task to run.
func (e *Engine) Prepare() {
	if e.spare.Load() == nil {
		e.spare.CompareAndSwap(nil, newTaskRun(e))
	}
}

// Run runs t on the calling goroutine until its function has returned, and the promise that it may have returned
// has settled. The end of ctx stops it. Whatever goes wrong is in the Result: its Err has a code, such as
// ERR_TASK_TIMEOUT or ERR_CANCELLED, unless the task threw it.
func (e *Engine) Run(ctx context.Context, t Task, h Host) Result {
	start := time.Now()
	if t.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t.Timeout, errTimeout)
		defer cancel()
	}
	r := e.spare.Swap(nil)
	if r == nil {
		r = newTaskRun(e)
	}
	r.begin(t, h)
	if ctx.Err() != nil {
		return Result{Err: r.ended(ctx, nil).Encode()}
	}
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer r.cancelWith(ctx, cancel)()
	r.ctx = func() context.Context { return inner }
	_, err := r.l.Run(inner, r.start)
	if r.done && !r.aborted {
		r.result.Run = time.Since(start)
		r.result.Busy = r.result.Run - r.l.waited
		return r.result
	}
	took := time.Since(start)
	return Result{Err: r.ended(ctx, err).Encode(), Run: took, Busy: took - r.l.waited}
}

// programCache keeps the programs of functions, the most recently used.
type programCache struct {
	max int

	mu    sync.Mutex
	of    map[[32]byte]*list.Element
	order *list.List // of *program, the newest first
}

// program is a compiled function, with what it may need of features.
type program struct {
	hash   [32]byte
	prog   *goja.Program
	want   uint64
	guards uint64
}

func newProgramCache(max int) *programCache {
	return &programCache{max: max, of: make(map[[32]byte]*list.Element), order: list.New()}
}

// get returns the program of f, which it compiles if it has not been seen lately. The hash is always computed here:
// one that came from a peer could name another's function.
func (c *programCache) get(f *Function) (*program, error) {
	hash := f.Hash()
	c.mu.Lock()
	if e, ok := c.of[hash]; ok {
		c.order.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*program), nil
	}
	c.mu.Unlock()
	prog, err := f.Compile()
	if err != nil {
		return nil, err
	}
	p := &program{hash: hash, prog: prog, want: wanted(f.Source), guards: guardsOf(f.Source)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.of[hash]; ok {
		return e.Value.(*program), nil // compiled twice at once
	}
	c.of[hash] = c.order.PushFront(p)
	if c.order.Len() > c.max {
		old := c.order.Remove(c.order.Back()).(*program)
		delete(c.of, old.hash)
	}
	return p, nil
}
