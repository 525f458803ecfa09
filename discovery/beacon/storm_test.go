package beacon

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// A crowd of nodes that start at once on one host: all find all, and then they send few packets a
// second, all together.
func TestStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds and more")
	}
	const n = crowd
	port, sealer := freePort(t), newSealer(t, "storm")
	var (
		beacons []*Beacon
		g       sync.WaitGroup
		mu      sync.Mutex // guards found and missing
		found   [n]map[string]bool
		missing = n * (n - 1)
		all     = make(chan struct{})
	)
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	for i := range n {
		id := newIdentity(t)
		b := New(Config{Port: port, Sealer: sealer, Identity: func(string) *trust.Identity { return id }})
		b.links = loopbackOnly
		beacons = append(beacons, b)
		found[i] = make(map[string]bool)
		self := discovery.Announcement{ID: id.ID().String(), Role: "worker", Cluster: "storm", Boot: 1, Addr: netip.AddrPortFrom(netip.Addr{}, uint16(5000+i))}
		g.Go(func() {
			_ = b.Run(ctx, func() []discovery.Announcement { return []discovery.Announcement{self} }, func(a discovery.Announcement) {
				mu.Lock()
				defer mu.Unlock()
				if found[i][a.ID] {
					return
				}
				found[i][a.ID] = true
				if missing--; missing == 0 {
					close(all)
				}
			})
		})
	}
	defer g.Wait()
	defer cancel()
	sent := func() (total uint64) {
		for _, b := range beacons {
			total += b.Stats().Sent
		}
		return total
	}
	select {
	case <-all:
	case <-time.After(8 * time.Minute): // each checks the others' signatures, on a machine that may be busy
		mu.Lock()
		defer mu.Unlock()
		t.Fatalf("%d of %d pairs do not know each other", missing, n*(n-1))
	}
	took, first := time.Since(begin), sent()
	t.Logf("all know all after %v and %d packets", took.Round(time.Millisecond), first)
	// Three to begin with, and one in 1 s less a fifth until the crowd is heard.
	if limit := n * (3 + took.Seconds()/0.8); float64(first) > limit {
		t.Errorf("%d packets in %v, limit %.0f", first, took, limit)
	}
	// They make their interval longer, less a fifth; one round each may have been due. On a busy machine not all are
	// heard all the time: then a later window must be as quiet.
	const window, half = 5 * time.Second, n / 2
	interval := base(defaultInterval, half+half*half/perHost)
	limit, most := n*(1+window.Seconds()/(0.8*interval.Seconds())), 6
	for try := 1; ; try++ {
		time.Sleep(window) // which is what is measured
		now := sent()
		if more := float64(now - first); more <= limit {
			break
		} else if try == most {
			t.Fatalf("%.0f packets in the last %v, limit %.0f", more, window, limit)
		}
		first = now
	}
}
