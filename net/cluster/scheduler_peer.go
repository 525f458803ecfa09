package cluster

import (
	"slices"
	"time"

	"supercluster/net/wire"
)

// When a task that waits at a worker is called back for another that has nothing to do.
const (
	revokeEvery = 50 * time.Millisecond
	revokeAfter = 50 * time.Millisecond
)

// up takes a worker that is linked.
func (s *scheduler) up(x *session, now time.Time) {
	r := newRemote(x)
	s.remotes[x] = r
	s.order = append(s.order, r)
	if !r.closed {
		s.opened(r, now)
	}
}

// opened gives work to a worker that takes some now.
func (s *scheduler) opened(r *remote, now time.Time) {
	s.emit(effect{kind: effectPeer, s: r.s, peer: r.s.peer, up: true})
	if s.asking > 0 {
		for _, t := range s.inOrder(func(t *task) bool { return t.state == Queued && t.picky() }) {
			s.offer(t, r)
		}
	}
	s.fillAll(now)
}

// closed takes back what the worker has not been sent; tasks that only it may run end with an error of that code.
func (s *scheduler) closed(r *remote, code, reason string) {
	s.emit(effect{kind: effectPeer, s: r.s, peer: r.s.peer, text: reason})
	own := r.own
	r.own = taskQueue{}
	for t := own.peek(); t != nil; t = own.peek() {
		own.pop()
		if t.spec.Worker != "" {
			c := code
			if t.spec.Once && !t.started {
				c = CodeNotStarted // which says that it may be sent again
			}
			s.fail(t, c, "%s: worker %s takes no tasks any more: %s", t.title(), t.spec.Worker, reason)
		}
	}
}

// relink sends again what may have got lost with the link that was replaced.
func (s *scheduler) relink(x *session) {
	r := s.remotes[x]
	if r == nil {
		return
	}
	for _, t := range r.attempts {
		switch {
		case t.state == Done:
			s.send(x, &wire.Cancel{ID: t.id, Attempt: t.attempt, Reason: reasonAbandoned})
		case t.state == Sent:
			s.send(x, t.message(true))
		}
	}
}

// lost gives the tasks of a worker that is gone to others.
func (s *scheduler) lost(x *session, reason string, now time.Time) {
	r := s.remotes[x]
	if r == nil {
		return
	}
	delete(s.remotes, x)
	s.order = slices.DeleteFunc(s.order, func(o *remote) bool { return o == r })
	wasClosed := r.closed
	r.closed = true
	attempts := slices.Clone(r.attempts)
	slices.SortFunc(attempts, func(a, b *task) int { return int(a.seq) - int(b.seq) })
	for _, t := range attempts {
		s.release(t)
		if t.state != Done {
			s.lostTask(t, r.s.peer, reason, now)
		}
	}
	if !wasClosed {
		s.closed(r, CodeWorkerLost, reason)
	}
	if s.asking > 0 {
		for _, t := range s.tasks {
			delete(t.mayRun, r)
		}
	}
	s.fillAll(now)
}

// lostTask decides what becomes of a task whose worker is gone.
func (s *scheduler) lostTask(t *task, p *Peer, reason string, now time.Time) {
	ran := t.state == Running
	if ran {
		t.losses++
	} else {
		t.strays++
	}
	o := Outcome{Peer: *p}
	switch {
	case t.spec.Worker != "" && !t.once(p):
		o.Err = failure(CodeWorkerLost, "%s: its worker %s was lost: %s", t.title(), p.ID, reason)
	case t.once(p):
		o.Err = failure(CodeUnknownOutcome, "%s: may or may not have run on worker %s, which was lost: %s",
			t.title(), p.ID, reason)
		if t.failures < t.spec.Retries && t.spec.Worker == "" {
			s.failed(t, o, now)
			return
		}
	case t.losses >= maxLosses || t.strays >= maxStrays:
		o.Err = failure(CodeWorkerLost, "%s: lost %d workers, the last of them %s: %s",
			t.title(), t.losses+t.strays, p.ID, reason)
	default:
		if t.started {
			s.due.set(t, time.Time{})
		}
		s.waiting++
		s.resume(t, now)
		return
	}
	s.finish(t, o)
}

// heard takes note of how long nothing was heard of a worker.
func (s *scheduler) heard(x *session, quiet time.Duration, now time.Time) {
	r := s.remotes[x]
	if r == nil || r.suspect == (quiet > suspectAfter) {
		return
	}
	r.suspect = !r.suspect
	if !r.suspect {
		s.fillAll(now)
	}
}

// message takes what a worker says of tasks and of itself.
func (s *scheduler) message(x *session, m wire.Message, now time.Time) {
	r := s.remotes[x]
	if r == nil {
		return
	}
	s.now = now
	switch m := m.(type) {
	case *wire.Received:
		s.hear(r, m.ID, m.Attempt, Received, now)
	case *wire.Started:
		s.hear(r, m.ID, m.Attempt, Running, now)
	case *wire.NeedCode:
		if t := s.hear(r, m.ID, m.Attempt, Sent, now); t != nil && t.state != Done && m.Hash == t.hash {
			s.send(x, t.message(true))
		}
	case *wire.NeedBlob:
		s.send(x, s.blobs.message(m.Hash))
	case *wire.Log:
		s.printed(r, m, now)
	case *wire.Phase:
		if t := s.live(r, m.ID, m.Attempt); t != nil {
			t.phase = m.Name
		}
		s.said(r, m.ID, m.Attempt, m, now)
	case *wire.Progress:
		s.said(r, m.ID, m.Attempt, m, now)
	case *wire.Result:
		s.result(r, m, now)
	case *wire.Refused:
		s.refused(r, m, now)
	case *wire.Status:
		if r.status(m) {
			if r.closed {
				s.closed(r, CodeNoWorker, "it is not available")
			} else {
				s.opened(r, now)
			}
		}
	}
}

// live returns the task if that attempt of it is the one that r holds. Any other is fenced off: what is said of it
// counts for nothing. So it does not matter in which order these reach the master: the loss of v, which makes of a.1
// an a.2 at w; the return of v, which still runs a.1; the results of both.
func (s *scheduler) live(r *remote, id wire.TaskID, attempt uint32) *task {
	t := s.tasks[id]
	if t == nil || t.at != r || t.attempt != attempt {
		return nil
	}
	return t
}

// hear takes note that an attempt is at least in that state; states that were left out are not made up for. One that
// nobody waits for is ended: so a worker that comes back learns what was given up while it was away.
func (s *scheduler) hear(r *remote, id wire.TaskID, attempt uint32, st State, now time.Time) *task {
	t := s.live(r, id, attempt)
	if t == nil {
		s.send(r.s, &wire.Cancel{ID: id, Attempt: attempt, Reason: reasonAbandoned})
		return nil
	}
	if t.cancelled != "" {
		s.send(r.s, &wire.Cancel{ID: id, Attempt: attempt, Reason: t.cancelled})
		t.cancelled = ""
	}
	if t.state >= st { // Done is the largest
		return t
	}
	if st == Running && !t.started {
		t.started = true
		s.due.set(t, time.Time{})
	}
	if st == Running {
		t.began = now
	}
	if st == Running && t.spec.Timeout > 0 {
		s.due.set(t, now.Add(t.spec.Timeout+backup))
	}
	s.become(t, st)
	return t
}

// said passes on what a running task says.
func (s *scheduler) said(r *remote, id wire.TaskID, attempt uint32, m wire.Message, now time.Time) {
	if t := s.live(r, id, attempt); t != nil && t.state != Done {
		s.hear(r, id, attempt, Running, now)
		s.emit(effect{kind: effectSaid, t: t, peer: r.s.peer, msg: m})
	}
}

// printed takes what a task printed.
func (s *scheduler) printed(r *remote, m *wire.Log, now time.Time) {
	s.said(r, m.ID, m.Attempt, m, now)
	t := s.live(r, m.ID, m.Attempt)
	if t == nil || t.state == Done {
		return
	}
	if t.tail == nil {
		t.tail = new(tail)
	}
	t.tail.write(m.Text)
	s.control.printed(t.id, LogLine{Name: t.spec.Name, Worker: r.s.peer.ID, Stream: m.Stream, Text: m.Text})
}

// result takes the end of an attempt. It is acknowledged even if it comes too late to count, or else the worker would
// keep it. The worker is given its next task before the user hears of this one: the network is slower than he is.
func (s *scheduler) result(r *remote, m *wire.Result, now time.Time) {
	s.send(r.s, &wire.Ack{ID: m.ID, Attempt: m.Attempt})
	t := s.live(r, m.ID, m.Attempt)
	if t == nil {
		return
	}
	run := time.Duration(min(max(0, m.RunMicros), int64(time.Hour/time.Microsecond))) * time.Microsecond
	r.measured(run)
	if t.state != Done {
		s.hear(r, m.ID, m.Attempt, Running, now)
	}
	s.release(t)
	switch {
	case t.state == Done || m.Err == nil:
	case codeOf(m.Err) == codeTaskRefused && s.avoid(t, r, now):
		return
	}
	if t.state != Done && m.Err != nil && t.failures < t.spec.Retries && codeOf(m.Err) != CodeCancelled {
		s.failed(t, Outcome{Peer: *r.s.peer, Err: m.Err, Run: run}, now)
	}
	s.fill(r, now)
	if t.state == Running {
		s.finish(t, Outcome{Peer: *r.s.peer, Value: m.Value, Err: m.Err, Run: run, Engine: clipTo(m.Engine, maxEngineText)})
	}
}

// avoid sends a task elsewhere whose function the worker has quarantined, since it ended executors there: it has not
// run. When a second worker says so, or there is none other, that is the task's end. It reports whether it is not.
func (s *scheduler) avoid(t *task, r *remote, now time.Time) bool {
	if t.spec.Worker != "" || t.avoids != "" || len(s.order) < 2 {
		return false
	}
	if !t.picky() {
		s.asking++
	}
	t.avoids = r.s.peer.ID
	before, refused := t.spec.Eligible, t.avoids
	t.spec.Eligible = func(p Peer) bool { return p.ID != refused && (before == nil || before(p)) }
	t.mayRun = nil
	s.waiting++
	s.resume(t, now)
	s.fill(r, now)
	return true
}

// refused takes back an attempt that has not run.
func (s *scheduler) refused(r *remote, m *wire.Refused, now time.Time) {
	t := s.live(r, m.ID, m.Attempt)
	if t == nil {
		return
	}
	s.release(t)
	code := codeOf(m.Err)
	switch {
	case t.state == Done:
	case code == codeUnavailable && t.spec.Worker != "":
		code = CodeNoWorker
		if t.spec.Once && !t.started {
			code = CodeNotStarted
		}
		s.finish(t, Outcome{Peer: *r.s.peer, Err: failure(code, "%s: worker %s takes no tasks", t.title(), r.s.peer.ID)})
	case code == CodeQuota:
		r.full, r.filled = true, now
		s.waiting++
		s.resume(t, now)
	case code == codeUnavailable, code == codeRevoked:
		if code == codeUnavailable && !r.closed {
			r.closed = true
			s.closed(r, CodeNoWorker, "it is not available")
		}
		s.waiting++
		s.resume(t, now)
	default:
		s.finish(t, Outcome{Peer: *r.s.peer, Err: m.Err})
	}
	s.fillAll(now)
}

// surplus reports whether tasks wait at a worker while another has nothing to do.
func (s *scheduler) surplus() bool {
	if len(s.order) < 2 {
		return false
	}
	idle, ahead := false, false
	for _, r := range s.order {
		idle = idle || r.taking() && len(r.attempts) < r.slots()
		ahead = ahead || len(r.attempts) > r.slots()
	}
	return idle && ahead
}

// revoke calls back tasks that have waited at a worker for a while, one for each slot that is free elsewhere. They go
// into the queue again when the worker has answered that it did not start them.
func (s *scheduler) revoke(now time.Time) {
	if !s.surplus() {
		return
	}
	idle := 0
	for _, r := range s.order {
		if r.taking() {
			idle += max(0, r.slots()-len(r.attempts))
		}
	}
	for _, r := range s.order {
		for i := len(r.attempts) - 1; i >= 0 && idle > 0 && len(r.attempts) > r.slots(); i-- {
			t := r.attempts[i]
			if t.state != Received || t.bound() || now.Sub(t.since) < revokeAfter {
				continue
			}
			idle--
			if !t.revoking {
				t.revoking = true
				s.send(r.s, &wire.Cancel{ID: t.id, Attempt: t.attempt, Reason: reasonRevoked})
			}
		}
	}
}
