package executor

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"supercluster/pkg/proc"
)

// startTime is how long a child may take until it is ready; a machine under load is slow, not broken.
const startTime = 30 * time.Second

// child is the parent's side of a child process. Who took it from the pool has it alone: execute is called by one
// goroutine at a time.
type child struct {
	proc   *proc.Process
	force  []string // what is in force in it, as confine says
	memory int64
	in     *frames
	codes  codes
	out    []byte // reused for what is written
	serial uint64

	wmu sync.Mutex // held while writing to the connection

	mu   sync.Mutex // guards what follows
	run  uint64     // the task that runs; 0 when none does
	why  *cause     // it was told to stop
	kill *time.Timer
	lost bool // ended, or about to
	used bool // ran a task
	gone bool // ended: the connection is closed, or will be after the task
}

// startChild starts a child, in namespaces of its own if isolate says so, and waits until it is confined and ready.
func startChild(ctx context.Context, cfg *Config, isolate bool) (*child, error) {
	p, err := proc.Start(proc.Config{
		Path: cfg.Command[0], Args: cfg.Command[1:], Env: nil, Dir: rootDir(cfg.Command[0]), Conn: true,
		Memory: commitLimit(cfg.Limits.Memory), Isolate: isolate,
	})
	if err != nil {
		return nil, err
	}
	c := &child{proc: p, memory: cfg.Limits.Memory, in: newFrames(p.Conn(), false)}
	late := time.AfterFunc(startTime, p.Kill)
	defer late.Stop()
	defer context.AfterFunc(ctx, p.Kill)()
	if err = c.prepare(cfg); err == nil {
		return c, nil
	}
	p.Kill()
	p.Conn().Close()
	st := p.Wait()
	if st.Killed && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("executor %d was not ready: %w; it %v: %s", p.Pid(), err, st, bytes.TrimSpace([]byte(p.Tail())))
}

// prepare tells the child what it may use, and hears what is in force.
func (c *child) prepare(cfg *Config) error {
	_, err := c.proc.Conn().Write(appendSetup(nil, setup{
		memory: cfg.Limits.Memory, cpu: cfg.Limits.CPU, result: cfg.Limits.Result, stack: int(min(maxStack, cfg.Limits.Memory/2)), procs: childProcs,
	}))
	if err != nil {
		return err
	}
	k, body, _, err := c.in.next()
	if err != nil {
		return err
	}
	if k != kindReady {
		return fmt.Errorf("frame of kind %d instead of ready", k)
	}
	c.force, err = parseReady(body)
	return err
}

// stop tells the child to end its task, if that is still run, and kills it after the grace. Only the first cause counts.
func (c *child) stop(run uint64, why *cause, grace time.Duration) {
	c.mu.Lock()
	if c.run != run || c.why != nil {
		c.mu.Unlock()
		return
	}
	c.why = why
	c.kill = time.AfterFunc(grace, func() { c.end(run) })
	c.mu.Unlock()
	c.sendStop(run, why)
}

// sendStop writes the stop frame, unless somebody is writing: that is the task's own frame, and send sees to it.
// It may block as long as the child does not read, which the kill timer ends.
func (c *child) sendStop(run uint64, why *cause) {
	if !c.wmu.TryLock() {
		return
	}
	defer c.wmu.Unlock()
	_, _ = c.proc.Conn().Write(appendStop(nil, run, why.text)) // an error is found by the reader
}

// end kills the child if it still runs that task.
func (c *child) end(run uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == run {
		c.lost = true
		c.proc.Kill()
	}
}

// retire kills the child, which is not to get another task.
func (c *child) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = true
	c.proc.Kill()
}

// close kills the child, whose task, if it has one, is told that the pool ends.
func (c *child) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == nil {
		c.why = &cause{code: codeCancelled, text: "stopped, as " + errEnded.Error(), hard: true}
	}
	c.lost = true
	c.proc.Kill()
}

// dispose closes the connection of a child that has ended: after its task, which may still have to read the result.
func (c *child) dispose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost, c.gone = true, true
	if c.run == 0 {
		c.proc.Conn().Close()
	}
}

// isLost reports whether the child must not get another task.
func (c *child) isLost() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// hasRun reports whether the child was given a task.
func (c *child) hasRun() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}
