package executor

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// maxAttempts bounds how often a task is tried that children left unread.
	maxAttempts = 3
	// A child that dies without a task within shortLife of its start counts as one that could not start. Those are
	// retried after firstPause, twice that, and so on up to lastPause.
	shortLife  = 10 * time.Second
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
	// spares is the number of children beyond those that may be at work.
	spares = 1
	// patience is the number of failed starts in a row after which a pool without any child refuses its tasks.
	patience = 3
)

// keep keeps one child alive until ctx is done, and returns when that is gone.
func (p *Pool) keep(ctx context.Context) {
	for bad := 0; ctx.Err() == nil; {
		began := time.Now()
		err := p.live(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil || time.Since(began) > shortLife {
			bad = 0
			continue
		}
		bad++
		if bad == 1 {
			p.cfg.Logger.Debug("executor lost", "err", err)
			continue // once is an accident: replace it at once
		}
		pause := min(firstPause<<min(bad-2, 10), lastPause)
		p.cfg.Logger.Warn("executors keep ending", "times", bad, "pause", pause, "err", err)
		if bad >= patience && p.noneAlive() {
			p.end(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// live starts a child, offers it to the pool and waits for its end. It returns an error if the child did not start,
// or ended without having been given a task.
func (p *Pool) live(ctx context.Context) error {
	c, err := p.startChild(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.alive[c] = true
	p.started++
	p.mu.Unlock()
	p.offer(c)
	select {
	case <-c.proc.Done():
	case <-ctx.Done():
		c.close()
	}
	st := c.proc.Wait()
	p.discard(c)
	c.dispose()
	if c.hasRun() {
		return nil // its task, if it was one, has been told
	}
	return errors.New("idle executor " + st.String() + ": " + c.proc.Tail())
}

// startChild starts a child in namespaces of its own or, once those were refused, without.
func (p *Pool) startChild(ctx context.Context) (*child, error) {
	p.mu.Lock()
	refused := p.refused
	p.mu.Unlock()
	c, err := startChild(ctx, &p.cfg, refused == nil)
	if err != nil && refused == nil && ctx.Err() == nil {
		reason := err
		if c, err = startChild(ctx, &p.cfg, false); err == nil { // so it was for the namespaces
			refused = reason
		}
	}
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused == nil && refused != nil {
		p.refused = refused
		p.cfg.Logger.Debug("executors get no namespaces", "err", refused)
	}
	if !p.told {
		p.told = true
		p.force = append(c.force, isolationLine(p.refused))
		close(p.known)
	}
	return c, nil
}

// Confinement lists what keeps the tasks of this pool from their host, a line each, as "seccomp: no open, socket,
// exec, process; no new privileges"; a line that begins with "without" names what the system refused. It waits for
// the first child to be ready, and returns nil if ctx or the Pool ends before.
func (p *Pool) Confinement(ctx context.Context) []string {
	select {
	case <-p.known:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.force)
}

// Probe starts one child, says what Pool.Confinement would, and ends it: what keeps tasks from this host is known
// without a worker. It returns why a child cannot start.
func Probe(ctx context.Context, cfg Config) ([]string, error) {
	cfg.Size = 1
	p := New(cfg)
	c, err := p.startChild(ctx)
	if err != nil {
		return nil, err
	}
	c.close()
	c.proc.Wait()
	c.dispose()
	return p.Confinement(ctx), nil
}

func (p *Pool) noneAlive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.alive) == 0
}
