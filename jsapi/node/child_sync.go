package node

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/dop251/goja"

	"supercluster/pkg/proc"
)

// syncRun is a child that the script waits for.
type syncRun struct {
	process *proc.Spawned
	signal  syscall.Signal
	ended   chan struct{} // closed when the loop ends

	mu     sync.Mutex // guards what follows
	fault  error
	once   sync.Once
	output [][]byte
}

// shut is of handle.
func (s *syncRun) shut() { s.once.Do(func() { close(s.ended) }) }

// fail ends the child for a reason, the first of which is told.
func (s *syncRun) fail(err error) {
	s.mu.Lock()
	if s.fault == nil {
		s.fault = err
	}
	s.mu.Unlock()
	_ = s.process.Signal(s.signal) // it may have ended
}

// spawnSync(request) with {input, timeout, maxBuffer, killSignal} as well → {pid, status, signal, output, error}.
func (n *Node) spawnSync(call goja.FunctionCall) goja.Value {
	o := call.Argument(0).ToObject(n.rt)
	result := n.rt.NewObject()
	set := func(name string, v any) { _ = result.Set(name, v) } // a new plain object refuses nothing
	r, err := n.request(o)
	if err == nil {
		var p *proc.Spawned
		p, err = proc.Spawn(r.cfg)
		r.closeAll(r.close)
		if err == nil {
			s := n.waitFor(r, p, o)
			code, sig := p.Ended()
			values := n.exitValues(code, sig)
			set("pid", p.Pid())
			set("status", values[0])
			set("signal", values[1])
			set("output", n.outputs(r, s))
			set("error", n.fault(s.fault))
			return result
		}
		r.closeAll(r.ours)
	}
	set("error", n.fault(err))
	return result
}

// waitFor feeds and drains the child until it and its pipes have ended.
func (n *Node) waitFor(r *spawnRequest, p *proc.Spawned, o *goja.Object) *syncRun {
	s := &syncRun{process: p, signal: syscall.Signal(o.Get("killSignal").ToInteger()), ended: make(chan struct{}), output: make([][]byte, len(r.ours))}
	limit := o.Get("maxBuffer").ToFloat()
	var pipes sync.WaitGroup
	for fd, f := range r.ours {
		if f == nil {
			continue
		}
		if fd == 0 {
			data := append([]byte(nil), arguments{values: []goja.Value{o.Get("input")}}.memory(0)...)
			pipes.Go(func() {
				_, _ = f.Write(data) // a child that does not read its input is no failure
				_ = f.Close()
			})
			continue
		}
		pipes.Go(func() { s.collect(fd, f, limit) })
	}
	id := n.handles.add(s)
	defer n.handles.remove(id)
	var late <-chan time.Time
	if ms := o.Get("timeout").ToInteger(); ms > 0 {
		t := time.NewTimer(time.Duration(ms) * time.Millisecond)
		defer t.Stop()
		late = t.C
	}
	done := make(chan struct{})
	go func() { // ends with the pipes: when the child and its descendants have closed them, or below
		pipes.Wait()
		<-p.Done()
		close(done)
	}()
	exited, ended := p.Done(), s.ended
	for {
		select {
		case <-done:
			return s
		case <-late:
			s.fail(syscall.ETIMEDOUT)
		case <-ended:
			ended = nil
			s.signal = syscall.SIGKILL
			s.fail(syscall.ECANCELED)
		case <-exited:
			exited = nil
		}
		if exited == nil && s.failed() {
			r.closeAll(r.ours) // descendants may hold the pipes; nobody waits for them after a failure
		}
	}
}

func (s *syncRun) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault != nil
}

// collect keeps what the child writes to fd, at most limit bytes.
func (s *syncRun) collect(fd int, f *os.File, limit float64) {
	defer f.Close()
	buf := make([]byte, chunkSize)
	for {
		k, err := f.Read(buf)
		s.mu.Lock()
		room := limit - float64(len(s.output[fd]))
		over := float64(k) > room
		if over {
			k = int(room)
		}
		s.output[fd] = append(s.output[fd], buf[:k]...)
		s.mu.Unlock()
		if over {
			s.fail(syscall.ENOBUFS)
			return
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

// outputs is the array of what came from each descriptor: null, or memory.
func (n *Node) outputs(r *spawnRequest, s *syncRun) goja.Value {
	list := make([]any, len(r.ours))
	for fd, f := range r.ours {
		list[fd] = goja.Null()
		if f != nil && fd > 0 {
			list[fd] = n.rt.ToValue(n.rt.NewArrayBuffer(s.output[fd]))
		}
	}
	return n.rt.NewArray(list...)
}
