package vm

import "context"

// Start runs work on a goroutine of its own, for what waits long: a connection, a listener, a child process. Unlike
// Async it has no limit of number, settles no promise and does not keep the loop alive; Ref does that, and Post brings
// results back. ctx ends with the loop; work must return soon after, Run waits for it as for Async. It is to be called
// on the loop's goroutine while Run runs; a call after the end of Run does nothing and returns false.
func (l *Loop) Start(work func(ctx context.Context)) bool {
	p := &l.async
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil {
		return false
	}
	ctx := p.ctx()
	if ctx.Err() != nil {
		return false
	}
	p.own++
	go func() {
		defer func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.own--
			p.tell()
		}()
		work(ctx)
	}()
	return true
}
