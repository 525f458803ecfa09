package executor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"supercluster/vm"
)

// maxAsks is how many requests of a task its executor may have under way; more are a fault of the executor.
const maxAsks = 256

// asks answers what a task wants from outside, each request on a goroutine of its own.
type asks struct {
	child  *child
	run    uint64
	host   vm.Asker // nil if the task may ask nothing
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex // guards underway
	waiting  sync.WaitGroup
	underway int
}

// newAsks returns the asks of that run, whose end must be called. A task without grants may ask nothing, whatever its
// executor has become.
func newAsks(ctx context.Context, c *child, run uint64, t vm.Task, h vm.Host) *asks {
	a := &asks{child: c, run: run}
	if host, ok := h.(vm.Asker); ok && t.Grants != 0 && t.Grants&vm.KeyRequired == 0 {
		a.host = host
		a.ctx, a.cancel = context.WithCancel(ctx)
	}
	return a
}

// take begins to answer one request.
func (a *asks) take(rep *report) error {
	if a.host == nil {
		return errors.New("the executor asks for something that its task may not have")
	}
	a.mu.Lock()
	a.underway++
	n := a.underway
	a.mu.Unlock()
	if n > maxAsks {
		return fmt.Errorf("%d requests at once, limit %d", n, maxAsks)
	}
	id, request := rep.id, rep.data
	a.waiting.Go(func() {
		answer, err := a.host.Ask(a.ctx, request)
		a.mu.Lock()
		a.underway--
		a.mu.Unlock()
		if err == nil && len(answer) <= maxAsk {
			a.child.writeAnswer(a.run, id, answer)
		}
	})
	return nil
}

// end gives up what is under way, and returns when nothing is. A child that does not read its answers is ended.
func (a *asks) end(grace time.Duration) {
	if a.host == nil {
		return
	}
	a.cancel()
	late := time.AfterFunc(grace, a.child.retire)
	defer late.Stop()
	a.waiting.Wait()
}

// writeAnswer writes an answer. An error is found by the reader.
func (c *child) writeAnswer(run, id uint64, answer []byte) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	_, _ = c.proc.Conn().Write(appendAnswer(nil, run, id, answer))
}

// wishes are the requests of a child's task that wait for their answers.
type wishes struct {
	mu   sync.Mutex // guards what follows
	last uint64
	open map[uint64]chan []byte // capacity 1
}

// add returns the number of a new request, and where its answer will come.
func (w *wishes) add() (id uint64, answer chan []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		w.open = make(map[uint64]chan []byte)
	}
	w.last++
	answer = make(chan []byte, 1)
	w.open[w.last] = answer
	return w.last, answer
}

// drop forgets a request that nobody waits for any more.
func (w *wishes) drop(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, id)
}

// fulfil hands over an answer; one that nobody waits for is dropped.
func (w *wishes) fulfil(id uint64, answer []byte) {
	w.mu.Lock()
	c := w.open[id]
	delete(w.open, id)
	w.mu.Unlock()
	if c != nil {
		c <- bytes.Clone(answer)
	}
}

// Ask sends a request to the parent and waits for the answer. A request goes at once, as the task waits for it, but
// after all that the task said before.
func (v *voice) Ask(ctx context.Context, request []byte) ([]byte, error) {
	if len(request) > maxAsk {
		return nil, fmt.Errorf("request of %d bytes, limit %d", len(request), maxAsk)
	}
	id, answer := v.wishes.add()
	defer v.wishes.drop(id)
	if err := v.out.flush(&report{kind: kindAsk, run: v.run, id: id, data: request}); err != nil {
		return nil, err
	}
	select {
	case b := <-answer:
		return b, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-v.done:
		return nil, errStopped
	}
}
