package cluster

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// Times of the making of links.
const (
	yield       = 300 * time.Millisecond // how long the node with the higher id waits for the other to dial
	settled     = 2 * time.Second        // after joining, who hears of a newcomer on its network was announced before that came
	firstRetry  = 250 * time.Millisecond // after a dial that failed; doubled each time
	lastRetry   = time.Minute
	metRetry    = 2 * time.Second // the longest wait for a node that was linked less than metFor ago: a cut heals soon
	metFor      = 2 * time.Minute
	raceWindow  = 10 * time.Second // two links as close as this may have been dialled without knowledge of each other
	firstDirect = 20 * time.Second // after a relayed link came up, a direct one is tried; the wait is doubled each time
	lastDirect  = 10 * time.Minute
	replaceWait = 5 * time.Second // for the link that takes the place of one that was closed as a duplicate
)

// pair is a state machine for one local node and one remote one: who dials when, and which link stays. It is in one of
// these states:
//   - idle: there is no link, and no dial is due: the node was not found, or is gone;
//   - due: there is no link, and one is to be dialled at a certain time;
//   - dialling: a dial is under way; another link may come up meanwhile;
//   - linked: a link is up; if it is a relayed one, dials for a direct one are due and under way beside it;
//   - replaced: the other side has closed the link since it has another one, which is not here yet.
type pair struct {
	lower bool // the local node has the lower id
	alone bool // the other node has not heard of this one yet: there is nobody to wait for
	found bool
	boot  uint64
	addrs []netip.AddrPort

	current  conn // nil if there is none
	byLower  bool // current was dialled by the node with the lower id
	since    time.Time
	limbo    time.Time // when replaced ends; zero in other states
	dialling bool
	due      time.Time // zero if no dial is due
	failures int
	met      time.Time      // when its last link that had lived for a while ended
	jitter   func() float64 // from 0 to 1
}

func newPair(lower bool) *pair { return &pair{lower: lower, jitter: rand.Float64} }

// find takes note of where the node is, best address first.
func (p *pair) find(addrs []netip.AddrPort, boot uint64, now time.Time) {
	fresh := !p.found || boot != p.boot || !slices.Equal(addrs, p.addrs)
	p.found, p.boot, p.addrs = true, boot, addrs
	if fresh {
		p.failures = 0
		p.plan(0, now)
	}
}

// gone takes note that the node is not announced any more. A link that is up stays.
func (p *pair) gone(boot uint64) {
	if boot == p.boot {
		p.found, p.due = false, time.Time{}
	}
}

// plan lets a dial be due after wait; the node with the higher id lets the other go first.
func (p *pair) plan(wait time.Duration, now time.Time) {
	if !p.found || !p.wants() || p.dialling {
		return
	}
	if !p.lower && !p.alone {
		wait += yield
	}
	p.due = now.Add(wait)
}

// wants reports whether there is no link, or only one that a direct link should replace.
func (p *pair) wants() bool { return p.current == nil || p.limbo.IsZero() && p.current.Relayed() }

// ready reports whether to dial now.
func (p *pair) ready(now time.Time) bool {
	return !p.due.IsZero() && !now.Before(p.due) && p.wants() && !p.dialling && len(p.addrs) > 0
}

// dial reports whether to dial now, and where: each time that fails, at the next address.
func (p *pair) dial(now time.Time) (netip.AddrPort, bool) {
	if !p.ready(now) {
		return netip.AddrPort{}, false
	}
	p.dialling, p.alone, p.due = true, false, time.Time{}
	return p.where(), true
}

// where is the address that the next dial goes to; there must be one.
func (p *pair) where() netip.AddrPort { return p.addrs[p.failures%len(p.addrs)] }

// failed takes note that a dial did not lead to a link. lasting says that it will not do so soon.
func (p *pair) failed(lasting bool, now time.Time) {
	p.dialling = false
	wait := p.backoff()
	if now.Sub(p.met) < metFor {
		wait = min(wait, metRetry)
	}
	if lasting {
		wait = lastRetry
	}
	if p.current != nil {
		wait = p.patience(p.failures + 1)
	}
	p.failures++
	p.plan(p.spread(wait), now)
}

// backoff is the wait after a failure: twice as long each time.
func (p *pair) backoff() time.Duration { return min(lastRetry, firstRetry<<min(p.failures, 8)) }

// patience is the wait before a direct link is tried while there is a relayed one, after so many failures.
func (p *pair) patience(failures int) time.Duration {
	return min(lastDirect, firstDirect<<min(failures, 8))
}

// spread makes of a time one between half and one and a half of it, so that nodes do not act all at once.
func (p *pair) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.5 + p.jitter()))
}

// verdict says what to do with a link that has come up.
type verdict uint8

const (
	keep    verdict = iota + 1 // it is the link now
	replace                    // it takes the place of the current one, which is to be closed
	reject                     // it is to be closed
)

// linked judges a link that has come up, dialled here or there. Two links that were dialled at the same time are judged
// alike on both sides: the one dialled by the lower id stays. If there is time between them, the newer one stays: the
// other side would not have dialled if it had not lost the older one. But a direct link is always better than a relayed one.
func (p *pair) linked(c conn, boot uint64, now time.Time) verdict {
	byLower := c.Dialled() == p.lower
	if c.Dialled() {
		p.dialling = false
	}
	v := keep
	if p.current != nil {
		v = replace
		well := boot == p.boot && p.limbo.IsZero() && p.current.Quiet() < suspectAfter
		switch relayed := p.current.Relayed(); {
		case well && relayed != c.Relayed():
			if !relayed {
				return reject
			}
		case well && now.Sub(p.since) < raceWindow && p.byLower && !byLower:
			return reject
		}
	}
	p.current, p.byLower, p.since, p.boot = c, byLower, now, boot
	p.limbo, p.due = time.Time{}, time.Time{}
	if c.Relayed() {
		p.failures = 0
		p.plan(p.spread(p.patience(0)), now)
	}
	return v
}

// ended takes note of the end of a link, and reports whether the pair is now without. duplicate says that the other
// side has closed it for another; left that it said goodbye.
func (p *pair) ended(c conn, duplicate, left bool, now time.Time) (lost bool) {
	if c != p.current {
		return false
	}
	if duplicate {
		p.limbo = now.Add(replaceWait)
		return false
	}
	lived := now.Sub(p.since)
	p.current, p.limbo = nil, time.Time{}
	switch {
	case left:
		p.failures = max(p.failures, 3) // it may come back, but not at once
		p.plan(p.spread(p.backoff()), now)
	case lived < raceWindow:
		p.failed(false, now) // it is not the link's first end, perhaps
	default:
		p.failures, p.met = 0, now
		p.plan(p.spread(firstRetry/2), now)
	}
	return true
}

// abandoned reports whether no link has taken the place of the one that was closed as a duplicate; the pair is then
// without.
func (p *pair) abandoned(now time.Time) (c conn, ok bool) {
	if p.limbo.IsZero() || now.Before(p.limbo) {
		return nil, false
	}
	c = p.current
	p.current, p.limbo = nil, time.Time{}
	p.plan(0, now)
	return c, true
}

// next is when dial or abandoned may have something to say, or the zero time.
func (p *pair) next() time.Time {
	if !p.limbo.IsZero() {
		return p.limbo
	}
	return p.due
}

// idle reports whether nothing is known of the node.
func (p *pair) idle() bool { return p.current == nil && !p.dialling && !p.found }
