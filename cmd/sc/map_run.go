package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
	"supercluster/net/cluster"
	"supercluster/net/wire"
	"supercluster/vm"
	"supercluster/vm/value"
)

// Lines travel in chunks that keep a slot busy for about chunkTime, so that
// the way costs little, and at most maxChunk of them or chunkBytes bytes.
const (
	chunkTime  = 40 * time.Millisecond
	maxChunk   = 1000
	chunkBytes = 256 << 10
	// maxHeld bounds the results that wait for an earlier one with --keep-order.
	maxHeld = 200_000
)

// A mapRun sends the lines of its input and prints what they come to. All but
// heeds belongs to the goroutine of run.
type mapRun struct {
	env     *environment
	loader  *loader.Loader
	opts    *mapping
	timeout time.Duration
	wait    time.Duration
	logs    bool
	signals chan os.Signal

	master  *cluster.Master
	code    []byte
	environ []byte
	in      *input
	skip    map[int]bool
	log     *joblog
	out     *mapOutput
	bar     *progress

	chunk     int // lines in the next chunk
	flying    map[wire.TaskID]*flight
	lines     int // in flight
	done      chan *flight
	again     []inputLine // of chunks that failed as a whole: one by one
	ended     bool        // no line comes any more
	stopping  bool        // nothing is sent any more
	killed    bool        // and what runs is cancelled
	signal    os.Signal   // what ended it
	good, bad int
}

// A flight is a chunk under way.
type flight struct {
	id      wire.TaskID
	lines   []inputLine
	sent    int // bytes
	began   time.Time
	outcome cluster.Outcome
}

func newMapRun(env *environment, l *loader.Loader, s *settings) *mapRun {
	r := &mapRun{
		env: env, loader: l, opts: &s.mapping, timeout: s.timeout, wait: s.wait, logs: s.logs,
		signals: make(chan os.Signal, 4),
		chunk:   1, flying: make(map[wire.TaskID]*flight), done: make(chan *flight, 1024),
	}
	r.out = newMapOutput(env, r.opts, s.json)
	return r
}

// heeds takes two signals: the first lets lines that run end, the second ends
// them.
func (r *mapRun) heeds(sig os.Signal) bool {
	if !isInterrupt(sig) {
		return false
	}
	select {
	case r.signals <- sig:
		return true
	default:
		return false // it does not listen: the process ends at once
	}
}

func (r *mapRun) run(ctx context.Context, m *cluster.Master, f *vm.Function) error {
	r.master, r.code, r.environ = m, f.Encode(), f.Env
	if err := r.openLog(); err != nil {
		return err
	}
	if err := hasWorker(ctx, r.env, "map", m, r.wait); err != nil {
		return err
	}
	readCtx, stopReading := context.WithCancel(ctx)
	defer stopReading()
	r.in = readInput(readCtx, r.env.stdin, r.opts)
	r.bar = newProgress(r.env, r.opts.bar || r.opts.eta, r.opts.eta)
	defer r.bar.close()
	if err := r.loop(ctx); err != nil {
		return err
	}
	r.show() // what it came to
	if err := r.out.flush(); err != nil {
		return err
	}
	return r.verdict()
}

func (r *mapRun) openLog() (err error) {
	o := r.opts
	if o.joblog == "" {
		return nil
	}
	if o.resume || o.resumeFailed {
		if r.skip, err = endedBefore(o.joblog, o.resumeFailed); err != nil {
			return configError("map", err)
		}
	}
	if r.log, err = openJoblog(o.joblog, o.resume || o.resumeFailed); err != nil {
		return configError("map", err)
	}
	return nil
}

// loop sends and receives until all is done.
func (r *mapRun) loop(ctx context.Context) error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		if err := r.send(); err != nil {
			return err
		}
		if len(r.flying) == 0 && (r.stopping || r.ended && len(r.again) == 0) {
			return nil
		}
		var lines <-chan inputLine // asked only when there is room and none is at hand
		if !r.ended && !r.stopping && r.room() && len(r.again) == 0 {
			lines = r.in.lines
		}
		select {
		case line, ok := <-lines:
			r.take(line, ok)
		case f := <-r.done:
			if err := r.landed(f); err != nil {
				return err
			}
		case sig := <-r.signals:
			r.interrupt(sig)
		case <-tick.C:
			r.show()
			if err := r.out.w.Flush(); err != nil { // whoever reads waits no longer than that
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take keeps a line that came, unless an earlier run has done it.
func (r *mapRun) take(line inputLine, ok bool) {
	switch {
	case !ok:
		r.ended = true
	case r.skip[line.seq]:
		r.bar.read(line.bytes)
		r.out.skip(line.seq)
	default:
		r.again = append(r.again, line)
	}
}

// room reports whether another chunk may be under way.
func (r *mapRun) room() bool {
	if r.opts.jobs > 0 {
		return r.lines < r.opts.jobs
	}
	slots := 0
	for _, w := range r.master.Workers() {
		slots += w.Slots
	}
	return len(r.flying) < max(4, 2*slots) && r.out.held() < maxHeld
}

// send sends chunks while there are lines and room.
func (r *mapRun) send() error {
	for !r.stopping && r.room() && len(r.again) > 0 {
		size := r.chunk
		if r.opts.single(r.timeout) {
			size = 1
		}
		if r.opts.jobs > 0 {
			size = min(size, r.opts.jobs-r.lines)
		}
		lines, bytes := r.again[:1:1], len(r.again[0].text)
		r.again = r.again[1:]
		for len(lines) < size && bytes < chunkBytes {
			line, ok := r.next()
			if !ok {
				break
			}
			lines, bytes = append(lines, line), bytes+len(line.text)
		}
		r.submit(&flight{lines: lines, sent: bytes, began: time.Now()})
	}
	return nil
}

// next is a line that is there already.
func (r *mapRun) next() (inputLine, bool) {
	for {
		if len(r.again) > 0 {
			line := r.again[0]
			r.again = r.again[1:]
			return line, true
		}
		if r.ended {
			return inputLine{}, false
		}
		select {
		case line, ok := <-r.in.lines:
			r.take(line, ok)
		default:
			return inputLine{}, false
		}
	}
}

func (r *mapRun) submit(f *flight) {
	w := value.NewWriter(make([]byte, 0, f.sent+8*len(f.lines)+16))
	w.ArrayLen(1)
	w.ArrayLen(len(f.lines))
	for _, line := range f.lines {
		w.Str(toValidText(line.text))
	}
	spec := cluster.Spec{
		Name: "map", Code: r.code, Args: vm.JoinEnv(r.environ, w.Bytes()), Each: true, Timeout: r.timeout,
		OnDone: func(o cluster.Outcome) { f.outcome = o; r.done <- f },
	}
	if r.logs {
		printer := r.out.logs
		spec.OnLog = func(p cluster.Peer, stream, text string) {
			printer.print(jsapi.TaskLog{Worker: p.ID, Task: f.name(), Name: "map", Stream: stream, Text: text})
		}
	}
	r.lines += len(f.lines)
	f.id = r.master.Submit(spec)
	r.flying[f.id] = f
}

// name is what logs of the flight are marked with: its first line.
func (f *flight) name() string { return fmt.Sprintf("%04d", f.lines[0].seq) }

// landed takes what became of a chunk.
func (r *mapRun) landed(f *flight) error {
	delete(r.flying, f.id)
	r.lines -= len(f.lines)
	o := f.outcome
	if o.Err != nil && len(f.lines) > 1 && !r.stopping {
		r.again = append(f.lines, r.again...) // one of them did it: find out which
		r.chunk = 1
		return nil
	}
	if o.Err != nil {
		for _, line := range f.lines {
			if err := r.line(f, line, nil, o.Err); err != nil {
				return err
			}
		}
		return nil
	}
	r.adapt(len(f.lines), o.Run)
	results, err := vm.ReadEach(o.Value)
	if err == nil && len(results) != len(f.lines) {
		err = fmt.Errorf("%d results for %d lines", len(results), len(f.lines))
	}
	if err != nil {
		return err
	}
	for i, got := range results {
		if err := r.line(f, f.lines[i], got.Value, got.Err); err != nil {
			return err
		}
	}
	return nil
}

// adapt learns from a chunk how large the next ones should be.
func (r *mapRun) adapt(size int, took time.Duration) {
	if size < r.chunk {
		return
	}
	each := max(took/time.Duration(size), time.Microsecond)
	r.chunk = max(1, min(int(chunkTime/each), 2*r.chunk, maxChunk))
}

// line deals with one line that has ended, with a value or an error.
func (r *mapRun) line(f *flight, line inputLine, good, bad []byte) error {
	var failure *value.Error
	if bad != nil {
		e, ok := value.DecodeError(bad)
		if !ok {
			e = value.Error{Name: "Error", Message: "an error that cannot be read"}
		}
		if e.Code == cluster.CodeCancelled && r.stopping {
			r.out.skip(line.seq)
			return nil // it has not run: the log does not have it
		}
		failure = &e
	}
	text, err := mapText(good)
	if failure == nil && err != nil {
		failure = &value.Error{Name: "TypeError", Message: err.Error(), Code: "ERR_TASK_RESULT"}
	}
	if failure != nil && r.retry(line) {
		return nil
	}
	if failure == nil {
		r.good++
	} else {
		r.bad++
	}
	r.bar.read(line.bytes)
	if err := r.out.result(mapResult{line, f.outcome.Peer.ID, f.outcome.Run, text, good, failure}); err != nil {
		return err
	}
	if r.log != nil {
		host := "-"
		if id := f.outcome.Peer.ID; id != "" {
			host = shortWorker(id)
		}
		if err := r.log.add(line.seq, host, f.began, f.outcome.Run, len(line.text), textLen(text), failure != nil, line.text); err != nil {
			return fmt.Errorf("map: %w", err)
		}
	}
	if r.opts.halt.reached(r.good, r.bad) && !r.stopping {
		r.stop(r.opts.halt.now, "halted")
	}
	return nil
}

// retry sends a line that failed again, if it may be.
func (r *mapRun) retry(line inputLine) bool {
	if r.opts.retries == 0 || r.stopping {
		return false
	}
	line.tries++
	if line.tries > r.opts.retries {
		return false
	}
	r.again = append(r.again, line)
	return true
}

// stop sends nothing more, and with now cancels what runs.
func (r *mapRun) stop(now bool, reason string) {
	r.stopping = true
	if !now {
		return
	}
	for id := range r.flying {
		r.master.Cancel(id, reason)
	}
}

// interrupt is a signal: the first drains, the second kills.
func (r *mapRun) interrupt(sig os.Signal) {
	if r.signal == nil {
		r.signal = sig
		r.bar.clear()
		fmt.Fprintf(r.env.stderr, "sc: waiting for %s that run; Ctrl-C again ends them\n", count(r.lines, "line"))
		r.stop(false, "interrupted")
		return
	}
	if !r.killed {
		r.killed = true
		r.bar.clear()
		fmt.Fprintf(r.env.stderr, "sc: %s that ran were ended\n", count(r.lines, "line"))
		r.stop(true, "interrupted")
	}
}

func (r *mapRun) show() {
	r.bar.show(mapProgress{done: r.good + r.bad, failed: r.bad, running: r.lines, size: r.in.size})
}

// verdict is what the whole came to.
func (r *mapRun) verdict() error {
	halted := r.opts.halt.what == "success" && r.opts.halt.reached(r.good, r.bad)
	switch {
	case r.signal != nil:
		return &exitError{code: signalCode(r.signal)}
	case r.in.err != nil && r.ended:
		return &exitError{code: exitThrew, err: fmt.Errorf("map: stdin: %w", r.in.err), hint: "a line may have " + sizeText(maxLine)}
	case halted || r.bad == 0:
		return nil
	}
	return &exitError{code: exitTasks, err: fmt.Errorf("map: %d of %s failed", r.bad, count(r.good+r.bad, "line"))}
}

func textLen(text *string) int {
	if text == nil {
		return 0
	}
	return len(*text)
}

var errBadResult = errors.New("the result is neither text nor JSON; return a string, a number, an array or a plain object")
