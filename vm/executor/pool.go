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
)

// Config of a Pool. New copies it.
type Config struct {
	// Command is the argument vector that starts a child, the program's absolute path first, as {exe, "__exec"}.
	// The program must call Serve on proc.ChildConn.
	Command []string
	// Size is the number of children, and so of tasks at once; zero means 1.
	Size int
	// Grace is how long a task that was told to stop may take until its child is killed; zero means 250 ms.
	Grace time.Duration
	// MemoryLimit is what a task may allocate, in bytes; zero means 512 MiB, and less than 64 MiB is raised to that.
	MemoryLimit int64
	// Logger hears of children that are lost; nil discards.
	Logger *slog.Logger
}

// Pool is a number of child processes that run tasks. All methods are safe for concurrent use.
type Pool struct {
	cfg Config

	mu      sync.Mutex      // guards what follows
	idle    []*child        // the one used last is the last: its caches are warm
	waiting []*waiter       // who came first is the first; non-empty only if idle is empty
	alive   map[*child]bool // children that are ready or at work
	ended   bool
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
	if cfg.MemoryLimit <= 0 {
		cfg.MemoryLimit = DefaultMemoryLimit
	}
	cfg.MemoryLimit = max(cfg.MemoryLimit, minMemory)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{cfg: cfg, alive: make(map[*child]bool)}
}

// Run starts the children and replaces those that are lost until ctx is done. Then it kills them, with what they
// may be running, and returns nil once the last is gone. It must be called once.
func (p *Pool) Run(ctx context.Context) error {
	var g errgroup.Group
	for range p.cfg.Size {
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
	for attempt := 1; ; attempt++ {
		c, err := p.acquire(ctx)
		if err != nil {
			return notRun(ctx, t, err)
		}
		res, untouched := c.execute(ctx, t, h, p.cfg.Grace)
		if untouched && attempt < maxAttempts {
			continue // the child was dying as it was chosen and never read the task
		}
		p.release(c)
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
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
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

// release gives c to who waits longest, or makes it idle; not if c is lost, which keep sees to.
func (p *Pool) release(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || c.isLost() {
		return
	}
	if len(p.waiting) == 0 {
		p.idle = append(p.idle, c)
		return
	}
	w := p.waiting[0]
	p.waiting[0] = nil
	p.waiting = p.waiting[1:]
	w.granted <- grant{child: c}
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
	for _, w := range p.waiting {
		w.granted <- grant{err: err}
	}
	p.waiting = nil
}
