package cluster

import (
	"slices"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// scheduler is a master's state machine: its tasks, its workers, and which task goes where. Its inputs are methods
// with the time in them, its outputs effects. It belongs to whoever holds the desk's mutex.
type scheduler struct {
	*effects
	tasks   map[wire.TaskID]*task // that are not done, or still hold credit
	remotes map[*session]*remote
	order   []*remote
	free    taskQueue // tasks that any worker may run
	due     deadlines
	blobs   blobStore
	seq     uint64
	turn    uint64
	waiting int // tasks that are Queued or Waiting
	asking  int // tasks that only some workers may run
	max     int // of these
	left    bool
	now     time.Time // of the last input that had one
	id      string    // the master's
	recent  recent
	control *control
}

func newScheduler(e *effects, maxQueued int) *scheduler {
	s := &scheduler{
		effects: e, max: maxQueued,
		tasks: make(map[wire.TaskID]*task), remotes: make(map[*session]*remote), blobs: make(blobStore),
	}
	s.control = newControl(e, s)
	return s
}

// submit takes a new task.
func (s *scheduler) submit(t *task, now time.Time) {
	s.seq++
	s.now = now
	t.seq, t.born = s.seq, now
	s.tasks[t.id] = t
	s.blobs.hold(t.spec.Blobs)
	if t.picky() {
		s.asking++
	}
	if s.left {
		s.fail(t, CodeLeft, "%s: its master has left the cluster", t.title())
		return
	}
	if s.waiting >= s.max {
		s.fail(t, CodeBackPressure, "%s: %d tasks wait for a worker already", t.title(), s.waiting)
		return
	}
	if t.spec.QueueTimeout > 0 {
		s.due.set(t, now.Add(t.spec.QueueTimeout))
	}
	s.enqueue(t, now)
}

// enqueue makes t Queued and gives it to a worker if one has credit.
func (s *scheduler) enqueue(t *task, now time.Time) {
	if t.state != Queued {
		t.state = Queued
		s.waiting++
	}
	switch {
	case t.spec.Worker != "":
		r := s.remote(t.spec.Worker)
		if r == nil || r.closed {
			s.fail(t, CodeNoWorker, "%s: no worker %q is here and takes tasks", t.title(), t.spec.Worker)
			return
		}
		if !t.trusts(r.s.peer) {
			s.fail(t, CodePeerUntrusted, "%s: worker %s does not hold the cluster's key, and %s; %s",
				t.title(), t.spec.Worker, t.why(r.s.peer.Guests.Size), trust.Hint(CodePeerUntrusted))
			return
		}
		r.own.push(t)
		s.fill(r, now)
	case s.distrust(t) != "":
		s.fail(t, CodePeerUntrusted, "%s", s.distrust(t))
	case t.picky():
		for _, r := range s.order {
			s.offer(t, r)
		}
		s.fillAll(now)
	default:
		s.free.push(t)
		if r := s.best(nil); r != nil {
			s.fill(r, now)
		}
	}
}

// offer puts a task that only some workers may run into r's queue, or asks first whether r may.
func (s *scheduler) offer(t *task, r *remote) {
	may, asked := t.mayRun[r]
	switch {
	case !asked:
		s.emit(effect{kind: effectJudge, t: t, s: r.s, peer: r.s.peer, needs: t.needs(), count: t.failures})
	case may:
		r.own.push(t)
	}
}

// judged takes the user's answer whether the worker of session x may run t, which had failed so often when he was asked.
func (s *scheduler) judged(t *task, x *session, failures int, may bool, now time.Time) {
	r := s.remotes[x]
	if r == nil || t.state == Done || len(t.spec.Resources) > 1 && failures != t.failures {
		return
	}
	if _, asked := t.mayRun[r]; asked {
		return
	}
	if t.mayRun == nil {
		t.mayRun = make(map[*remote]bool)
	}
	t.mayRun[r] = may
	if may && t.state == Queued {
		r.own.push(t)
		s.fill(r, now)
	}
}

// remote finds a worker by its id.
func (s *scheduler) remote(id string) *remote {
	for _, r := range s.order {
		if r.s.peer.ID == id {
			return r
		}
	}
	return nil
}

// best is the least loaded worker that has credit, and of equals the one that had to wait longest; nil if there is
// none, or only except.
func (s *scheduler) best(except *remote) *remote {
	var best *remote
	var least float64
	for _, r := range s.order {
		if r == except || !r.taking() || r.credit() <= 0 {
			continue
		}
		if load := r.load(); best == nil || load < least || load == least && r.turn < best.turn {
			best, least = r, load
		}
	}
	return best
}

// fill gives r tasks while it has credit: its own and the free ones, by priority and age.
func (s *scheduler) fill(r *remote, now time.Time) {
	for r.taking() {
		own, free := r.peekOwn(), s.free.peek()
		q := &s.free
		if free == nil || own != nil && own.before(free) {
			q = &r.own
		}
		if own == nil && free == nil || r.credit() <= 0 {
			return
		}
		t := q.peek()
		q.pop()
		s.assign(t, r, now)
	}
}

// fillAll gives tasks to all workers, one after the other: to each time the least loaded.
func (s *scheduler) fillAll(now time.Time) {
	for {
		var r *remote
		if s.free.peek() != nil {
			r = s.best(nil)
		}
		if r == nil {
			break
		}
		t := s.free.peek()
		s.free.pop()
		s.assign(t, r, now)
	}
	for _, r := range s.order {
		s.fill(r, now)
	}
}

// assign makes t an attempt at r.
func (s *scheduler) assign(t *task, r *remote, now time.Time) {
	s.waiting--
	s.turn++
	r.turn = s.turn
	t.attempt++
	t.since, t.revoking, t.cancelled, t.phase = now, false, "", ""
	s.leaves(t)
	r.add(t)
	s.become(t, Sent)
	s.send(r.s, t.message(!r.knows(t.hash)))
}

// leaves tells the queues that t is in that it is not wanted there any more.
func (s *scheduler) leaves(t *task) {
	if !t.picky() {
		return
	}
	for r, may := range t.mayRun {
		if may {
			r.own.dropped()
		}
	}
}

// become changes the state and tells the user.
func (s *scheduler) become(t *task, st State) {
	t.state = st
	if t.spec.OnState == nil {
		return
	}
	x := effect{kind: effectState, t: t, state: st, peer: &Peer{}}
	if t.at != nil {
		x.peer = t.at.s.peer
	}
	s.emit(x)
}

// fail ends t with an error of ours.
func (s *scheduler) fail(t *task, code, format string, args ...any) {
	s.finish(t, Outcome{Err: failure(code, format, args...), code: code})
}

// finish ends t for its user: the only place from where OnDone is called, and never twice.
func (s *scheduler) finish(t *task, o Outcome) {
	if t.state == Done {
		return
	}
	queued := t.state == Queued
	if queued || t.state == Waiting {
		s.waiting--
	}
	t.state = Done
	s.due.set(t, time.Time{})
	if queued {
		s.unqueue(t)
	}
	if t.at == nil {
		s.forget(t)
	} else if o.Peer.ID == "" {
		o.Peer = *t.at.s.peer
	}
	o.Attempts = int(t.attempt)
	s.note(t, &o)
	s.emit(effect{kind: effectDone, t: t, outcome: &o})
}

// unqueue tells all queues that t was dropped.
func (s *scheduler) unqueue(t *task) {
	switch {
	case t.spec.Worker != "":
		if r := s.remote(t.spec.Worker); r != nil {
			r.own.dropped()
		}
	case t.picky():
		s.leaves(t)
	default:
		s.free.dropped()
	}
}

// release takes the credit of t's attempt back, and forgets t if it is done.
func (s *scheduler) release(t *task) {
	t.at.remove(t)
	if t.state == Done {
		s.forget(t)
	}
}

// forget drops a task that is done and holds no credit.
func (s *scheduler) forget(t *task) {
	if s.tasks[t.id] != t {
		return // it was never taken
	}
	delete(s.tasks, t.id)
	s.blobs.drop(t.spec.Blobs)
	if t.picky() {
		s.asking--
	}
}

// failed takes note of a failure that the task may survive, and asks its user if he wants to be.
func (s *scheduler) failed(t *task, o Outcome, now time.Time) {
	s.due.set(t, time.Time{})
	s.become(t, Waiting)
	s.waiting++
	if t.spec.RetryIf == nil {
		s.retry(t, now)
		return
	}
	o.Attempts = int(t.attempt)
	t.asked = &o
	s.emit(effect{kind: effectRetry, t: t, outcome: t.asked, count: t.failures + 1})
}

// decided takes the user's answer whether the task is worth another attempt after that outcome.
func (s *scheduler) decided(t *task, o *Outcome, again bool, now time.Time) {
	if t.asked != o || t.state != Waiting {
		return // it was cancelled, or this is the second answer
	}
	t.asked = nil
	if again {
		s.retry(t, now)
	} else {
		s.finish(t, *o)
	}
}

// retry lets a task that failed, and is Waiting, run again after its back-off.
func (s *scheduler) retry(t *task, now time.Time) {
	wait := t.backoff()
	t.failures++
	if len(t.spec.Resources) > 1 {
		t.mayRun = nil // the next attempt asks for more
	}
	if wait <= 0 {
		s.resume(t, now)
		return
	}
	s.due.set(t, now.Add(wait))
}

// resume ends a task's wait.
func (s *scheduler) resume(t *task, now time.Time) {
	s.become(t, Queued)
	s.enqueue(t, now)
}

// cancel ends a task for its user, and tells its worker to let go of it.
func (s *scheduler) cancel(id wire.TaskID, reason string) bool {
	t := s.tasks[id]
	if t == nil || t.state == Done {
		return false
	}
	if reason = userReason(reason); reason == "" {
		reason = "cancelled by its sender"
	}
	s.abandon(t, reason)
	s.fail(t, CodeCancelled, "%s: %s%s", t.title(), reason, t.during())
	return true
}

// abandon tells the worker, if there is one, to end t's attempt. It keeps its credit until the worker has answered.
func (s *scheduler) abandon(t *task, reason string) {
	if t.at == nil {
		return
	}
	if t.state == Sent && t.size() > wire.MaxSmall/2 {
		t.cancelled = reason // a long message may be overtaken by the cancel
		return
	}
	s.send(t.at.s, &wire.Cancel{ID: t.id, Attempt: t.attempt, Reason: reason})
}

// next is when tick must be called, or the zero time.
func (s *scheduler) next(now time.Time) time.Time {
	at := s.due.next()
	if soon := now.Add(revokeEvery); s.surplus() && (at.IsZero() || soon.Before(at)) {
		at = soon
	}
	return at
}

// tick ends what is late, and moves what waits behind others.
func (s *scheduler) tick(now time.Time) {
	s.now = now
	s.unfill(now)
	for t := s.due.expired(now); t != nil; t = s.due.expired(now) {
		switch t.state {
		case Waiting:
			s.resume(t, now)
		case Running:
			s.abandon(t, reasonAbandoned)
			s.fail(t, CodeTaskTimeout, "%s: ran longer than its timeout of %v%s, and its worker did not end it",
				t.title(), t.spec.Timeout, t.during())
		case Queued, Sent, Received:
			s.abandon(t, reasonAbandoned)
			s.fail(t, CodeQueueTimeout, "%s: no worker started it within its queueTimeout of %v",
				t.title(), t.spec.QueueTimeout)
		}
	}
	s.revoke(now)
}

// leave ends all tasks.
func (s *scheduler) leave() {
	s.left = true
	for _, t := range s.inOrder(func(*task) bool { return true }) {
		s.abandon(t, reasonAbandoned)
		s.fail(t, CodeLeft, "%s: its master has left the cluster", t.title())
	}
}

// inOrder returns the tasks that are not done and for which want holds, oldest first.
func (s *scheduler) inOrder(want func(*task) bool) []*task {
	var list []*task
	for _, t := range s.tasks {
		if t.state != Done && want(t) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *task) int { return int(a.seq) - int(b.seq) })
	return list
}
