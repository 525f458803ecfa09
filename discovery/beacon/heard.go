package beacon

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"supercluster/discovery"
)

// Bounds on what strangers can make a beacon remember or do.
const (
	maxHeard  = 20_000 // nodes
	maxAddrs  = 8      // addresses of a node
	maxSource = 4096   // addresses that are counted apart
	perHost   = 40     // nodes of one host, which count twice
	perSource = 500    // packets a second from one address
	maxBurst  = 1500   // of them at once, as when 200 processes of a host start together
	maxVerify = 2000   // signatures checked a second, of all addresses together
)

// heard remembers what was heard, so that copies and replays cost no signature check, and how much, which sets the
// interval. Time is passed in.
type heard struct {
	nodes   map[node]*record
	own     map[node]time.Time // nodes of this process, until when their packets may still arrive
	sources map[netip.Addr]*rate.Limiter
	rest    *rate.Limiter // all addresses for which sources has no room
	verify  *rate.Limiter
}

// node names one boot of a node.
type node struct {
	id   string
	boot uint64
}

// record is what was last heard of a node.
type record struct {
	seq     uint64
	digest  [sha256.Size]byte // of the packet with seq that was verified
	addrs   []netip.AddrPort  // that it came from
	local   bool              // it is on this host
	expires time.Time
}

func newHeard() *heard {
	return &heard{
		nodes:   make(map[node]*record),
		own:     make(map[node]time.Time),
		sources: make(map[netip.Addr]*rate.Limiter),
		rest:    rate.NewLimiter(perSource, maxBurst),
		verify:  rate.NewLimiter(maxVerify, maxVerify),
	}
}

// allow reports whether one more packet from that address may be looked at.
func (h *heard) allow(from netip.Addr, now time.Time) bool {
	l := h.sources[from]
	if l == nil {
		if len(h.sources) >= maxSource {
			return h.rest.AllowN(now, 1)
		}
		l = rate.NewLimiter(perSource, maxBurst)
		h.sources[from] = l
	}
	return l.AllowN(now, 1)
}

// verdict is what is to be done with a packet.
type verdict uint8

const (
	verify  verdict = iota // new: check its signature
	trusted                // the same packet from another address: its signature was checked
	repeated
	replayed
	own
	limited
)

// judge decides about a packet from its unverified content, none of which can do harm: an older sequence number is
// dropped whoever sent it, and only bytes that were verified before pass unverified.
func (h *heard) judge(p parsed, from netip.AddrPort, digest [sha256.Size]byte, now time.Time) verdict {
	k := node{p.ID, p.Boot}
	if _, ok := h.own[k]; ok {
		return own
	}
	r := h.nodes[k]
	switch {
	case r == nil || p.Seq > r.seq:
	case p.Seq < r.seq:
		return replayed
	case slices.Contains(r.addrs, from):
		return repeated
	case r.digest == digest:
		return trusted
	}
	if !h.verify.AllowN(now, 1) {
		return limited
	}
	return verify
}

// note records a packet whose signature is good.
func (h *heard) note(p parsed, from netip.AddrPort, digest [sha256.Size]byte, now time.Time) {
	k := node{p.ID, p.Boot}
	r := h.nodes[k]
	if r == nil {
		if len(h.nodes) >= maxHeard {
			return // it is reported, but its copies cost a signature check each
		}
		r = &record{}
		h.nodes[k] = r
	}
	if p.Seq > r.seq || r.addrs == nil {
		r.addrs = r.addrs[:0]
	}
	r.seq, r.digest = p.Seq, digest
	if len(r.addrs) < maxAddrs {
		r.addrs = append(r.addrs, from)
	}
	r.local = r.local || from.Addr().IsLoopback()
	ttl := p.TTL
	if ttl <= 0 {
		ttl = discovery.DefaultTTL
	}
	r.expires = now.Add(ttl)
}

// mine records a node of this process that is announced at now.
func (h *heard) mine(a discovery.Announcement, now time.Time) {
	h.own[node{a.ID, a.Boot}] = now.Add(time.Minute)
}

// sweep forgets what is over at now, and returns how many nodes are heard, those of this host counted as more: n of them
// check n signatures for each round, all on its processors. So 200 count as 1200 and use a sixth of one.
func (h *heard) sweep(now time.Time) int {
	local := 0
	for k, r := range h.nodes {
		if now.After(r.expires) {
			delete(h.nodes, k)
		} else if r.local {
			local++
		}
	}
	for k, until := range h.own {
		if now.After(until) {
			delete(h.own, k)
		}
	}
	for a, l := range h.sources {
		if l.TokensAt(now) >= maxBurst {
			delete(h.sources, a) // it has been silent
		}
	}
	return len(h.nodes) + local*local/perHost
}
