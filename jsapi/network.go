package jsapi

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/discovery/beacon"
	"supercluster/discovery/tracker"
	"supercluster/net/cluster"
	"supercluster/net/link"
	"supercluster/net/trust"
)

// networkKey is what two nodes of a process must have alike to share a socket
// and a discovery.
type networkKey struct {
	cluster       string
	broadcastPort int
	interval      time.Duration
	trackers      string
	bind          string
	port          int
	ttl           time.Duration
	advertise     netip.AddrPort
	silent        bool
	trust         trustKey
	far           bool // nodes of other networks are found, through a tracker
}

// separator stands between the trackers of a networkKey, one of which may be a
// command with any other character in it.
const separator = "\x00"

// A network is a socket, the discovery that announces it, and the mesh of
// links over it.
type network struct {
	socket *link.Socket
	mesh   *cluster.Mesh
	held   *held
	open   bool // guests are let in

	trackers *tracker.Client // nil if nodes are found by broadcast

	mu         sync.Mutex
	identities map[string]*trust.Identity // of the nodes of this process, by id; guarded by mu
}

// add makes id known to the discovery, which signs announcements with it.
func (n *network) add(id *trust.Identity) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.identities[id.ID().String()] = id
}

func (n *network) identity(id string) *trust.Identity {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.identities[id]
}

// network returns the network that c asks for, which id becomes a node of,
// opened if it is the first.
func (s *Session) network(c nodeConf, id *trust.Identity) (*network, error) {
	key := networkKey{c.cluster, c.broadcast.port, c.broadcast.interval, strings.Join(c.trackers, separator), c.bind, c.port, c.ttl, c.advertise, c.silent, c.trust, len(c.trackers) > 0}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.networks[key]; ok {
		n.add(id)
		return n, nil
	}
	n, err := s.open(key)
	if err != nil {
		return nil, err
	}
	s.networks[key] = n
	n.add(id)
	return n, nil
}

func (s *Session) open(key networkKey) (*network, error) {
	return s.openFrom(key, func(n *network) ([]discovery.Source, error) {
		source, err := s.source(key, n)
		return []discovery.Source{source}, err
	})
}

// openFrom opens a network whose nodes are found by the sources.
func (s *Session) openFrom(key networkKey, find func(*network) ([]discovery.Source, error)) (*network, error) {
	addr, err := listenAddr(key.bind, key.port)
	if err != nil {
		return nil, err
	}
	cfg := link.Config{Addr: addr, Version: s.settings.Version, Logger: s.settings.Logger}
	if cfg.ResetKey, err = s.resetKey(key.port); err != nil {
		return nil, err
	}
	h, err := s.hold(key.cluster, key.trust)
	if err != nil {
		return nil, err
	}
	cfg.Trust, cfg.Guests = h.ring, guests(key.trust, key.far)
	socket, err := link.Listen(cfg)
	if err != nil {
		return nil, err
	}
	n := &network{
		socket: socket, held: h, identities: make(map[string]*trust.Identity),
		open: !h.ring.Keyed() && cfg.Guests != link.NoGuests,
	}
	sources, err := find(n)
	if err != nil {
		socket.Close()
		return nil, err
	}
	n.mesh = cluster.NewMesh(cluster.MeshConfig{
		Socket:  socket,
		Sources: sources,
		Cluster: key.cluster,
		Version: s.settings.Version,
		TTL:     key.ttl,

		Advertise: advertised(key.advertise, socket.Addr().Port()),
		Silent:    key.silent,
		OnRefused: s.noticeRefused,
		Logger:    s.settings.Logger,
	})
	if err := s.start(n.run); err != nil {
		socket.Close()
		return nil, err
	}
	return n, nil
}

// source is how nodes of the network are found: through trackers if some are
// configured, else by broadcast.
func (s *Session) source(key networkKey, n *network) (discovery.Source, error) {
	if key.trackers != "" {
		return s.trackerSource(key, n)
	}
	return s.beaconSource(key, n)
}

func (s *Session) beaconSource(key networkKey, n *network) (discovery.Source, error) {
	sealers, err := n.held.sealers(key.cluster)
	if err != nil {
		return nil, err
	}
	var list together
	for _, sealer := range sealers {
		list = append(list, beacon.New(beacon.Config{
			Port:     key.broadcastPort,
			Interval: key.interval,
			Sealer:   sealer,
			Identity: n.identity,
			Logger:   s.settings.Logger,
		}))
	}
	return list, nil
}

// together are sources that are one: as while a key is replaced by another,
// when holders of either are to be found.
type together []discovery.Source

// Run implements discovery.Source.
func (t together) Run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, source := range t {
		g.Go(func() error { return source.Run(ctx, self, found) })
	}
	return g.Wait()
}

// Announce lets all of them announce at once.
func (t together) Announce() {
	for _, source := range t {
		if a, ok := source.(interface{ Announce() }); ok {
			a.Announce()
		}
	}
}

func (s *Session) trackerSource(key networkKey, n *network) (discovery.Source, error) {
	cfg := tracker.Config{
		Trust:     n.held.ring,
		Trackers:  strings.Split(key.trackers, separator),
		Identity:  n.identity,
		Advertise: key.advertise,
		Accept:    n.socket.AcceptRelayed,
		Logger:    s.settings.Logger,
	}
	if key.silent {
		cfg.Watch = key.cluster
	}
	if key.bind != "" {
		addr, err := netip.ParseAddr(key.bind)
		if err != nil {
			return nil, err
		}
		cfg.BindTo = addr
	}
	client, err := tracker.NewClient(cfg)
	n.trackers = client
	return client, err
}

// resetKey is what a process that takes the place of another on a port must
// know to tell the other's peers so. On a port that the system picks it has
// no predecessor.
func (s *Session) resetKey(port int) (key [32]byte, err error) {
	if port == 0 {
		return trust.NewSecret(), nil
	}
	secret, err := s.account()
	if err != nil {
		return key, err
	}
	return secret.Derive(fmt.Sprintf("reset key of UDP port %d", port))
}

// run serves the network until ctx is done. The mesh says its goodbyes over
// the socket, so the socket ends after it.
func (n *network) run(ctx context.Context) error {
	socketCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var g errgroup.Group
	g.Go(func() error { return n.socket.Run(socketCtx) })
	err := n.mesh.Run(ctx)
	stop()
	if socketErr := g.Wait(); err == nil && ctx.Err() == nil {
		err = socketErr
	}
	n.socket.Close()
	return err
}

func listenAddr(bind string, port int) (netip.AddrPort, error) {
	ip := netip.IPv4Unspecified()
	if bind != "" {
		var err error
		if ip, err = netip.ParseAddr(bind); err != nil {
			return netip.AddrPort{}, fmt.Errorf("bindTo: %q is not an IP address", bind)
		}
	}
	return netip.AddrPortFrom(ip, uint16(port)), nil
}

// advertised is what a node whose socket has that port tells others of where it
// is, or "" if that is what they see.
func advertised(to netip.AddrPort, port uint16) string {
	if !to.IsValid() {
		return ""
	}
	if to.Port() != 0 {
		port = to.Port()
	}
	return netip.AddrPortFrom(to.Addr(), port).String()
}
