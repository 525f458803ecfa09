package cluster

import (
	eventheap "container/heap"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// world is a cluster in virtual time: real Masters and Workers whose goroutines do not run, joined by links whose
// messages are events. All that happens follows from the seed.
type world struct {
	seed    uint64
	rnd     *rand.Rand
	now     time.Time
	start   time.Time
	seq     int
	queue   eventQueue
	masters []*simMaster
	workers []*simWorker
	links   []*simLink
	blocked map[[2]string]time.Time // pairs of nodes between whom no link can be made, until when
	quiet   bool                    // no more faults
	names   int
	check   *checker
	plan    simPlan
	id      *trust.Identity
	digest  uint64 // of all that happened
	events  int
	dirty   []*simNode // that may have something to send
}

// simPlan is what kind of run the seed asks for.
type simPlan struct {
	tasks   int
	calm    bool // all tasks are long, and none ends early: no task may wait at a worker
	length  time.Duration
	faults  int
	masters int
	workers int
}

type event struct {
	at  time.Time
	seq int
	do  func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].seq < q[j].seq
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return x
}

// after has f called in d from now.
func (w *world) after(d time.Duration, f func()) {
	w.seq++
	eventheap.Push(&w.queue, event{w.now.Add(d), w.seq, f})
}

// between is a random time of that range.
func (w *world) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(w.rnd.Int64N(int64(hi-lo)+1))
}

// chance is true with a probability of n percent.
func (w *world) chance(n int) bool { return w.rnd.IntN(100) < n }

// log takes note of what happens, if somebody wants to know.
func (w *world) log(format string, args ...any) {
	if !w.check.verbose {
		return
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d ", w.digest, w.now.UnixNano())
	fmt.Fprintf(h, format, args...)
	w.digest = h.Sum64()
	w.check.say("%9.3f "+format, append([]any{w.now.Sub(w.start).Seconds()}, args...)...)
}

// simNode is what masters and workers have in common.
type simNode struct {
	w      *world
	name   string
	boot   uint64
	node   Node
	dead   bool
	gone   bool      // said goodbye
	frozen time.Time // until when it is stopped
	flush  func()    // puts on the links what the node has to send, and starts what has a slot
}

// do has f called now or, if the node is stopped, when it goes on.
func (n *simNode) do(f func()) {
	switch {
	case n.dead:
	case n.w.now.Before(n.frozen):
		n.w.after(n.frozen.Sub(n.w.now), func() { n.do(f) })
	default:
		f()
		n.w.dirty = append(n.w.dirty, n)
		n.w.flush()
	}
}

type simMaster struct {
	simNode
	*Master
	ticking time.Time
}

type simWorker struct {
	simNode
	*Worker
	running map[jobKey]*simRun
}

// simRun is an attempt in a slot.
type simRun struct {
	j     *job
	cause error
	over  bool
}

func (w *world) addMaster() *simMaster {
	w.names++
	m := &simMaster{Master: NewMaster(MasterConfig{Identity: w.id})}
	m.simNode = simNode{w: w, name: fmt.Sprintf("m%02d", w.names), boot: uint64(w.names), node: m.Master}
	m.simNode.flush = m.flushed
	m.Master.id, m.scheduler.id = m.name, m.name
	m.Master.clock = func() time.Time { return w.now }
	m.Master.spy = func(s *session, msg wire.Message) { w.check.masterSends(m, s, msg) }
	w.masters = append(w.masters, m)
	m.arm(w.now.Add(tickEvery))
	return m
}

// arm has the master's deadlines looked at.
func (m *simMaster) arm(at time.Time) {
	m.ticking = at
	m.w.after(max(0, at.Sub(m.w.now)), func() {
		if m.ticking.Equal(at) {
			m.do(func() { m.arm(m.tick(at)) })
		}
	})
}

func (w *world) addWorker(slots int, res Resources, data string) *simWorker {
	w.names++
	x := &simWorker{
		Worker:  NewWorker(WorkerConfig{Identity: w.id, Slots: slots, Executor: echo, Resources: res, Data: []byte(data)}),
		running: make(map[jobKey]*simRun),
	}
	x.simNode = simNode{w: w, name: fmt.Sprintf("w%02d", w.names), boot: uint64(w.names), node: x.Worker}
	x.simNode.flush = x.flushed
	x.Worker.id, x.intake.id = x.name, x.name
	x.Worker.clock = func() time.Time { return w.now }
	w.workers = append(w.workers, x)
	x.tickLater()
	return x
}

func (x *simWorker) tickLater() {
	x.w.after(tickEvery, func() { x.do(func() { x.tick(); x.tickLater() }) })
}

// hello is what the node says of itself.
func (n *simNode) hello() wire.Hello {
	d := n.node.describe()
	d.Boot = n.boot
	if x, ok := n.node.(*Worker); ok {
		d.Host = encoded(map[string]any{"resources": x.cfg.Resources})
	}
	return wire.Hello{ProtoMin: wire.ProtoMin, ProtoMax: wire.ProtoMax, Node: d}
}

// simLink is a link; its ends notice its beginning and its end at times of their own.
type simLink struct {
	w     *world
	ends  [2]*simEnd
	cut   [2]bool     // nothing arrives from this end
	held  [2][]func() // what was sent meanwhile; it arrives when the cut ends, as QUIC sends it again
	since [2]time.Time
}

// simEnd is a link as one of its nodes has it: a conn.
type simEnd struct {
	link  *simLink
	side  int
	node  *simNode
	peer  wire.Hello
	s     *session
	up    bool // linked was called
	over  bool // unlinked was called, or will never be
	last  time.Time
	early []func() // what arrived before it was up
}

func (e *simEnd) Peer() wire.Hello                                    { return e.peer }
func (e *simEnd) PeerID() trust.ID                                    { return trust.ID{} }
func (e *simEnd) RemoteAddr() netip.AddrPort                          { return netip.AddrPort{} }
func (e *simEnd) Dialled() bool                                       { return e.side == 0 }
func (e *simEnd) Member() bool                                        { return true }
func (e *simEnd) Relayed() bool                                       { return false }
func (e *simEnd) Send(context.Context, wire.Message) error            { panic("not in a simulation") }
func (e *simEnd) Run(context.Context, func(wire.Message) error) error { panic("not in a simulation") }
func (e *simEnd) RTT() time.Duration                                  { return 2 * time.Millisecond }
func (e *simEnd) Close(uint64, string)                                {}
func (e *simEnd) Quiet() time.Duration {
	if from := 1 - e.side; e.link.cut[from] {
		return e.link.w.now.Sub(e.link.since[from])
	}
	return 0
}

// connect makes a link between two nodes, which may have one already.
func (w *world) connect(a, b *simNode) {
	l := &simLink{w: w}
	for side, n := range []*simNode{a, b} {
		other := []*simNode{b, a}[side]
		l.ends[side] = &simEnd{link: l, side: side, node: n, peer: other.hello()}
	}
	w.links = append(w.links, l)
	for _, e := range l.ends {
		w.after(w.between(0, 3*time.Millisecond), func() { e.node.do(e.begin) })
	}
}

// begin tells the node that the link is up.
func (e *simEnd) begin() {
	if e.over || e.node.gone {
		e.link.end("it left the cluster", true)
		return
	}
	w := e.link.w
	w.log("%s: link to %s", e.node.name, e.peer.Node.ID)
	e.up = true
	w.check.linked(e)
	old := w.current(e.node, e.peer.Node.ID, e)
	e.s = e.node.node.linked(e)
	if old != nil { // the mesh closes it
		w.after(w.between(0, 2*time.Millisecond), func() { old.link.end("there is another link", false) })
	}
	for _, f := range e.early {
		f()
	}
	e.early = nil
}

// current is the node's end of another link to that peer that is up.
func (w *world) current(n *simNode, peer string, except *simEnd) *simEnd {
	for _, l := range w.links {
		for _, e := range l.ends {
			if e.node == n && e.peer.Node.ID == peer && e.up && !e.over && e != except {
				return e
			}
		}
	}
	return nil
}

// finish tells the node that the link is no more.
func (e *simEnd) finish(reason string, final bool) {
	if e.over {
		return
	}
	e.over = true
	if !e.up {
		return
	}
	e.node.do(func() {
		e.link.w.log("%s: no link to %s: %s", e.node.name, e.peer.Node.ID, reason)
		e.link.w.check.unlinked(e)
		e.node.node.unlinked(e.s, e, reason, final)
	})
}

// end ends the link on both sides within a moment; what is under way may be lost.
func (l *simLink) end(reason string, final bool) {
	for _, e := range l.ends {
		l.w.after(l.w.between(0, 5*time.Millisecond), func() { e.finish(reason, final) })
	}
}

// cutOff lets nothing through from that side. Unless mend is called in time the other side notices.
func (l *simLink) cutOff(from int) {
	if l.cut[from] {
		return
	}
	l.cut[from], l.since[from] = true, l.w.now
	at := l.w.now
	l.w.after(l.w.between(6*time.Second, 7*time.Second), func() {
		if l.cut[from] && l.since[from].Equal(at) {
			l.held = [2][]func(){}
			l.ends[1-from].finish("no answer for 6 s", false)
			l.w.after(l.w.between(0, 1500*time.Millisecond), func() { l.ends[from].finish("no answer for 6 s", false) })
		}
	})
}

// mend ends a cut.
func (l *simLink) mend(from int) {
	if !l.cut[from] || l.ends[from].node.dead {
		return
	}
	l.cut[from] = false
	for _, f := range l.held[from] {
		f()
	}
	l.held[from] = nil
}

// flush carries out what nodes want done that had an input.
func (w *world) flush() {
	for len(w.dirty) > 0 {
		n := w.dirty[0]
		w.dirty = w.dirty[1:]
		n.flush()
	}
	w.dirty = nil
}

func (m *simMaster) flushed() {
	m.pump(&m.peers)
	select {
	case <-m.wake:
		m.arm(m.armed)
	default:
	}
}

func (x *simWorker) flushed() {
	for len(x.starts) > 0 {
		x.begin(<-x.starts)
	}
	x.pump(&x.peers)
}

// pump takes what waits for the node's links.
func (n *simNode) pump(peers *sessions) {
	for _, s := range peers.linked("") {
		e, ok := s.conn.(*simEnd)
		if !ok || n.dead {
			continue
		}
		batch, bye, _ := s.box.take(s.conn)
		for _, m := range batch {
			e.send(m)
		}
		s.box.sent(batch)
		if bye != nil {
			e.link.end("it left the cluster", true)
		}
	}
}

// send puts a message on the link: small ones arrive in order, long ones whenever.
func (e *simEnd) send(m wire.Message) {
	w := e.link.w
	delay := w.between(500*time.Microsecond, 2*time.Millisecond)
	if !w.quiet && w.chance(2) {
		delay *= 50
	}
	at := w.now.Add(delay)
	if wire.Size(m) <= wire.MaxSmall {
		if at.Before(e.last) {
			at = e.last
		}
		e.last = at
	}
	w.after(at.Sub(w.now), func() { e.arrive(m) })
}

// arrive gives a message to the other end.
func (e *simEnd) arrive(m wire.Message) {
	to, from := e.link.ends[1-e.side], e.side
	switch {
	case to.over || to.node.dead:
		return
	case e.link.cut[from]:
		e.link.held[from] = append(e.link.held[from], func() { e.arrive(m) })
		return
	case !to.up:
		to.early = append(to.early, func() { e.arrive(m) })
		return
	}
	to.node.do(func() {
		if to.over {
			return
		}
		e.link.w.log("%s: %s from %s", to.node.name, m.Kind(), e.node.name)
		e.link.w.check.arrives(to, m)
		if err := to.node.node.handle(to.s, m); err != nil {
			e.link.w.check.fail("%s refuses a message: %v", to.node.name, err)
		}
	})
}

// tie keeps two nodes linked as the mesh does: it makes a link where both sides, or one, have none.
func (w *world) tie() {
	for _, m := range w.masters {
		for _, x := range w.workers {
			if m.dead || x.dead || m.gone || x.gone || w.now.Before(m.frozen) || w.now.Before(x.frozen) {
				continue
			}
			if until, ok := w.blocked[[2]string{m.name, x.name}]; ok && w.now.Before(until) {
				continue
			}
			if w.current(&m.simNode, x.name, nil) == nil || w.current(&x.simNode, m.name, nil) == nil {
				if w.chance(60) && !w.coming(&m.simNode, &x.simNode) {
					w.connect(&m.simNode, &x.simNode)
				}
			}
		}
	}
	w.links = slices.DeleteFunc(w.links, func(l *simLink) bool { return l.ends[0].over && l.ends[1].over })
	w.after(w.between(200*time.Millisecond, 400*time.Millisecond), w.tie)
}

// coming reports whether a link between the two is being made.
func (w *world) coming(a, b *simNode) bool {
	for _, l := range w.links {
		if l.ends[0].node == a && l.ends[1].node == b && (!l.ends[0].up && !l.ends[0].over || !l.ends[1].up && !l.ends[1].over) {
			return true
		}
	}
	return false
}

// kill ends a process: nothing of it is heard any more.
func (w *world) kill(n *simNode) {
	w.log("%s dies", n.name)
	w.check.orphaned(n)
	n.dead = true
	for _, l := range w.links {
		for side, e := range l.ends {
			if e.node == n {
				e.over = true
				l.cutOff(side)
			}
		}
	}
}

// freeze stops a process for a while.
func (w *world) freeze(n *simNode, d time.Duration) {
	w.log("%s stops for %v", n.name, d)
	n.frozen = w.now.Add(d)
	for _, l := range w.links {
		for side, e := range l.ends {
			if e.node == n && !e.over {
				l.cutOff(side)
				w.after(d, func() { l.mend(side) })
			}
		}
	}
}

// begin runs an attempt that was given a slot, as Worker.execute does.
func (x *simWorker) begin(j *job) {
	x.mu.Lock()
	t, code, cause := j.task, j.code, j.cause
	r := &simRun{j: j, cause: cause}
	j.stop = func(cause error) {
		if r.cause == nil {
			r.cause = cause
			x.w.after(x.w.check.grace(j.key), func() { x.do(func() { x.end(r) }) })
		}
	}
	x.mu.Unlock()
	x.running[j.key] = r
	x.w.log("%s: starts %s.%d", x.name, t.Name, t.Attempt)
	takes := x.w.check.starts(x, t, code)
	if cause != nil {
		takes = min(takes, x.w.check.grace(j.key))
	}
	if timeout := time.Duration(t.TimeoutMillis) * time.Millisecond; timeout > 0 && timeout < takes {
		takes = timeout
	}
	x.w.after(takes, func() { x.do(func() { x.end(r) }) })
}

// end gives the slot back, with what the checker has the task come to.
func (x *simWorker) end(r *simRun) {
	if r.over {
		return
	}
	r.over = true
	delete(x.running, r.j.key)
	res := x.w.check.ends(x, r)
	explain(&res, r.cause)
	x.mu.Lock()
	x.intake.ended(r.j, res, x.w.now)
	x.settle(x.perform)
}

// step does what is next, and reports whether there was something before that time.
func (w *world) step(until time.Time) bool {
	if len(w.queue) == 0 || w.queue[0].at.After(until) {
		return false
	}
	e := eventheap.Pop(&w.queue).(event)
	w.now = e.at
	w.events++
	e.do()
	w.flush()
	return w.check.failed == ""
}
