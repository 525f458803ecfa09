package executor

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/vm"
)

// Defaults of Config.
const (
	DefaultGrace       = 250 * time.Millisecond
	DefaultMemoryLimit = 512 << 20
	DefaultOutputLimit = 64 << 20
)

// Config of a Pool. New copies it.
type Config struct {
	// Command is the argument vector that starts a child, the program's absolute path first, as {exe, "__exec"}.
	// The program must call Serve on proc.ChildConn.
	Command []string
	// Size is the number of tasks at once; zero means 1. There is one child more, so that a task need not wait while a
	// child that was lost is replaced.
	Size int
	// Grace is how long a task that was told to stop may take until its child is killed; zero means 250 ms.
	Grace time.Duration
	// Limits are those of each task.
	Limits Limits
	// Logger hears of children that are lost; nil discards.
	Logger *slog.Logger
}

// Limits bound what one task may take.
type Limits struct {
	// Time is how long a task may run. A Pool does not keep it, but who gives it the Task: zero means no limit.
	Time time.Duration
	// CPU is the processor time that a task may take, measured every 20 ms; zero means no limit.
	CPU time.Duration
	// Memory is what a task may allocate, in bytes; zero means 512 MiB, and less than MinMemory is raised to that.
	Memory int64
	// Output is how much a task may log and send as events, in bytes; zero means 64 MiB.
	Output int64
	// Result is the size of a task's result as it travels, in bytes; zero means 256 MiB, which is the most. An error
	// may have 1 MiB.
	Result int64
}

// Pool is a number of child processes that run tasks. All methods are safe for concurrent use.
type Pool struct {
	cfg        Config
	quarantine Quarantine
	known      chan struct{} // closed when force is set, or will not be

	mu      sync.Mutex      // guards what follows
	idle    []*child        // the one used last is the last: its caches are warm
	busy    int             // children that Execute has; at most cfg.Size
	waiting []*waiter       // who came first is the first; non-empty only if idle is empty or cfg.Size are busy
	alive   map[*child]bool // children that are ready or at work
	started uint64          // children that were ready
	ended   bool
	refused error    // why children get no namespaces of their own; nil while they do
	force   []string // what is in force in the first child
	told    bool     // known is closed
}

// waiter is a call of Execute that waits for a child.
type waiter struct {
	granted chan grant // capacity 1; who takes the waiter off the queue sends exactly once
}

// grant is what a waiter waits for.
type grant struct {
	child *child
	err   error
}

// New returns a Pool. Its children are started by Run.
func New(cfg Config) *Pool {
	cfg.Size = max(cfg.Size, 1)
	if cfg.Grace <= 0 {
		cfg.Grace = DefaultGrace
	}
	if cfg.Limits.Memory <= 0 {
		cfg.Limits.Memory = DefaultMemoryLimit
	}
	cfg.Limits.Memory = max(cfg.Limits.Memory, MinMemory)
	if cfg.Limits.Output <= 0 {
		cfg.Limits.Output = DefaultOutputLimit
	}
	if cfg.Limits.Result <= 0 || cfg.Limits.Result > maxResult {
		cfg.Limits.Result = maxResult
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{cfg: cfg, alive: make(map[*child]bool), known: make(chan struct{})}
}

// Run starts the children and replaces those that are lost until ctx is done. Then it kills them, with what they
// may be running, and returns nil once the last is gone. It must be called once.
func (p *Pool) Run(ctx context.Context) error {
	var g errgroup.Group
	for range p.cfg.Size + spares {
		g.Go(func() error { p.keep(ctx); return nil })
	}
	<-ctx.Done()
	p.end(errEnded)
	return g.Wait()
}

// Execute runs t in a child and returns its result; what the task says meanwhile goes to h, on this goroutine. It
// waits for an idle child first, for as long as ctx allows: t.Timeout counts from the moment the child gets the task.
// The end of ctx stops the task too. All failures are in Result.Err.
func (p *Pool) Execute(ctx context.Context, t vm.Task, h vm.Host) vm.Result {
	if n := len(t.Code) + len(t.Args); n > maxTask {
		return failed(t, codeMemory, "code and arguments of %d bytes, limit %d", n, maxTask)
	}
	if why := p.quarantine.Refuses(t.Code, time.Now()); why != "" {
		return failed(t, codeRefused, "not started: %s", why)
	}
	for attempt := 1; ; attempt++ {
		c, err := p.acquire(ctx)
		if err != nil {
			return notRun(ctx, t, err)
		}
		res, f := c.execute(ctx, t, h, &p.cfg)
		p.release(c)
		if f.untouched && attempt < maxAttempts {
			continue // the child was dying as it was chosen and never read the task
		}
		if f.blame != "" {
			p.quarantine.Blame(t.Code, f.blame, time.Now())
		}
		return res
	}
}

// acquire waits its turn for a child.
func (p *Pool) acquire(ctx context.Context) (*child, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return nil, errEnded
	}
	if c := p.take(); c != nil {
		p.mu.Unlock()
		return c, nil
	}
	w := &waiter{granted: make(chan grant, 1)}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()
	select {
	case g := <-w.granted:
		return g.child, g.err
	case <-ctx.Done():
	}
	if !p.withdraw(w) { // a grant is on its way: pass it on
		if g := <-w.granted; g.child != nil {
			p.release(g.child)
		}
	}
	return nil, ctx.Err()
}

// withdraw takes w off the queue and reports whether it was still there.
func (p *Pool) withdraw(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting {
		if other == w {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// take returns the idle child that was used last, nil if there is none or enough are busy. p.mu is held.
func (p *Pool) take() *child {
	n := len(p.idle)
	if n == 0 || p.busy >= p.cfg.Size {
		return nil
	}
	c := p.idle[n-1]
	p.idle[n-1] = nil
	p.idle = p.idle[:n-1]
	p.busy++
	return c
}

// release takes back c from a call of Execute.
func (p *Pool) release(c *child) {
	p.mu.Lock()
	p.busy--
	p.mu.Unlock()
	p.offer(c)
}

// offer makes c idle, unless it is lost, which keep sees to, and gives idle children to who waits longest.
func (p *Pool) offer(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	if !c.isLost() {
		p.idle = append(p.idle, c)
	}
	for len(p.waiting) > 0 {
		next := p.take()
		if next == nil {
			return
		}
		w := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		w.granted <- grant{child: next}
	}
}

// discard forgets c, which has ended.
func (p *Pool) discard(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.alive, c)
	for i, other := range p.idle {
		if other == c {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return
		}
	}
}

// end refuses whoever waits, and for good if err is errEnded.
func (p *Pool) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = p.ended || err == errEnded
	if p.ended && !p.told {
		p.told = true
		close(p.known)
	}
	for _, w := range p.waiting {
		w.granted <- grant{err: err}
	}
	p.waiting = nil
}
