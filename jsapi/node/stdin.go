package node

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// chunkSize is how much of stdin is read at once, in bytes, as node does.
const chunkSize = 64 << 10

// errPaused is why a read came back without data: it was cancelled, nothing is lost.
var errPaused = errors.New("read was paused")

// contextReader reads with a way to give up: a cancelled ReadContext returns errPaused and consumes nothing.
type contextReader interface {
	ReadContext(ctx context.Context, p []byte) (int, error)
}

// stdin is process.stdin's native half: one read at a time, cancellable, so that a paused stdin keeps nothing alive.
type stdin struct {
	loop   *vm.Loop
	source io.Reader
	reader contextReader
	cancel context.CancelFunc // of the read in progress; loop goroutine only
}

func newStdin(loop *vm.Loop, source io.Reader) *stdin { return &stdin{loop: loop, source: source} }

// read starts a read. The promise gives the bytes, null at the end, undefined when it was cancelled by stop.
func (s *stdin) read(rt *goja.Runtime, wrap func([]byte) goja.Value) goja.Value {
	if s.reader == nil {
		s.reader = readerOf(s.source)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	return s.loop.Async(func(loopCtx context.Context) func() (goja.Value, error) {
		stop := context.AfterFunc(loopCtx, cancel)
		defer stop()
		defer cancel()
		buf := make([]byte, chunkSize)
		n, err := s.reader.ReadContext(ctx, buf)
		return func() (goja.Value, error) {
			switch {
			case n > 0:
				return wrap(buf[:n:n]), nil
			case errors.Is(err, errPaused):
				return goja.Undefined(), nil
			case err == nil || errors.Is(err, io.EOF):
				return goja.Null(), nil
			}
			return nil, vm.Throw(withoutFrames(rt, systemError(rt, err, "read")))
		}
	})
}

// stop cancels the read in progress.
func (s *stdin) stop() {
	if s.cancel != nil {
		s.cancel()
	}
}

// readerOf finds the way to read source without being stuck in it.
func readerOf(source io.Reader) contextReader {
	if r, ok := source.(contextReader); ok {
		return r
	}
	if f, ok := source.(*os.File); ok {
		if r := fileReader(f); r != nil {
			return r
		}
	}
	return &pumpReader{source: source, results: make(chan pumped), demand: make(chan struct{}, 1)}
}

type pumped struct {
	data []byte
	err  error
}

// pumpReader reads sources that cannot be interrupted: a goroutine sits in Read, at most one chunk ahead of what was
// asked for. What comes after a cancelled ReadContext is kept for the next. The goroutine ends with its source.
type pumpReader struct {
	source  io.Reader
	started bool
	waiting bool // a demand is out, its result not yet taken
	results chan pumped
	demand  chan struct{}
	left    pumped
}

func (r *pumpReader) pump() {
	for range r.demand {
		buf := make([]byte, chunkSize)
		n, err := r.source.Read(buf)
		r.results <- pumped{buf[:n], err}
		if err != nil {
			return
		}
	}
}

// ReadContext is of contextReader. It is called by one goroutine at a time.
func (r *pumpReader) ReadContext(ctx context.Context, p []byte) (int, error) {
	if len(r.left.data) == 0 && r.left.err != nil {
		return 0, r.left.err
	}
	if len(r.left.data) == 0 {
		if !r.started {
			r.started = true
			go r.pump()
		}
		if !r.waiting {
			r.waiting = true
			r.demand <- struct{}{}
		}
		select {
		case r.left = <-r.results:
			r.waiting = false
		case <-ctx.Done():
			return 0, errPaused
		}
	}
	n := copy(p, r.left.data)
	r.left.data = r.left.data[n:]
	if n == 0 {
		return 0, r.left.err
	}
	return n, nil
}
