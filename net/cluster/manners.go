package cluster

import (
	"net/netip"
	"time"
)

const (
	// firstDials is how many dials are under way to a host that has not answered yet; each answer doubles it, each dial without
	// one halves it. An announcement may bear the address of somebody who never made it: he is sent the packets of so few dials.
	firstDials = 2
	// silentDials is after how many dials in a row without an answer a host gets none for a while: firstPause, and twice as long
	// each time, up to lastRetry.
	silentDials = 3
	firstPause  = time.Second
	// mannersFor is how long is remembered how a host answered; maxManners of how many hosts.
	mannersFor = 5 * time.Minute
	maxManners = 4096
)

// manners bounds what hosts are sent that may know nothing of us. The zero manners knows nobody. It belongs to the loop.
type manners struct{ hosts map[netip.Addr]*host }

// host is how one has answered.
type host struct {
	dials   int // under way
	allowed int
	silent  int // dials in a row without an answer
	until   time.Time
	used    time.Time
}

// of returns what is known of a host; nil where it does not matter, on this machine.
func (m *manners) of(addr netip.Addr, now time.Time) *host {
	if !addr.IsValid() || addr.IsLoopback() {
		return nil
	}
	if m.hosts == nil {
		m.hosts = make(map[netip.Addr]*host)
	}
	h := m.hosts[addr]
	if h == nil {
		if len(m.hosts) >= maxManners {
			m.forget(now)
		}
		h = &host{allowed: firstDials}
		m.hosts[addr] = h
	}
	h.used = now
	return h
}

// forget drops the hosts that were not dialled for long, or else all of whom no dial is under way.
func (m *manners) forget(now time.Time) {
	for _, age := range []time.Duration{mannersFor, 0} {
		for addr, h := range m.hosts {
			if h.dials == 0 && now.Sub(h.used) >= age {
				delete(m.hosts, addr)
			}
		}
		if len(m.hosts) < maxManners {
			return
		}
	}
}

// allow reports whether a host may be dialled now. familiar says that the node was linked a short while ago.
func (m *manners) allow(addr netip.Addr, familiar bool, now time.Time) bool {
	h := m.of(addr, now)
	return h == nil || h.dials < h.allowed && (familiar || !now.Before(h.until))
}

// begin notes that a dial is under way.
func (m *manners) begin(addr netip.Addr, now time.Time) {
	if h := m.of(addr, now); h != nil {
		h.dials++
	}
}

// end notes that it is over, and whether anybody has answered.
func (m *manners) end(addr netip.Addr, answered bool, now time.Time) {
	h := m.of(addr, now)
	if h == nil {
		return
	}
	h.dials = max(0, h.dials-1)
	if answered {
		h.silent, h.until, h.allowed = 0, time.Time{}, min(maxDials, 2*h.allowed)
		return
	}
	h.allowed = max(firstDials, h.allowed/2)
	if h.silent++; h.silent >= silentDials {
		h.until = now.Add(min(lastRetry, firstPause<<min(h.silent-silentDials, 8)))
	}
}
