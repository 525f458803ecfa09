// Package discoverytest holds the suite that every discovery.Source must pass.
package discoverytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// patience is how long the suite waits for what must happen.
const patience = 20 * time.Second

// ttl is what the suite's nodes announce.
const ttl = time.Second

// Factory returns one more source on the network that the test is about; all that it returned find one another.
// identity gives the identity of each node that the source announces. A source should announce several times a second.
type Factory func(t *testing.T, identity func(id string) *trust.Identity) discovery.Source

// Run runs the suite; network is called once in each test, and what it returns makes that test's sources.
func Run(t *testing.T, network func(t *testing.T) Factory) {
	tests := []struct {
		name string
		test func(t *testing.T, n *lab)
	}{
		{"two find each other", testPair},
		{"several nodes in one source", testSeveral},
		{"a source that only listens", testListener},
		{"changed data is told", testChange},
		{"a node stays while it is announced", testStays},
		{"goodbye", testGoodbye},
		{"a node that left alone", testLeave},
		{"a restarted node is another", testRestart},
		{"run ends with its context", testCancel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.test(t, &lab{t: t, factory: network(t)})
		})
	}
}

// lab makes processes on one network.
type lab struct {
	t       *testing.T
	factory Factory
	port    uint16
}

// process is a source with what it announces and what it found. Its lock guards the fields after it.
type process struct {
	t    *testing.T
	stop context.CancelFunc
	done chan error
	wake chan struct{} // holds one token when something was found

	mu     sync.Mutex
	ids    map[string]*trust.Identity
	nodes  []discovery.Announcement
	seq    uint64
	table  *discovery.Table
	events []discovery.Event
	own    []discovery.Announcement // nodes of its own that it was told of, which is wrong
	ended  bool
}

// start runs a source that announces one node for each role. It is stopped when the test ends.
func (l *lab) start(roles ...string) *process {
	l.t.Helper()
	p := &process{
		t:     l.t,
		done:  make(chan error, 1),
		wake:  make(chan struct{}, 1),
		ids:   make(map[string]*trust.Identity),
		table: discovery.NewTable(),
	}
	for _, role := range roles {
		id, err := trust.NewIdentity()
		if err != nil {
			l.t.Fatal(err)
		}
		l.port++
		p.add(id, role, uint64(l.port)<<40, l.port)
	}
	source := l.factory(l.t, p.identity)
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go func() { p.done <- source.Run(ctx, p.self, p.found) }()
	l.t.Cleanup(func() { p.end() })
	return p
}

// add lets p announce one more node.
func (p *process) add(id *trust.Identity, role string, boot uint64, port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids[id.ID().String()] = id
	p.nodes = append(p.nodes, discovery.Announcement{
		ID: id.ID().String(), Role: role, Cluster: "test", Boot: boot, Proto: 3, TTL: ttl,
		Addr: netip.AddrPortFrom(netip.Addr{}, port), Data: json.RawMessage(`{"port":` + fmt.Sprint(port) + `}`),
	})
}

// end stops p and returns what Run returned.
func (p *process) end() {
	p.t.Helper()
	p.stop()
	p.mu.Lock()
	ended := p.ended
	p.ended = true
	p.mu.Unlock()
	if ended {
		return
	}
	select {
	case err := <-p.done:
		if err != nil {
			p.t.Errorf("Run: %v, want nil when its context ends", err)
		}
	case <-time.After(patience):
		p.t.Error("Run does not return when its context ends")
	}
}

func (p *process) identity(id string) *trust.Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ids[id]
}

// self is what the source announces.
func (p *process) self() []discovery.Announcement {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	nodes := append([]discovery.Announcement(nil), p.nodes...)
	for i := range nodes {
		nodes[i].Seq = p.seq
	}
	return nodes
}

// found is what the source calls.
func (p *process) found(a discovery.Announcement) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ids[a.ID] != nil {
		p.own = append(p.own, a)
	}
	p.events = append(p.events, p.table.Observe(a, time.Now())...)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// await waits until ok, which is called under p's lock, returns true.
func (p *process) await(what string, ok func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(ttl / 4) // nodes expire without anything being found
	defer tick.Stop()
	for {
		p.mu.Lock()
		p.events = append(p.events, p.table.Expire(time.Now())...)
		done := ok()
		p.mu.Unlock()
		if done {
			return
		}
		select {
		case <-p.wake:
		case <-tick.C:
		case <-deadline:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("%s: not within %v; table %v, events %v", what, patience, p.table.Nodes(), p.events)
		}
	}
}

// meets waits until p knows every node of other.
func (p *process) meets(other *process) {
	p.t.Helper()
	for _, a := range other.self() {
		p.await("find the "+a.Role, func() bool { _, ok := p.table.Lookup(a.ID, a.Boot); return ok })
	}
}

// tally counts the events of a kind about a node.
func (p *process) tally(kind discovery.Kind, id string) (n int) {
	for _, e := range p.events {
		if e.Kind == kind && e.Node.ID == id {
			n++
		}
	}
	return n
}
