package executor

import (
	"context"
	"io"
	"sync"
	"time"
)

const (
	maxPending = 256 << 10 // bytes of output that wait to be written: then the task waits
	fullBatch  = 32 << 10  // bytes after which output is written without waiting for more
	batchTime  = 5 * time.Millisecond
)

// outbox gathers what a child says, so that a thousand lines cost a few writes. The first frame after a quiet time
// is written at once, later ones every 5 ms, and all that is pending together with a result.
type outbox struct {
	w io.Writer

	wmu   sync.Mutex // held while writing; taken before mu
	spare []byte     // guarded by wmu

	mu       sync.Mutex // guards what follows
	pending  []byte
	progress int // offset of the last frame if that is a progress, else -1: the next one replaces it
	err      error

	kick chan struct{} // capacity 1: there is something to write
	full chan struct{} // capacity 1: there is a batch
	room chan struct{} // capacity 1: pending was taken
}

func newOutbox(w io.Writer) *outbox {
	return &outbox{w: w, progress: -1, kick: make(chan struct{}, 1), full: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// run writes what is pending until ctx is done or a write fails.
func (o *outbox) run(ctx context.Context) error {
	pause := time.NewTimer(batchTime)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.kick:
		}
		if err := o.flush(nil); err != nil {
			return err
		}
		pause.Reset(batchTime)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.full:
		case <-pause.C:
		}
	}
}

// put adds a frame. If too much is pending it waits until some was written; done drops the frame.
func (o *outbox) put(done <-chan struct{}, rep *report) {
	o.mu.Lock()
	for len(o.pending) > maxPending && o.err == nil {
		o.mu.Unlock()
		signal(o.full)
		signal(o.kick)
		select {
		case <-o.room:
		case <-done:
			return
		}
		o.mu.Lock()
	}
	defer o.mu.Unlock()
	if rep.kind != kindProgress {
		o.progress = -1
	} else if o.progress >= 0 {
		o.pending = o.pending[:o.progress]
	} else {
		o.progress = len(o.pending)
	}
	o.pending = appendReport(o.pending, rep)
	if len(o.pending) > fullBatch {
		signal(o.full)
	}
	signal(o.kick)
}

// flush writes what is pending, and then last with its payload if it is not nil.
func (o *outbox) flush(last *report) error {
	o.wmu.Lock()
	defer o.wmu.Unlock()
	o.mu.Lock()
	buf, err := o.pending, o.err
	o.pending, o.progress = o.spare[:0], -1
	o.mu.Unlock()
	signal(o.room)
	if err != nil {
		return err
	}
	if last != nil {
		buf = appendReport(buf, last)
		err = writeFrame(o.w, &buf, last.payload())
	} else if len(buf) > 0 {
		_, err = o.w.Write(buf)
	}
	if cap(buf) <= 2*maxPending {
		o.spare = buf
	}
	if err != nil {
		o.mu.Lock()
		o.err = err
		o.mu.Unlock()
	}
	return err
}

// signal makes c, of capacity 1, readable.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
