package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/vm"
	"supercluster/vm/value"
)

// Runner runs one task on the calling goroutine and stops at the end of ctx if it can; vm.Engine does.
type Runner interface {
	Run(ctx context.Context, t vm.Task, h vm.Host) vm.Result
}

// A preparer is a Runner that can do something for the next task before that comes; vm.Engine is one.
type preparer interface{ Prepare() }

// ServeConfig of a child.
type ServeConfig struct {
	// NewRunner makes what runs the tasks. It is called once, after the process has been confined.
	NewRunner func() Runner
}

// errParent is why a task ends whose parent is gone.
var errParent = errors.New("the worker is gone")

// Serve is all that a child does: it confines the process as the parent says, then runs the tasks that come over
// conn, one after the other. It returns nil when the parent closes conn or dies, or ctx ends; a task that cannot be
// interrupted may then still run, so the caller must end the process. It returns an error if the process cannot be
// confined, or if what comes over conn makes no sense. It must be called once in a process, and early.
func Serve(ctx context.Context, conn io.ReadWriteCloser, cfg ServeConfig) error {
	in := newFrames(conn, true)
	k, body, _, err := in.next()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return fmt.Errorf("executor: %w", err)
	}
	if k != kindSetup {
		return fmt.Errorf("executor: frame of kind %d instead of setup", k)
	}
	s, err := parseSetup(body)
	if err != nil {
		return fmt.Errorf("executor: setup: %w", err)
	}
	inForce, err := confine(s)
	if err != nil {
		return fmt.Errorf("executor: confine: %w", err)
	}
	c := newServer(conn, cfg.NewRunner(), s)
	if _, err := conn.Write(appendReady(nil, inForce)); err != nil {
		return fmt.Errorf("executor: %w", err)
	}
	return c.serve(ctx, conn, in)
}

// server is the child's side of a connection: one goroutine reads, one runs tasks, one writes what tasks say.
type server struct {
	runner Runner
	out    *outbox
	jobs   chan func() error // capacity 1: the reader goes on reading, for the stop frame
	idle   chan struct{}     // closed when work has returned
	code   [codeSlots][]byte // what the parent had us keep; the reader's
	memory int64             // bytes a task may hold
	cpu    time.Duration     // processor time a task may take; 0: any
	most   int64             // bytes of a result
	watch  *time.Timer       // samples what a task takes while it runs
	posted chan answered     // capacity 1, as a task waits for the answer to one post before the next
	wishes wishes            // what the task asked for

	mu     sync.Mutex    // guards what follows
	run    uint64        // the task that runs, or waits in jobs; 0 when none does
	began  time.Duration // processor time when it began, if that is limited
	cancel context.CancelCauseFunc
	// runMemory and runCPU are what that task may take, as memory and cpu.
	runMemory int64
	runCPU    time.Duration
}

func newServer(w io.Writer, r Runner, s setup) *server {
	c := &server{
		runner: r, out: newOutbox(w), jobs: make(chan func() error, 1), idle: make(chan struct{}),
		posted: make(chan answered, 1), memory: s.memory, cpu: s.cpu, most: min(s.result, maxResult),
	}
	c.watch = time.AfterFunc(watchTime, c.sample)
	return c
}

// serve reads until the parent is gone, then stops the task and gives it a grace.
func (c *server) serve(ctx context.Context, conn io.Closer, in *frames) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(gctx, func() { conn.Close() })() // ends the reader
	g.Go(func() error { return c.out.run(gctx) })
	g.Go(func() error { return c.work() })
	err := c.read(gctx, in)
	c.stop(0, errParent)
	close(c.jobs)
	select {
	case <-c.idle:
		cancel()
		if werr := g.Wait(); err == nil && !isBroken(werr) && !errors.Is(werr, context.Canceled) {
			err = werr
		}
	case <-time.After(DefaultGrace): // the process ends with the task still running
	}
	return err
}

// read handles frames until the parent is gone, which is no error.
func (c *server) read(ctx context.Context, in *frames) error {
	for {
		k, body, own, err := in.next()
		if err != nil {
			if isBroken(err) {
				return nil
			}
			return fmt.Errorf("executor: %w", err)
		}
		switch k {
		case kindTask:
			err = c.accept(ctx, body, own)
		case kindStop:
			var run uint64
			var why string
			if run, why, err = parseStop(body); err == nil && run != 0 {
				c.stop(run, errors.New(why))
			}
		case kindPosted:
			err = c.answer(body)
		case kindAnswer:
			var id uint64
			var answer []byte
			if _, id, answer, err = parseAnswer(body); err == nil {
				c.wishes.fulfil(id, answer) // numbers are not used twice
			}
		default:
			err = fmt.Errorf("frame of kind %d", k)
		}
		if err != nil {
			return fmt.Errorf("executor: %w", err)
		}
	}
}

// answer passes on what became of a post. One that a task which was stopped did not wait for makes room.
func (c *server) answer(body []byte) error {
	run, answer, err := parsePosted(body)
	if err != nil {
		return err
	}
	select {
	case <-c.posted:
	default:
	}
	c.posted <- answered{run, answer} // does not block: only this goroutine sends
	return nil
}

// accept hands the task in body to work.
func (c *server) accept(ctx context.Context, body []byte, own bool) error {
	if !own {
		body = append(make([]byte, 0, len(body)), body...)
	}
	t, err := parseTask(body)
	if err != nil {
		return err
	}
	switch {
	case t.slot == noSlot && !t.reuse:
	case t.slot < 0 || t.slot >= codeSlots:
		return fmt.Errorf("code slot %d of %d", t.slot, codeSlots)
	case t.reuse:
		t.Code = c.code[t.slot]
	case len(t.Code) < len(body)/2: // a part would keep the arguments alive
		c.code[t.slot] = append([]byte(nil), t.Code...)
	default:
		c.code[t.slot] = t.Code
	}
	jctx, cancel := context.WithCancelCause(ctx)
	if running, ok := c.claim(t, cancel); !ok {
		cancel(nil)
		return fmt.Errorf("task %d while %d runs", t.run, running)
	}
	c.jobs <- func() error { return c.do(jctx, t) } // does not block: nothing ran, so nothing is in it
	return nil
}

// claim makes t the task that runs, unless one does.
func (c *server) claim(t *task, cancel context.CancelCauseFunc) (running uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != 0 || t.run == 0 {
		return c.run, false
	}
	c.run, c.cancel = t.run, cancel
	c.runMemory, c.runCPU = least(t.Memory, c.memory), least(t.CPU, c.cpu)
	if c.runCPU > 0 {
		c.began = cpuTime()
	}
	return t.run, true
}

// least is the smaller of two limits; zero is none.
func least[T int64 | time.Duration](a, b T) T {
	if a > 0 && (b <= 0 || a < b) {
		return a
	}
	return b
}

// stop ends the task of that run, or whichever runs if run is 0.
func (c *server) stop(run uint64, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != 0 && (run == 0 || c.run == run) {
		c.cancel(why)
	}
}

// work runs tasks until jobs is closed or the parent is gone.
func (c *server) work() error {
	defer close(c.idle)
	defer c.watch.Stop()
	next, _ := c.runner.(preparer)
	for {
		if next != nil && len(c.jobs) == 0 {
			next.Prepare() // the last result is written, and the parent busy with it
		}
		job, ok := <-c.jobs
		if !ok {
			return nil
		}
		began := time.Now()
		if err := job(); err != nil {
			return err
		}
		if time.Since(began) > watchTime/4 { // in less than that none can have left much behind
			freeMemory(c.memory)
		}
	}
}

// do runs one task and writes its result.
func (c *server) do(ctx context.Context, t *task) error {
	c.watch.Reset(watchTime)
	began := time.Now()
	rep := report{kind: kindResult, run: t.run}
	rep.Result, rep.retire = c.call(ctx, t)
	if rep.Run == 0 {
		rep.Run = time.Since(began)
	}
	rep.Result = c.bound(t.Task, rep.Result)
	rep.stopped = ctx.Err() != nil
	c.mu.Lock()
	c.run = 0
	c.cancel(nil)
	c.mu.Unlock()
	return c.out.flush(&rep)
}

// bound replaces a result or an error that is too long by an error that says so.
func (c *server) bound(t vm.Task, res vm.Result) vm.Result {
	out := res
	if n := int64(len(res.Value)); n > c.most {
		out = failed(t, codeOutput, "result of %d bytes, limit %d", n, c.most)
	}
	if n := len(res.Err); n > maxError {
		e, _ := value.DecodeError(res.Err)
		out = failed(t, codeOutput, "error of %d bytes, limit %d: %s: %s", n, maxError, head(e.Name), head(e.Message))
	}
	out.Run, out.Busy = res.Run, res.Busy
	return out
}

// head is the beginning of a text that may be long.
func head(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return clean(s[:most]) + "…"
}

// call runs the task. A panic of the runner, which is a fault of ours, fails it and retires the child.
func (c *server) call(ctx context.Context, t *task) (res vm.Result, retire bool) {
	defer func() {
		if r := recover(); r != nil {
			res = failure(t.Task, codeKilled, string(debug.Stack()), fmt.Sprintf("panic in the executor: %v", r))
			retire = true
		}
	}()
	v := &voice{done: ctx.Done(), out: c.out, run: t.run, posted: c.posted, wishes: &c.wishes}
	return c.runner.Run(ctx, t.Task, v), false
}
