package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/link"
)

// air is a way of finding nodes for tests: what one source announces all others hear.
type air struct {
	mu      sync.Mutex
	sources map[*airSource]func(discovery.Announcement)
}

// airSource is one process's part of it.
type airSource struct {
	air  *air
	wake chan struct{}
	seen sync.Map // ids that were announced
}

func newAir() *air { return &air{sources: make(map[*airSource]func(discovery.Announcement))} }

func (a *air) source() *airSource { return &airSource{air: a, wake: make(chan struct{}, 1)} }

// Announce has Run announce at once.
func (s *airSource) Announce() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *airSource) Run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) error {
	s.air.mu.Lock()
	s.air.sources[s] = found
	s.air.mu.Unlock()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		for _, a := range self() {
			a.Addr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), a.Addr.Port())
			s.seen.Store(a.ID, a)
			s.air.mu.Lock()
			for other, hear := range s.air.sources {
				if other != s {
					hear(a)
				}
			}
			s.air.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			s.air.mu.Lock()
			delete(s.air.sources, s)
			s.air.mu.Unlock()
			return nil
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

func listen(t testing.TB) *link.Socket {
	t.Helper()
	return keyed(t, 1)
}

// watchedMaster is a master that tells of workers on a channel.
func watchedMaster(t testing.TB) (*Master, chan PeerEvent) {
	t.Helper()
	events := make(chan PeerEvent, 100)
	return NewMaster(MasterConfig{Identity: newIdentity(t), OnWorker: func(e PeerEvent) { events <- e }}), events
}

// wantEvent waits for the next event.
func wantEvent(t testing.TB, events chan PeerEvent, id string, up bool) PeerEvent {
	t.Helper()
	select {
	case e := <-events:
		if e.Up != up || id != "" && e.Peer.ID != id {
			t.Fatalf("event %+v, want up %v of %s", e, up, id)
		}
		return e
	case <-time.After(15 * time.Second):
		t.Fatalf("no event within 15 s, want up %v of %s", up, id)
		return PeerEvent{}
	}
}

func TestSeveralNodesOnOneSocket(t *testing.T) {
	air := newAir()
	here := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	there := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	m1, events1 := watchedMaster(t)
	m2, events2 := watchedMaster(t)
	w1, w2, w3 := newTestWorker(t, 1, echo), newTestWorker(t, 1, echo), newTestWorker(t, 1, echo)
	join(t, here, m1, w1, w2)
	join(t, there, w3, m2)
	for range 3 {
		wantEvent(t, events1, "", true)
		wantEvent(t, events2, "", true)
	}
	for _, m := range []*Master{m1, m2} {
		for _, w := range []*Worker{w1, w2, w3} {
			if o := run(t, m, Spec{Worker: w.ID(), Args: []byte("a")}); string(o.Value) != "a" || o.Peer.ID != w.ID() {
				t.Errorf("outcome %q, %q", o.Value, o.Err)
			}
		}
	}
	for _, p := range m1.Workers() {
		if remote := p.ID == w3.ID(); p.Addr.IsValid() != remote {
			t.Errorf("worker %s has address %v, in this process %v", p.ID, p.Addr, !remote)
		}
	}
	if err := there.Leave(context.Background(), w3); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, events1, w3.ID(), false)
	wantEvent(t, events2, w3.ID(), false)
	join(t, there, w3)
	wantEvent(t, events1, w3.ID(), true)
	wantEvent(t, events2, w3.ID(), true)
	for len(events1)+len(events2) > 0 {
		t.Errorf("a further event: %d, %d", len(events1), len(events2))
		return
	}
}

func TestNodesOfAnotherClusterAreNotLinked(t *testing.T) {
	air := newAir()
	socket := listen(t)
	here := runMesh(t, MeshConfig{Socket: socket, Cluster: "a", Sources: []discovery.Source{air.source()}})
	there := runMesh(t, MeshConfig{Socket: listen(t), Cluster: "b", Sources: []discovery.Source{air.source()}})
	same := runMesh(t, MeshConfig{Socket: listen(t), Cluster: "a", Sources: []discovery.Source{air.source()}})
	m, events := watchedMaster(t)
	stranger, friend := newTestWorker(t, 1, echo), newTestWorker(t, 1, echo)
	join(t, there, stranger)
	join(t, here, m)
	join(t, same, friend)
	wantEvent(t, events, friend.ID(), true)
	wantCode(t, run(t, m, Spec{Worker: stranger.ID()}), CodeNoWorker)

	// One that dials all the same is turned away.
	other := listen(t)
	id := newIdentity(t)
	hello := (&loop{mesh: NewMesh(MeshConfig{Cluster: "b"})}).hello(&member{node: NewWorker(WorkerConfig{Identity: id, Executor: echo})})
	c, err := other.Dial(context.Background(), socket.Addr(), id, m.identity().ID(), hello)
	if err == nil {
		err = c.Run(context.Background(), nil)
	}
	var closed *link.CloseError
	if !errors.As(err, &closed) || !closed.Remote {
		t.Errorf("a node of another cluster dials: %v, want it to be refused", err)
	}
}

func TestPrivateNodesAreNotAnnounced(t *testing.T) {
	air := newAir()
	src := air.source()
	mesh := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{src}, Cluster: "c"})
	private := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, Private: true})
	public := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, Data: json.RawMessage(`{"a":1}`)})
	join(t, mesh, private, public)
	list := mesh.self()
	if len(list) != 1 {
		t.Fatalf("%d nodes are announced, want 1", len(list))
	}
	a := list[0]
	if a.ID != public.ID() || a.Role != RoleWorker || a.Cluster != "c" || string(a.Data) != `{"a":1}` || a.Boot == 0 {
		t.Errorf("announces %+v", a)
	}
	if next := mesh.self()[0]; next.Seq <= a.Seq {
		t.Errorf("the next announcement has number %d after %d", next.Seq, a.Seq)
	}
	if err := mesh.Leave(context.Background(), public); err != nil {
		t.Fatal(err)
	}
	if list := mesh.self(); len(list) != 1 || !list[0].Bye || list[0].ID != public.ID() {
		t.Errorf("after it left is announced %+v, want its goodbye", list)
	}
}

// TestPrivateNodesStayInTheirProcess: a private worker serves the master of its process, and no other although that is
// found and dials.
func TestPrivateNodesStayInTheirProcess(t *testing.T) {
	air := newAir()
	here := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	there := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	m, events := watchedMaster(t)
	foreign, foreignEvents := watchedMaster(t)
	private := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, Private: true})
	public := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo})
	join(t, here, m, private)
	wantEvent(t, events, private.ID(), true)
	join(t, there, foreign)
	join(t, here, public)
	wantEvent(t, foreignEvents, public.ID(), true) // by now it would have met the private one as well
	if workers := foreign.Workers(); len(workers) != 1 || workers[0].ID != public.ID() {
		t.Errorf("the other process sees the workers %+v, want the public one alone", workers)
	}
	if masters := private.Masters(); len(masters) != 1 || masters[0].ID != m.ID() {
		t.Errorf("the private worker sees the masters %+v, want that of its process alone", masters)
	}
}

// TestWorkerComesBack ends a worker's process, as it were, and starts another with the same identity.
func TestWorkerComesBack(t *testing.T) {
	air := newAir()
	here := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	m, events := watchedMaster(t)
	join(t, here, m)
	id := newIdentity(t)
	for range 2 {
		socket := listen(t)
		there := NewMesh(MeshConfig{Socket: socket, Sources: []discovery.Source{air.source()}})
		stop := runInBackground(t, there.Run)
		w := NewWorker(WorkerConfig{Identity: id, Executor: echo, Slots: 1})
		join(t, there, w)
		e := wantEvent(t, events, w.ID(), true)
		if e.Peer.Slots != 1 || e.Peer.Pid == 0 {
			t.Errorf("peer %+v", e.Peer)
		}
		if o := run(t, m, Spec{Args: []byte("a")}); string(o.Value) != "a" {
			t.Errorf("outcome %q, %q", o.Value, o.Err)
		}
		stop()
		wantEvent(t, events, w.ID(), false)
	}
}

// TestBothDial lets many pairs of nodes find each other at the same time: each pair ends up with one link that works.
func TestBothDial(t *testing.T) {
	air := newAir()
	here := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	there := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{air.source()}})
	var masters []*Master
	var workers []Node
	for range 3 {
		masters = append(masters, newTestMaster(t))
		workers = append(workers, newTestWorker(t, 2, echo))
	}
	join(t, there, workers...)
	for _, m := range masters {
		join(t, here, m)
	}
	var left sync.WaitGroup
	for _, m := range masters {
		for i := range 300 {
			left.Add(1)
			m.Submit(Spec{Args: fmt.Append(nil, i), OnDone: func(o Outcome) {
				if string(o.Value) != fmt.Sprint(i) || o.Attempts != 1 {
					t.Errorf("task %d gives %q, %q after %d attempts", i, o.Value, o.Err, o.Attempts)
				}
				left.Done()
			}})
		}
	}
	left.Wait()
}

// TestMeshWithoutSocket finds nodes that it cannot dial, which must not keep it busy: time would not pass.
func TestMeshWithoutSocket(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		m := newTestMaster(t)
		join(t, mesh, m)
		mesh.found(discovery.Announcement{
			ID: "zzz", Role: RoleWorker, Boot: 1, Seq: 1, TTL: time.Minute, Addr: netip.MustParseAddrPort("127.0.0.1:1"),
		})
		time.Sleep(time.Hour)
		if list := m.Workers(); len(list) != 0 {
			t.Errorf("workers %+v, want none", list)
		}
	})
}

// TestUnreachableWorker finds a worker that nobody answers for, and then is told where it really is.
func TestUnreachableWorker(t *testing.T) {
	socket, err := link.Listen(link.Config{
		Addr: netip.MustParseAddrPort("127.0.0.1:0"), Handshake: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	runInBackground(t, socket.Run)
	here := runMesh(t, MeshConfig{Socket: socket})
	there := listen(t)
	m, events := watchedMaster(t)
	w := newTestWorker(t, 1, echo)
	join(t, here, m)
	mesh := runMesh(t, MeshConfig{Socket: there})
	join(t, mesh, w)
	a := mesh.self()[0]
	a.TTL = time.Minute
	for i, port := range []uint16{1, there.Addr().Port()} {
		a.Seq, a.Addr = uint64(i+1), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
		here.found(a)
	}
	wantEvent(t, events, w.ID(), true)
}

func TestTooMuchData(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	data := json.RawMessage(fmt.Sprintf("%q", make([]byte, maxFacts)))
	err := mesh.Join(context.Background(), NewMaster(MasterConfig{Identity: newIdentity(t), Data: data}))
	if errCode(err) != CodeTooLarge {
		t.Errorf("Join with %d bytes of data gives %v, want %s", len(data), err, CodeTooLarge)
	}
}

// badSource is a source that can never work.
type badSource struct{}

func (badSource) Run(context.Context, func() []discovery.Announcement, func(discovery.Announcement)) error {
	return errors.New("no such thing")
}

func TestSourceThatCannotWork(t *testing.T) {
	err := NewMesh(MeshConfig{Sources: []discovery.Source{badSource{}}}).Run(context.Background())
	if err == nil || err.Error() != "find nodes: no such thing" {
		t.Errorf("Run gives %v, want the source's error", err)
	}
}
