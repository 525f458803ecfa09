package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// drainLook is how often Drain looks whether all is done.
const drainLook = 20 * time.Millisecond

// Drain empties the worker: it takes no tasks any more, and hands back at once those that have not begun. It returns
// when nothing runs and the masters that are linked have all results, with nil, or when ctx is done, with ctx's error and
// how many tasks still run. Undrain ends it.
func (w *Worker) Drain(ctx context.Context) (running int, err error) {
	w.drained(true)
	ticker := time.NewTicker(drainLook)
	defer ticker.Stop()
	for {
		w.mu.Lock()
		running = w.intake.running
		empty := running == 0 && w.intake.delivered()
		w.mu.Unlock()
		if empty {
			return 0, nil
		}
		select {
		case <-ctx.Done():
			return running, ctx.Err()
		case <-ticker.C:
		}
	}
}

// Running returns the tasks that run now.
func (w *Worker) Running() []TaskRow {
	now := w.clock()
	w.mu.Lock()
	defer w.mu.Unlock()
	var rows []TaskRow
	for _, r := range w.intake.list(TaskQuery{}, now).Tasks {
		if r.Run > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// Undrain lets a drained worker take tasks again.
func (w *Worker) Undrain() { w.drained(false) }

func (w *Worker) drained(on bool) {
	now := w.clock()
	w.mu.Lock()
	_ = w.intake.drain(on, now) // never fails at a worker
	w.settle(w.perform)
}

// inOrder returns the masters ordered by id, so that what is done for each of them is done in the same order always.
func (in *intake) inOrder() []*owner {
	list := make([]*owner, 0, len(in.owners))
	for _, o := range in.owners {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *owner) int {
		return cmp.Or(strings.Compare(a.s.peer.ID, b.s.peer.ID), cmp.Compare(a.s.boot, b.s.boot))
	})
	return list
}

// delivered reports whether no master that is linked still has to acknowledge a result.
func (in *intake) delivered() bool {
	for _, o := range in.owners {
		if o.s.linked() && len(o.jobs) > 0 {
			return false
		}
	}
	return true
}
