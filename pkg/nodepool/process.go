package nodepool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"supercluster/js"
	"supercluster/pkg/proc"
	"supercluster/vm/value"
)

const (
	// startTime is how long a process may take until it is ready; a machine under load is slow, not broken.
	startTime = 30 * time.Second
	// readyTime is how long a process may take after a task until it is ready for another one. Who takes longer is kept
	// busy by what the task left behind.
	readyTime = 2 * time.Second
	// reapTime bounds the wait for a killed process.
	reapTime = 10 * time.Second
)

// boot is the program that node is started with: it reads the library that it then runs.
const boot = `const{readSync}=require('fs');` +
	`const read=(n)=>{const b=Buffer.alloc(n);for(let i=0,g;i<n;i+=g){g=readSync(FD,b,i,n-i);if(g===0)process.exit(0)}return b};` +
	`const library=new(require('vm').Script)(read(read(4).readUInt32BE(0)).toString(),{filename:'sc:node'});` +
	`library.runInThisContext()(require,'sc:node')('node_pool').start(library)`

// library is what boot reads.
var library = sync.OnceValue(func() []byte { return []byte(js.NodeLibrary()) })

// process is a node process. Who took it from the pool has it alone: execute is called by one goroutine at a time.
type process struct {
	proc   *proc.Process
	force  []string // what is in force in it
	master string   // whom it serves; "" until it serves somebody
	serial int64    // of the task that runs, or ran last

	since   time.Time // idle; guarded by the pool's mutex
	settled bool      // it gave a result and may get another task
	ready   bool      // it said so since its last task

	wmu sync.Mutex // held while writing to the connection

	mu    sync.Mutex // guards what follows
	run   int64      // the task that runs; 0 when none does
	why   *cause     // it was told to stop
	asked bool       // the task holds its signal
	grace *time.Timer
}

// startConfined starts a process with all that is to keep its tasks from the host, or without what keeps node from
// starting.
func (p *Pool) startConfined(ctx context.Context) (*process, error) {
	e, err := p.probe(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	ways := p.ways()
	p.mu.Unlock()
	var first error
	for _, way := range ways {
		x, err := p.startWay(ctx, e, way)
		if err == nil {
			if first != nil {
				x.force = append(x.force, way.without(first))
				p.cfg.Logger.Debug("node is less confined", "err", first)
			}
			p.mu.Lock()
			p.way = &way
			p.mu.Unlock()
			return x, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// way is how to start a process.
type way struct{ isolate, files bool }

// without says what a way lacks, because of err.
func (w way) without(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if !w.isolate {
		return "without namespaces: " + text
	}
	return "without what keeps files from it: " + text
}

// ways are those to try: the one that worked, or all, the safest first. p.mu is held.
func (p *Pool) ways() []way {
	if p.way != nil {
		return []way{*p.way}
	}
	if !launched {
		return []way{{isolate: runtime.GOOS == "windows"}}
	}
	return []way{{true, true}, {false, true}, {true, false}, {false, false}}
}

// nodeArguments are those of node.
func (p *Pool) nodeArguments(e engine) []string {
	fd := "3"
	if runtime.GOOS == "windows" {
		fd = "0"
	}
	args := []string{e.Flag, "--max-old-space-size=" + strconv.FormatInt(p.cfg.Limits.Memory>>20, 10), "--no-warnings", "--v8-pool-size=2"}
	return append(args, "-e", strings.ReplaceAll(boot, "FD", fd))
}

// startWay starts a process and waits until it is ready.
func (p *Pool) startWay(ctx context.Context, e engine, w way) (*process, error) {
	args := p.nodeArguments(e)
	cfg := proc.Config{Path: e.Exec, Args: args, Dir: rootDir(), Conn: true, EndWithParent: true, Isolate: w.isolate}
	if launched {
		l := launch{memory: p.cfg.Limits.Memory, files: w.files, argv: append([]string{e.Exec}, args...)}
		cfg.Path, cfg.Args = p.cfg.Launcher[0], append(p.cfg.Launcher[1:len(p.cfg.Launcher):len(p.cfg.Launcher)], l.arguments()...)
	} else {
		cfg.Memory = p.cfg.Limits.Memory + 512<<20
	}
	started, err := proc.Start(cfg)
	if err != nil {
		return nil, err
	}
	x := &process{proc: started, since: time.Now(), settled: true}
	late := time.AfterFunc(startTime, started.Kill)
	defer late.Stop()
	defer context.AfterFunc(ctx, started.Kill)()
	if err = x.prepare(w); err == nil {
		return x, nil
	}
	started.Kill()
	started.Conn().Close()
	st := started.Wait()
	return nil, fmt.Errorf("node process %d was not ready: %w; it %v: %s", started.Pid(), err, st, bytes.TrimSpace([]byte(started.Tail())))
}

// prepare gives the process its program, and waits until it runs.
func (x *process) prepare(w way) error {
	x.force = plainLines()
	if launched {
		body, err := readFrame(x.proc.Conn())
		if err != nil {
			return err
		}
		if x.force, err = parseConfined(body); err != nil {
			return err
		}
		if w.isolate {
			x.force = append(x.force, "namespaces: no network, no other process")
		}
	}
	x.force = append(x.force, "node: permission model, no file, process, thread or addon")
	if err := writeFrame(x.proc.Conn(), library()); err != nil {
		return err
	}
	return x.awaitReady()
}

// awaitReady reads what an earlier task may still have said, until the process can take another one.
func (x *process) awaitReady() error {
	for !x.ready {
		body, err := readFrame(x.proc.Conn())
		if err != nil {
			return err
		}
		s, err := parseSaid(body)
		if err != nil {
			return err
		}
		x.ready = s.what == "ready"
	}
	return nil
}

// rootDir is a working directory that is always there.
func rootDir() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	return "/"
}

// kill ends the process, which is not to get another task.
func (x *process) kill() { x.proc.Kill() }

// dispose closes the connection of a process that has ended, unless a task still reads from it.
func (x *process) dispose() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.run == 0 {
		x.proc.Conn().Close()
	}
}

// begin makes a task the one that runs.
func (x *process) begin() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.serial++
	x.run, x.why, x.asked = x.serial, nil, false
	return x.run
}

// end makes late calls of stop and of its timer do nothing.
func (x *process) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.run = 0
	if x.grace != nil {
		x.grace.Stop()
		x.grace = nil
	}
	select {
	case <-x.proc.Done():
		x.proc.Conn().Close()
	default:
	}
}

// stop ends the task of that run: at once or, if it holds its signal, after it was told and the grace is over.
func (x *process) stop(run int64, why *cause, grace time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.run != run || x.why != nil {
		return
	}
	x.why = why
	if !x.asked {
		x.proc.Kill()
		return
	}
	x.grace = time.AfterFunc(grace, x.proc.Kill)
	go x.write(abortMessage(run, why.text)) // a process that does not read is killed, and the write ends with it
}

// stopWith is stop for whatever runs, without a grace.
func (x *process) stopWith(why *cause) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.run != 0 && x.why == nil {
		x.why = why
	}
}

// holds notes that the task holds its signal. One that was stopped just before is told after all.
func (x *process) holds() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.asked = true
}

// cause returns why the task was told to stop; nil if it was not.
func (x *process) cause() *cause {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.why
}

// write writes a frame. An error is found by the reader.
func (x *process) write(body []byte) {
	x.wmu.Lock()
	defer x.wmu.Unlock()
	_ = writeFrame(x.proc.Conn(), body)
}

// execute runs t and returns its result. A process that was found dead, or busy with what an earlier task left, leaves it
// untouched.
func (x *process) execute(ctx context.Context, t *Task, h Host, cfg *Config) (res Result, untouched bool) {
	if !x.awaitTurn() {
		x.settled = false
		return res, true
	}
	x.settled, x.ready = false, false
	run := x.begin()
	defer x.end()
	defer context.AfterFunc(ctx, func() { x.stop(run, cancelled(ctx), cfg.Grace) })()
	if t.Timeout > 0 {
		timer := time.AfterFunc(t.Timeout, func() { x.stop(run, timedOut(t.Timeout), cfg.Grace) })
		defer timer.Stop()
	}
	if cfg.Limits.CPU > 0 {
		defer x.watch(run, cfg)()
	}
	began := time.Now()
	sent := make(chan struct{})
	go func() { // ends with the process at the latest; a large task is not read in one piece
		defer close(sent)
		x.write(taskMessage(run, t))
	}()
	s, err := x.hear(ctx, run, h, cfg)
	took := time.Since(began)
	if err != nil {
		x.proc.Kill()
		<-sent
		res = x.autopsy(t, err, cfg)
		res.Run = took
		return res, false
	}
	<-sent
	res = x.result(t, &s, cfg)
	res.Run = took
	return res, false
}

// awaitTurn waits until the process is ready for a task; false means that it is, or will be, none.
func (x *process) awaitTurn() bool {
	if x.ready {
		return true
	}
	late := time.AfterFunc(readyTime, x.proc.Kill)
	defer late.Stop()
	if x.awaitReady() != nil {
		x.proc.Kill()
		return false
	}
	return true
}

// hear takes what a task says, up to its result.
func (x *process) hear(ctx context.Context, run int64, h Host, cfg *Config) (said, error) {
	output := int64(0)
	for {
		body, err := readFrame(x.proc.Conn())
		if err != nil {
			return said{}, err
		}
		s, err := parseSaid(body)
		switch {
		case err != nil:
			return s, err
		case s.run != run:
			continue // of an earlier task
		case s.what == "result" || s.what == "error":
			return s, nil
		case s.what == "signal":
			x.holds()
			continue
		}
		if output += s.size(); output > cfg.Limits.Output {
			x.stopWith(&cause{codeOutput, fmt.Sprintf("logged and sent %d bytes, limit %d", output, cfg.Limits.Output), true})
			return s, errors.New("too much output")
		}
		x.pass(ctx, run, &s, h)
	}
}

// pass tells the host what the task said.
func (x *process) pass(ctx context.Context, run int64, s *said, h Host) {
	switch s.what {
	case "log":
		h.Log(s.event, s.text)
	case "progress":
		h.Progress(s.fraction)
	case "send":
		h.Send(s.event, s.data)
	case "post":
		err := h.Post(Message{To: byte(s.to), Target: []byte(s.target), Event: s.event, Data: s.data})
		if ctx.Err() == nil {
			x.write(postedMessage(run, s.post, err))
		}
	}
}

// result is what a process gave: unless the task was stopped before.
func (x *process) result(t *Task, s *said, cfg *Config) Result {
	if why := x.cause(); why != nil {
		x.proc.Kill()
		return failed(t, why.code, "%s", why.text)
	}
	if err := value.Check(s.data, value.Limits{}); err != nil {
		x.proc.Kill()
		return failed(t, codeInternal, "its node process gave a result that is no value: %v", err)
	}
	x.settled = true
	if s.what == "error" {
		if _, ok := value.DecodeError(s.data); !ok {
			return failed(t, codeInternal, "its node process gave an error that is none")
		}
		return Result{Err: s.data}
	}
	if n := int64(len(s.data)); n > cfg.Limits.Result {
		return failed(t, codeOutput, "result of %d bytes, limit %d", n, cfg.Limits.Result)
	}
	return Result{Value: s.data}
}

// autopsy says what became of a task whose process broke off with err.
func (x *process) autopsy(t *Task, err error, cfg *Config) Result {
	late := time.NewTimer(reapTime)
	defer late.Stop()
	select {
	case <-x.proc.Done():
	case <-late.C:
		return failed(t, codeKilled, "its node process %d cannot be ended", x.proc.Pid())
	}
	st := x.proc.Wait()
	why := x.cause()
	broken := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err)
	switch {
	case outOfMemory(st, x.proc.Tail()):
		why = &cause{codeMemory, fmt.Sprintf("out of memory, limit %d", cfg.Limits.Memory), !st.OOM}
	case why != nil && why.code == codeTimeout:
		why.text += "; it could not be interrupted, so its node process was ended"
	case why != nil:
	case !broken:
		why = &cause{codeKilled, "its node process said something that it must not: " + err.Error(), true}
	default:
		why = &cause{codeKilled, "its node process " + st.String() + lastWords(x.proc.Tail()), st.Signal != proc.SignalKill}
	}
	res := failed(t, why.code, "%s", why.text)
	if why.blame {
		res.Blame = why.text
	}
	return res
}

// outOfMemory reports whether V8, or the C++ around it, ended the process for want of memory.
func outOfMemory(st proc.State, stderr string) bool {
	return st.OOM || strings.Contains(stderr, "heap out of memory") || strings.Contains(stderr, "Fatal process out of memory") ||
		strings.Contains(stderr, "std::bad_alloc") || strings.Contains(stderr, "OOM error in V8")
}

// lastWords is a line of V8 about why it gave up, if there is one.
func lastWords(stderr string) string {
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "FATAL ERROR") || strings.HasPrefix(line, "# Fatal error") || strings.HasPrefix(line, "Error:") {
			return ": " + line
		}
	}
	return ""
}
