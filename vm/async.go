package vm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// asyncPool runs slow host functions off the loop, at most max at once; the others wait in order.
type asyncPool struct {
	max int

	mu     sync.Mutex
	ctx    func() context.Context // of the loop's Run; nil before it
	queue  []func(context.Context)
	active int
	own    int           // of Start, which has no limit
	idle   chan struct{} // closed when active and own fall to zero after wait began
}

// start lets the functions run that were handed in so far, and those to come.
func (p *asyncPool) start(ctx func() context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ctx = ctx
	for range len(p.queue) {
		p.grow()
	}
}

func (p *asyncPool) add(fn func(context.Context)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, fn)
	p.grow()
}

// grow starts one more goroutine if there may be one. p.mu is held.
func (p *asyncPool) grow() {
	if p.ctx != nil && p.active < p.max {
		p.active++
		go p.work(p.ctx())
	}
}

// work runs functions until none waits.
func (p *asyncPool) work(ctx context.Context) {
	for {
		p.mu.Lock()
		if len(p.queue) == 0 || ctx.Err() != nil {
			p.active--
			p.tell()
			p.mu.Unlock()
			return
		}
		fn := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		fn(ctx)
	}
}

// tell wakes whoever waits, if nothing runs any more. p.mu is held.
func (p *asyncPool) tell() {
	if p.active+p.own == 0 && p.idle != nil {
		close(p.idle)
		p.idle = nil
	}
}

// wait blocks until no function runs, at most grace, and reports whether none does. ctx has ended before.
func (p *asyncPool) wait(grace time.Duration) bool {
	p.mu.Lock()
	if p.active+p.own == 0 {
		p.mu.Unlock()
		return true
	}
	idle := make(chan struct{})
	p.idle = idle
	p.mu.Unlock()
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-idle:
		return true
	case <-t.C:
		return false
	}
}

// Async runs work on another goroutine and returns a promise. What work returns runs on the loop and settles the
// promise, exactly once: with its value, or rejected with its error (see Throw). A nil value is undefined. The loop
// stays alive meanwhile. ctx ends with the loop; work must return soon after. Loop goroutine only.
func (l *Loop) Async(work func(ctx context.Context) (settle func() (goja.Value, error))) *goja.Object {
	promise, resolve, reject := l.rt.NewPromise()
	release := l.Ref()
	l.async.add(func(ctx context.Context) {
		settle := callWork(ctx, work)
		l.Post(func() {
			release()
			v, err := settle()
			if err != nil {
				_ = reject(Thrown(l.rt, err))
				return
			}
			if v == nil {
				v = goja.Undefined()
			}
			_ = resolve(v)
		})
	})
	return l.rt.ToValue(promise).(*goja.Object)
}

// callWork makes a rejection of a panic in work: one faulty host function must not end the process.
func callWork(ctx context.Context, work func(context.Context) func() (goja.Value, error)) (settle func() (goja.Value, error)) {
	defer func() {
		if x := recover(); x != nil {
			settle = func() (goja.Value, error) { return nil, fmt.Errorf("internal error: %v", x) }
		}
	}()
	return work(ctx)
}
