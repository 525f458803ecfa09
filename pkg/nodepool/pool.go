package nodepool

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"supercluster/pkg/proc"
)

// Defaults of Config and Limits.
const (
	DefaultGrace       = 250 * time.Millisecond
	DefaultMemoryLimit = 512 << 20
	DefaultOutputLimit = 64 << 20
	// MaxResult is the size of a result as it travels, in bytes.
	MaxResult = 256 << 20
	// minMemory is the least that a task may be held to, in bytes.
	minMemory = 64 << 20
	// idleTime is how long a process stays for its master without a task.
	idleTime = time.Minute
)

// Config of a Pool. New copies it.
type Config struct {
	// Node is the absolute path of node. Required.
	Node string
	// Launcher is the argument vector that starts the launcher, the program's absolute path first, as {exe, "__node"}. The
	// program must call Launch with the arguments after these. Required on Linux.
	Launcher []string
	// Size is the number of idle processes that are kept at most; zero means 1. How many tasks run at once is the
	// caller's to bound.
	Size int
	// Grace is how long a task that holds its signal may go on after it was told to stop; zero means 250 ms.
	Grace time.Duration
	// Limits are those of each task.
	Limits Limits
	// Logger hears of processes that are lost; nil discards.
	Logger *slog.Logger
}

// Limits bound what one task may take.
type Limits struct {
	// CPU is the processor time that a task may take, measured every 20 ms where the system tells it (Linux); zero means
	// no limit.
	CPU time.Duration
	// Memory is what V8 may allocate, in bytes, for objects, and the process for buffers; zero means 512 MiB, and less
	// than 64 MiB is raised to that.
	Memory int64
	// Output is how much a task may log and send as events, in bytes; zero means 64 MiB.
	Output int64
	// Result is the size of a task's result as it travels, in bytes; zero means 256 MiB, which is the most.
	Result int64
}

// Task is one call of a function.
type Task struct {
	Master     string // who sent it: processes are not shared between masters
	ID, Name   string
	Code, Args []byte // of vm.Function.Encode, and the encoded array of arguments, with captures before it
	Each       bool   // call once for each element of the first argument
	WorkerID   string
	WorkerData []byte // JSON
	Timeout    time.Duration
}

// Message is what a task sends to others than its master, as vm.Message.
type Message struct {
	To     byte
	Target []byte
	Event  string
	Data   []byte
}

// Host is what a task reaches outside. Its methods are called on the goroutine of Execute.
type Host interface {
	Log(stream, text string)
	Progress(fraction float64)
	Send(event string, data []byte)
	// Post returns when m is on its way. Its error may have a method ErrorCode.
	Post(m Message) error
}

// Result is what became of a task.
type Result struct {
	Value, Err []byte // one of them, encoded
	Run        time.Duration
	Blame      string // what the task did to end its process; "" if it did not
}

// Pool keeps node processes. All methods are safe for concurrent use.
type Pool struct {
	cfg     Config
	running sync.WaitGroup // goroutines that start spares, or wait for ends

	probing sync.Mutex // guards what follows, and is held while node is asked
	node    engine
	unfit   error // why it cannot be used, as was found at the time tried
	tried   time.Time

	mu    sync.Mutex           // guards what follows
	idle  []*process           // the one used last is the last
	spare *process             // has served nobody yet
	alive map[*process]bool    // all of them
	left  map[string]time.Time // masters that are gone, whose processes end with their tasks
	ended bool
	going bool          // a spare is being started
	quit  func()        // gives that up; nil before the first
	way   *way          // how processes are started, once one was
	known chan struct{} // closed when force is set, or will not be
	told  bool
	force []string
}

// New returns a Pool; it starts nothing.
func New(cfg Config) *Pool {
	cfg.Size = max(cfg.Size, 1)
	if cfg.Grace <= 0 {
		cfg.Grace = DefaultGrace
	}
	if cfg.Limits.Memory <= 0 {
		cfg.Limits.Memory = DefaultMemoryLimit
	}
	cfg.Limits.Memory = max(cfg.Limits.Memory, minMemory)
	if cfg.Limits.Output <= 0 {
		cfg.Limits.Output = DefaultOutputLimit
	}
	if cfg.Limits.Result <= 0 || cfg.Limits.Result > MaxResult {
		cfg.Limits.Result = MaxResult
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{cfg: cfg, alive: make(map[*process]bool), left: make(map[string]time.Time), known: make(chan struct{})}
}

// Run ends processes that are idle for long, until ctx is done; then it ends them all, with what they may be running,
// and returns nil once the last is gone. It must be called once. Nothing is started before the first task.
func (p *Pool) Run(ctx context.Context) error {
	ticker := time.NewTicker(idleTime / 4)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			p.expire(now)
			continue
		case <-ctx.Done():
		}
		break
	}
	p.mu.Lock()
	p.ended = true
	p.tell(nil)
	if p.quit != nil {
		p.quit()
	}
	for x := range p.alive {
		x.stopWith(&cause{codeCancelled, "stopped, as " + errEnded.Error(), false})
		x.kill()
	}
	p.mu.Unlock()
	p.running.Wait()
	return nil
}

// Confinement lists what keeps the tasks of this pool from their host, a line each, as executor.Pool.Confinement. It
// waits for the first process, and returns nil if ctx or the Pool ends before.
func (p *Pool) Confinement(ctx context.Context) []string {
	select {
	case <-p.known:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.force)
}

// tell sets what Confinement returns, once. p.mu is held.
func (p *Pool) tell(force []string) {
	if !p.told {
		p.told, p.force = true, force
		close(p.known)
	}
}

// Arrive tells that a master is here, after it may have been gone.
func (p *Pool) Arrive(master string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.left, master)
}

// Leave tells that a master is gone: its processes end, those with a task after that.
func (p *Pool) Leave(master string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left[master] = time.Now()
	p.idle = slices.DeleteFunc(p.idle, func(x *process) bool {
		if x.master == master {
			x.kill()
		}
		return x.master == master
	})
}

// expire ends processes that were idle for long, and forgets masters that are gone for as long.
func (p *Pool) expire(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = slices.DeleteFunc(p.idle, func(x *process) bool {
		old := now.Sub(x.since) > idleTime
		if old {
			x.kill()
		}
		return old
	})
	if x := p.spare; x != nil && now.Sub(x.since) > 5*idleTime {
		x.kill()
		p.spare = nil
	}
	for master, since := range p.left {
		if now.Sub(since) > 10*idleTime {
			delete(p.left, master)
		}
	}
}

// Execute runs t and returns its result. The end of ctx stops the task. A *StartError means that node could not be
// started, and that nothing ran.
func (p *Pool) Execute(ctx context.Context, t Task, h Host) (Result, error) {
	for {
		if ctx.Err() != nil {
			why := cancelled(ctx)
			return failed(&t, why.code, "%s, before it started", why.text), nil
		}
		x, err := p.acquire(ctx, t.Master)
		switch {
		case err == errEnded:
			return failed(&t, codeCancelled, "not started: %v", err), nil
		case ctx.Err() != nil:
			continue
		case err != nil:
			return Result{}, &StartError{err}
		}
		res, untouched := x.execute(ctx, &t, h, &p.cfg)
		p.release(x)
		if !untouched {
			return res, nil
		}
	}
}

// acquire returns a process for the master: one of its own, the spare, or a new one.
func (p *Pool) acquire(ctx context.Context, master string) (*process, error) {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return nil, errEnded
	}
	var x *process
	for i := len(p.idle) - 1; i >= 0 && x == nil; i-- {
		if p.idle[i].master == master {
			x = p.idle[i]
			p.idle = slices.Delete(p.idle, i, i+1)
		}
	}
	if x == nil && p.spare != nil {
		x, p.spare = p.spare, nil
		x.master = master
		p.prepare()
	}
	p.mu.Unlock()
	if x != nil {
		return x, nil
	}
	x, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	x.master = master
	p.mu.Lock()
	p.prepare()
	p.mu.Unlock()
	return x, nil
}

// prepare has a spare started, unless there is one. p.mu is held.
func (p *Pool) prepare() {
	if p.spare != nil || p.going || p.ended {
		return
	}
	p.going = true
	ctx, cancel := context.WithCancel(context.Background())
	p.quit = cancel
	p.running.Go(func() {
		defer cancel()
		x, err := p.start(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.going = false
		switch {
		case err != nil:
			p.cfg.Logger.Debug("no spare node process", "err", err)
		case p.ended:
			x.kill()
		default:
			p.spare = x
		}
	})
}

// start starts a process and waits until it is ready.
func (p *Pool) start(ctx context.Context) (*process, error) {
	x, err := p.startConfined(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		x.kill()
		x.proc.Wait()
		x.proc.Conn().Close()
		return nil, errEnded
	}
	p.tell(x.force)
	p.alive[x] = true
	p.running.Go(func() {
		st := x.proc.Wait()
		p.mu.Lock()
		delete(p.alive, x)
		p.idle = slices.DeleteFunc(p.idle, func(other *process) bool { return other == x })
		if p.spare == x {
			p.spare = nil
		}
		p.mu.Unlock()
		p.lost(x, st)
	})
	return x, nil
}

func (p *Pool) lost(x *process, st proc.State) {
	if !st.Killed && st.Code != 0 {
		p.cfg.Logger.Debug("node process lost", "pid", x.proc.Pid(), "state", st.String(), "stderr", x.proc.Tail())
	}
	x.dispose()
}

// release takes back x after a task, once it is ready for another one.
func (p *Pool) release(x *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, gone := p.left[x.master]
	if p.ended || gone || !x.settled || !p.alive[x] {
		x.kill()
		return
	}
	x.since = time.Now()
	p.idle = append(p.idle, x)
	if len(p.idle) > p.cfg.Size {
		p.idle[0].kill()
		p.idle = slices.Delete(p.idle, 0, 1)
	}
}
