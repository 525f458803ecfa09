package cluster

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/wire"
)

// collect is an OnMessage that passes on what comes.
func collect() (func(Message), chan Message) {
	got := make(chan Message, 1000)
	return func(x Message) { x.Done(); got <- x }, got
}

// wantMessage checks who sent the next message, and what.
func wantMessage(t testing.TB, got chan Message, from, name string, bus bool) {
	t.Helper()
	select {
	case x := <-got:
		if x.From.ID != from || x.Name != name || x.Bus != bus {
			t.Errorf("got %q from %s, bus %v; want %q from %s, bus %v", x.Name, x.From.ID, x.Bus, name, from, bus)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("no message %q after 20 s", name)
	}
}

// TestSiblings lets nodes of one role find each other when they want to, in one process and in several.
func TestSiblings(t *testing.T) {
	for _, tt := range []struct {
		name   string
		meshes int
	}{{"one process", 1}, {"three processes", 3}} {
		t.Run(tt.name, func(t *testing.T) {
			var meshes []*Mesh
			air := newAir()
			for range tt.meshes {
				meshes = append(meshes, runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}}))
			}
			at := func(i int) *Mesh { return meshes[i%len(meshes)] }
			var workers []*Worker
			var inboxes []chan Message
			for i := range 3 {
				on, inbox := collect()
				w := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, OnMessage: on})
				join(t, at(i), w)
				workers, inboxes = append(workers, w), append(inboxes, inbox)
			}
			on, atMaster := collect()
			m := NewMaster(MasterConfig{Identity: newIdentity(t), OnMessage: on})
			join(t, at(0), m)
			if n := len(workers[0].Siblings()); n != 0 {
				t.Errorf("%d siblings are linked without need", n)
			}
			waitFor(t, "all siblings", func() bool {
				if err := at(0).Reach(context.Background(), workers[0]); err != nil {
					t.Fatal(err)
				}
				return len(workers[0].Siblings()) == 2 && len(workers[0].Masters()) == 1
			})
			if err := workers[0].Send(context.Background(), workers[1].ID(), "hello", nil); err != nil {
				t.Fatal(err)
			}
			wantMessage(t, inboxes[1], workers[0].ID(), "hello", false)
			workers[0].Publish("a.b", []byte("x"), nil)
			for _, inbox := range []chan Message{inboxes[1], inboxes[2], atMaster} {
				wantMessage(t, inbox, workers[0].ID(), "a.b", true)
			}
			if list := m.Siblings(); len(list) != 0 {
				t.Errorf("a lone master has siblings %v", list)
			}
			if err := at(1).Leave(context.Background(), workers[1]); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the sibling to be gone", func() bool { return len(workers[0].Siblings()) == 1 })
		})
	}
}

// TestTrackerOnTheBus links a tracker to nodes of all roles as soon as it wants to be, and to nothing else of theirs.
func TestTrackerOnTheBus(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	onTracker, atTracker := collect()
	onWorker, atWorker := collect()
	onOther, atOther := collect()
	tracker := NewTracker(TrackerConfig{Identity: newIdentity(t), OnMessage: onTracker})
	other := NewTracker(TrackerConfig{Identity: newIdentity(t), OnMessage: onOther})
	worker := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, OnMessage: onWorker})
	master := NewMaster(MasterConfig{Identity: newIdentity(t)})
	for _, n := range []Node{worker, master, other, tracker} {
		join(t, mesh, n)
	}
	if list := tracker.Siblings(); len(list) != 0 {
		t.Errorf("trackers %v are linked without need", list)
	}
	if err := mesh.Reach(context.Background(), tracker); err != nil {
		t.Fatal(err)
	}
	tracker.Publish("a.b", []byte("x"), nil)
	wantMessage(t, atWorker, tracker.ID(), "a.b", true)
	wantMessage(t, atOther, tracker.ID(), "a.b", true)
	worker.Publish("c", nil, nil)
	wantMessage(t, atTracker, worker.ID(), "c", true)
	sent := make(chan error, 1)
	tracker.Post(other.ID(), "direct", nil, func(err error) { sent <- err })
	if err := <-sent; err != nil {
		t.Errorf("Post to another tracker: %v", err)
	}
	wantMessage(t, atOther, tracker.ID(), "direct", false)
	tracker.Post("nobody", "direct", nil, func(err error) { sent <- err })
	if e := (*Error)(nil); !errors.As(<-sent, &e) || e.Code != CodeNoNode {
		t.Errorf("Post to nobody: %v, want %s", e, CodeNoNode)
	}
	if n := len(worker.Masters()) + len(master.Workers()); n != 2 {
		t.Errorf("%d links between master and worker, want 2 ends of one", n)
	}
	if err := tracker.handle(tracker.peers.linked(RoleMaster)[0], &wire.Task{}); err == nil {
		t.Error("a tracker took a task")
	}
}

// waitFor polls a condition that nothing tells of.
func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
		runtime.Gosched()
	}
}

func TestReachOfANodeThatIsNotHere(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	if err := mesh.Reach(context.Background(), newTestMaster(t)); err != nil {
		t.Errorf("Reach before Join gives %v", err)
	}
}

func TestSiblingsGiveNoOrders(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    Node
		role string
		msg  wire.Message
	}{
		{"a master that sends a result to a master", newTestMaster(t), RoleMaster, &wire.Result{}},
		{"a tracker that sends a status", newTestMaster(t), RoleTracker, &wire.Status{}},
		{"a worker that sends a blob to a master", newTestMaster(t), RoleWorker, &wire.Blob{}},
	} {
		c := &stillConn{hello: wire.Hello{Node: wire.Node{ID: "x", Role: tt.role}}}
		if err := tt.n.handle(tt.n.linked(c), tt.msg); err == nil {
			t.Errorf("%s was taken, want an error", tt.name)
		}
	}
	w := newTestWorker(t, 1, echo)
	s := w.linked(&stillConn{hello: wire.Hello{Node: wire.Node{ID: "x", Role: RoleWorker}}})
	if err := w.handle(s, &wire.Task{}); err != nil || len(w.intake.owners) > 0 {
		t.Errorf("a worker's task came to %v, %d owners", err, len(w.intake.owners))
	}
}

// TestMillionMessages sends a million messages from four masters to a worker whose user is slower than they: none is
// lost, each sender's order is kept, and memory stays as it was after the first quarter.
func TestMillionMessages(t *testing.T) {
	const senders = 4
	each := 250_000
	if raceDetector || testing.Short() {
		each = 10_000
	}
	mesh := runMesh(t, MeshConfig{})
	inbox := make(chan Message, senders*windowCount)
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, OnMessage: func(x Message) { inbox <- x }})
	join(t, mesh, w)
	var sending sync.WaitGroup
	for range senders {
		m := newTestMaster(t)
		join(t, mesh, m)
		sending.Go(func() {
			for i := range each {
				if err := m.Send(context.Background(), w.ID(), fmt.Sprint(i), make([]byte, 100)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	next := make(map[string]int)
	var early uint64
	for i := range senders * each {
		x := <-inbox
		if want := fmt.Sprint(next[x.From.ID]); x.Name != want {
			t.Fatalf("message %s of %s, want %s", x.Name, x.From.ID, want)
		}
		next[x.From.ID]++
		if i%64 == 0 {
			runtime.Gosched() // be slow: let the senders fill their windows
		}
		x.Done()
		if i == senders*each/4 {
			early = heap()
		}
	}
	sending.Wait()
	if late := heap(); late > early+16<<20 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
