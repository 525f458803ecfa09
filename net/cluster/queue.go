package cluster

import (
	"slices"
	"time"
)

const (
	// ageing is the time that a task must wait longer than another to make up for a priority that is smaller by one.
	ageing = 10 * time.Second
	// maxPriority is the largest that counts: what is beyond it is this.
	maxPriority = 1_000_000
)

// taskQueue holds tasks by priority, and those of one priority in the order in which they were submitted: a binary
// heap. A task that is not wanted any more stays in it until it comes to the front, or sweep is called.
type taskQueue struct {
	items []*task
	stale int // how many of them are not wanted, roughly
}

// before reports whether t is to start before u. Who has waited ageing longer is worth as much as one more of priority,
// so nobody waits for ever; since both grow older alike, the order of two tasks never changes.
func (t *task) before(u *task) bool {
	if t.spec.Priority != u.spec.Priority {
		head := u.born.Sub(t.born) + time.Duration(clampPriority(t.spec.Priority)-clampPriority(u.spec.Priority))*ageing
		if head != 0 {
			return head > 0
		}
		return t.spec.Priority > u.spec.Priority
	}
	return t.seq < u.seq
}

// clampPriority keeps a priority within what can be added up.
func clampPriority(p int) int { return min(max(p, -maxPriority), maxPriority) }

func (q *taskQueue) push(t *task) {
	q.items = append(q.items, t)
	for i := len(q.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !q.items[i].before(q.items[up]) {
			return
		}
		q.items[i], q.items[up] = q.items[up], q.items[i]
		i = up
	}
}

// peek returns the first task that is still queued, or nil.
func (q *taskQueue) peek() *task {
	for len(q.items) > 0 {
		if t := q.items[0]; t.state == Queued {
			return t
		}
		q.pop()
		q.stale = max(0, q.stale-1)
	}
	return nil
}

// pop drops the first task.
func (q *taskQueue) pop() {
	last := len(q.items) - 1
	q.items[0] = q.items[last]
	q.items[last] = nil
	q.items = q.items[:last]
	q.sink(0)
}

func (q *taskQueue) sink(i int) {
	for {
		down := 2*i + 1
		if down >= len(q.items) {
			return
		}
		if other := down + 1; other < len(q.items) && q.items[other].before(q.items[down]) {
			down = other
		}
		if !q.items[down].before(q.items[i]) {
			return
		}
		q.items[i], q.items[down] = q.items[down], q.items[i]
		i = down
	}
}

// dropped tells that one of the tasks is not wanted any more. When that holds for half of them they are swept out.
func (q *taskQueue) dropped() {
	if q.stale++; q.stale < 64 || 2*q.stale < len(q.items) {
		return
	}
	q.stale = 0
	q.items = slices.DeleteFunc(q.items, func(t *task) bool { return t.state != Queued })
	for i := len(q.items)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// deadlines holds the tasks that have one, the earliest in front: a binary heap in which each task knows its place.
type deadlines struct{ items []*task }

// set gives t the deadline at; the zero time takes it away.
func (d *deadlines) set(t *task, at time.Time) {
	if t.due > 0 {
		d.remove(t.due - 1)
	}
	t.deadline = at
	if !at.IsZero() {
		d.items = append(d.items, t)
		t.due = len(d.items)
		d.up(t.due - 1)
	}
}

// next is the earliest deadline, or the zero time.
func (d *deadlines) next() time.Time {
	if len(d.items) == 0 {
		return time.Time{}
	}
	return d.items[0].deadline
}

// expired takes out a task whose deadline is over, or returns nil.
func (d *deadlines) expired(now time.Time) *task {
	if len(d.items) == 0 || now.Before(d.items[0].deadline) {
		return nil
	}
	t := d.items[0]
	d.set(t, time.Time{})
	return t
}

func (d *deadlines) remove(i int) {
	last := len(d.items) - 1
	d.items[i].due = 0
	if i != last {
		d.items[i] = d.items[last]
		d.items[i].due = i + 1
	}
	d.items[last] = nil
	d.items = d.items[:last]
	if i != last {
		d.up(i)
		d.down(i)
	}
}

func (d *deadlines) swap(i, j int) {
	d.items[i], d.items[j] = d.items[j], d.items[i]
	d.items[i].due, d.items[j].due = i+1, j+1
}

func (d *deadlines) up(i int) {
	for i > 0 {
		up := (i - 1) / 2
		if !d.items[i].deadline.Before(d.items[up].deadline) {
			return
		}
		d.swap(i, up)
		i = up
	}
}

func (d *deadlines) down(i int) {
	for {
		down := 2*i + 1
		if down >= len(d.items) {
			return
		}
		if other := down + 1; other < len(d.items) && d.items[other].deadline.Before(d.items[down].deadline) {
			down = other
		}
		if !d.items[down].deadline.Before(d.items[i].deadline) {
			return
		}
		d.swap(i, down)
		i = down
	}
}
