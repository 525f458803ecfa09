package cluster

import (
	"context"
	"net/netip"
	"testing"

	"supercluster/discovery"
	"supercluster/net/link"
	"supercluster/net/trust"
)

var listenAddr = netip.MustParseAddrPort("127.0.0.1:0")

// keyed returns a socket of a process that holds that key.
func keyed(t testing.TB, key byte) *link.Socket {
	t.Helper()
	c, err := trust.FromKey("", trust.Secret{key})
	if err != nil {
		t.Fatal(err)
	}
	s, err := link.Listen(link.Config{Addr: listenAddr, Guests: link.GuestsOnLink, Trust: trust.NewRing(trust.RingConfig{Credential: c})})
	if err != nil {
		t.Fatal(err)
	}
	runInBackground(t, s.Run)
	return s
}

// Both a master and an executor learn whether the other side holds their key.
func TestMemberReachesTheTask(t *testing.T) {
	for name, tt := range map[string]struct {
		key    byte
		member bool
	}{"one key": {1, true}, "another key": {2, false}} {
		t.Run(name, func(t *testing.T) {
			air := newAir()
			tasks := make(chan Task, 1)
			w := newTestWorker(t, 1, executorFunc(func(_ context.Context, x Task, _ Sink) Result {
				tasks <- x
				return Result{Value: x.Args}
			}))
			join(t, runMesh(t, MeshConfig{Socket: keyed(t, 1), Sources: []discovery.Source{air.source()}}), w)
			m, events := watchedMaster(t)
			join(t, runMesh(t, MeshConfig{Socket: keyed(t, tt.key), Sources: []discovery.Source{air.source()}}), m)
			if e := wantEvent(t, events, w.ID(), true); e.Peer.Member != tt.member {
				t.Errorf("the master has the worker for a member: %t, want %t", e.Peer.Member, tt.member)
			}
			run(t, m, Spec{Args: []byte("a")})
			if x := <-tasks; x.Member != tt.member || x.Master.Member != tt.member {
				t.Errorf("the executor has the master for a member: %t and %t, want %t", x.Member, x.Master.Member, tt.member)
			}
		})
	}
	// Nodes of one process are members to each other.
	m, events := watchedMaster(t)
	w := newTestWorker(t, 1, echo)
	join(t, runMesh(t, MeshConfig{}), m, w)
	if e := wantEvent(t, events, w.ID(), true); !e.Peer.Member {
		t.Error("a worker of the same process is a guest")
	}
}
