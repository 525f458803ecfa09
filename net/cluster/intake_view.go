package cluster

import (
	"fmt"
	"time"

	"supercluster/net/wire"
)

// String returns the word that TaskRow.State knows for the state.
func (s jobState) String() string {
	switch s {
	case jobWants:
		return "wants"
	case jobQueued:
		return "queued"
	case jobRuns:
		return "running"
	case jobEnds:
		return "ending"
	}
	return "done"
}

// list tells of a worker's tasks: those that run, then those that wait, then those that have ended.
func (in *intake) list(q TaskQuery, now time.Time) TaskList {
	var rows []TaskRow
	total := 0
	for _, want := range [][2]jobState{{jobRuns, jobEnds}, {jobQueued, jobWants}} {
		for _, o := range in.owners {
			for _, j := range o.sorted() {
				if j.state != want[0] && j.state != want[1] || !hasPrefix(j.key.id, q.Prefix) {
					continue
				}
				if total++; total <= maxRows {
					rows = append(rows, in.row(j, q.Log, now))
				}
			}
		}
	}
	ended := in.recent.rows(q, now, func(e *ended) TaskRow { return TaskRow{Master: e.node, Worker: in.id} })
	return cutTo(append(rows, ended...), q, total+len(ended))
}

// row tells of one attempt that is not over.
func (in *intake) row(j *job, log bool, now time.Time) TaskRow {
	r := TaskRow{
		ID: j.key.id.String(), Name: j.task.Name, State: j.state.String(), Master: j.owner.s.peer.ID, Worker: in.id,
		Attempt: int(j.key.attempt), Priority: j.task.Priority, Age: now.Sub(j.came), Wait: now.Sub(j.came),
	}
	if j.state == jobRuns || j.state == jobEnds {
		r.Wait, r.Run = j.began.Sub(j.came), max(1, now.Sub(j.began))
	}
	if log {
		r.Log = j.tail.Load().text()
	}
	if text := j.engine.Load(); text != nil {
		r.Engine = *text
	}
	return r
}

// note remembers an attempt that had a slot and ends.
func (in *intake) note(j *job, r *Result, took time.Duration, now time.Time) {
	in.busy += took
	e := ended{
		id: j.key.id, name: j.task.Name, node: j.owner.s.peer.ID, attempt: j.key.attempt, priority: j.task.Priority,
		wait: j.began.Sub(j.came), run: took, born: j.came, endedAt: now, tail: j.tail.Load(),
	}
	if r.Err != nil {
		e.code = labelOf(r.Err)
	}
	if text := j.engine.Load(); text != nil {
		e.engine = *text
	}
	in.recent.add(e, r.Err != nil)
	in.control.over(j.key.id)
}

func (in *intake) figures() Figures {
	st := in.status()
	return Figures{
		Slots: st.Slots, Running: st.Running, Queued: st.Queued, Available: st.Available, Draining: in.draining,
		Done: in.recent.done, Failed: in.recent.failed, Busy: in.busy,
	}
}

// latest is the last attempt of a task that is here and not over, or nil.
func (in *intake) latest(id wire.TaskID) *job {
	var last *job
	for _, o := range in.owners {
		for key, j := range o.jobs {
			if key.id == id && j.state < jobOver && (last == nil || key.attempt > last.key.attempt) {
				last = j
			}
		}
	}
	return last
}

// cancelAsked ends an attempt for an operator; its master hears of it as of any that ended.
func (in *intake) cancelAsked(id wire.TaskID, reason string, now time.Time) (TaskRow, bool) {
	j := in.latest(id)
	if j == nil {
		return TaskRow{}, false
	}
	row := in.row(j, false, now)
	if reason = userReason(reason); reason == "" {
		reason = "cancelled at its worker"
	}
	switch j.state {
	case jobWants, jobQueued:
		in.remove(j)
		in.refuse(j.owner.s, j.key, CodeCancelled, reason)
	case jobRuns:
		in.end(j, CodeCancelled, reason)
	}
	return row, true
}

// explain says why a task that is here runs, or does not.
func (in *intake) explain(id wire.TaskID, now time.Time) (Explanation, bool) {
	j := in.latest(id)
	if j == nil {
		list := in.list(TaskQuery{Prefix: id.String(), Recent: true}, now).Tasks
		if len(list) == 0 {
			return Explanation{}, false
		}
		return Explanation{Task: list[0], Summary: endedSummary(&list[0])}, true
	}
	return Explanation{Task: in.row(j, false, now), Summary: in.summary(j, now)}, true
}

func (in *intake) summary(j *job, now time.Time) string {
	switch {
	case j.state == jobWants:
		return "it waits for its code, or for large values that it refers to"
	case j.state == jobRuns:
		return fmt.Sprintf("it runs for %v", now.Sub(j.began).Round(time.Millisecond))
	case j.state == jobEnds:
		return fmt.Sprintf("it was told to end, after %v", now.Sub(j.began).Round(time.Millisecond))
	case !j.owner.s.linked():
		return "its master is not linked: it waits until that is back"
	case in.running >= in.slots:
		before := 0
		for _, q := range j.owner.queue {
			if q == j {
				break
			}
			before++
		}
		return fmt.Sprintf("all %d slots are taken, and %d tasks of its master are before it", in.slots, before)
	case !in.free.cover(j.needs):
		return fmt.Sprintf("it needs %v, of which %v is free", j.needs, in.free)
	}
	return "tasks before it wait for what it needs, too"
}
