package cluster

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"supercluster/net/wire"
)

// late is how much later than the executor the worker ends a task that has a timeout.
const late = time.Second

// slot runs one job after the other until ctx is done.
func (w *Worker) slot(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-w.starts:
			w.execute(ctx, j)
		}
	}
}

// execute runs a job in the slot that it was given.
func (w *Worker) execute(ctx context.Context, j *job) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	w.mu.Lock()
	t, code, master := j.task, j.code, *j.owner.s.peer
	var blobs []*Blob
	for i, data := range j.blobs {
		blobs = append(blobs, &Blob{Hash: t.Blobs[i], Data: data})
	}
	j.stop = stop
	if j.cause != nil {
		stop(j.cause)
	}
	w.mu.Unlock()

	timeout := time.Duration(min(t.TimeoutMillis, maxTimeoutMillis)) * time.Millisecond
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout+late, &Error{CodeTaskTimeout,
			"the task ran longer than its timeout of " + timeout.String()})
		defer cancel()
	}
	s := &sink{w: w, j: j, ended: ctx.Done()}
	r := w.cfg.Executor.Execute(ctx, Task{
		ID: t.ID.String(), Name: t.Name, Code: code, CodeKind: t.CodeKind, Args: t.Args, Hash: t.Hash, Each: t.Each, Engine: t.Engine, Blobs: blobs, Timeout: timeout,
		Master: master, Member: master.Member, WorkerID: w.id, WorkerData: w.cfg.Data,
	}, s)
	s.over.Store(true)
	explain(&r, context.Cause(ctx))

	now := w.clock()
	w.mu.Lock()
	w.intake.ended(j, r, now)
	w.settle(w.perform)
}

// maxTimeoutMillis is the longest timeout that is kept; a longer one counts as this: about 100 days.
const maxTimeoutMillis = 100 * 24 * 3600 * 1000

// explain gives a task that was ended from outside the error that says why, unless the executor has a better one.
func explain(r *Result, cause error) {
	if r.Err == nil && r.Value != nil || cause == nil || strings.HasPrefix(codeOf(r.Err), "ERR_TASK_") {
		return
	}
	var e *Error
	switch {
	case errors.As(cause, &e) && codeOf(r.Err) == e.Code: // what the executor says of the same is more exact
	case errors.As(cause, &e):
		r.Err = failure(e.Code, "%s", e.Message)
	case r.Err == nil:
		r.Err = failure(CodeCancelled, "the worker stopped")
	}
	r.Value = nil
}

// sink is the Sink of one job.
type sink struct {
	w     *Worker
	j     *job
	over  atomic.Bool
	ended <-chan struct{}
}

// maxLogText is the longest text in one message, so that it shares the stream with what comes before and after.
const maxLogText = 32 << 10

func (s *sink) Log(stream, text string) {
	if s.over.Load() {
		return
	}
	if text = s.j.within(text); text == "" {
		return
	}
	if s.j.tail.Load() == nil {
		s.j.tail.CompareAndSwap(nil, new(tail))
	}
	s.j.tail.Load().write(text)
	if s.w.control.following.Load() {
		s.w.printed(s.j, stream, text)
	}
	for text != "" {
		n := min(len(text), maxLogText)
		for n < len(text) && n > maxLogText-utf8.UTFMax && !utf8.RuneStart(text[n]) {
			n--
		}
		s.say(&wire.Log{ID: s.j.key.id, Attempt: s.j.key.attempt, Stream: stream, Text: text[:n]})
		text = text[n:]
	}
}

// printed tells those who follow what tasks print here.
func (w *Worker) printed(j *job, stream, text string) {
	w.mu.Lock()
	if t := j.task; t != nil {
		w.control.printed(j.key.id, LogLine{Name: t.Name, Worker: w.id, Stream: stream, Text: clipTo(text, 4*maxLogText)})
	}
	w.settle(w.perform)
}

func (s *sink) Progress(fraction float64) {
	s.say(&wire.Progress{ID: s.j.key.id, Attempt: s.j.key.attempt, Fraction: fraction})
}

func (s *sink) Phase(name string) {
	s.say(&wire.Phase{ID: s.j.key.id, Attempt: s.j.key.attempt, Name: name})
}

func (s *sink) Engine(text string) { s.j.engine.Store(&text) }

// say puts a message behind what the job said before, when there is room. A master that is not linked misses it.
func (s *sink) say(m wire.Message) {
	box := s.j.owner.s.box
	box.wait(s.ended)
	if !s.over.Load() {
		box.put(m)
	}
}

func (s *sink) Send(event string, data []byte) {
	if s.over.Load() {
		return
	}
	posted := make(chan struct{})
	e := &wire.Event{Name: event, Data: data, TaskID: s.j.key.id}
	if checkEvent(e) != nil {
		return
	}
	s.w.mu.Lock()
	if master := s.j.owner.s; master.linked() {
		master.out.post(e, true, func(error) { close(posted) })
	} else {
		close(posted)
	}
	s.w.settle(s.w.perform)
	select {
	case <-posted:
	case <-s.ended:
	}
}
