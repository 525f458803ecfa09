package cluster

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"supercluster/discovery"
)

// named is a source that names addresses and nothing else, as a name server does.
type named []netip.AddrPort

func (n named) Run(ctx context.Context, _ func() []discovery.Announcement, found func(discovery.Announcement)) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for seq := uint64(1); ctx.Err() == nil; seq++ {
		for _, addr := range n {
			for _, role := range []string{RoleMaster, RoleWorker} {
				found(discovery.Announcement{ID: role + "@" + addr.String(), Role: role, Seq: seq, Addr: addr, Path: discovery.Tracker})
			}
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// Nodes that only an address is known of are dialled, and found in the role that is looked for.
func TestStrangers(t *testing.T) {
	socket := listen(t)
	there := runMesh(t, MeshConfig{Socket: socket})
	w, sibling := newTestWorker(t, 1, echo), newTestMaster(t)
	join(t, there, sibling, w)
	other := listen(t)
	join(t, runMesh(t, MeshConfig{Socket: other, Cluster: "other"}), newTestWorker(t, 1, echo))
	nobody := netip.MustParseAddrPort("127.0.0.1:9")
	here := runMesh(t, MeshConfig{Socket: listen(t), Sources: []discovery.Source{named{nobody, other.Addr(), socket.Addr()}}})
	m, events := watchedMaster(t)
	join(t, here, m)
	if e := wantEvent(t, events, w.ID(), true); e.Peer.Addr != socket.Addr() {
		t.Errorf("found at %v, want %v", e.Peer.Addr, socket.Addr())
	}
	if o := run(t, m, Spec{Worker: w.ID(), Args: []byte("a")}); string(o.Value) != "a" {
		t.Errorf("outcome %q, %q", o.Value, o.Err)
	}
	if err := there.Leave(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, events, w.ID(), false)
	join(t, there, w)
	wantEvent(t, events, w.ID(), true) // the address is dialled again
}

// The address of a node that is linked already is not dialled: the link would take the other's place again and again.
func TestStrangerThatIsKnown(t *testing.T) {
	now := time.Now()
	addr := netip.MustParseAddrPort("10.0.0.1:5")
	m := &member{ties: make(map[string]*tie)}
	stranger := &tie{pair: newPair(true), id: "worker@10.0.0.1:5"}
	m.ties[stranger.id] = stranger
	stranger.find([]netip.AddrPort{addr}, 0, now)
	if m.knows(stranger) {
		t.Error("known, before anybody was linked")
	}
	stranger.met("b", now)
	linked := &tie{pair: newPair(true), id: "b"}
	m.ties["b"] = linked
	if m.knows(stranger) {
		t.Error("known, while its link is down")
	}
	linked.current = &stillConn{}
	if !m.knows(stranger) || m.knows(linked) {
		t.Errorf("known %t, %t, want the stranger alone", m.knows(stranger), m.knows(linked))
	}
	if due := stranger.next(); !due.After(now) || due.After(now.Add(strangerCheck)) {
		t.Errorf("looked at again at %v", due.Sub(now))
	}
}

// Nodes of a silent mesh find others and are not found.
func TestSilent(t *testing.T) {
	air := newAir()
	there := runMesh(t, MeshConfig{Socket: listen(t), Version: "1.2", Sources: []discovery.Source{air.source()}})
	here := runMesh(t, MeshConfig{Socket: listen(t), Silent: true, Sources: []discovery.Source{air.source()}})
	w, other := newTestWorker(t, 1, echo), newTestMaster(t)
	join(t, there, w, other)
	m, events := watchedMaster(t)
	join(t, here, m)
	wantEvent(t, events, w.ID(), true)
	if err := here.Reach(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(15 * time.Second); len(m.Peers()) < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("peers %v, want the worker and the master", m.Peers())
		}
	}
	for _, p := range m.Peers() {
		if p.Version != "1.2" {
			t.Errorf("version %q of a %s", p.Version, p.Role)
		}
	}
	for _, mesh := range []*Mesh{here, there} {
		found, err := mesh.Found(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			if n.ID == m.ID() {
				t.Error("the silent master was announced")
			}
		}
	}
}
