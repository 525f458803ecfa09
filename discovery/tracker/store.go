package tracker

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// perNode makes the interval grow with the list: 2000 requests a second, however many nodes there are.
const perNode = time.Second / 2000

// memory is how long a goodbye is remembered, so that an announcement which it overtook does not undo it.
const memory = time.Minute

// maxLog is how many changes are remembered; who asks for what lies further back gets the whole list.
const maxLog = 1 << 16

// errQuota means that a node was not taken in because there are too many.
var errQuota = errors.New("too many nodes")

// roles are those that are listed, in the order of store.wake.
var roles = [...]string{"master", "worker"}

// store is the tracker's list. It does no I/O and is not safe for concurrent use; time is passed in.
type store struct {
	limits  Limits
	entries map[key]*entry
	named   map[string]*entry           // the newest boot of each node that said its id
	hosts   map[netip.Addr]map[key]bool // entries by the address that announced them
	crowd   netip.Addr                  // the address with the most of them, when that was last looked for
	gone    map[key]farewell
	version uint64
	log     []change // of the versions up to version, without gaps
	events  []discovery.Event
	wake    [len(roles)]chan struct{} // closed when a node of that role changes
}

type key struct {
	id   string
	boot uint64
}

// entry is a listed node.
type entry struct {
	discovery.Announcement            // as listed: changes with a version
	source                 netip.Addr // who announced it
	seq                    uint64     // the last, of which the listed one lags behind
	changed                time.Time  // when data last changed; zero: never
	ttl                    time.Duration
	expires                time.Time
	held                   int // requests that wait, and keep it alive
	calls                  []call
	ring                   chan<- struct{} // told of calls by a request that waits; nil if none does
	who                    trust.Standing  // the member that announced it last, in a keyed cluster
}

type farewell struct {
	seq   uint64
	until time.Time
}

// change is what a version of the list changed.
type change struct {
	key
	removed removal // what to say if it is no longer there
}

func newStore(limits Limits) *store {
	s := &store{limits: limits, entries: make(map[key]*entry), named: make(map[string]*entry), hosts: make(map[netip.Addr]map[key]bool), gone: make(map[key]farewell)}
	for i := range s.wake {
		s.wake[i] = make(chan struct{})
	}
	return s
}

// interval is how often a node is to be announced.
func (s *store) interval() time.Duration {
	return max(s.limits.Interval, time.Duration(len(s.entries))*perNode)
}

// announce takes in what was heard from source at now. What is not newer than what is known changes nothing. It returns
// the entry, nil for a goodbye, or an error wrapping errQuota or discovery.ErrAnnouncement.
func (s *store) announce(a discovery.Announcement, source netip.Addr, now time.Time) (*entry, error) {
	if !slices.Contains(roles[:], a.Role) {
		return nil, fmt.Errorf("%w: a %s is not listed", discovery.ErrAnnouncement, a.Role)
	}
	k := key{a.ID, a.Boot}
	e := s.entries[k]
	if e == nil {
		return s.add(k, a, source, now)
	}
	if a.Role != e.Role {
		return nil, fmt.Errorf("%w: %s is a %s, not a %s", discovery.ErrAnnouncement, a.ID, e.Role, a.Role)
	}
	if a.Seq <= e.seq {
		return e, nil
	}
	e.seq = a.Seq
	if a.Bye {
		s.remove(k, e, true, now)
		return nil, nil
	}
	e.ttl = a.TTL
	s.renew(e, now)
	old := e.Announcement
	if !bytes.Equal(a.Data, old.Data) {
		if !e.changed.IsZero() && now.Sub(e.changed) < s.limits.DataInterval {
			a.Data = old.Data // the next announcement will bring it
		} else {
			e.changed = now
		}
	}
	if bytes.Equal(a.Data, old.Data) && a.Addr == old.Addr && a.Proto == old.Proto {
		return e, nil
	}
	e.Announcement = a
	s.note(k, e, false, discovery.Changed)
	return e, nil
}

// add lists a node that is not listed.
func (s *store) add(k key, a discovery.Announcement, source netip.Addr, now time.Time) (*entry, error) {
	if f, ok := s.gone[k]; ok && a.Seq <= f.seq || a.Bye {
		return nil, nil
	}
	if n := len(s.hosts[source]); n >= s.limits.MaxPerHost {
		return nil, fmt.Errorf("%w: %d from %v are listed", errQuota, n, source)
	}
	if len(s.entries) >= s.limits.MaxNodes && !s.makeRoom(source, now) {
		return nil, fmt.Errorf("%w: %d are listed", errQuota, len(s.entries))
	}
	e := &entry{Announcement: a, source: source, seq: a.Seq, ttl: a.TTL}
	s.entries[k] = e
	if named(a) {
		s.named[a.ID] = e
	}
	if s.hosts[source] == nil {
		s.hosts[source] = make(map[key]bool)
	}
	s.hosts[source][k] = true
	s.renew(e, now)
	s.note(k, e, false, discovery.Found)
	return e, nil
}

// makeRoom takes a node off a list that is full for one of another address, if that has fewer: of the address that announced the
// most, so that who fills the list keeps nobody else off it. It reports whether there is room now.
func (s *store) makeRoom(source netip.Addr, now time.Time) bool {
	want := len(s.hosts[source]) + 2
	if len(s.hosts[s.crowd]) < want {
		for addr, of := range s.hosts {
			if len(of) > len(s.hosts[s.crowd]) {
				s.crowd = addr
			}
		}
	}
	if len(s.hosts[s.crowd]) < want {
		return false
	}
	for k := range s.hosts[s.crowd] {
		s.remove(k, s.entries[k], false, now)
		return true
	}
	return false
}

// renew keeps e for its TTL, or that of nodes which say none; it is not less than three intervals.
func (s *store) renew(e *entry, now time.Time) {
	e.expires = now.Add(max(cmp.Or(e.ttl, s.limits.TTL), 3*s.interval()))
}

// hold keeps e while a request of its node waits, which ring wakes; release begins its TTL.
func (s *store) hold(e *entry, ring chan<- struct{}) {
	e.held++
	e.ring = ring
}

func (s *store) release(e *entry, ring chan<- struct{}, now time.Time) {
	e.held--
	if e.ring == ring {
		e.ring = nil
	}
	s.renew(e, now)
}

// dismiss takes off the list what those announced who are no members any more.
func (s *store) dismiss(valid func(trust.Standing) bool, now time.Time) {
	for k, e := range s.entries {
		if !valid(e.who) {
			s.remove(k, e, false, now)
		}
	}
}

// expire takes nodes off the list that were not announced for their TTL.
func (s *store) expire(now time.Time) {
	for k, e := range s.entries {
		if e.held == 0 && !now.Before(e.expires) {
			s.remove(k, e, false, now)
		}
	}
	for k, f := range s.gone {
		if !now.Before(f.until) {
			delete(s.gone, k)
		}
	}
}

// remove takes a node off the list; bye says that it left by itself.
func (s *store) remove(k key, e *entry, bye bool, now time.Time) {
	delete(s.entries, k)
	if s.named[e.ID] == e {
		delete(s.named, e.ID)
	}
	if of := s.hosts[e.source]; len(of) > 1 {
		delete(of, k)
	} else {
		delete(s.hosts, e.source)
	}
	if bye && len(s.gone) < s.limits.MaxNodes {
		s.gone[k] = farewell{e.seq, now.Add(memory)}
	}
	s.note(k, e, bye, discovery.Lost)
}

// note makes a version of a change.
func (s *store) note(k key, e *entry, bye bool, kind discovery.Kind) {
	s.version++
	h := hostOf(e.Announcement, e.Addr.Addr())
	r := removal{ID: h.ID, Role: e.Role, Boot: h.Boot, Seq: e.seq, Bye: bye}
	if h.ID == "" {
		r.Addr, r.Port = h.Addr, h.Port
	}
	if len(s.log) >= maxLog {
		s.log = append(s.log[:0], s.log[len(s.log)/2:]...)
	}
	s.log = append(s.log, change{k, r})
	i := slices.Index(roles[:], e.Role)
	close(s.wake[i])
	s.wake[i] = make(chan struct{})
	if s.limits.events {
		n := discovery.Node{Announcement: e.Announcement, Addrs: []netip.AddrPort{e.Addr}}
		n.Bye = bye
		s.events = append(s.events, discovery.Event{Kind: kind, Node: n})
	}
}

// since returns what changed after a version, of the roles wanted, as seen from view; false if that is not known.
func (s *store) since(version uint64, want wanted, view netip.Addr) (lists, []removal, bool) {
	first := s.version - uint64(len(s.log)) // the version before the log's first
	if version < first || version > s.version {
		return lists{}, nil, false
	}
	l := lists{Masters: []host{}, Workers: []host{}}
	var removed []removal
	done := make(map[key]bool)
	for _, c := range slices.Backward(s.log[version-first:]) {
		if done[c.key] || !want.has(c.removed.Role) {
			continue
		}
		done[c.key] = true
		if e := s.entries[c.key]; e != nil {
			l.add(e, view)
		} else {
			removed = append(removed, c.removed.seen(view))
		}
	}
	return l, removed, true
}

// list returns every node of the roles wanted, as seen from view, in order of id.
func (s *store) list(want wanted, view netip.Addr) lists {
	l := lists{Masters: []host{}, Workers: []host{}}
	all := make([]*entry, 0, len(s.entries))
	for _, e := range s.entries {
		if want.has(e.Role) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Boot, b.Boot)) })
	for _, e := range all {
		l.add(e, view)
	}
	return l
}

// add adds a node as it is seen from view: what announced itself over loopback is on the tracker's host, so others are
// told the address by which they reach the tracker.
func (l *lists) add(e *entry, view netip.Addr) {
	addr := e.Addr.Addr()
	if addr.IsLoopback() && view.IsValid() {
		addr = view
	}
	h := hostOf(e.Announcement, addr)
	if seen := e.source; seen.IsValid() && seen != e.Addr.Addr() {
		if seen.IsLoopback() && view.IsValid() {
			seen = view
		}
		if seen != addr {
			h.Seen = seen.String()
		}
	}
	if e.Role == "master" {
		l.Masters = append(l.Masters, h)
	} else {
		l.Workers = append(l.Workers, h)
	}
}

// seen is r as it is seen from view.
func (r removal) seen(view netip.Addr) removal {
	if a, err := netip.ParseAddr(r.Addr); err == nil && a.IsLoopback() && view.IsValid() {
		r.Addr = view.String()
	}
	return r
}

// wanted is a set of roles, as the query string gives it: "masters", "workers", "none"; anything else means all.
type wanted string

func (w wanted) has(role string) bool {
	switch w {
	case "masters", "workers":
		return string(w) == role+"s"
	case "none":
		return false
	}
	return true
}
