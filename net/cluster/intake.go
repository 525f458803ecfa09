package cluster

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"supercluster/net/wire"
)

// Bounds of what a worker keeps.
const (
	orphanGrace   = 30 * time.Second      // for how long the tasks of a lost master run on
	keepResults   = 5 * time.Minute       // for how long its results are kept
	maxKept       = 64 << 20              // bytes of these
	maxQueuedJobs = 4096                  // of one master, or what its credit allows if that is more
	maxMessage    = wire.MaxBulk - 64<<10 // bytes of a task, a result or an event
)

// jobState is where a job is, seen from its worker.
type jobState uint8

const (
	// jobWants: it waits for the code, which was asked for.
	jobWants jobState = iota + 1
	// jobQueued: it waits for a slot.
	jobQueued
	// jobRuns: it has a slot.
	jobRuns
	// jobEnds: it has a slot, and was told to end.
	jobEnds
	// jobOver: it has ended, and its result is kept until the master has acknowledged it.
	jobOver
	// jobGone: nothing is left of it here.
	jobGone
)

// jobKey names an attempt.
type jobKey struct {
	id      wire.TaskID
	attempt uint32
}

// job is one attempt of a task, seen from its worker.
type job struct {
	key   jobKey
	owner *owner
	task  *wire.Task // nil when it is over
	code  []byte
	seq   uint64
	state jobState
	came  time.Time
	began time.Time
	tail  atomic.Pointer[tail] // of what it printed; nil if it did not
	// engine is what runs it, and why, if the executor said so.
	engine atomic.Pointer[string]
	// printed counts the bytes of what a guest's task prints.
	printed atomic.Int64
	charge  time.Duration // what its owner was charged in advance
	result  *wire.Result
	stop    func(cause error) // ends the run; set by the shell
	cause   error             // why it must end, if that came before stop
	needs   Resources
	blobs   [][]byte // the large values that the arguments refer to, once all are here
}

// owner is a master, seen from a worker. It is in one of two states:
//   - linked: its jobs get slots in turn with those of others;
//   - lost: what runs runs on for a while, what waits waits; results are kept.
type owner struct {
	s     *session
	jobs  map[jobKey]*job
	queue []*job // by priority and age
	runs  int
	used  time.Duration // of slots, to take turns by
	mean  time.Duration // of a job
	over  []*job        // whose results were not acknowledged, oldest first
	kept  int           // bytes of these
	grace time.Time     // when the jobs of a lost master are ended; zero if it is linked, or they were
	// orphaned says that nobody waits for the jobs that still run.
	orphaned bool
	asked    map[[32]byte]bool // blobs that are to come
	log      int               // bytes that a job of a guest may print
}

// intake is a worker's state machine: whose jobs it has taken, and which gets the next slot. Its inputs are methods
// with the time in them, its outputs effects. It belongs to whoever holds the desk's mutex.
type intake struct {
	*effects
	owners    map[*session]*owner
	codes     codeCache
	blobs     codeCache
	total     Resources // what the worker has
	free      Resources // what of it no running job holds
	slots     int
	running   int
	available bool
	left      bool // the cluster
	largest   int  // result, in bytes
	quota     Quota
	seq       uint64
	told      wire.Status // what the masters know
	draining  bool        // it is being emptied
	id        string      // the worker's
	recent    recent
	busy      time.Duration // of slots
	control   *control
}

func newIntake(e *effects, slots int) *intake {
	in := &intake{
		effects: e, owners: make(map[*session]*owner), codes: newCodeCache(maxCodeBytes), slots: slots, available: true,
		largest: maxMessage, blobs: newCodeCache(maxBlobBytes), free: make(Resources),
	}
	in.quota = Quota{}.withDefaults()
	in.control = newControl(e, in)
	in.told = in.status()
	return in
}

func (in *intake) status() wire.Status {
	st := wire.Status{Available: in.takes(), Slots: in.slots, Running: in.running, Draining: in.draining}
	for _, o := range in.owners {
		st.Queued += len(o.queue)
	}
	return st
}

// takes reports whether the worker takes tasks.
func (in *intake) takes() bool { return in.available && !in.draining && !in.left }

// up takes a master that is linked, or linked again after it was lost.
func (in *intake) up(x *session, now time.Time) {
	o := in.owners[x]
	if o == nil {
		o = &owner{s: x, jobs: make(map[jobKey]*job), log: in.quota.Log}
		in.owners[x] = o
	}
	o.grace, o.orphaned = time.Time{}, false
	clear(o.asked)
	in.emit(effect{kind: effectPeer, s: x, peer: x.peer, up: true})
	st := in.status()
	in.send(x, &st)
	in.report(o)
	in.schedule(now)
}

// relink says again what may have got lost with the link that was replaced.
func (in *intake) relink(x *session) {
	if o := in.owners[x]; o != nil {
		st := in.status()
		in.send(x, &st)
		clear(o.asked)
		in.report(o)
	}
}

// report tells the master of each job where it is; what the master has given up, it then cancels.
func (in *intake) report(o *owner) {
	for _, j := range o.sorted() {
		in.tell(j)
	}
}

// tell says where one job is.
func (in *intake) tell(j *job) {
	switch j.state {
	case jobWants:
		if !in.findCode(j) {
			in.send(j.owner.s, &wire.NeedCode{ID: j.key.id, Attempt: j.key.attempt, Hash: j.task.Hash})
		}
		in.findBlobs(j)
	case jobQueued:
		in.send(j.owner.s, &wire.Received{ID: j.key.id, Attempt: j.key.attempt})
	case jobRuns, jobEnds:
		in.send(j.owner.s, &wire.Started{ID: j.key.id, Attempt: j.key.attempt})
	case jobOver:
		in.send(j.owner.s, j.result)
	}
}

// sorted returns the owner's jobs, oldest first.
func (o *owner) sorted() []*job {
	list := make([]*job, 0, len(o.jobs))
	for _, j := range o.jobs {
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b *job) int { return int(a.seq) - int(b.seq) })
	return list
}

// lost takes note that a master has no link any more. If it said goodbye, or lives no longer, all its jobs end.
func (in *intake) lost(x *session, reason string, final bool, now time.Time) {
	o := in.owners[x]
	if o == nil {
		return
	}
	in.emit(effect{kind: effectPeer, s: x, peer: x.peer, text: reason})
	if final {
		in.orphan(o, "its master is gone: "+reason)
		in.forget(o)
		return
	}
	o.grace = now.Add(orphanGrace)
	in.drop(o)
}

// drop forgets a lost master of which nothing is left.
func (in *intake) drop(o *owner) {
	if !o.s.linked() && len(o.jobs) == 0 {
		delete(in.owners, o.s)
	}
}

// take takes a task, or says why not.
func (in *intake) take(x *session, m *wire.Task, now time.Time) {
	o := in.owners[x]
	if o == nil {
		return
	}
	key := jobKey{m.ID, m.Attempt}
	if j := o.jobs[key]; j != nil {
		if j.state == jobWants {
			in.supply(j, m, now)
		} else {
			in.tell(j) // it was sent again
		}
		return
	}
	switch {
	case !in.takes():
		in.refuse(x, key, codeUnavailable, "the worker takes no tasks")
		return
	case len(o.jobs) >= max(maxQueuedJobs, (maxAhead+2)*in.slots):
		in.refuse(x, key, CodeBackPressure, "too many tasks of one master wait at the worker")
		return
	case len(m.Code) > 0 && sha256.Sum256(m.Code) != m.Hash:
		in.refuse(x, key, codeCode, "the code is not that of its hash")
		return
	}
	if code, why := in.checkGuest(o, m); code != "" {
		in.refuse(x, key, code, why)
		return
	}
	needs := readNeeds(m.Needs)
	if !in.total.cover(needs) {
		in.refuse(x, key, CodeResources, fmt.Sprintf("the task needs %v, the worker has %v", needs, in.total))
		return
	}
	in.seq++
	j := &job{key: key, owner: o, task: m, seq: in.seq, needs: needs, came: now}
	o.jobs[key] = j
	in.emit(effect{kind: effectTaken, s: x, peer: x.peer, j: j})
	j.state = jobWants
	if !in.findCode(j) {
		in.tell(j)
		return
	}
	in.complete(j, now)
}

// supply gives a job the code that it waits for, and all others that wait for the same.
func (in *intake) supply(j *job, m *wire.Task, now time.Time) {
	if len(m.Code) == 0 {
		return
	}
	if sha256.Sum256(m.Code) != m.Hash || m.Hash != j.task.Hash {
		in.remove(j)
		in.refuse(j.owner.s, j.key, codeCode, "the code is not that of its hash")
		return
	}
	j.task = m
	in.complete(j, now)
}

// noCode is the hash of a task that has none.
var noCode = sha256.Sum256(nil)

// findCode takes the job's code from the cache, or fills the cache with it.
func (in *intake) findCode(j *job) (ok bool) {
	if j.code = j.task.Code; len(j.code) > 0 {
		in.codes.put(j.task.Hash, j.code)
		return true
	}
	if j.task.Hash == noCode {
		return true
	}
	j.code, ok = in.codes.get(j.task.Hash)
	return ok
}

// admit puts a job into its owner's queue.
func (in *intake) admit(j *job, now time.Time) {
	o := j.owner
	if len(o.queue) == 0 && o.runs == 0 {
		o.used = max(o.used, in.least()) // who was away has not saved anything up
	}
	j.state = jobQueued
	i := len(o.queue)
	for i > 0 && j.before(o.queue[i-1]) {
		i--
	}
	o.queue = slices.Insert(o.queue, i, j)
	in.schedule(now)
	if j.state == jobQueued {
		in.tell(j)
	}
}

// before reports whether j is to start before k, which came earlier; as task.before.
func (j *job) before(k *job) bool {
	head := clampPriority(j.task.Priority) - clampPriority(k.task.Priority)
	return time.Duration(head)*ageing > j.came.Sub(k.came)
}

// least is the least use of slots of the owners that have something to do, or zero.
func (in *intake) least() time.Duration {
	least := time.Duration(-1)
	for _, o := range in.owners {
		if (len(o.queue) > 0 || o.runs > 0) && (least < 0 || o.used < least) {
			least = o.used
		}
	}
	return max(0, least)
}

// schedule gives free slots to the queued jobs: each to the owner that has used least.
func (in *intake) schedule(now time.Time) {
	for in.running < in.slots {
		var next *owner
		place := 0
		for _, o := range in.owners {
			if len(o.queue) == 0 || !o.s.linked() || o.kept > maxKept || in.full(o) {
				continue // a master that does not take its results gets no more
			}
			i := in.next(o)
			if i < 0 {
				continue
			}
			if next == nil || o.used < next.used || o.used == next.used && o.queue[i].seq < next.queue[place].seq {
				next, place = o, i
			}
		}
		if next == nil {
			return
		}
		in.start(next, place, now)
	}
}

// start gives a slot to the owner's job at that place in its queue. The owner is charged for a job as they were so far; the difference is
// settled at its end.
func (in *intake) start(o *owner, place int, now time.Time) {
	j := o.queue[place]
	if place > 0 {
		o.queue = slices.Delete(o.queue, place, place+1)
	} else {
		o.queue[0] = nil
		o.queue = o.queue[1:]
	}
	in.free.add(j.needs, -1)
	j.state, j.began, j.charge = jobRuns, now, o.mean
	o.used += j.charge
	o.runs++
	in.running++
	in.tell(j)
	in.emit(effect{kind: effectStart, j: j})
}

// ended takes the result of a job that had a slot.
func (in *intake) ended(j *job, r Result, now time.Time) {
	o := j.owner
	took := now.Sub(j.began)
	o.used += took - j.charge
	o.mean += (took - o.mean) / 4
	o.runs--
	in.running--
	in.free.add(j.needs, 1)
	in.note(j, &r, took, now)
	if r.Run <= 0 {
		r.Run = took
	}
	j.state = jobOver
	j.result = &wire.Result{
		ID: j.key.id, Attempt: j.key.attempt, Value: r.Value, Err: r.Err, RunMicros: int64(r.Run / time.Microsecond),
	}
	if text := j.engine.Load(); text != nil {
		j.result.Engine = *text
	}
	if n := size(j.result); n > in.limit(o) {
		j.result.Value = nil
		j.result.Err = failure(CodeTooLarge, "the result takes %d bytes, limit %d", n, in.limit(o))
	}
	j.task, j.code, j.blobs = nil, nil, nil
	o.over = append(o.over, j)
	o.kept += size(j.result)
	switch {
	case o.orphaned && (r.Err != nil || !o.s.linked()):
		in.remove(j) // it was ended for our sake: the master is to run it elsewhere
		in.drop(o)
	case o.s.linked():
		in.tell(j)
	default:
		for o.kept > maxKept && len(o.over) > 1 {
			in.remove(o.over[0])
		}
	}
	in.schedule(now)
}

// cancel ends an attempt, or takes it out of the queue. The master waits for an answer to give the credit back: for a
// running job that is its result. A call back that crosses with the start of the job, or with its result, counts for
// nothing, and the result is the answer to it.
func (in *intake) cancel(x *session, m *wire.Cancel) {
	o := in.owners[x]
	if o == nil {
		return
	}
	key := jobKey{m.ID, m.Attempt}
	j := o.jobs[key]
	code, why := CodeCancelled, m.Reason
	switch {
	case m.Reason == reasonRevoked:
		code, why = codeRevoked, "called back before it started"
	case m.Reason == reasonAbandoned:
		why = "given up by its master"
	}
	switch {
	case j == nil:
		in.refuse(x, key, code, why)
	case j.state == jobWants || j.state == jobQueued:
		in.remove(j)
		in.refuse(x, key, code, why)
	case j.state == jobRuns && code != codeRevoked:
		in.end(j, code, why)
	}
}

// end tells a running job to end.
func (in *intake) end(j *job, code, why string) {
	j.state = jobEnds
	in.emit(effect{kind: effectStop, j: j, err: &Error{code, why}})
}

func (in *intake) refuse(x *session, key jobKey, code, why string) {
	in.send(x, &wire.Refused{ID: key.id, Attempt: key.attempt, Err: failure(code, "%s", why)})
}

// acknowledged drops a result that has arrived.
func (in *intake) acknowledged(x *session, m *wire.Ack, now time.Time) {
	o := in.owners[x]
	if o == nil {
		return
	}
	if j := o.jobs[jobKey{m.ID, m.Attempt}]; j != nil && j.state == jobOver {
		full := o.kept > maxKept
		in.remove(j)
		if full {
			in.schedule(now)
		}
	}
}

// remove forgets a job that has no slot.
func (in *intake) remove(j *job) {
	o := j.owner
	switch j.state {
	case jobQueued:
		o.queue = slices.DeleteFunc(o.queue, func(q *job) bool { return q == j })
	case jobOver:
		o.kept -= size(j.result)
	}
	j.state = jobGone
	delete(o.jobs, j.key)
	o.trim()
}

// trim drops from over what was acknowledged: at the front, where it mostly is, or everywhere if much is gone.
func (o *owner) trim() {
	gone := func(j *job) bool { return j.state == jobGone }
	for len(o.over) > 0 && gone(o.over[0]) {
		o.over[0] = nil
		o.over = o.over[1:]
	}
	if len(o.over) > 2*len(o.jobs)+64 {
		o.over = slices.DeleteFunc(o.over, gone)
	}
}

// setAvailable opens or closes the worker for new tasks, and says so.
func (in *intake) setAvailable(available bool) {
	in.available = available
	in.tellStatus()
}

// drain begins to empty the worker, or ends that. Jobs that have not begun go back to their masters at once.
func (in *intake) drain(on bool, now time.Time) error {
	in.draining = on
	if on {
		for _, o := range in.inOrder() {
			in.handBack(o)
		}
	}
	in.tellStatus()
	in.schedule(now)
	return nil
}

// handBack gives the master the jobs back that have not begun, for another worker. Those of one that is lost wait: it
// would not hear of it.
func (in *intake) handBack(o *owner) {
	if !o.s.linked() {
		return
	}
	for _, j := range o.sorted() {
		if j.state == jobWants || j.state == jobQueued {
			in.remove(j)
			in.refuse(o.s, j.key, codeUnavailable, "its worker is being drained")
		}
	}
}

// tellStatus says to all masters how the worker is doing, if that has changed.
func (in *intake) tellStatus() {
	st := in.status()
	if st == in.told {
		return
	}
	in.told = st
	for _, o := range in.owners {
		if o.s.linked() {
			m := st
			in.send(o.s, &m)
		}
	}
}

// progress reports for each running job.
func (in *intake) progress(fraction float64) {
	for _, o := range in.inOrder() {
		for _, j := range o.sorted() {
			if j.state == jobRuns {
				in.send(o.s, &wire.Progress{ID: j.key.id, Attempt: j.key.attempt, Fraction: fraction})
			}
		}
	}
}

// leave ends all jobs: the worker goes.
func (in *intake) leave() {
	in.left = true
	for _, o := range in.inOrder() {
		in.orphan(o, "its worker left the cluster")
	}
}
