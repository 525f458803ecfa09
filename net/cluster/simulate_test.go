package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"supercluster/net/wire"
)

// TestEveryTaskEndsOnce gives a scheduler thousands of random inputs and checks what must always hold: every task is
// done once, no worker holds more than its credit, and a task has at most one attempt that counts.
func TestEveryTaskEndsOnce(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runRandom(t, seed) })
	}
}

// simulation plays the workers against a scheduler.
type simulation struct {
	*schedulerBench
	rnd   *rand.Rand
	given map[string]map[wire.TaskID]uint32 // by worker: attempts that it has not answered
	done  map[wire.TaskID]int
	total int
}

func runRandom(t *testing.T, seed uint64) {
	sim := &simulation{
		schedulerBench: newSchedulerBench(t), rnd: rand.New(rand.NewPCG(seed, 1)),
		given: make(map[string]map[wire.TaskID]uint32), done: make(map[wire.TaskID]int),
	}
	sim.s.max = 1 << 20
	for range 3000 {
		sim.input()
		sim.check()
	}
	// A worker with room for all comes, and answers all.
	sim.come("last", 1<<16)
	for range 10 {
		for w, attempts := range sim.given {
			for id, n := range attempts {
				sim.answer(w, id, n)
			}
		}
		sim.now = sim.now.Add(2 * maxBackoff)
		sim.s.tick(sim.now)
		sim.check()
	}
	if len(sim.done) != sim.total {
		t.Errorf("%d of %d tasks are done", len(sim.done), sim.total)
	}
	if n := len(sim.s.tasks); n != 0 || sim.s.waiting != 0 {
		t.Errorf("%d tasks are left, of which %d wait, want none", n, sim.s.waiting)
	}
}

// input gives the scheduler one random input.
func (sim *simulation) input() {
	names := sortedNames(sim.sessions)
	var w string
	if len(names) > 0 {
		w = names[sim.rnd.IntN(len(names))]
	}
	switch k := sim.rnd.IntN(100); {
	case k < 35:
		sim.submitRandom(names)
	case k < 40 && len(names) < 6:
		sim.come(fmt.Sprintf("w%d", sim.rnd.IntN(8)), 1+sim.rnd.IntN(4))
	case k < 42 && w != "":
		sim.lose(w)
	case k < 45 && w != "":
		sim.status(w, sim.rnd.IntN(3) > 0, 0, 0)()
	case k < 50:
		sim.now = sim.now.Add(time.Duration(sim.rnd.IntN(2000)) * time.Millisecond)
		sim.s.tick(sim.now)
	case k < 55:
		for id, t := range sim.s.tasks {
			sim.s.cancel(id, "chance")
			_ = t
			break
		}
	case w != "":
		for id, n := range sim.given[w] {
			if sim.rnd.IntN(3) == 0 {
				sim.s.message(sim.sessions[w], &wire.Started{ID: id, Attempt: n}, sim.now)
			} else {
				sim.answer(w, id, n)
			}
			break
		}
	}
}

func (sim *simulation) submitRandom(names []string) {
	sim.total++
	spec := Spec{
		Priority: sim.rnd.IntN(3), Retries: sim.rnd.IntN(3), Once: sim.rnd.IntN(10) == 0,
		Backoff: time.Duration(sim.rnd.IntN(3)) * 300 * time.Millisecond,
		Timeout: time.Duration(sim.rnd.IntN(2)) * time.Second, QueueTimeout: time.Duration(sim.rnd.IntN(2)) * time.Minute,
	}
	switch sim.rnd.IntN(8) {
	case 0:
		if len(names) > 0 {
			spec.Worker = names[sim.rnd.IntN(len(names))]
		}
	case 1:
		spec.Eligible = func(p Peer) bool { return p.ID == "w1" || p.ID == "last" }
	}
	sim.submit(fmt.Sprintf("t%d", sim.total), spec)()
}

func (sim *simulation) come(id string, slots int) {
	if sim.sessions[id] == nil {
		sim.given[id] = make(map[wire.TaskID]uint32)
		sim.up(id, slots)()
	}
}

func (sim *simulation) lose(id string) {
	delete(sim.given, id) // what it has not answered does not count any more
	sim.lost(id)()
	delete(sim.sessions, id)
}

// answer ends an attempt in one of the ways in which a worker may.
func (sim *simulation) answer(w string, id wire.TaskID, attempt uint32) {
	delete(sim.given[w], id)
	x := sim.sessions[w]
	switch sim.rnd.IntN(8) {
	case 0:
		sim.s.message(x, &wire.Result{ID: id, Attempt: attempt, Err: failure("ERR_X", "x")}, sim.now)
	case 1:
		sim.s.message(x, &wire.Refused{ID: id, Attempt: attempt, Err: failure(codeRevoked, "x")}, sim.now)
	default:
		v := fmt.Appendf(nil, "%s %d", w, attempt)
		sim.s.message(x, &wire.Result{ID: id, Attempt: attempt, Value: v, RunMicros: 50}, sim.now)
	}
}

// check carries out the effects.
func (sim *simulation) check() {
	for len(sim.effects.out) > 0 {
		batch := sim.effects.out
		sim.effects.out = nil
		for _, x := range batch {
			sim.carryOut(x)
		}
	}
	for _, r := range sim.s.order {
		if n, most := len(r.attempts), r.slots()*(1+maxAhead); n > most {
			sim.t.Fatalf("worker %s holds %d attempts, at most %d are allowed", r.s.peer.ID, n, most)
		}
	}
}

func (sim *simulation) carryOut(x effect) {
	switch x.kind {
	case effectDone:
		if sim.done[x.t.id]++; sim.done[x.t.id] > 1 {
			sim.t.Fatalf("task %s is done twice", sim.names[x.t.id])
		}
	case effectJudge:
		sim.s.judged(x.t, x.s, 0, x.t.spec.Eligible(*x.peer), sim.now)
	case effectSend:
		m, ok := x.msg.(*wire.Task)
		w := x.s.peer.ID
		if !ok || sim.sessions[w] != x.s {
			return
		}
		for other, attempts := range sim.given {
			if n, live := attempts[m.ID]; live {
				sim.t.Fatalf("attempt %d of %s goes to %s while %d is live at %s", m.Attempt, sim.names[m.ID], w, n, other)
			}
		}
		sim.given[w][m.ID] = m.Attempt
	}
}
