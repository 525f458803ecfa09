package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"supercluster/net/wire"
)

// list tells of a master's tasks: those that workers have, then those that wait, then those that have ended.
func (s *scheduler) list(q TaskQuery, now time.Time) TaskList {
	var rows []TaskRow
	total := 0
	take := func(t *task) {
		if t.state == Done || !hasPrefix(t.id, q.Prefix) {
			return
		}
		if total++; total <= maxRows {
			rows = append(rows, s.row(t, q.Log, now))
		}
	}
	if id, err := wire.ParseTaskID(q.Prefix); err == nil {
		if t := s.tasks[id]; t != nil {
			take(t)
		}
	} else {
		for _, r := range s.order {
			for _, t := range r.attempts {
				take(t)
			}
		}
		slices.SortStableFunc(rows, func(a, b TaskRow) int { return int(b.Run - a.Run) })
		for _, t := range s.waitingTasks(q.Prefix != "") {
			take(t)
		}
		if q.Prefix == "" {
			total = len(s.tasks)
		}
	}
	ended := s.recent.rows(q, now, func(e *ended) TaskRow { return TaskRow{Master: s.id, Worker: e.node} })
	return cutTo(append(rows, ended...), q, total+len(ended))
}

// waitingTasks returns tasks that no worker has, in the order in which they are to run: all, or as many as fit a list.
func (s *scheduler) waitingTasks(all bool) []*task {
	var list []*task
	for _, t := range s.tasks {
		if t.at == nil {
			list = append(list, t)
		}
	}
	if !all && len(list) > 64*maxRows { // the front of the heap is not far from being in order
		list = list[:0]
		for _, t := range s.free.items[:min(maxRows, len(s.free.items))] {
			if t.state == Queued {
				list = append(list, t)
			}
		}
	}
	slices.SortFunc(list, func(a, b *task) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return list
}

// row tells of one task.
func (s *scheduler) row(t *task, log bool, now time.Time) TaskRow {
	r := TaskRow{
		ID: t.id.String(), Name: t.spec.Name, State: t.state.String(), Master: s.id,
		Attempt: int(t.attempt), Priority: t.spec.Priority, Age: now.Sub(t.born), Wait: now.Sub(t.born),
	}
	if t.at != nil {
		r.Worker = t.at.s.peer.ID
	}
	if t.state == Running {
		r.Wait, r.Run = t.began.Sub(t.born), max(1, now.Sub(t.began))
	}
	if log {
		r.Log = t.tail.text()
	}
	return r
}

// note remembers a task that ends.
func (s *scheduler) note(t *task, o *Outcome) {
	if t.born.IsZero() {
		return // it was never taken
	}
	e := ended{
		id: t.id, name: t.spec.Name, node: o.Peer.ID, attempt: t.attempt, priority: t.spec.Priority,
		wait: s.now.Sub(t.born), run: o.Run, born: t.born, endedAt: s.now, tail: t.tail, engine: o.Engine,
	}
	if !t.began.IsZero() {
		e.wait = t.began.Sub(t.born)
	}
	if e.code = o.code; o.Err != nil && e.code == "" {
		e.code = labelOf(o.Err)
	}
	s.recent.add(e, o.Err != nil)
	s.control.over(t.id)
}

func (s *scheduler) figures() Figures {
	f := Figures{Queued: s.waiting, Done: s.recent.done, Failed: s.recent.failed, Available: !s.left}
	for _, r := range s.order {
		f.Running += len(r.attempts)
	}
	return f
}

// cancelAsked is cancel for an operator.
func (s *scheduler) cancelAsked(id wire.TaskID, reason string, now time.Time) (TaskRow, bool) {
	t := s.tasks[id]
	if t == nil || t.state == Done {
		return TaskRow{}, false
	}
	row := s.row(t, false, now)
	return row, s.cancel(id, reason)
}

func (s *scheduler) drain(bool, time.Time) error {
	return &Error{CodeUnsupported, "a master cannot be drained: it runs no tasks"}
}

// explain says why a task is where it is.
func (s *scheduler) explain(id wire.TaskID, now time.Time) (Explanation, bool) {
	t := s.tasks[id]
	if t == nil || t.state == Done {
		list := s.list(TaskQuery{Prefix: id.String(), Recent: true}, now).Tasks
		if len(list) == 0 {
			return Explanation{}, false
		}
		return Explanation{Task: list[0], Summary: endedSummary(&list[0])}, true
	}
	x := Explanation{Task: s.row(t, false, now), Summary: s.summary(t, now)}
	for _, r := range s.order {
		if len(x.Workers) == maxRows {
			break
		}
		addr := ""
		if a := r.s.peer.Addr; a.IsValid() {
			addr = a.String()
		}
		x.Workers = append(x.Workers, WorkerReason{
			Worker: r.s.peer.ID, Addr: addr, Here: t.at == r, Reason: s.reason(t, r),
		})
	}
	return x, true
}

func endedSummary(r *TaskRow) string {
	how := "ended well"
	if r.Code != "" {
		how = "ended with " + r.Code
	}
	return fmt.Sprintf("it %s %v ago, after attempt %d", how, r.Ended.Round(time.Millisecond), r.Attempt)
}

// summary says in a sentence where the task is.
func (s *scheduler) summary(t *task, now time.Time) string {
	switch t.state {
	case Waiting:
		if t.asked != nil {
			return fmt.Sprintf("it failed %d times, and its sender is being asked whether to try again", t.failures+1)
		}
		return fmt.Sprintf("it failed %d times and waits %v more before it is tried again",
			t.failures, max(0, t.deadline.Sub(now)).Round(time.Millisecond))
	case Sent:
		return fmt.Sprintf("it was sent to worker %s, which has not said yet that it has it", t.at.s.peer.ID)
	case Received:
		return fmt.Sprintf("worker %s has it, and no slot for it yet", t.at.s.peer.ID)
	case Running:
		return fmt.Sprintf("it runs on worker %s for %v", t.at.s.peer.ID, now.Sub(t.began).Round(time.Millisecond))
	}
	if len(s.order) == 0 {
		return "it waits at its master, which is linked to no worker"
	}
	return fmt.Sprintf("it waits at its master for %v; %d tasks are to start before it",
		now.Sub(t.born).Round(time.Millisecond), s.before(t))
}

// before counts the tasks that any worker may run and that come before t.
func (s *scheduler) before(t *task) int {
	n := 0
	for _, u := range s.free.items {
		if u.state == Queued && u.before(t) {
			n++
		}
	}
	return n
}

// reason is the first reason why t does not run at r, or what it does there.
func (s *scheduler) reason(t *task, r *remote) string {
	switch {
	case t.at == r:
		return map[State]string{
			Sent: "it was sent there", Received: "it waits there for a slot", Running: "it runs there",
		}[t.state]
	case t.at != nil:
		return fmt.Sprintf("it is at worker %s, and at one worker at a time", t.at.s.peer.ID)
	case t.spec.Worker != "" && t.spec.Worker != r.s.peer.ID:
		return fmt.Sprintf("it is for worker %s alone", t.spec.Worker)
	case t.avoids == r.s.peer.ID:
		return "the worker refuses its function, which ended several of its executors"
	case !r.s.peer.Resources.cover(t.needs()):
		return fmt.Sprintf("it needs %s, the worker has %s in all", t.needs(), r.s.peer.Resources)
	case t.picky() && !t.mayRun[r]:
		if _, asked := t.mayRun[r]; !asked {
			return "its sender was not asked yet whether this worker may run it"
		}
		return "its sender's query does not select this worker"
	case r.closed && r.s.peer.Draining:
		return "the worker is being drained"
	case r.closed:
		return "the worker takes no tasks now"
	case r.suspect:
		return fmt.Sprintf("nothing was heard of the worker for %v", suspectAfter)
	case t.state == Waiting:
		return "the task waits before it is tried again"
	case r.credit() <= 0:
		return fmt.Sprintf("it has as many tasks as it may: %d of this master for %d slots, about %d of others",
			len(r.attempts), r.slots(), r.others)
	}
	return "tasks that come before it are to be sent first"
}

// String lists the amounts by name, as "gpu 1, memory 16".
func (r Resources) String() string {
	if len(r) == 0 {
		return "none"
	}
	var parts []string
	for _, n := range r.wireNeeds() {
		parts = append(parts, fmt.Sprintf("%s %g", n.Name, n.Amount))
	}
	return strings.Join(parts, ", ")
}
