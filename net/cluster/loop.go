package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/net/link"
	"supercluster/net/trust"
	"supercluster/net/wire"
)

// loop is the mesh at work. All of it belongs to the goroutine of Mesh.Run.
type loop struct {
	mesh     *Mesh
	g        *errgroup.Group
	members  []*member
	table    *discovery.Table
	goodbyes []goodbye
	dials    int // under way
	manners  manners
}

// member is a node of this process that has joined.
type member struct {
	node    Node
	id      trust.ID
	role    string
	boot    uint64
	since   time.Time
	ties    map[string]*tie // by the id of the other node
	links   int             // that are run
	social  bool            // it wants links to nodes of its own role and to trackers, too
	reached []chan struct{} // closed when all nodes that were found are linked, or not to be had
	stop    func()          // accepting links
	stopRun context.CancelFunc
	running bool
	left    []chan struct{} // closed when it has left
	leaving time.Time       // until when links may take to close; zero if it does not leave
}

// tie is what binds a member to another node.
type tie struct {
	*pair
	id    string
	s     *session // of the current link
	alias string   // of a stranger: the node that answered last

	probing bool // the peer's host is being asked for its process
	tried   conn // the link for which deaf is known
	deaf    bool // the host says that there is none while it lives
}

// goodbye is the announcement of a node that has left.
type goodbye struct {
	discovery.Announcement
	until time.Time
}

// run takes inputs until ctx is done and all members have left. work is for what the loop starts.
func (l *loop) run(ctx, work context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	done := ctx.Done()
	var closing time.Time
	for closing.IsZero() || len(l.members) > 0 && time.Now().Before(closing) {
		select {
		case f := <-l.mesh.inputs:
			f(work, l)
		case <-timer.C:
		case <-work.Done(): // a source can never work
			return
		case <-done:
			done = nil
			closing = time.Now().Add(2 * leaveGrace)
			for _, m := range slices.Clone(l.members) {
				l.leave(m.node, make(chan struct{}))
			}
		}
		timer.Reset(time.Until(l.step(work, time.Now())))
		for _, m := range l.members {
			m.tellReached()
		}
	}
}

// end lets the nodes know that nothing is linked any more. All goroutines have ended.
func (l *loop) end() {
	for _, m := range l.members {
		for _, t := range m.ties {
			if t.current != nil {
				m.node.unlinked(t.s, t.current, "the mesh has ended", true)
			}
		}
	}
}

// step does what is due, and returns when to be called again.
func (l *loop) step(ctx context.Context, now time.Time) time.Time {
	for _, e := range l.table.Expire(now) {
		l.discovered(e)
	}
	next := now.Add(time.Second)
	for _, m := range l.members {
		if !m.leaving.IsZero() {
			if now.After(m.leaving) {
				m.closeLinks()
			}
			continue
		}
		for id, t := range m.ties {
			if c, ok := t.abandoned(now); ok {
				m.node.unlinked(t.s, c, "its link was not replaced", false)
			}
			l.probe(ctx, t)
			if l.dials < maxDials && l.mesh.cfg.Socket != nil {
				l.dial(ctx, m, t, now)
			}
			if at := t.next(); at.After(now) && at.Before(next) { // what is overdue waits for the end of another dial
				next = at
			}
			if t.idle() {
				delete(m.ties, id)
			}
		}
	}
	if n := len(l.goodbyes); n > 0 {
		l.goodbyes = slices.DeleteFunc(l.goodbyes, func(g goodbye) bool { return now.After(g.until) })
		if len(l.goodbyes) < n {
			l.publish()
		}
	}
	return next
}

// dial starts a dial if one is due. The table tells of a change of the best address only, so it is asked for the others.
func (l *loop) dial(ctx context.Context, m *member, t *tie, now time.Time) {
	if n, ok := l.table.Lookup(t.id, t.boot); ok && t.ready(now) {
		t.addrs = n.Addrs
	}
	if t.ready(now) && m.knows(t) {
		t.plan(strangerCheck, now)
		return
	}
	if t.ready(now) && !l.manners.allow(t.where().Addr(), now.Sub(t.pair.met) < metFor, now) {
		return // asked again with the next step
	}
	addr, ok := t.dial(now)
	if !ok {
		return
	}
	l.dials++
	l.manners.begin(addr.Addr(), now)
	hello := l.hello(m)
	relay := t.current == nil && len(l.mesh.relays()) > 0 && t.failures >= len(t.addrs)-1 // which is the last resort
	l.g.Go(func() error { l.mesh.dial(ctx, m, t, addr, relay, hello); return nil })
}

// discovered passes a node that was found, or is gone, to the members of the opposite role.
func (l *loop) discovered(e discovery.Event) {
	n, now := e.Node, time.Now()
	if n.Cluster != l.mesh.cfg.Cluster || l.member(n.ID) != nil {
		return
	}
	for _, m := range l.members {
		if n.Role != opposite(m.role) && !m.social || !m.leaving.IsZero() || m.node.private() {
			continue
		}
		switch e.Kind {
		case discovery.Found, discovery.Changed:
			t := m.tie(n.ID)
			t.alone = e.Kind == discovery.Found && n.Path != discovery.Tracker && now.Sub(m.since) > settled
			t.find(n.Addrs, n.Boot, now)
		case discovery.Goodbye, discovery.Lost:
			if t := m.ties[n.ID]; t != nil {
				t.gone(n.Boot)
			}
		}
	}
}

// opposite is the role of the nodes that one of that role works with; "" if it works with none.
func opposite(role string) string {
	switch role {
	case RoleMaster:
		return RoleWorker
	case RoleWorker:
		return RoleMaster
	}
	return ""
}

// member finds a joined node by its id.
func (l *loop) member(id string) *member {
	for _, m := range l.members {
		if m.node.ID() == id {
			return m
		}
	}
	return nil
}

// tie returns the member's tie to the node with that id.
func (m *member) tie(id string) *tie {
	t := m.ties[id]
	if t == nil {
		t = &tie{pair: newPair(m.node.ID() < id), id: id}
		m.ties[id] = t
	}
	return t
}

// join makes n a member.
func (l *loop) join(ctx context.Context, n Node) error {
	if l.member(n.ID()) != nil {
		return fmt.Errorf("node %s has joined already", n.ID())
	}
	d := n.describe()
	if n := len(d.Data) + len(d.Host); n > maxFacts {
		return &Error{CodeTooLarge, fmt.Sprintf("data and host take %d bytes of JSON, limit %d", n, maxFacts)}
	}
	m := &member{node: n, id: n.identity().ID(), role: d.Role, boot: rand.Uint64(), since: time.Now(), ties: make(map[string]*tie)}
	n.joined()
	running, stop := context.WithCancel(ctx)
	m.stopRun, m.running = stop, true
	l.g.Go(func() error {
		err := n.run(running)
		_ = l.mesh.do(context.Background(), func(_ context.Context, l *loop) {
			m.running = false
			l.settle(m)
		})
		return err
	})
	m.stop = func() {}
	if s := l.mesh.cfg.Socket; s != nil && !n.private() {
		// hello is called from other goroutines, and reads only what does not change after this.
		m.stop = s.Serve(n.identity(), func() wire.Hello { return l.hello(m) }, func(c *link.Link) { l.mesh.accept(m, c) })
	}
	l.members = append(l.members, m)
	l.publish()
	for _, node := range l.table.Nodes() {
		l.discovered(discovery.Event{Kind: discovery.Found, Node: node})
	}
	for _, other := range l.members {
		if other.role == opposite(m.role) || other.social {
			l.pipe(ctx, m, other)
		}
	}
	return nil
}

// pipe links two members, unless they are or one of them leaves.
func (l *loop) pipe(ctx context.Context, m, other *member) {
	if m == other || !other.leaving.IsZero() {
		return
	}
	if t := m.ties[other.node.ID()]; t != nil && t.current != nil {
		return
	}
	a, b := link.Pipe(l.hello(m), l.hello(other))
	l.linked(ctx, m, a)
	l.linked(ctx, other, b)
}

// reach links the node to those of all roles from now on. reached is closed when that is done for those that were found.
func (l *loop) reach(ctx context.Context, n Node, reached chan struct{}) {
	m := l.member(n.ID())
	if m == nil || !m.leaving.IsZero() {
		close(reached)
		return
	}
	m.reached = append(m.reached, reached)
	if m.social {
		return
	}
	m.social = true
	for _, node := range l.table.Nodes() {
		l.discovered(discovery.Event{Kind: discovery.Found, Node: node})
	}
	for _, other := range l.members {
		l.pipe(ctx, m, other)
	}
}

// tellReached lets those go on that wait for links, if none is to come soon.
func (m *member) tellReached() {
	if len(m.reached) == 0 {
		return
	}
	for _, t := range m.ties {
		if m.leaving.IsZero() && t.found && t.current == nil && t.failures == 0 {
			return
		}
	}
	for _, reached := range m.reached {
		close(reached)
	}
	m.reached = nil
}

// hello is what the member says of itself.
func (l *loop) hello(m *member) wire.Hello {
	n := m.node.describe()
	n.Boot, n.Cluster, n.Pid, n.Addr = m.boot, l.mesh.cfg.Cluster, os.Getpid(), l.mesh.cfg.Advertise
	return wire.Hello{ProtoMin: wire.ProtoMin, ProtoMax: wire.ProtoMax, Version: l.mesh.cfg.Version, Node: n}
}

// publish renews what the sources announce.
func (l *loop) publish() {
	list := []discovery.Announcement{}
	for _, m := range l.members {
		if !l.mesh.cfg.Silent && !m.node.private() && m.leaving.IsZero() {
			list = append(list, l.announcement(m))
		}
	}
	for _, g := range l.goodbyes {
		list = append(list, g.Announcement)
	}
	l.mesh.announce.Store(&list)
	for _, src := range l.mesh.cfg.Sources {
		if s, ok := src.(interface{ Announce() }); ok {
			s.Announce()
		}
	}
}

// announcement describes a member to the sources.
func (l *loop) announcement(m *member) discovery.Announcement {
	n := m.node.describe()
	a := discovery.Announcement{
		ID: n.ID, Role: n.Role, Cluster: l.mesh.cfg.Cluster, Boot: m.boot, Proto: wire.ProtoMax, TTL: l.mesh.cfg.TTL,
	}
	if len(n.Data) <= discovery.MaxData {
		a.Data = json.RawMessage(n.Data)
	}
	if l.mesh.cfg.Socket != nil {
		a.Addr = l.mesh.cfg.Socket.Addr()
	}
	return a
}

// linked takes a link that has come up, if it is one that we want.
func (l *loop) linked(ctx context.Context, m *member, c conn) {
	peer := c.Peer().Node
	switch {
	case !m.leaving.IsZero() || l.member(m.node.ID()) != m:
		c.Close(wire.ByeLeave, "it left the cluster")
		return
	case peer.Cluster != l.mesh.cfg.Cluster:
		c.Close(wire.ByeRefused, fmt.Sprintf("it belongs to cluster %q, not to %q", l.mesh.cfg.Cluster, peer.Cluster))
		return
	case peer.Role != RoleMaster && peer.Role != RoleWorker && peer.Role != RoleTracker:
		c.Close(wire.ByeRefused, fmt.Sprintf("it is a %q, which this version does not know", peer.Role))
		return
	}
	t := m.tie(peer.ID)
	old := t.current
	switch t.linked(c, peer.Boot, time.Now()) {
	case reject:
		c.Close(wire.ByeDuplicate, "there is another link")
		return
	case replace:
		if old.Relayed() && !c.Relayed() {
			l.mesh.cfg.Logger.Info("a direct link takes the place of a relayed one", "node", t.id, "addr", c.RemoteAddr())
		}
		defer old.Close(wire.ByeDuplicate, "there is another link")
	}
	t.s = m.node.linked(c)
	if c.Member() {
		l.tellRevoked(t)
	}
	m.links++
	s := t.s
	l.g.Go(func() error { l.mesh.serve(ctx, m, t, c, s); return nil })
}

// unlinked takes note that a link has ended.
func (l *loop) unlinked(m *member, t *tie, c conn, err error) {
	m.links--
	reason, duplicate, left := endOf(err)
	l.mesh.refused(t.id, c.RemoteAddr().String(), err)
	if t.ended(c, duplicate, left, time.Now()) {
		m.node.unlinked(t.s, c, reason, left)
	}
	l.settle(m)
}

// endOf says in words why a link has ended, whether the other side has another link, and whether it said goodbye.
func endOf(err error) (reason string, duplicate, left bool) {
	var closed *link.CloseError
	switch {
	case err == nil:
		return "the link was closed here", false, false
	case errors.As(err, &closed) && closed.Remote:
		return "it said goodbye: " + closed.Reason, closed.Code == wire.ByeDuplicate, closed.Code == wire.ByeLeave
	}
	return err.Error(), false, false
}

// leave begins to end a membership; left is closed when that is done.
func (l *loop) leave(n Node, left chan struct{}) {
	m := l.member(n.ID())
	if m == nil || m.node != n {
		close(left)
		return
	}
	m.left = append(m.left, left)
	if !m.leaving.IsZero() {
		return
	}
	m.leaving = time.Now().Add(leaveGrace)
	m.stop()
	n.leave()
	for _, t := range m.ties {
		switch {
		case t.current == nil:
		case !t.limbo.IsZero():
			n.unlinked(t.s, t.current, "it was left", true)
		default:
			t.s.box.close(wire.ByeLeave, "it left the cluster")
		}
	}
	if !n.private() && !l.mesh.cfg.Silent {
		bye := l.announcement(m)
		bye.Bye = true
		l.goodbyes = append(l.goodbyes, goodbye{bye, time.Now().Add(byeFor)})
	}
	l.publish()
	l.settle(m)
}

// closeLinks closes links that take too long to say goodbye.
func (m *member) closeLinks() {
	for _, t := range m.ties {
		if t.current != nil {
			t.current.Close(wire.ByeLeave, "it left the cluster")
		}
	}
}

// settle ends the membership of a node that leaves as soon as nothing of it is at work.
func (l *loop) settle(m *member) {
	if m.leaving.IsZero() || m.links > 0 {
		return
	}
	m.stopRun()
	if m.running {
		return
	}
	l.members = slices.DeleteFunc(l.members, func(o *member) bool { return o == m })
	m.tellReached()
	for _, left := range m.left {
		close(left)
	}
	m.left = nil
}
