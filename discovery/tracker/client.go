package tracker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/discovery/lookup"
	"supercluster/net/trust"
)

// Config says how a Client works.
type Config struct {
	// Trackers are the trackers to use: "host", "host:port" or "http://host:port"; the port is DefaultPort if none is
	// given. One may also be a source of package lookup, as "dns:tracker.internal", which is asked for trackers and
	// nodes again and again. Required.
	Trackers []string
	// Lookup says what sources are asked with, and Refresh how often if all is well; zero means 30 s.
	Lookup  lookup.Config
	Refresh time.Duration
	// Advertise is the address to have the local nodes listed at; the zero AddrPort means the one that the tracker
	// sees, port 0 that of the node. Others use it first, and then the one that is seen. A tracker that is public believes
	// it among private addresses only.
	Advertise netip.AddrPort
	// BindTo is the local address that trackers are called from; the zero Addr leaves it to the system.
	BindTo netip.Addr
	// Identity returns the identity of the local node with that id, which signs its announcements; nil if there is
	// none, and then the node is not announced. It must be safe for concurrent use. A Client without it only listens.
	Identity func(id string) *trust.Identity
	// Trust says who trackers are: those of a keyed cluster speak TLS and prove that they are members; others are not told anything. Nil,
	// or the ring of an open cluster, takes any.
	Trust *trust.Ring
	// Watch names a cluster whose nodes of all roles are looked for though no local node is announced; empty means that
	// what is looked for follows from the local nodes.
	Watch string
	// Interval is the time between two requests, unless the tracker asks for a longer one; zero means 3 s.
	Interval time.Duration
	// Wait is how long a request may wait at the tracker for a change; zero means 25 s. A node whose data changes
	// meanwhile is announced when it is over, or at once by Announce.
	Wait time.Duration
	// Accept waits on conn for a connection of a node that can be reached in no other way, serves it, closes conn, and
	// returns when that is over or ctx is done. It is called for several at once. Nil if none is wanted.
	Accept func(ctx context.Context, conn net.PacketConn) error
	// Logger gets what an administrator should know: a tracker that does not answer, or that is none. Nil discards.
	Logger *slog.Logger
}

var _ discovery.Source = (*Client)(nil)

// Client is a discovery.Source that uses trackers. Its methods are safe for concurrent use, but Run may be called only
// once.
type Client struct {
	cfg     Config
	http    *http.Client
	fixed   []*remoteTracker
	finders []*finder

	calls chan called // for answerCalls

	selfs sync.Mutex // lets one call of self run at a time

	mu      sync.Mutex              // guards what follows
	remotes map[*remoteTracker]bool // that run, or will
	seq     uint64                  // for announcements that have none
	own     map[key]time.Time       // local nodes, until when a tracker may still list them
	ports   map[uint16]bool         // that local nodes were announced with
	state   map[string]error        // of trackers and sources by name: what is wrong, nil if nothing is; without those not tried yet
}

// NewClient returns a client that does nothing until Run is called, or an error that names the tracker which is not
// one by its form.
func NewClient(cfg Config) (*Client, error) {
	if len(cfg.Trackers) == 0 {
		return nil, errors.New("no tracker is given")
	}
	if cfg.Interval <= 0 {
		cfg.Interval = 3 * time.Second
	}
	if cfg.Refresh <= 0 {
		cfg.Refresh = refresh
	}
	if cfg.Wait <= 0 {
		cfg.Wait = 25 * time.Second
	}
	if cfg.Identity == nil {
		cfg.Identity = func(string) *trust.Identity { return nil }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}
	if cfg.BindTo.IsValid() && !cfg.BindTo.IsUnspecified() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(cfg.BindTo, 0))
	}
	dial := dialer.DialContext
	if cfg.Trust.Keyed() {
		var err error
		if dial, err = dialTrusted(cfg.Trust, dial); err != nil {
			return nil, err
		}
	}
	c := &Client{cfg: cfg, calls: make(chan called, maxCalls), own: make(map[key]time.Time), remotes: make(map[*remoteTracker]bool), ports: make(map[uint16]bool), state: make(map[string]error), http: &http.Client{
		Transport: &http.Transport{ // no proxy: a tracker is on our own networks
			DialContext:            dial,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        2 * time.Minute,
			MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, t := range cfg.Trackers {
		if lookup.Is(t) {
			f, err := newFinder(c, t)
			if err != nil {
				return nil, err
			}
			c.finders = append(c.finders, f)
			continue
		}
		base, err := parseTracker(t)
		if err != nil {
			return nil, err
		}
		c.fixed = append(c.fixed, c.remote(base))
	}
	return c, nil
}

// remote makes a tracker of a base URL known to Announce.
func (c *Client) remote(base string) *remoteTracker {
	r := &remoteTracker{client: c, base: base, poke: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remotes[r] = true
	return r
}

// forget takes back what remote did.
func (c *Client) forget(r *remoteTracker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.remotes, r)
	delete(c.state, r.base)
}

// note records what is wrong with a tracker or a source; nil if nothing is.
func (c *Client) note(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state[name] = err
}

// Err returns an error that says of each tracker, and each source of addresses, why it does not answer; nil if one does,
// or was not tried to the end yet.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.state) < len(c.remotes)+len(c.finders) {
		return nil
	}
	var all []error
	for _, name := range slices.Sorted(maps.Keys(c.state)) {
		switch err := c.state[name]; err {
		case nil:
			return nil
		case errNoNodes:
		default:
			all = append(all, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(all...)
}

// parseTracker makes a base URL of what a user writes.
func parseTracker(s string) (string, error) {
	hostport := s
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if scheme != "http" {
			return "", fmt.Errorf("tracker %q: scheme %q, want http", s, scheme)
		}
		hostport = strings.TrimSuffix(rest, "/")
	}
	if a, err := netip.ParseAddr(hostport); err == nil {
		return "http://" + netip.AddrPortFrom(a, DefaultPort).String(), nil // IPv6 without brackets, too
	}
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Hostname() == "" || u.Host != hostport {
		return "", fmt.Errorf("tracker %q is not host, host:port or http://host:port", s)
	}
	port := DefaultPort
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return "", fmt.Errorf("tracker %q: port %q is not one of 1 to 65535", s, p)
		}
	}
	return "http://" + net.JoinHostPort(u.Hostname(), strconv.Itoa(port)), nil
}

// Announce lets Run announce at once, to all trackers: for a node that was just added, that changed or left.
func (c *Client) Announce() {
	c.mu.Lock()
	remotes := slices.Collect(maps.Keys(c.remotes))
	c.mu.Unlock()
	for _, r := range remotes {
		r.announce()
	}
	for _, f := range c.finders {
		f.announce()
	}
}

// Run is discovery.Source's. found is called from a goroutine for each tracker.
func (c *Client) Run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) error {
	defer c.http.CloseIdleConnections()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { c.answerCalls(ctx); return nil })
	for _, r := range c.fixed {
		g.Go(func() error { r.run(ctx, self, found); return nil })
	}
	for _, f := range c.finders {
		g.Go(func() error { f.run(ctx, self, found); return nil })
	}
	return g.Wait()
}

// announced calls self and returns what is to be announced, by whom.
func (c *Client) announced(self func() []discovery.Announcement) []member {
	c.selfs.Lock()
	nodes := self()
	c.selfs.Unlock()
	var members []member
	for _, a := range nodes {
		id := c.cfg.Identity(a.ID)
		if id == nil || a.Check() != nil {
			continue
		}
		members = append(members, member{c.mine(a), id})
	}
	return members
}

// mine records that a is of this process, and numbers it if it has no number.
func (c *Client) mine(a discovery.Announcement) discovery.Announcement {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.Seq == 0 {
		c.seq += 2 // a goodbye takes the one after
		a.Seq = c.seq
	}
	for k, until := range c.own {
		if now.After(until) {
			delete(c.own, k)
		}
	}
	c.own[key{a.ID, a.Boot}] = now.Add(2 * time.Minute)
	c.ports[a.Addr.Port()] = true
	if to := c.cfg.Advertise; to.IsValid() {
		a.Addr = netip.AddrPortFrom(to.Addr(), cmp.Or(to.Port(), a.Addr.Port()))
		c.ports[a.Addr.Port()] = true
	}
	return a
}

// isHere reports whether addr is that of a node of this process.
func (c *Client) isHere(addr netip.AddrPort) bool {
	c.mu.Lock()
	ours := c.ports[addr.Port()]
	c.mu.Unlock()
	if !ours {
		return false
	}
	if addr.Addr().IsLoopback() || addr.Addr() == c.cfg.Advertise.Addr() {
		return true
	}
	return slices.Contains(localAddrs(), addr.Addr())
}

// owns reports whether a node is of this process, or was until shortly before now.
func (c *Client) owns(k key, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until, ok := c.own[k]
	return ok && now.Before(until)
}

// member is a local node as it was announced.
type member struct {
	discovery.Announcement
	identity *trust.Identity
}

// node names one boot of a node.
func (m member) node() key { return key{m.ID, m.Boot} }
