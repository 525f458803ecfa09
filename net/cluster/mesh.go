package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/net/link"
	"supercluster/net/trust"
	"supercluster/net/wire"
)

// Bounds of a mesh.
const (
	maxDials   = 64                   // at once
	leaveGrace = 2 * time.Second      // for goodbyes
	byeFor     = 2 * time.Second      // how long a goodbye is announced
	maxFacts   = wire.MaxHello - 4096 // bytes of data and host, which travel in the hello
)

// Node is a Master, a Worker or a Tracker.
type Node interface {
	// ID returns the node's id, as trust.ID writes it.
	ID() string

	identity() *trust.Identity
	private() bool
	// describe says what goes into the hello.
	describe() wire.Node
	// linked takes a link that is up. It may take the place of another to the same peer.
	linked(c conn) *session
	// unlinked takes note that c has ended, unless another has taken its place. final says that the peer will not come
	// back.
	unlinked(s *session, c conn, reason string, final bool)
	// handle takes a message of the peer; an error ends the link.
	handle(s *session, m wire.Message) error
	// run does the node's own work until ctx is done.
	run(ctx context.Context) error
	// joined and leave begin and end the node's membership.
	joined()
	leave()
	// stats counts; Role and Private are left to the caller. The peers are those that are linked.
	stats() (NodeStats, []Peer)
}

var (
	_ Node = (*Master)(nil)
	_ Node = (*Worker)(nil)
)

// MeshConfig describes a Mesh.
type MeshConfig struct {
	// Socket carries the links to other processes; nil links the nodes of this process only. The caller runs it, and
	// for longer than the mesh.
	Socket *link.Socket
	// Sources find nodes; the mesh runs them. One that is a Relay, too, is asked for a way to nodes that cannot be dialled.
	Sources []discovery.Source
	// Cluster is the name of the cluster; nodes of another are not linked.
	Cluster string
	// Version is the program's, for the hello. Advertise is the address, "host:port", to tell to others; empty means
	// what they see.
	Version, Advertise string
	// TTL is how long an announcement counts without another; zero means discovery.DefaultTTL.
	TTL time.Duration
	// OnRefused hears of nodes that were found and refused to be linked, or were refused here, for reasons of trust. It must not
	// block, and may be nil. Nodes that dialled and were refused are told of by the Socket's Logger.
	OnRefused func(Refused)
	// Silent keeps all nodes of the mesh from being announced: they find others, and dial them, and are not found.
	Silent bool
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Mesh links the masters and workers of this process to the workers and masters that are found, and to one another.
type Mesh struct {
	cfg      MeshConfig
	inputs   chan func(context.Context, *loop)
	ended    chan struct{} // closed when the loop takes no more inputs
	announce atomic.Pointer[[]discovery.Announcement]
	seq      atomic.Uint64 // of the last announcement
	heard    atomic.Uint64 // announcements that sources found
}

// NewMesh returns a mesh; it starts nothing.
func NewMesh(cfg MeshConfig) *Mesh {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Mesh{cfg: cfg, inputs: make(chan func(context.Context, *loop)), ended: make(chan struct{})}
}

// Run works until ctx is done: then it says goodbye for the nodes that are joined, and returns after everything that
// it started. It returns nil if it was cancelled, or the error of a source that can never work. Call it once.
func (m *Mesh) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx)) // goodbyes are said after ctx is done
	defer stop()
	g, work := errgroup.WithContext(work)
	searching, stopSearch := context.WithCancel(work)
	defer stopSearch()
	defer context.AfterFunc(ctx, stopSearch)()
	for _, src := range m.cfg.Sources {
		g.Go(func() error { return src.Run(searching, m.self, m.found) })
	}
	l := &loop{mesh: m, g: g, table: discovery.NewTable()}
	l.run(ctx, work)
	close(m.ended)
	stop()
	err := g.Wait()
	l.end()
	if err != nil {
		return fmt.Errorf("find nodes: %w", err)
	}
	return nil
}

// do has the loop call f, and reports whether it will.
func (m *Mesh) do(ctx context.Context, f func(context.Context, *loop)) error {
	select {
	case m.inputs <- f:
		return nil
	case <-m.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Join makes n a part of the cluster: it is announced, found, and linked. It waits until Run has been called. A node
// may be joined again after it has left. Do not call it from a callback.
func (m *Mesh) Join(ctx context.Context, n Node) error {
	result := make(chan error, 1)
	err := m.do(ctx, func(ctx context.Context, l *loop) { result <- l.join(ctx, n) })
	if err != nil {
		return err
	}
	return <-result
}

// Leave ends what Join began: the node says goodbye, its links are closed, tasks that a master still has end with
// ERR_LEFT, those of a worker are cancelled. It returns when that is done. Do not call it from a callback.
func (m *Mesh) Leave(ctx context.Context, n Node) error {
	left := make(chan struct{})
	err := m.do(ctx, func(_ context.Context, l *loop) { l.leave(n, left) })
	if err != nil {
		return err
	}
	select {
	case <-left:
		return nil
	case <-m.ended:
		return nil // then all have left
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reach links n, which has joined, to the nodes of its own role and to trackers as well, from now on, and returns when
// those that were found are linked, or cannot be. It is for the first message to one of these; without it masters are
// linked to workers alone. Do not call it from a callback.
func (m *Mesh) Reach(ctx context.Context, n Node) error {
	reached := make(chan struct{})
	err := m.do(ctx, func(ctx context.Context, l *loop) { l.reach(ctx, n, reached) })
	if err != nil {
		return err
	}
	select {
	case <-reached:
		return nil
	case <-m.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// self returns what the sources are to announce.
func (m *Mesh) self() []discovery.Announcement {
	list := m.announce.Load()
	if list == nil {
		return nil
	}
	seq := m.seq.Add(1)
	out := make([]discovery.Announcement, len(*list))
	for i, a := range *list {
		a.Seq = seq
		out[i] = a
	}
	return out
}

// found takes what a source has heard.
func (m *Mesh) found(a discovery.Announcement) {
	m.heard.Add(1)
	// The loop always comes to its inputs, or ends; there is nothing else to wait for.
	_ = m.do(context.Background(), func(_ context.Context, l *loop) {
		for _, e := range l.table.Observe(a, time.Now()) {
			l.discovered(e)
		}
	})
}

// accept takes a link that was dialled by a node elsewhere.
func (m *Mesh) accept(mem *member, c conn) {
	err := m.do(context.Background(), func(ctx context.Context, l *loop) { l.linked(ctx, mem, c) })
	if err != nil {
		c.Close(wire.ByeLeave, "it left the cluster")
	}
}

// dial connects a local node to one that was found; relay says that it may be through a relay.
func (m *Mesh) dial(ctx context.Context, mem *member, t *tie, addr netip.AddrPort, relay bool, hello wire.Hello) {
	c, err := m.call(ctx, mem, t, addr, relay, hello)
	gone := m.do(context.Background(), func(ctx context.Context, l *loop) {
		l.dials--
		l.manners.end(addr.Addr(), answered(err), time.Now())
		if err == nil {
			t.met(c.Peer().Node.ID, time.Now())
			l.linked(ctx, mem, c)
			return
		}
		level := slog.LevelDebug
		if errors.Is(err, wire.ErrVersion) {
			level = slog.LevelWarn
		}
		m.cfg.Logger.Log(ctx, level, "no link", "node", t.id, "addr", addr, "err", err)
		t.failed(isLasting(err), time.Now())
		m.refused(t.id, addr.String(), err)
		l.settle(mem)
	})
	if gone != nil && err == nil {
		c.Close(wire.ByeLeave, "it left the cluster")
	}
}

// call makes a link for dial.
func (m *Mesh) call(ctx context.Context, mem *member, t *tie, addr netip.AddrPort, relay bool, hello wire.Hello) (*link.Link, error) {
	role, stranger := strangerRole(t.id)
	if !stranger {
		peer, err := trust.ParseID(t.id)
		if err != nil {
			return nil, err
		}
		direct := func(ctx context.Context) (*link.Link, error) {
			return m.cfg.Socket.Dial(ctx, addr, mem.node.identity(), peer, hello)
		}
		if !relay {
			return direct(ctx)
		}
		return m.reach(ctx, t, direct, func(ctx context.Context) (*link.Link, error) { return m.relayed(ctx, mem, peer, hello) })
	}
	c, err := m.cfg.Socket.DialRole(ctx, addr, mem.node.identity(), role, hello)
	if err == nil {
		if who := c.Peer().Node; who.Role != role || who.Cluster != m.cfg.Cluster {
			c.Close(wire.ByeRefused, "another node was looked for")
			return nil, fmt.Errorf("%w: a %s of cluster %q answers at %v", errOther, who.Role, who.Cluster, addr)
		}
	}
	return c, err
}

// errOther means that an address does not lead to such a node as was looked for there.
var errOther = errors.New("found another node")

// answered reports whether there was somebody at the address of a dial that ended so.
func answered(err error) bool {
	return err == nil || errors.Is(err, link.ErrBusy) || !errors.Is(err, link.ErrHandshake) && !errors.Is(err, context.Canceled)
}

// isLasting reports whether a dial will fail again in the same way.
func isLasting(err error) bool {
	var closed *link.CloseError
	_, refused := trust.AsRefusal(err)
	return refused || errors.Is(err, wire.ErrVersion) || errors.Is(err, errOther) || errors.As(err, &closed) && closed.Code == wire.ByeRefused
}

// closedByPeer reports whether the other side ended the link, or the attempt at one.
func closedByPeer(err error) bool {
	var closed *link.CloseError
	return errors.As(err, &closed) && closed.Remote
}

// serve runs a link until it ends.
func (m *Mesh) serve(ctx context.Context, mem *member, t *tie, c conn, s *session) {
	pumping, stop := context.WithCancel(ctx)
	var pump errgroup.Group
	pump.Go(func() error { s.box.pump(pumping, c); return nil })
	messages := newThrottle(c)
	err := c.Run(ctx, func(msg wire.Message) error {
		if list, ok := msg.(*wire.Revoked); ok {
			return m.learn(list)
		}
		if err := messages.pass(ctx, msg); err != nil {
			return err
		}
		return mem.node.handle(s, msg)
	})
	stop()
	_ = pump.Wait() // it has no error to tell
	_ = m.do(context.Background(), func(_ context.Context, l *loop) { l.unlinked(mem, t, c, err) })
}
