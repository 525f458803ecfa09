package cluster

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

var (
	simSeeds = flag.Uint64("sim.seeds", 1000, "how many seeds TestSimulation runs")
	simSeed  = flag.Uint64("sim.seed", 0, "run this one seed alone, and tell all that happens")
)

// TestSimulation runs clusters of real state machines in virtual time through what each seed has in store: links that
// are cut, one-way, replaced, slow and out of order; nodes that are killed, stopped, restarted, drained. A checker
// looks at all that happens. A seed that fails is run again alone by
//
//	go test ./net/cluster -run TestSimulation -sim.seed=N
func TestSimulation(t *testing.T) {
	if *simSeed != 0 {
		w := simulate(t, *simSeed, true)
		for _, line := range w.check.lines {
			t.Log(line)
		}
		if w.check.failed != "" {
			t.Fatalf("seed %d: %s", *simSeed, w.check.failed)
		}
		return
	}
	seeds := *simSeeds
	if raceDetector {
		seeds /= 10
	}
	var next, events, losses, fenced, tasks atomic.Uint64
	var g sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			for seed := next.Add(1); seed <= seeds && !t.Failed(); seed = next.Add(1) {
				w := simulate(t, seed, false)
				if w.check.failed != "" {
					t.Errorf("seed %d: %s\nagain: go test ./net/cluster -run TestSimulation -sim.seed=%d -v", seed, w.check.failed, seed)
				}
				events.Add(uint64(w.events))
				losses.Add(uint64(w.check.losses))
				fenced.Add(uint64(w.check.fenced))
				tasks.Add(uint64(len(w.check.order)))
			}
		})
	}
	g.Wait()
	t.Logf("%d seeds, %d tasks, %d events, %d attempts lost, %d results fenced", seeds, tasks.Load(), events.Load(), losses.Load(), fenced.Load())
}

// TestSimulationRepeats checks that a seed says all: two runs of it are alike to the last event.
func TestSimulationRepeats(t *testing.T) {
	for seed := range uint64(20) {
		a, b := simulate(t, seed+1, true), simulate(t, seed+1, true)
		if a.digest != b.digest || a.events != b.events {
			t.Errorf("seed %d: digests %x and %x after %d and %d events", seed+1, a.digest, b.digest, a.events, b.events)
		}
	}
}

// simIdentity is that of all nodes in simulations, which go by their names: making one takes long.
var simIdentity = sync.OnceValues(trust.NewIdentity)

// simulate runs the seed's world to its end.
func simulate(t *testing.T, seed uint64, verbose bool) *world {
	t.Helper()
	id, err := simIdentity()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		seed: seed, rnd: rand.New(rand.NewPCG(seed, 7)), id: id, blocked: make(map[[2]string]time.Time),
		now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	w.start = w.now
	w.check = newChecker(w)
	w.check.verbose = verbose
	w.plan = simPlan{
		tasks: 20 + w.rnd.IntN(150), calm: w.chance(25), length: w.between(10*time.Second, 90*time.Second),
		faults: w.rnd.IntN(25), masters: 1 + w.rnd.IntN(3), workers: 1 + w.rnd.IntN(5),
	}
	for range w.plan.masters {
		w.addMaster()
	}
	for range w.plan.workers {
		w.newWorker()
	}
	w.tie()
	for range w.plan.tasks {
		w.after(w.between(0, w.plan.length*8/10), w.submitOne)
	}
	for range w.plan.faults {
		w.after(w.between(0, w.plan.length), w.fault)
	}
	for end := w.start.Add(w.plan.length); w.step(end); {
	}
	w.heal()
	for end := w.now.Add(20 * time.Minute); w.check.failed == "" && w.step(end) && !w.idle(); {
	}
	if w.check.failed == "" {
		for end := w.now.Add(keepResults + time.Minute); w.step(end); { // late results, acknowledgements, graces
		}
	}
	if w.check.failed == "" {
		w.check.settled()
	}
	return w
}

// idle reports whether all tasks have had their callbacks.
func (w *world) idle() bool {
	for _, t := range w.check.order {
		if t.done == 0 && !t.master.dead && !t.master.gone {
			return false
		}
	}
	return true
}

func (w *world) newWorker() *simWorker {
	res := Resources{"gpu": float64(w.rnd.IntN(3))}
	return w.addWorker(1+w.rnd.IntN(4), res, fmt.Sprintf("%d", w.rnd.IntN(2)))
}

// heal ends all faults, and sees to it that there is a worker for each task.
func (w *world) heal() {
	w.log("all is well")
	w.quiet = true
	clear(w.blocked)
	for _, l := range w.links {
		for side := range l.ends {
			if !l.ends[side].node.dead {
				l.mend(side)
			}
		}
	}
	for _, x := range w.workers {
		x.do(func() { x.SetAvailable(true); x.drained(false) })
	}
	w.addWorker(4, Resources{"gpu": 4}, "0")
	w.addWorker(4, Resources{"gpu": 4}, "1")
}

// aliveMaster picks a master; nil if it is not alive.
func (w *world) aliveMaster() *simMaster {
	m := w.masters[w.rnd.IntN(len(w.masters))]
	if m.dead || m.gone {
		return nil
	}
	return m
}

func (w *world) aliveWorker() *simWorker {
	x := w.workers[w.rnd.IntN(len(w.workers))]
	if x.dead || x.gone {
		return nil
	}
	return x
}

// submitOne submits a task of some kind.
func (w *world) submitOne() {
	n := len(w.check.order)
	t := &simTask{name: fmt.Sprintf("t%03d", n), started: make(map[uint32]string), submitted: w.now, master: w.aliveMaster()}
	w.kind(t)
	if t.master == nil {
		return
	}
	w.check.tasks[t.name] = t
	w.check.order = append(w.check.order, t)
	t.spec.OnDone = func(o Outcome) { w.check.finished(t, o) }
	cancel := w.chance(8) && !w.plan.calm
	wait := w.between(0, 5*time.Second)
	t.master.do(func() {
		t.submitted = w.now
		w.log("%s: submits %s", t.master.name, t.name)
		t.id = t.master.Submit(t.spec)
		if cancel {
			w.after(wait, func() {
				t.master.do(func() { t.cancelled = true; t.master.Cancel(t.id, "not wanted") })
			})
		}
	})
}

// kind decides what the task is like.
func (w *world) kind(t *simTask) {
	s := &t.spec
	s.Name, s.Code = t.name, []byte(fmt.Sprintf("code %d", w.rnd.IntN(4)))
	s.Args = []byte("args")
	s.Once = w.chance(30)
	s.Priority = w.rnd.IntN(3)
	if t.run = w.between(200*time.Millisecond, 3*time.Second); w.plan.calm {
		return
	}
	if w.chance(60) {
		t.run = w.between(50*time.Microsecond, 2*time.Millisecond)
	}
	if w.chance(3) {
		t.run = w.between(10*time.Second, 40*time.Second)
	}
	if w.chance(10) {
		s.Args = []byte(strings.Repeat("a", wire.MaxSmall*2))
	}
	if w.chance(5) {
		t.result = wire.MaxSmall * 2
	}
	if w.chance(15) {
		t.fails, s.Retries = 1+w.rnd.IntN(3), w.rnd.IntN(4)
		s.Backoff = w.between(0, time.Second)
	}
	if s.Retries > 0 && w.chance(40) {
		w.asking(t)
	}
	w.where(t)
	if w.chance(10) {
		s.Timeout = w.between(time.Second, 5*time.Second)
	}
	if w.chance(10) {
		s.QueueTimeout = w.between(2*time.Second, 30*time.Second)
	}
}

// asking has RetryIf asked, which answers later.
func (w *world) asking(t *simTask) {
	if w.chance(50) {
		t.refuse = 1 + w.rnd.IntN(2)
	}
	t.spec.RetryIf = func(_ int, _ Outcome, decide func(bool)) {
		again := t.refuse == 0 || t.errors < t.refuse
		w.after(20*time.Millisecond, func() { t.master.do(func() { decide(again) }) })
	}
}

// where says which workers may run the task.
func (w *world) where(t *simTask) {
	s := &t.spec
	switch k := w.rnd.IntN(100); {
	case k < 8:
		if x := w.aliveWorker(); x != nil {
			s.Worker = x.name
		}
	case k < 18:
		data := fmt.Sprint(w.rnd.IntN(2))
		s.Eligible = func(p Peer) bool { return string(p.Data) == data }
	case k < 26:
		s.Resources = []Resources{{"gpu": float64(1 + w.rnd.IntN(2))}}
	case k < 30:
		if b, err := NewBlob([]byte(fmt.Sprintf("blob %d %s", w.rnd.IntN(3), strings.Repeat("b", 100)))); err == nil {
			s.Blobs = []*Blob{b}
		}
	}
}

// fault does one of the things that happen to clusters.
func (w *world) fault() {
	x, m := w.aliveWorker(), w.aliveMaster()
	switch k := w.rnd.IntN(100); {
	case x == nil || m == nil:
	case w.now.Before(x.frozen) || w.now.Before(m.frozen): // who is stopped has trouble enough
	case k < 15:
		w.kill(&x.simNode)
		w.after(w.between(500*time.Millisecond, 15*time.Second), func() { w.restart(x) })
	case k < 20 && len(w.masters) > 1 && m != w.masters[0]:
		w.kill(&m.simNode)
	case k < 40:
		w.partition(&m.simNode, &x.simNode)
	case k < 52:
		n := &x.simNode
		if w.chance(30) {
			n = &m.simNode
		}
		w.freeze(n, w.between(500*time.Millisecond, 20*time.Second))
	case k < 60:
		w.connect(&m.simNode, &x.simNode)
	case k < 65:
		w.half(m, x)
	case k < 72:
		w.bye(&x.simNode, &x.peers)
		w.after(w.between(time.Second, 5*time.Second), func() { w.restart(x) })
	case k < 82:
		x.do(func() { x.drained(true) })
		w.after(w.between(time.Second, 20*time.Second), func() { x.do(func() { x.drained(false) }) })
	case k < 90:
		x.do(func() { x.SetAvailable(false) })
		w.after(w.between(time.Second, 20*time.Second), func() { x.do(func() { x.SetAvailable(true) }) })
	default:
		w.newWorker()
	}
}

// half has the worker alone notice the end of its link, and another link come soon.
func (w *world) half(m *simMaster, x *simWorker) {
	e := w.current(&x.simNode, m.name, nil)
	if e == nil {
		return
	}
	w.log("%s notices that its link is cut, %s does not", x.name, m.name)
	e.link.cutOff(0)
	e.link.cutOff(1)
	e.finish("no answer for 6 s", false)
	until := w.between(100*time.Millisecond, 5*time.Second)
	w.blocked[[2]string{m.name, x.name}] = w.now.Add(until)
	w.after(until, func() {
		if !m.dead && !x.dead && !x.gone {
			w.connect(&m.simNode, &x.simNode)
		}
	})
}

// restart makes a worker in the place of one that died or left: mostly a new one, sometimes a new life of the old.
func (w *world) restart(old *simWorker) {
	if w.quiet {
		return
	}
	x := w.newWorker()
	if w.chance(40) {
		x.name, x.Worker.id, x.intake.id = old.name, old.name, old.name
	}
	w.log("%s begins", x.name)
}

// partition cuts what is between two nodes, one way or both, for a while.
func (w *world) partition(a, b *simNode) {
	d := w.between(100*time.Millisecond, 25*time.Second)
	w.log("cut between %s and %s for %v", a.name, b.name, d)
	w.blocked[[2]string{a.name, b.name}] = w.now.Add(d)
	which := w.rnd.IntN(3)
	for _, l := range w.links {
		if l.ends[0].node != a || l.ends[1].node != b {
			continue
		}
		for side := range l.ends {
			if which != 1-side {
				l.cutOff(side)
				w.after(d, func() { l.mend(side) })
			}
		}
	}
}

// bye has a node leave in order.
func (w *world) bye(n *simNode, peers *sessions) {
	n.do(func() {
		w.log("%s leaves", n.name)
		n.gone = true
		n.node.leave()
		for _, s := range peers.linked("") {
			s.box.close(wire.ByeLeave, "it left the cluster")
		}
	})
	w.after(3*time.Second, func() { w.kill(n) })
}
