package discoverytest

import (
	"encoding/json"
	"testing"
	"time"

	"supercluster/discovery"
)

func testPair(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker")
	a.meets(b)
	b.meets(a)
	want := b.self()[0]
	a.mu.Lock()
	defer a.mu.Unlock()
	got, _ := a.table.Lookup(want.ID, want.Boot)
	if got.Role != want.Role || got.Cluster != want.Cluster || got.Proto != want.Proto {
		t.Errorf("found %+v, want %+v", got.Announcement, want)
	}
	if string(got.Data) != string(want.Data) {
		t.Errorf("data %s, want %s", got.Data, want.Data)
	}
	if !got.Addr.Addr().IsValid() || got.Addr.Addr().IsUnspecified() || got.Addr.Port() != want.Addr.Port() {
		t.Errorf("address %v, want one to dial at port %d", got.Addr, want.Addr.Port())
	}
	if got.Path == discovery.Unknown || got.Seq == 0 || got.TTL <= 0 || got.Bye {
		t.Errorf("path %v, seq %d, ttl %v, bye %v", got.Path, got.Seq, got.TTL, got.Bye)
	}
	if len(a.own) > 0 {
		t.Errorf("the source found its own node: %v", a.own[0])
	}
}

func testSeveral(t *testing.T, l *lab) {
	a, b := l.start("master", "worker"), l.start("worker", "master", "worker")
	a.meets(b)
	b.meets(a)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.own) > 0 {
		t.Errorf("the source found its own node: %v", a.own[0])
	}
	for _, n := range a.table.Nodes() {
		if got := a.tally(discovery.Found, n.ID); got != 1 {
			t.Errorf("node %s was found %d times, want 1", n.ID, got)
		}
	}
}

func testListener(t *testing.T, l *lab) {
	a, b := l.start(), l.start("worker")
	a.meets(b)
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.table.Len(); n != 0 {
		t.Errorf("a source without a node was found: %v", b.table.Nodes())
	}
}

func testChange(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker")
	a.meets(b)
	id, boot := b.self()[0].ID, b.self()[0].Boot
	b.mu.Lock()
	b.nodes[0].Data = json.RawMessage(`{"changed":true}`)
	b.mu.Unlock()
	a.await("hear of the change", func() bool {
		n, ok := a.table.Lookup(id, boot)
		return ok && string(n.Data) == `{"changed":true}`
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	if found, changed := a.tally(discovery.Found, id), a.tally(discovery.Changed, id); found != 1 || changed != 1 {
		t.Errorf("%d times found, %d times changed, want once each", found, changed)
	}
}

// A node outlives its TTL many times over as long as it is announced, and gives no further event.
func testStays(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker")
	a.meets(b)
	first := b.self()[0]
	after := time.Now().Add(3 * ttl)
	b.await("announce for three lifetimes", func() bool { return time.Now().After(after) })
	a.await("still be there", func() bool { _, ok := a.table.Lookup(first.ID, first.Boot); return ok })
	a.mu.Lock()
	defer a.mu.Unlock()
	if lost := a.tally(discovery.Lost, first.ID); lost != 0 {
		t.Errorf("the node was lost %d times", lost)
	}
	if found := a.tally(discovery.Found, first.ID); found != 1 {
		t.Errorf("the node was found %d times, want 1", found)
	}
}

func testGoodbye(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker")
	a.meets(b)
	id := b.self()[0].ID
	b.end()
	a.await("hear the goodbye", func() bool { return a.tally(discovery.Goodbye, id) == 1 })
	a.await("forget the node", func() bool { return a.tally(discovery.Lost, id) == 1 })
}

func testLeave(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker", "worker")
	a.meets(b)
	gone, stays := b.self()[0], b.self()[1]
	b.mu.Lock()
	b.nodes = b.nodes[1:]
	b.mu.Unlock()
	a.await("hear the goodbye", func() bool { return a.tally(discovery.Goodbye, gone.ID) == 1 })
	a.await("forget the node", func() bool { return a.tally(discovery.Lost, gone.ID) == 1 })
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.table.Lookup(stays.ID, stays.Boot); !ok {
		t.Error("the other node of the process is gone too")
	}
}

func testRestart(t *testing.T, l *lab) {
	a, b := l.start("master"), l.start("worker")
	a.meets(b)
	old := b.self()[0]
	b.end()
	id := b.identity(old.ID)
	c := l.start()
	c.add(id, "worker", old.Boot+1, old.Addr.Port())
	a.await("find the node again", func() bool { _, ok := a.table.Lookup(old.ID, old.Boot+1); return ok })
	a.await("forget its earlier boot", func() bool { _, ok := a.table.Lookup(old.ID, old.Boot); return !ok })
}

func testCancel(t *testing.T, l *lab) {
	a := l.start("master")
	a.end() // perhaps before it has begun
	b, c := l.start("worker"), l.start("master")
	b.meets(c)
	b.end()
	b.mu.Lock()
	heard := len(b.events)
	b.mu.Unlock()
	d := l.start("worker")
	c.meets(d)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) != heard {
		t.Errorf("found after Run had returned: %v", b.events[heard:])
	}
}
