package jsapi

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/dop251/goja"

	"supercluster/discovery"
	"supercluster/discovery/tracker"
	"supercluster/net/cluster"
	"supercluster/net/trust"
)

// A trackerNode is a tracker of this process, listening or not.
type trackerNode struct {
	session *Session
	conf    nodeConf
	server  *tracker.Server

	mu     sync.Mutex
	listen net.Listener  // nil while it has not joined; guarded by mu
	stop   func()        // ends the serving of listen; guarded by mu
	ended  chan struct{} // closed when that has ended; guarded by mu
}

// OpenTracker starts a tracker that has no script, for sc tracker, and
// returns the address that it listens on. It serves until the session ends.
func (s *Session) OpenTracker(onEvent func(discovery.Event)) (net.Addr, error) {
	t, err := s.newTracker(s.conf(), onEvent)
	if err != nil {
		return nil, err
	}
	if err := t.join(); err != nil {
		return nil, err
	}
	return t.addr(), nil
}

func (s *Session) newTracker(c nodeConf, onEvent func(discovery.Event)) (*trackerNode, error) {
	if c.port == 0 {
		c.port = defaultTrackerPort
	}
	h, err := s.hold(c.cluster, c.trust)
	if err != nil {
		return nil, err
	}
	if err := h.checkRole(roleTracker); err != nil {
		return nil, err
	}
	reader, err := tracker.Bearer(h.current.NetworkKey())
	if err != nil {
		return nil, err
	}
	return &trackerNode{session: s, conf: c, server: tracker.NewServer(tracker.ServerConfig{
		Trust:   h.ring,
		Reader:  reader,
		Cluster: c.cluster,
		Limits:  tracker.Limits{TTL: c.ttl},
		OnEvent: onEvent,
		Logger:  s.settings.Logger,
	})}, nil
}

// join listens and serves. A port in use is its usual error.
func (t *trackerNode) join() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listen != nil {
		return nil
	}
	addr, err := listenAddr(t.conf.bind, t.conf.port)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", addr.String())
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	err = t.session.start(func(sessionCtx context.Context) error {
		defer close(ended)
		defer context.AfterFunc(sessionCtx, stop)()
		return t.server.Run(ctx, ln)
	})
	if err != nil {
		stop()
		ln.Close()
		return err
	}
	t.listen, t.stop, t.ended = ln, stop, ended
	t.session.mu.Lock()
	t.session.trackers[t] = true
	t.session.mu.Unlock()
	return nil
}

// leave stops serving and returns when that is done, or ctx.
func (t *trackerNode) leave(ctx context.Context) error {
	t.mu.Lock()
	stop, ended := t.stop, t.ended
	t.listen, t.stop, t.ended = nil, nil, nil
	t.mu.Unlock()
	t.session.mu.Lock()
	delete(t.session.trackers, t)
	t.session.mu.Unlock()
	if stop == nil {
		return nil
	}
	stop()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// addr is where it listens, or would.
func (t *trackerNode) addr() net.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listen != nil {
		return t.listen.Addr()
	}
	addr, err := listenAddr(t.conf.bind, t.conf.port)
	if err != nil {
		addr = netip.AddrPort{}
	}
	return net.TCPAddrFromAddrPort(addr)
}

// A nativeTracker is the Go half of a script's tracker. Its membership is of the event bus.
type nativeTracker struct {
	membership
	tracker *trackerNode
	bus     trackerBus
}

func (s *Script) openTracker(id *trust.Identity, c nodeConf, h hooks) (*goja.Object, error) {
	nt := &nativeTracker{bus: trackerBus{conf: c, identity: id, listed: make(map[string]discovery.Announcement)}}
	var err error
	nt.tracker, err = s.session.newTracker(c, func(e discovery.Event) {
		nt.bus.note(e)
		h.listed(e)
	})
	if err != nil {
		return nil, err
	}
	nt.membership = membership{presence: presence{script: s}, messenger: cluster.NewTracker(cluster.TrackerConfig{
		Identity: id, Data: c.data, Host: hostFacts(offer{}), OnMessage: h.messaged, Logger: s.session.settings.Logger,
	})}
	methods := nt.methods(c)
	methods["address"] = nt.address
	methods["join"] = nt.join
	methods["leave"] = nt.leave
	methods["reach"] = nt.reach
	return s.object(methods), nil
}

func (t *nativeTracker) address(goja.FunctionCall) goja.Value {
	addr := netip.MustParseAddrPort(t.tracker.addr().String())
	return t.script.object(map[string]any{"addr": addr.Addr().String(), "port": int(addr.Port())})
}

func (t *nativeTracker) join(goja.FunctionCall) goja.Value {
	if err := t.tracker.join(); err != nil {
		t.script.throw(fmt.Errorf("createTracker: %w", err))
	}
	t.hadJoined = true
	t.hold()
	return goja.Undefined()
}

func (t *nativeTracker) leave(goja.FunctionCall) goja.Value {
	network := t.network
	t.joined = false
	return t.script.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		var err error
		if network != nil {
			err = network.mesh.Leave(ctx, t.messenger)
		}
		err = cmp.Or(t.tracker.leave(ctx), err)
		return func() (goja.Value, error) { t.let(); return goja.Undefined(), err }
	})
}

// reach joins the event bus, which few trackers have to do with.
func (t *nativeTracker) reach(call goja.FunctionCall) goja.Value {
	if !t.joined {
		return t.script.loop.Async(func(context.Context) func() (goja.Value, error) {
			return func() (goja.Value, error) { return goja.Undefined(), nil }
		})
	}
	s := t.script.session
	if t.network == nil {
		n, err := s.openBus(&t.bus)
		if err != nil {
			t.script.throw(fmt.Errorf("bus: %w", err))
		}
		t.network = n
	}
	t.since = time.Now()
	network := t.network
	joined := make(chan error, 1)
	if err := s.start(func(ctx context.Context) error { joined <- network.mesh.Join(ctx, t.messenger); return nil }); err != nil {
		t.script.throw(err)
	}
	return t.reachAfter(joined)
}

// listed posts to the script what the tracker's list has gained or lost.
func (h hooks) listed(e discovery.Event) {
	n := e.Node
	id := n.ID
	if id == "" {
		id = n.Addr.String() // announced by hand: all that tells it from others
	}
	h.peerChanged(cluster.PeerEvent{
		Up:   e.Kind == discovery.Found || e.Kind == discovery.Changed,
		Peer: cluster.Peer{ID: id, Role: n.Role, Addr: n.Addr, Data: n.Data},
	})
}
