package cluster

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// crowdSource finds as many workers, all at once, at an address.
type crowdSource struct {
	n  int
	at netip.AddrPort
}

func (s crowdSource) Run(ctx context.Context, _ func() []discovery.Announcement, found func(discovery.Announcement)) error {
	for i := range s.n {
		id := trust.ID{byte(i), byte(i >> 8), 1}
		found(discovery.Announcement{ID: id.String(), Role: RoleWorker, Boot: 1, Seq: 1, Addr: s.at, TTL: time.Minute})
	}
	<-ctx.Done()
	return nil
}

// TestCrowdIsDialledInTurn: when hundreds of nodes are found at once, of whom none answers, no more than maxDials of them are
// dialled at a time.
func TestCrowdIsDialledInTurn(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	at := silent.LocalAddr().(*net.UDPAddr).AddrPort()
	m := NewMesh(MeshConfig{Socket: listen(t), Sources: []discovery.Source{crowdSource{200, at}}, Silent: true})
	runInBackground(t, m.Run)
	join(t, m, newTestMaster(t))
	most := 0
	for begin := time.Now(); time.Since(begin) < 2*time.Second; { // as long as a storm would take
		dials := make(chan int, 1)
		if err := m.do(t.Context(), func(_ context.Context, l *loop) { dials <- l.dials }); err != nil {
			t.Fatal(err)
		}
		most = max(most, <-dials)
	}
	if most != maxDials {
		t.Errorf("%d nodes were dialled at once, want %d of 200", most, maxDials)
	}
}
