package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestFairLoad has one master give 100,000 tasks of 4 ms, and another 200 of 2 s, to four workers, while others are
// added and one is drained and comes back: each master gets half of the time of the slots while both have work, and the
// slots are full.
func TestFairLoad(t *testing.T) {
	const short, long = 100_000, 200
	id, err := simIdentity()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		seed: 1, rnd: rand.New(rand.NewPCG(1, 7)), id: id, blocked: make(map[[2]string]time.Time), quiet: true,
		now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	w.start = w.now
	w.check = newChecker(w)
	a, b := w.addMaster(), w.addMaster()
	for range 4 {
		w.addWorker(4, nil, "0")
	}
	w.tie()
	m := newMeter(w, a, b)
	for n := range short {
		m.submit(a, n, 4*time.Millisecond)
	}
	for n := range long {
		m.submit(b, n, 2*time.Second)
	}
	w.after(6*time.Second, func() { w.addWorker(4, nil, "0") })
	w.after(8*time.Second, func() { w.addWorker(4, nil, "0") })
	first := w.workers[0]
	w.after(10*time.Second, func() { first.do(func() { first.drained(true) }) })
	w.after(16*time.Second, func() { first.do(func() { first.drained(false) }) })
	for m.left() > 0 && w.step(w.now.Add(time.Hour)) {
		m.look()
	}
	if w.check.failed != "" {
		t.Fatal(w.check.failed)
	}
	if n := m.left(); n > 0 {
		t.Fatalf("%d tasks have no callback", n)
	}
	share, use := m.share(), m.use()
	t.Logf("%d tasks in %v of virtual time; the first master had %.1f %% of the slots while both had work, slots were in use for %.1f %% of the time after 1 s",
		short+long, w.now.Sub(w.start).Round(time.Millisecond), 100*share, 100*use)
	if share < 0.45 || share > 0.55 {
		t.Errorf("shares differ by more than 10 %%: the first master had %.1f %%", 100*share)
	}
	if use < 0.95 {
		t.Errorf("slots were in use for %.1f %% of the time, want 95", 100*use)
	}
}

// meter measures who has the slots of a world, between the warm-up and the time when a master has nothing more to give.
type meter struct {
	w       *world
	pending map[*simMaster]int
	masters []*simMaster
	total   int
	last    time.Time
	slots   time.Duration // that could be used
	used    map[string]time.Duration
}

func newMeter(w *world, masters ...*simMaster) *meter {
	return &meter{w: w, masters: masters, pending: make(map[*simMaster]int), used: make(map[string]time.Duration), last: w.now}
}

func (m *meter) left() int { return m.total }

// submit submits a task that runs so long.
func (m *meter) submit(x *simMaster, n int, run time.Duration) {
	t := &simTask{name: fmt.Sprintf("%s/%d", x.name, n), started: make(map[uint32]string), submitted: m.w.now, master: x, run: run}
	t.spec = Spec{Name: t.name, Code: []byte("code"), OnDone: func(o Outcome) {
		m.w.check.finished(t, o)
		m.pending[x]--
		m.total--
		delete(m.w.check.tasks, t.name)
	}}
	m.w.check.tasks[t.name] = t
	m.pending[x]++
	m.total++
	x.do(func() { t.id = x.Submit(t.spec) })
}

// look adds up who has had the slots since the last look.
func (m *meter) look() {
	d := m.w.now.Sub(m.last)
	m.last = m.w.now
	if d <= 0 || m.w.now.Sub(m.w.start) < time.Second {
		return
	}
	for _, x := range m.masters {
		if x.scheduler.waiting == 0 {
			return // it could not use more
		}
	}
	for _, x := range m.w.workers {
		if !x.intake.takes() {
			continue
		}
		m.slots += d * time.Duration(x.cfg.Slots)
		for _, o := range x.intake.owners {
			m.used[o.s.peer.ID] += d * time.Duration(o.runs)
		}
	}
}

// share is the first master's part of what was used.
func (m *meter) share() float64 {
	var all time.Duration
	for _, d := range m.used {
		all += d
	}
	return float64(m.used[m.masters[0].name]) / float64(all)
}

// use is the part of the slots that was in use.
func (m *meter) use() float64 {
	var all time.Duration
	for _, d := range m.used {
		all += d
	}
	return float64(all) / float64(m.slots)
}
