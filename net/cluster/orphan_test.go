package cluster

import (
	"testing"
	"time"
)

// TestOrphanGraceAfterSleep stops a worker while one of its masters is lost: the time in which nobody could come back
// does not count.
func TestOrphanGraceAfterSleep(t *testing.T) {
	id, err := simIdentity()
	if err != nil {
		t.Fatal(err)
	}
	b := newIntakeBench(t, 1)
	w := NewWorker(WorkerConfig{Identity: id, Slots: 1, Executor: echo})
	w.intake, w.clock = b.in, func() time.Time { return b.now }
	w.tick()
	b.up("m")()
	b.task("m", "a", 0)()
	b.lost("m", false)()
	for _, tt := range []struct {
		why   string
		pass  time.Duration
		state jobState
	}{
		{"stopped for an hour", time.Hour, jobRuns},
		{"awake again", tickEvery, jobRuns},
	} {
		b.now = b.now.Add(tt.pass)
		w.tick()
		if got := b.jobs["a"].state; got != tt.state {
			t.Fatalf("%s: the job is in state %d, want %d", tt.why, got, tt.state)
		}
	}
	for end := b.now.Add(orphanGrace); b.now.Before(end); w.tick() {
		b.now = b.now.Add(tickEvery)
	}
	if got := b.jobs["a"].state; got != jobEnds {
		t.Errorf("after the grace: the job is in state %d, want %d", got, jobEnds)
	}
}
