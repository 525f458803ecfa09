package cluster

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"supercluster/net/wire"
)

// checker keeps the history of a world and says when something happens that must not.
type checker struct {
	w       *world
	tasks   map[string]*simTask
	order   []*simTask
	load    map[*session]int  // attempts that a worker was given by a master and has not answered
	closed  map[*session]bool // what the worker of that session said last
	failed  string
	verbose bool
	lines   []string
	losses  int // attempts that were lost with their workers
	fenced  int // results that came too late
}

// simTask is a task with what is to happen to it, and what did.
type simTask struct {
	name   string
	id     wire.TaskID
	master *simMaster
	spec   Spec
	run    time.Duration
	fails  int // so many attempts end with an error
	result int // bytes
	refuse int // RetryIf says no after so many failures; zero means never

	sent      uint32   // the last attempt that was sent
	to        *session // where it is open: neither answered nor lost; nil if none is
	started   map[uint32]string
	errors    int // results that were errors and counted
	told      bool
	lost      int  // workers, after the master heard that the task ran
	unknown   bool // an attempt was lost
	unknowns  int  // so many were
	accepted  string
	done      int
	cancelled bool
	submitted time.Time
}

func newChecker(w *world) *checker {
	return &checker{w: w, tasks: make(map[string]*simTask), load: make(map[*session]int), closed: make(map[*session]bool)}
}

func (c *checker) say(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// fail notes the first thing that was wrong.
func (c *checker) fail(format string, args ...any) {
	if c.failed == "" {
		c.failed = fmt.Sprintf("%.3f s: ", c.w.now.Sub(c.w.start).Seconds()) + fmt.Sprintf(format, args...)
	}
}

// hash spreads what follows from a task's name and attempt, the same in each run.
func (c *checker) hash(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, c.w.seed)
	fmt.Fprint(h, parts...)
	return h.Sum64()
}

// grace is how long an attempt takes to end when it is told to.
func (c *checker) grace(key jobKey) time.Duration {
	return time.Duration(c.hash(key.attempt)%250) * time.Millisecond
}

// masterSends looks at what a master gives to a worker.
func (c *checker) masterSends(m *simMaster, s *session, msg wire.Message) {
	x, ok := msg.(*wire.Task)
	if !ok {
		return
	}
	t := c.tasks[x.Name]
	c.w.log("%s: gives %s.%d to %s", m.name, x.Name, x.Attempt, s.peer.ID)
	switch {
	case t.done > 0 && x.Attempt != t.sent:
		c.fail("%s is given to %s after its callback", t.name, s.peer.ID)
	case t.to != nil && x.Attempt == t.sent:
		if t.to != s {
			c.fail("attempt %d of %s goes to %s and to %s", x.Attempt, t.name, t.to.peer.ID, s.peer.ID)
		}
		return // it is sent again with its code, or since the link was replaced
	case t.to != nil:
		c.fail("attempt %d of %s goes to %s while %d is live on %s", x.Attempt, t.name, s.peer.ID, t.sent, t.to.peer.ID)
	case x.Attempt <= t.sent:
		c.fail("attempt %d of %s is sent again after it was answered or lost", x.Attempt, t.name)
	}
	c.checkAgain(t, s)
	t.sent, t.to, t.told = x.Attempt, s, false
	c.load[s]++
	slots := max(1, s.peer.Slots)
	if n := c.load[s]; n > slots*(1+maxAhead) || c.w.plan.calm && n > slots {
		c.fail("worker %s with %d slots has %d tasks of %s, more than its credit", s.peer.ID, slots, n, m.name)
	}
	if c.closed[s] {
		c.fail("%s is given to %s, which said that it takes no tasks", t.name, s.peer.ID)
	}
}

// checkAgain checks that a task may have another attempt, there.
func (c *checker) checkAgain(t *simTask, s *session) {
	switch {
	case t.spec.Once && t.failures() > t.spec.Retries:
		c.fail("%s may run once and is given to %s after an attempt was lost", t.name, s.peer.ID)
	case t.spec.Worker != "" && t.spec.Worker != s.peer.ID:
		c.fail("%s is for %s and is given to %s", t.name, t.spec.Worker, s.peer.ID)
	case t.spec.Eligible != nil && !t.spec.Eligible(*s.peer):
		c.fail("%s is given to %s, which its query does not select", t.name, s.peer.ID)
	case t.errors > t.spec.Retries:
		c.fail("%s with %d retries is given to %s after %d failures", t.name, t.spec.Retries, s.peer.ID, t.errors)
	case t.refuse > 0 && t.errors >= t.refuse:
		c.fail("%s is given to %s after RetryIf said no", t.name, s.peer.ID)
	case t.lost >= maxLosses:
		c.fail("%s is given to %s after %d workers were lost with it", t.name, s.peer.ID, t.lost)
	case t.unknown && t.spec.Worker != "":
		c.fail("%s is for one worker, and is given to it again after that was lost", t.name)
	}
}

// arrives looks at a message before the node gets it.
func (c *checker) arrives(to *simEnd, msg wire.Message) {
	switch msg := msg.(type) {
	case *wire.Started:
		if t := c.byID(msg.ID); t != nil && t.to == to.s && t.sent == msg.Attempt {
			t.told = true
		}
	case *wire.Result:
		if t := c.answered(to.s, msg.ID, msg.Attempt); t != nil {
			t.accepted = string(msg.Value)
			if msg.Err != nil {
				t.accepted = "error " + codeOf(msg.Err)
				t.errors++
			}
		} else {
			c.fenced++
		}
	case *wire.Refused:
		c.answered(to.s, msg.ID, msg.Attempt)
	case *wire.Status:
		c.closed[to.s] = !msg.Available
	case *wire.Cancel:
		c.mustEnd(to, msg)
	}
}

// mustEnd checks that a cancelled attempt that runs is gone after its grace and a second.
func (c *checker) mustEnd(to *simEnd, msg *wire.Cancel) {
	if msg.Reason == reasonRevoked {
		return
	}
	for _, x := range c.w.workers {
		if r := x.running[jobKey{msg.ID, msg.Attempt}]; &x.simNode == to.node && r != nil {
			c.w.after(c.grace(r.j.key)+time.Second, func() {
				if !r.over && !x.dead && !c.w.now.Before(x.frozen.Add(2*time.Second)) {
					c.fail("%s still runs an attempt that was cancelled", x.name)
				}
			})
		}
	}
}

func (c *checker) byID(id wire.TaskID) *simTask {
	for _, m := range c.w.masters {
		if t := m.scheduler.tasks[id]; t != nil {
			return c.tasks[t.spec.Name]
		}
	}
	return nil
}

// answered takes note that an attempt was answered, if it is the one that counts.
func (c *checker) answered(s *session, id wire.TaskID, attempt uint32) *simTask {
	t := c.byID(id)
	if t == nil || t.to != s || t.sent != attempt {
		return nil
	}
	t.to = nil
	c.load[s]--
	return t
}

// linked takes note of a link before the node hears of it: a peer that was restarted loses what it had.
func (c *checker) linked(e *simEnd) {
	if m, ok := e.node.node.(*Master); ok {
		if s := m.peers.all[e.peer.Node.ID]; s != nil && s.linked() && s.boot != e.peer.Node.Boot {
			c.lost(s)
		}
	}
}

// unlinked takes note of the end of a link before the node hears of it.
func (c *checker) unlinked(e *simEnd) {
	if _, ok := e.node.node.(*Master); ok && e.s.conn == conn(e) {
		c.lost(e.s)
	}
}

func (c *checker) lost(s *session) {
	c.load[s] = 0
	delete(c.closed, s)
	for _, t := range c.order {
		if t.to != s {
			continue
		}
		t.to, t.unknown = nil, true
		t.unknowns++
		c.losses++
		if t.told {
			t.lost++
		}
	}
}

// orphaned checks that what a master left behind that is gone ends after its grace.
func (c *checker) orphaned(n *simNode) {
	notice, ticks := 7*time.Second, 3*time.Second
	c.w.after(notice+orphanGrace+ticks, func() {
		for _, x := range c.w.workers {
			for _, r := range x.running {
				if r.j.owner.s.peer.ID == n.name && !x.dead && c.w.now.After(x.frozen.Add(orphanGrace+ticks)) {
					c.fail("%s still runs a task of %s, which is gone for long", x.name, n.name)
				}
			}
		}
	})
}

// starts takes note that an attempt gets a slot, and says how long it runs.
func (c *checker) starts(x *simWorker, m *wire.Task, code []byte) time.Duration {
	t := c.tasks[m.Name]
	if at, ok := t.started[m.Attempt]; ok {
		c.fail("attempt %d of %s starts on %s, and started on %s before", m.Attempt, t.name, x.name, at)
	}
	if t.spec.Once && len(t.started) > t.errors+t.unknowns { // each of its failures allowed another
		c.fail("%s may run once and starts a second time, on %s", t.name, x.name)
	}
	if string(code) != string(t.spec.Code) {
		c.fail("%s starts with other code", t.name)
	}
	t.started[m.Attempt] = x.name
	if n := len(x.running); n > x.cfg.Slots {
		c.fail("%s runs %d tasks in %d slots", x.name, n, x.cfg.Slots)
	}
	used := make(Resources)
	for _, r := range x.running {
		used.add(readNeeds(r.j.task.Needs), 1)
	}
	if !x.cfg.Resources.cover(used) {
		c.fail("%s runs tasks that need %v, and has %v", x.name, used, x.cfg.Resources)
	}
	return t.run
}

// ends is what an attempt comes to.
func (c *checker) ends(x *simWorker, r *simRun) Result {
	m := r.j.task
	t := c.tasks[m.Name]
	c.w.log("%s: ends %s.%d", x.name, m.Name, m.Attempt)
	switch {
	case r.cause != nil:
		return Result{}
	case m.TimeoutMillis > 0 && time.Duration(m.TimeoutMillis)*time.Millisecond < t.run:
		return Result{Err: failure(CodeTaskTimeout, "late")}
	case int(m.Attempt) <= t.fails:
		return Result{Err: failure("ERR_X", "fails")}
	}
	v := fmt.Sprintf("%s.%d@%s", t.name, m.Attempt, x.name)
	return Result{Value: []byte(v + strings.Repeat(".", t.result)), Run: t.run}
}

// finished takes the callback of a task.
func (c *checker) finished(t *simTask, o Outcome) {
	c.w.log("%s: callback of %s: %s%s", t.master.name, t.name, clip(string(o.Value)), codeOf(o.Err))
	if t.done++; t.done > 1 {
		c.fail("%s has its callback twice", t.name)
	}
	if t.master.dead || t.master.gone {
		return
	}
	if o.Err == nil {
		if string(o.Value) != t.accepted || !strings.HasPrefix(string(o.Value), fmt.Sprintf("%s.%d@", t.name, t.sent)) {
			c.fail("%s ends with %q, which is not the result of its attempt %d that counts", t.name, clip(string(o.Value)), t.sent)
		}
		return
	}
	if why := t.mayFail(codeOf(o.Err), c.w.now); why != "" {
		c.fail("%s ends with %s: %s", t.name, codeOf(o.Err), why)
	}
}

// failures counts those that take a retry: of a task that may run once losses are among them.
func (t *simTask) failures() int {
	if t.spec.Once {
		return t.errors + t.unknowns
	}
	return t.errors
}

// mayFail says why a task must not end with that error; "" means that it may.
func (t *simTask) mayFail(code string, now time.Time) string {
	age := now.Sub(t.submitted)
	ok, want := false, ""
	switch code {
	case "ERR_X", CodeTaskTimeout:
		ok, want = t.failures() > t.spec.Retries || t.refuse > 0 && t.errors >= t.refuse || code == CodeTaskTimeout && t.to != nil, "it has retries left"
	case CodeCancelled:
		ok, want = t.cancelled || strings.HasSuffix(t.accepted, code), "nobody cancelled it"
	case CodeUnknownOutcome:
		ok, want = t.spec.Once && t.unknown, "it may run again, or was not lost"
	case CodeNotStarted:
		ok, want = t.spec.Worker != "" && t.spec.Once && !t.unknown, "it may run on any worker, or again"
	case CodeNoWorker:
		ok, want = t.spec.Worker != "", "it may run on any worker"
	case CodeWorkerLost:
		ok, want = t.spec.Worker != "" && !t.spec.Once || t.lost >= maxLosses, "too few workers were lost with it"
	case CodeQueueTimeout:
		ok, want = t.spec.QueueTimeout > 0 && age >= t.spec.QueueTimeout, "its time is not over"
	default:
		want = "that is no way to end"
	}
	if ok {
		return ""
	}
	return want
}

// settled checks what must hold when all faults are over and all tasks have had their time.
func (c *checker) settled() {
	for _, t := range c.order {
		if t.done == 0 && !t.master.dead && !t.master.gone {
			c.fail("%s has no callback: it is %s at its master", t.name, c.stateOf(t))
			return
		}
	}
	for _, m := range c.w.masters {
		if n := len(m.scheduler.tasks); n > 0 && !m.dead {
			c.fail("%s still keeps %d tasks that are done", m.name, n)
		}
		if m.scheduler.waiting != 0 && !m.dead {
			c.fail("%s counts %d tasks that wait, of none", m.name, m.scheduler.waiting)
		}
	}
	for _, x := range c.w.workers {
		if x.dead {
			continue
		}
		if len(x.running) > 0 || x.intake.running > 0 {
			c.fail("%s still runs %d tasks", x.name, len(x.running))
		}
		for s, o := range x.intake.owners {
			if len(o.jobs) > 0 {
				c.fail("%s still keeps %d attempts of %s", x.name, len(o.jobs), s.peer.ID)
			}
		}
		for name, free := range x.intake.free {
			if free != x.cfg.Resources[name] {
				c.fail("%s has %g of %s free, of %g", x.name, free, name, x.cfg.Resources[name])
			}
		}
	}
}

func (c *checker) stateOf(t *simTask) string {
	if x := t.master.scheduler.tasks[t.id]; x != nil {
		return x.state.String()
	}
	return "unknown"
}
