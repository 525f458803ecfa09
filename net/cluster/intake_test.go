package cluster

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"supercluster/net/wire"
)

// intakeBench gives inputs to an intake.
type intakeBench struct {
	*bench
	in   *intake
	jobs map[string]*job
}

func newIntakeBench(t *testing.T, slots int) *intakeBench {
	b := &intakeBench{bench: newBench(t), jobs: make(map[string]*job)}
	b.in = newIntake(&b.effects, slots)
	return b
}

func (b *intakeBench) up(id string) func() {
	return func() {
		s := b.sessions[id]
		if s == nil {
			s = b.session(id, RoleMaster, 0, true)
		}
		s.conn = &stillConn{}
		b.in.up(s, b.now)
	}
}

func (b *intakeBench) lost(id string, final bool) func() {
	return func() {
		s := b.sessions[id]
		s.conn, s.lostAt = nil, b.now
		b.in.lost(s, "silence", final, b.now)
	}
}

var (
	someCode = []byte("f")
	someHash = sha256.Sum256(someCode)
)

// task gives a task whose code is sent with it.
func (b *intakeBench) task(master, name string, priority int) func() {
	return b.send(master, &wire.Task{ID: b.taskID(name), Attempt: 1, Hash: someHash, Code: someCode, Priority: priority})
}

func (b *intakeBench) send(master string, m *wire.Task) func() {
	return func() {
		b.in.take(b.sessions[master], m, b.now)
		if j := b.in.owners[b.sessions[master]].jobs[jobKey{m.ID, m.Attempt}]; j != nil {
			b.jobs[b.names[m.ID]] = j
		}
	}
}

func (b *intakeBench) ended(name, v string) func() {
	return func() { b.in.ended(b.jobs[name], Result{Value: []byte(v)}, b.now) }
}

func (b *intakeBench) cancel(master, name, reason string) func() {
	return func() {
		b.in.cancel(b.sessions[master], &wire.Cancel{ID: b.taskID(name), Attempt: 1, Reason: reason})
	}
}

func (b *intakeBench) ack(master, name string) func() {
	return func() { b.in.acknowledged(b.sessions[master], &wire.Ack{ID: b.taskID(name), Attempt: 1}, b.now) }
}

func (b *intakeBench) available(is bool) func() { return func() { b.in.setAvailable(is) } }

func (b *intakeBench) pass(d time.Duration) func() {
	return func() { b.now = b.now.Add(d); b.in.tick(b.now) }
}

func TestIntake(t *testing.T) {
	const up = "up m; m<status true 0/1+0"
	for _, tt := range []struct {
		name  string
		steps func(b *intakeBench) []step
	}{
		{"a job goes through its states", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.ended("a", "v"), "m<result a.1 v"},
				{b.ack("m", "a"), ""},
				{b.ack("m", "a"), ""},
			}
		}},
		{"jobs wait for a slot, by priority and age", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.task("m", "c", 0), "taken c.1; m<received c.1"},
				{b.task("m", "d", 1), "taken d.1; m<received d.1"},
				{b.ended("a", "v"), "m<result a.1 v; m<started d.1; start d.1"},
				{b.ended("d", "v"), "m<result d.1 v; m<started b.1; start b.1"},
				{b.ended("b", "v"), "m<result b.1 v; m<started c.1; start c.1"},
			}
		}},
		{"code that is not there is asked for", func(b *intakeBench) []step {
			without := &wire.Task{ID: b.taskID("a"), Attempt: 1, Hash: someHash}
			with := &wire.Task{ID: b.taskID("a"), Attempt: 1, Hash: someHash, Code: someCode}
			again := &wire.Task{ID: b.taskID("b"), Attempt: 1, Hash: someHash}
			return []step{
				{b.up("m"), up},
				{b.send("m", without), "taken a.1; m<needcode a.1"},
				{b.send("m", without), ""},
				{b.send("m", with), "m<started a.1; start a.1"},
				{b.send("m", again), "taken b.1; m<received b.1"},
			}
		}},
		{"code of another hash is refused", func(b *intakeBench) []step {
			bad := &wire.Task{ID: b.taskID("a"), Attempt: 1, Hash: [32]byte{1}, Code: someCode}
			want := &wire.Task{ID: b.taskID("b"), Attempt: 1, Hash: [32]byte{1}}
			supplied := &wire.Task{ID: b.taskID("b"), Attempt: 1, Hash: [32]byte{1}, Code: someCode}
			return []step{
				{b.up("m"), up},
				{b.send("m", bad), "m<refused a.1 ERR_BAD_CODE"},
				{b.send("m", want), "taken b.1; m<needcode b.1"},
				{b.send("m", supplied), "m<refused b.1 ERR_BAD_CODE"},
			}
		}},
		{"a task that is sent again is the same job", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "a", 0), "m<started a.1"},
				{b.ended("a", "v"), "m<result a.1 v"},
				{b.task("m", "a", 0), "m<result a.1 v"},
			}
		}},
		{"a waiting job is cancelled or called back", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.task("m", "c", 0), "taken c.1; m<received c.1"},
				{b.cancel("m", "b", "why"), "m<refused b.1 ERR_CANCELLED"},
				{b.cancel("m", "c", reasonRevoked), "m<refused c.1 ERR_REVOKED"},
				{b.cancel("m", "x", "why"), "m<refused x.1 ERR_CANCELLED"},
				{b.ended("a", "v"), "m<result a.1 v"},
			}
		}},
		{"a running job is cancelled once, and not called back", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.cancel("m", "a", reasonRevoked), ""},
				{b.cancel("m", "a", "why"), "stop a.1 ERR_CANCELLED"},
				{b.cancel("m", "a", "why"), ""},
				{b.ended("a", "v"), "m<result a.1 v"},
			}
		}},
		{"a lost master finds its jobs where they are", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.lost("m", false), "down m"},
				{b.ended("a", "v"), ""},
				{b.pass(orphanGrace - 1), ""},
				{b.up("m"), "up m; m<status true 0/1+1; m<result a.1 v; m<received b.1; m<started b.1; start b.1"},
				{b.pass(time.Hour), "m<status true 1/1+0"},
			}
		}},
		{"the jobs of a lost master end after the grace, its results are kept longer", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.ended("a", "v"), "m<result a.1 v; m<started b.1; start b.1"},
				{b.task("m", "c", 0), "taken c.1; m<received c.1"},
				{b.lost("m", false), "down m"},
				{b.pass(orphanGrace), "stop b.1 ERR_CANCELLED"},
				{b.ended("b", "v"), ""},
				{b.pass(time.Minute), ""},
				{b.up("m"), "up m; m<status true 0/1+0; m<result a.1 v"},
			}
		}},
		{"results are not kept for ever", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.ended("a", "v"), "m<result a.1 v"},
				{b.lost("m", false), "down m"},
				{b.pass(keepResults + 1), ""},
				{b.up("m"), up},
			}
		}},
		{"a master that says goodbye leaves nothing", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.up("n"), "up n; n<status true 0/1+0"},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.task("n", "c", 0), "taken c.1; n<received c.1"},
				{b.lost("m", true), "down m; stop a.1 ERR_CANCELLED"},
				{b.ended("a", "v"), "n<started c.1; start c.1"},
			}
		}},
		{"an unavailable worker refuses, and runs what it has", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.available(false), "m<status false 1/1+1"},
				{b.available(false), ""},
				{b.task("m", "c", 0), "m<refused c.1 ERR_UNAVAILABLE"},
				{b.ended("a", "v"), "m<result a.1 v; m<started b.1; start b.1"},
				{b.available(true), "m<status true 1/1+0"},
			}
		}},
		{"a master that does not take its results gets no more slots", func(b *intakeBench) []step {
			long := string(make([]byte, maxKept))
			return []step{
				{b.up("m"), up},
				{b.up("n"), "up n; n<status true 0/1+0"},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.task("n", "c", 0), "taken c.1; n<received c.1"},
				{b.ended("a", long), "m<result a.1 " + long + "; n<started c.1; start c.1"},
				{b.ended("c", "v"), "n<result c.1 v"},
				{b.ack("m", "a"), "m<started b.1; start b.1"},
			}
		}},
		{"the worker sleeps while a master is lost", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.lost("m", false), "down m"},
				{b.pass(orphanGrace - time.Second), ""},
				{func() { b.now = b.now.Add(time.Hour); b.in.slept(time.Hour) }, ""},
				{b.pass(0), ""},
				{b.pass(2 * time.Second), "stop a.1 ERR_CANCELLED"},
			}
		}},
		{"the worker leaves", func(b *intakeBench) []step {
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.task("m", "b", 0), "taken b.1; m<received b.1"},
				{b.in.leave, "stop a.1 ERR_CANCELLED"},
				{b.task("m", "c", 0), "m<refused c.1 ERR_UNAVAILABLE"},
				{func() { b.in.ended(b.jobs["a"], Result{Err: failure(CodeCancelled, "x")}, b.now) }, ""},
			}
		}},
		{"a result that no message holds", func(b *intakeBench) []step {
			b.in.largest = 1000
			return []step{
				{b.up("m"), up},
				{b.task("m", "a", 0), "taken a.1; m<started a.1; start a.1"},
				{b.ended("a", string(make([]byte, 1000))), "m<result a.1 ERR_TOO_LARGE"},
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newIntakeBench(t, 1)
			b.play(tt.steps(b))
		})
	}
}

// TestMastersShareByTime lets one master send long jobs and another short ones: both get about the same time.
func TestMastersShareByTime(t *testing.T) {
	b := newIntakeBench(t, 2)
	b.up("long")()
	b.up("short")()
	for i := range 400 {
		b.task("long", fmt.Sprint("l", i), 0)()
		b.task("short", fmt.Sprint("s", i), 0)()
	}
	length := map[string]time.Duration{"long": 50 * time.Millisecond, "short": 10 * time.Millisecond}
	used := make(map[string]time.Duration)
	ends := make(map[*job]time.Time)
	for used["long"]+used["short"] < 6*time.Second {
		for _, j := range b.jobs {
			if _, known := ends[j]; j.state == jobRuns && !known {
				ends[j] = b.now.Add(length[j.owner.s.peer.ID])
			}
		}
		b.now = b.now.Add(time.Millisecond)
		for j, at := range ends {
			if j.state == jobRuns && !b.now.Before(at) {
				used[j.owner.s.peer.ID] += length[j.owner.s.peer.ID]
				b.in.ended(j, Result{}, b.now)
			}
		}
	}
	if share := used["long"].Seconds() / (used["long"] + used["short"]).Seconds(); share < 0.45 || share > 0.55 {
		t.Errorf("the master of long jobs got %.2f of the time, want about half", share)
	}
}

func TestCodeCacheDropsTheOldest(t *testing.T) {
	c := newCodeCache(25)
	for i := range byte(3) {
		c.put([32]byte{i}, make([]byte, 10))
		c.get([32]byte{0})
	}
	for i, want := range []bool{true, false, true} {
		if _, got := c.get([32]byte{byte(i)}); got != want {
			t.Errorf("code %d is there: %v, want %v", i, got, want)
		}
	}
	c.put([32]byte{9}, make([]byte, 100))
	if _, ok := c.get([32]byte{9}); !ok || c.recent.Len() != 1 {
		t.Errorf("code beyond the limit: kept %v with %d in all, want it alone", ok, c.recent.Len())
	}
}
