package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestTaskQueueOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var q taskQueue
	var want []*task
	for i := range 1000 {
		x := &task{seq: uint64(i), state: Queued, spec: Spec{Priority: rnd.IntN(5)}}
		q.push(x)
		want = append(want, x)
	}
	for _, x := range want {
		if rnd.IntN(3) > 0 {
			x.state = Done
			q.dropped()
		}
	}
	want = slices.DeleteFunc(want, func(x *task) bool { return x.state != Queued })
	slices.SortFunc(want, func(a, b *task) int {
		if a.spec.Priority != b.spec.Priority {
			return b.spec.Priority - a.spec.Priority
		}
		return int(a.seq) - int(b.seq)
	})
	if len(q.items) > 2*len(want)+64 {
		t.Errorf("the queue holds %d tasks, of which %d are wanted", len(q.items), len(want))
	}
	for i, x := range want {
		if got := q.peek(); got != x {
			t.Fatalf("task %d: priority %d, number %d, want %d, %d", i, got.spec.Priority, got.seq, x.spec.Priority, x.seq)
		}
		q.pop()
	}
	if got := q.peek(); got != nil {
		t.Errorf("then comes task %d, want none", got.seq)
	}
}

func TestDeadlines(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	start := time.Unix(0, 0)
	var d deadlines
	var tasks []*task
	for range 500 {
		x := &task{}
		d.set(x, start.Add(time.Duration(rnd.IntN(1000))))
		tasks = append(tasks, x)
	}
	for _, x := range tasks {
		switch rnd.IntN(3) {
		case 0:
			d.set(x, time.Time{})
		case 1:
			d.set(x, start.Add(time.Duration(rnd.IntN(1000))))
		}
	}
	var want []time.Duration
	for _, x := range tasks {
		if !x.deadline.IsZero() {
			want = append(want, x.deadline.Sub(start))
		}
	}
	slices.Sort(want)
	for i, at := range want {
		if next := d.next().Sub(start); next != at {
			t.Fatalf("deadline %d is %d, want %d", i, next, at)
		}
		if x := d.expired(start.Add(at - 1)); x != nil {
			t.Fatalf("deadline %d is over too early", at)
		}
		if d.expired(start.Add(at)) == nil {
			t.Fatalf("deadline %d is not over in time", at)
		}
	}
	if x := d.expired(start.Add(time.Hour)); x != nil || !d.next().IsZero() {
		t.Error("a deadline is left")
	}
}
