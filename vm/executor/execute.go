package executor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"supercluster/pkg/proc"
	"supercluster/vm"
)

const (
	// reapTime bounds the wait for a killed child: one that the kernel holds in uninterruptible I/O is given up.
	reapTime = 10 * time.Second
	// smallFrame is the size in bytes up to which a payload is copied behind its items, to be written with them:
	// that costs less than a second buffer of a vectored write.
	smallFrame = 16 << 10
)

// fate is what execute learned about the child.
type fate struct {
	untouched bool   // it was found dead without having read the task, which then may be given to another
	blame     string // what the task did to end it; "" if it lives, or ended for another reason
}

// execute runs t and returns its result.
func (c *child) execute(ctx context.Context, t vm.Task, h vm.Host, cfg *Config) (vm.Result, fate) {
	run := c.start()
	defer c.finish()
	defer context.AfterFunc(ctx, func() { c.stop(run, cancelled(ctx), cfg.Grace) })()
	if t.Timeout > 0 {
		timer := time.AfterFunc(t.Timeout, func() { c.stop(run, timedOut(t.Timeout), cfg.Grace) })
		defer timer.Stop()
	}
	began := time.Now()
	said := int64(0)
	asks := newAsks(ctx, c, run, t, h)
	defer asks.end(cfg.Grace)
	heard, err := false, c.send(run, t)
	for err == nil {
		var rep report
		if rep, err = c.receive(); err != nil {
			break
		}
		heard = true
		if rep.run != run {
			continue // what an earlier task left behind
		}
		switch rep.kind {
		case kindResult:
			return c.result(t, &rep)
		case kindAlarm:
			c.stop(run, exceeded(&rep, t, cfg), cfg.Grace)
		case kindAsk:
			err = asks.take(&rep)
		default:
			if said += rep.size(); said > cfg.Limits.Output {
				c.stop(run, tooMuch(said, cfg.Limits.Output), cfg.Grace)
			} else {
				c.pass(ctx, run, &rep, h)
			}
		}
	}
	return c.autopsy(t, err, heard, time.Since(began))
}

// size is what a report counts as output, in bytes.
func (rep *report) size() int64 { return int64(len(rep.text) + len(rep.name) + len(rep.data)) }

// pass tells the host what the task said. A task that is told to end hears nothing of its message but that.
func (c *child) pass(ctx context.Context, run uint64, rep *report, h vm.Host) {
	switch rep.kind {
	case kindLog:
		h.Log(rep.name, rep.text)
	case kindProgress:
		h.Progress(rep.fraction)
	case kindEvent:
		h.Send(rep.name, rep.data)
	case kindPost:
		err := h.Post(vm.Message{To: rep.to, Target: []byte(rep.text), Event: rep.name, Data: rep.data})
		if ctx.Err() != nil {
			return
		}
		c.wmu.Lock()
		defer c.wmu.Unlock()
		_, _ = c.proc.Conn().Write(appendPosted(nil, run, err)) // an error is found by the reader
	}
}

// start gives the next task its number.
func (c *child) start() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	c.run, c.why, c.used = c.serial, nil, true
	return c.run
}

// finish makes late calls of stop and of its timer do nothing.
func (c *child) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = 0
	if c.kill != nil {
		c.kill.Stop()
		c.kill = nil
	}
	if c.gone {
		c.proc.Conn().Close()
	}
}

// stopped returns why the task was told to stop, nil if it was not.
func (c *child) stopped() *cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// send writes the task's frame. If stop came while it was being written, its frame is sent here.
func (c *child) send(run uint64, t vm.Task) error {
	f := task{run: run, Task: t}
	f.slot, f.reuse = c.codes.place(t.Code)
	f.Timeout = 0 // kept by this side
	code := t.Code
	if f.reuse {
		code = nil
	}
	c.wmu.Lock()
	c.out = appendTask(c.out[:0], &f)
	err := writeFrame(c.proc.Conn(), &c.out, code, t.Args)
	c.wmu.Unlock()
	if why := c.stopped(); why != nil && err == nil {
		c.sendStop(run, why)
	}
	return err
}

// writeFrame writes buf and the payload after it, at once if that is possible.
func writeFrame(w io.Writer, buf *[]byte, payload ...[]byte) error {
	size := 0
	for _, b := range payload {
		size += len(b)
	}
	if size <= smallFrame {
		for _, b := range payload {
			*buf = append(*buf, b...)
		}
		_, err := w.Write(*buf)
		return err
	}
	all := net.Buffers(append([][]byte{*buf}, payload...))
	_, err := all.WriteTo(w)
	return err
}

// receive reads the next report. Its bytes are the caller's.
func (c *child) receive() (report, error) {
	k, body, own, err := c.in.next()
	if err != nil {
		return report{}, err
	}
	rep, err := parseReport(k, body)
	if err != nil {
		return rep, fmt.Errorf("frame of the executor: %w", err)
	}
	if !own {
		rep.data, rep.Value, rep.Err = bytes.Clone(rep.data), bytes.Clone(rep.Value), bytes.Clone(rep.Err)
	}
	return rep, nil
}

// result is what a result frame amounts to: an error with which a task answered to being stopped is replaced by the
// reason for that, at the place where the task was.
func (c *child) result(t vm.Task, rep *report) (res vm.Result, f fate) {
	if rep.retire {
		c.retire()
		f.blame = "a panic"
	}
	why := c.stopped()
	if why != nil && why.code == codeOutput && rep.Err == nil {
		return failed(t, why.code, "%s", why.text), f // it ended before it could be: what it said is not whole
	}
	if why == nil || !rep.stopped || rep.Err == nil {
		return rep.Result, f
	}
	return stoppedAt(t, why, rep.Result), f
}

// autopsy says what became of a task whose child broke off with err.
func (c *child) autopsy(t vm.Task, err error, heard bool, ran time.Duration) (res vm.Result, f fate) {
	if !isBroken(err) || !c.ends(DefaultGrace) { // one that ends by itself still says why
		c.retire()
	}
	if !c.ends(reapTime) {
		return failed(t, codeKilled, "its executor %d cannot be ended", c.proc.Pid()), f
	}
	c.retire()
	st := c.proc.Wait()
	found := diagnose(st, c.proc.Tail(), c.memory)
	why := c.stopped()
	own := !st.OOM // the system may have run out of memory by others' doing
	switch {
	case found.code != codeKilled:
	case why != nil && why.hard:
		found, own = *why, false
	case why != nil:
		found = cause{code: why.code, text: why.text + "; it could not be interrupted, so its executor was ended"}
		own = why.code != codeCancelled
	case !isBroken(err):
		found.text = err.Error()
	default:
		f.untouched = !heard && isUnread(err)
		own = st.Signal != proc.SignalKill // which comes from outside: a task cannot send one
	}
	if own && !f.untouched {
		f.blame = found.text
	}
	res = failed(t, found.code, "%s", found.text)
	res.Run = ran
	return res, f
}

// ends waits for the end of the process and reports whether it came in time.
func (c *child) ends(limit time.Duration) bool {
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-c.proc.Done():
		return true
	case <-late.C:
		return false
	}
}

// isUnread reports whether err says that the child left the connection with our frame, or the end of it, unread; or
// that dispose closed it before our frame, as it closes none that is in use.
func isUnread(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}

// isBroken reports whether err is how a connection ends whose other side died.
func isBroken(err error) bool {
	return isUnread(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
