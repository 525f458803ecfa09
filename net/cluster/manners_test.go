package cluster

import (
	"net/netip"
	"testing"
	"time"
)

// A host that does not answer is sent little, and one that does as much as is needed.
func TestManners(t *testing.T) {
	victim, friend := netip.MustParseAddr("10.0.0.66"), netip.MustParseAddr("10.0.0.7")
	now := time.Unix(1e9, 0)
	var m manners
	// open dials as often as is allowed and returns how often.
	open := func(addr netip.Addr) (n int) {
		for m.allow(addr, false, now) && n < 1000 {
			m.begin(addr, now)
			n++
		}
		return n
	}
	if n := open(victim); n != firstDials {
		t.Fatalf("a host that never answered is dialled %d times at once, want %d", n, firstDials)
	}
	dials := 0
	for end := now.Add(10 * time.Minute); now.Before(end); now = now.Add(5 * time.Second) { // as long as a dial takes
		for range m.hosts[victim].dials {
			m.end(victim, false, now)
		}
		dials += open(victim)
	}
	if dials < 10 || dials > 40 {
		t.Errorf("a host that never answers is dialled %d times in 10 min, want a few times", dials)
	}
	if !m.allow(victim, true, now.Add(time.Second)) && m.hosts[victim].dials < firstDials {
		t.Error("a node that was linked a moment ago is not dialled")
	}
	for range 6 {
		for range open(friend) {
			m.end(friend, true, now)
		}
	}
	if n := open(friend); n != maxDials {
		t.Errorf("a host that answers is dialled %d times at once, want %d", n, maxDials)
	}
	for range maxDials {
		m.end(friend, false, now)
	}
	if n := open(friend); n > firstDials {
		t.Errorf("a host that answers no more is dialled %d times at once, want %d at most", n, firstDials)
	}
	if n := open(netip.MustParseAddr("127.0.0.1")); n != 1000 {
		t.Errorf("this machine is dialled %d times at once", n)
	}
}

func TestMannersAreBounded(t *testing.T) {
	var m manners
	now := time.Unix(1e9, 0)
	for i := range 3 * maxManners {
		addr := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		m.begin(addr, now)
		m.end(addr, i%2 == 0, now)
	}
	if n := len(m.hosts); n > maxManners {
		t.Errorf("%d hosts are remembered, limit %d", n, maxManners)
	}
}
