package discovery

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// Bounds of a Table. What lies beyond is not taken in until others have expired.
const (
	// MaxNodes is how many nodes a Table holds.
	MaxNodes = 100_000
	// MaxPerHost is how many of them may have been found at one IP address.
	MaxPerHost = 1024
	// maxAddrs is how many addresses are kept for a node.
	maxAddrs = 8
	// memory is how long the sequence number of a node that is gone is kept, so that a replay does not revive it.
	memory = 10 * time.Minute
)

// Table holds the nodes that were announced. It is not safe for concurrent use; time is passed in and may be any
// monotonic clock.
type Table struct {
	nodes map[key]*entry
	gone  map[key]grave
	hosts map[netip.Addr]int
}

// key names one boot of a node.
type key struct {
	id   string
	boot uint64
}

// entry is a node in the table; Node.Announcement.Addr and Node.Addrs are filled in from addrs when it is shown.
type entry struct {
	last    Announcement
	addrs   []address // best first
	expires time.Time
	host    netip.Addr // what it counts for in Table.hosts
}

// address is one way to a node.
type address struct {
	addr netip.AddrPort
	path Path
	rank int
	seen time.Time
}

// grave is what is remembered of a node that is gone.
type grave struct {
	seq   uint64
	bye   bool
	until time.Time
}

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{nodes: make(map[key]*entry), gone: make(map[key]grave), hosts: make(map[netip.Addr]int)}
}

// Node is a node as the table knows it.
type Node struct {
	// Announcement is the newest; its Addr and Path are those of the best address.
	Announcement
	// Addrs holds every known address, best first.
	Addrs []netip.AddrPort
}

// Kind is what happened to a node.
type Kind uint8

// What an Event tells of.
const (
	Found   Kind = iota + 1 // heard of for the first time
	Changed                 // other data, role or protocol, another best address, or back after a goodbye
	Goodbye                 // the node says that it leaves: probe it
	Lost                    // not announced for its TTL
)

// String returns the kind in lower case.
func (k Kind) String() string {
	switch k {
	case Found:
		return "found"
	case Changed:
		return "changed"
	case Goodbye:
		return "goodbye"
	case Lost:
		return "lost"
	}
	return "unknown"
}

// Event is one change of the table.
type Event struct {
	Kind Kind
	Node Node
}

// Observe takes in an announcement that was heard at now and returns what it changed: at most one event. What has no
// id or no address, is older than what is known, or was heard before changes nothing: only a rising Seq keeps a node
// in the table, or a tracker that lists it (Path is Tracker). The same Seq from another address adds that address.
func (t *Table) Observe(a Announcement, now time.Time) []Event {
	if a.ID == "" || !a.Addr.IsValid() || a.Addr.Port() == 0 {
		return nil
	}
	k := key{a.ID, a.Boot}
	e := t.nodes[k]
	if e == nil {
		return t.add(k, a, now)
	}
	newer := a.Seq > e.last.Seq
	vouched := a.Path == Tracker && !a.Bye
	if !newer && e.last.Bye || a.Seq < e.last.Seq && !vouched {
		return nil
	}
	best := e.addrs[0].addr
	if !a.Bye {
		e.note(a, now)
	}
	var kind Kind
	if newer {
		kind = e.replace(a)
	}
	if kind == 0 && e.addrs[0].addr != best {
		kind = Changed
	}
	if until := now.Add(a.lifetime()); newer || vouched && until.After(e.expires) {
		e.expires = until
	}
	if kind == 0 {
		return nil
	}
	return []Event{{kind, e.node()}}
}

// add takes in a node that is not in the table. A goodbye only leaves a grave, so that an earlier announcement which
// arrives after it finds nobody.
func (t *Table) add(k key, a Announcement, now time.Time) []Event {
	if g, ok := t.gone[k]; ok && now.Before(g.until) {
		vouched := a.Path == Tracker && !g.bye
		if a.Seq < g.seq || a.Seq == g.seq && !vouched {
			return nil
		}
	}
	if a.Bye {
		t.bury(k, a, now)
		return nil
	}
	host := a.Addr.Addr().Unmap()
	if len(t.nodes) >= MaxNodes || t.hosts[host] >= MaxPerHost {
		return nil
	}
	delete(t.gone, k)
	t.hosts[host]++
	e := &entry{last: a, expires: now.Add(a.lifetime()), host: host}
	e.note(a, now)
	t.nodes[k] = e
	return []Event{{Found, e.node()}}
}

// bury keeps what a replay would have to exceed.
func (t *Table) bury(k key, last Announcement, now time.Time) {
	if len(t.gone) < MaxNodes {
		t.gone[k] = grave{seq: last.Seq, bye: last.Bye, until: now.Add(memory)}
	}
}

// Expire forgets the nodes whose TTL is over at now and returns an event of kind Lost for each, ordered by id. Call it
// about once a second.
func (t *Table) Expire(now time.Time) []Event {
	var events []Event
	for k, e := range t.nodes {
		if now.Before(e.expires) {
			continue
		}
		delete(t.nodes, k)
		if t.hosts[e.host]--; t.hosts[e.host] <= 0 {
			delete(t.hosts, e.host)
		}
		t.bury(k, e.last, now)
		events = append(events, Event{Lost, e.node()})
	}
	for k, g := range t.gone {
		if !now.Before(g.until) {
			delete(t.gone, k)
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return compare(a.Node, b.Node) })
	return events
}

// Len is how many nodes are in the table.
func (t *Table) Len() int { return len(t.nodes) }

// Nodes returns the nodes in the table, ordered by id, those of one id by boot.
func (t *Table) Nodes() []Node {
	nodes := make([]Node, 0, len(t.nodes))
	for _, e := range t.nodes {
		nodes = append(nodes, e.node())
	}
	slices.SortFunc(nodes, compare)
	return nodes
}

// Lookup returns the node with that id and boot, if it is in the table.
func (t *Table) Lookup(id string, boot uint64) (Node, bool) {
	e := t.nodes[key{id, boot}]
	if e == nil {
		return Node{}, false
	}
	return e.node(), true
}

func compare(a, b Node) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Boot, b.Boot))
}

// replace makes a the newest announcement and says what is different.
func (e *entry) replace(a Announcement) Kind {
	old := e.last
	if a.Data == nil {
		a.Data = old.Data // the source could not carry it, which says nothing
	}
	e.last = a
	switch {
	case a.Bye:
		return Goodbye
	case old.Bye, a.Role != old.Role, a.Proto != old.Proto, a.Cluster != old.Cluster, !bytes.Equal(a.Data, old.Data):
		return Changed
	}
	return 0
}

// note records that the node was heard at a.Addr. Addresses that were not heard for a lifetime go, as those of an
// interface that was taken down; when there are too many, the worst goes. Among equals the first heard stays first.
func (e *entry) note(a Announcement, now time.Time) {
	rank := a.Path.rank(a.Addr.Addr())
	stale := now.Add(-a.lifetime())
	e.addrs = slices.DeleteFunc(e.addrs, func(have address) bool {
		return have.addr != a.Addr && have.seen.Before(stale)
	})
	if i := slices.IndexFunc(e.addrs, func(have address) bool { return have.addr == a.Addr }); i >= 0 {
		have := &e.addrs[i]
		have.seen = now
		if rank < have.rank { // otherwise a tracker lists what we also hear by ourselves
			have.path, have.rank = a.Path, rank
		}
	} else {
		e.addrs = append(e.addrs, address{addr: a.Addr, path: a.Path, rank: rank, seen: now})
	}
	slices.SortStableFunc(e.addrs, func(a, b address) int { return cmp.Compare(a.rank, b.rank) })
	e.addrs = e.addrs[:min(len(e.addrs), maxAddrs)]
}

// node is a copy to show.
func (e *entry) node() Node {
	n := Node{Announcement: e.last, Addrs: make([]netip.AddrPort, len(e.addrs))}
	for i, a := range e.addrs {
		n.Addrs[i] = a.addr
	}
	n.Addr, n.Path = e.addrs[0].addr, e.addrs[0].path
	return n
}
