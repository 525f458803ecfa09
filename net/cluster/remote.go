package cluster

import (
	"math"
	"time"

	"supercluster/net/wire"
)

// Bounds of what a master gives to a worker beyond its slots.
const (
	minOverhead   = 100 * time.Microsecond // of a task's way there and back, whatever the link says
	maxAhead      = 64                     // tasks ahead for each slot
	maxAheadBytes = 8 << 20                // of arguments and code under way
	maxCodes      = 4096                   // functions of which a master knows that the worker has them
)

// remote is a worker, seen from a master. It is in one of these states:
//   - taking: it gets tasks as long as it has credit;
//   - suspect: nothing was heard of it for a while; it keeps its tasks and gets no new ones;
//   - closed: it said that it takes no tasks.
type remote struct {
	s       *session
	closed  bool
	suspect bool
	full    bool // it takes no more of a guest for a moment, since filled
	filled  time.Time
	// attempts are those that it was given and has not answered.
	attempts []*task
	own      taskQueue             // tasks that only it, or only some workers may run
	codes    map[[32]byte]struct{} // code that it was sent
	run      time.Duration         // of a task, averaged; zero if none has run yet
	bytes    int                   // of the attempts
	others   int                   // tasks of other masters there, roughly
	turn     uint64                // when it was last given a task
}

func newRemote(s *session) *remote {
	return &remote{s: s, closed: !s.peer.Available, codes: make(map[[32]byte]struct{})}
}

// taking reports whether it may be given tasks.
func (r *remote) taking() bool { return !r.closed && !r.suspect && !r.full }

// slots is how many tasks it says to run at once, within reason.
func (r *remote) slots() int {
	if !r.s.peer.Member {
		return min(r.s.peer.Guests.Tasks, max(1, r.s.peer.Slots/2))
	}
	return min(max(1, r.s.peer.Slots), 1<<16)
}

// credit is how many more tasks it may be given now: enough to keep its slots busy while results and tasks travel, but
// no task is to wait behind a long one.
func (r *remote) credit() int {
	free := r.slots() - len(r.attempts)
	if r.bytes > maxAheadBytes {
		return free
	}
	return free + r.ahead()
}

// ahead is how many tasks it may hold beyond its slots.
func (r *remote) ahead() int {
	if r.run == 0 {
		return 0
	}
	overhead := minOverhead
	if r.s.linked() {
		overhead = max(overhead, r.s.conn.RTT())
	}
	if overhead*20 < r.run {
		return 0
	}
	n := math.Ceil(float64(r.slots()) * float64(overhead) / float64(r.run))
	if !r.s.peer.Member {
		n = min(n, float64(r.s.peer.Guests.Queue))
	}
	return int(min(n, float64(maxAhead*r.slots())))
}

// measured takes note of how long a task ran.
func (r *remote) measured(run time.Duration) {
	run = min(max(run, time.Microsecond), time.Hour)
	if r.run == 0 {
		r.run = run
		return
	}
	r.run += (run - r.run) / 8
	if run > 4*r.run {
		r.run = run // a long one among short ones: be careful at once
	}
}

// load compares workers: tasks for each slot.
func (r *remote) load() float64 { return float64(len(r.attempts)+r.others) / float64(r.slots()) }

// add gives t to the worker.
func (r *remote) add(t *task) {
	t.at, t.place = r, len(r.attempts)
	r.attempts = append(r.attempts, t)
	r.bytes += t.size()
}

// remove takes back the credit that t holds.
func (r *remote) remove(t *task) {
	last := len(r.attempts) - 1
	r.attempts[t.place] = r.attempts[last]
	r.attempts[t.place].place = t.place
	r.attempts[last] = nil
	r.attempts = r.attempts[:last]
	r.bytes -= t.size()
	t.at = nil
}

// knows reports whether the worker was sent that code, and takes note that it is now.
func (r *remote) knows(hash [32]byte) bool {
	if _, ok := r.codes[hash]; ok {
		return true
	}
	if len(r.codes) >= maxCodes {
		clear(r.codes)
	}
	r.codes[hash] = struct{}{}
	return false
}

// status takes what the worker says of itself, and reports whether it opened or closed.
func (r *remote) status(m *wire.Status) (changed bool) {
	p := *r.s.peer
	p.Available, p.Running, p.Queued = m.Available, m.Running, m.Queued
	p.Slots, p.Draining = m.Slots, m.Draining
	changed = m.Available == r.closed
	r.s.peer, r.closed = &p, !m.Available
	r.others = max(0, m.Running+m.Queued-len(r.attempts))
	return changed
}

// peekOwn returns the first task that only this worker or some workers may run. One that has failed since, and asks for
// more now, waits to be judged again.
func (r *remote) peekOwn() *task {
	t := r.own.peek()
	for t != nil && t.picky() && !t.mayRun[r] {
		r.own.pop()
		t = r.own.peek()
	}
	return t
}
