package tracker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"supercluster/discovery"
	"supercluster/net/relay"
	"supercluster/net/trust"
)

const (
	maxBody   = 64 << 10         // of a request, in bytes
	maxHeader = 8 << 10          // likewise
	headTime  = 5 * time.Second  // in which a request's header must arrive
	bodyTime  = 10 * time.Second // in which all of it must
	sendTime  = 15 * time.Second // in which an answer must be taken
	idleTime  = 60 * time.Second // that a connection is kept without a request
)

// ServerConfig says how a Server works.
type ServerConfig struct {
	// Cluster is the name of the cluster that is served; empty means "default". Nodes of another are refused.
	Cluster string
	// Limits bounds what is done for others, and Relay what is relayed for them.
	Limits Limits
	Relay  relay.Limits
	// NoRelay keeps the server from relaying anything.
	NoRelay bool
	// Public lets callers from everywhere in. Otherwise only those from this host, a network that it is on, or a
	// private address range are answered.
	Public bool
	// Trust says who is answered: in a keyed cluster its members alone, over TLS. Nil, or the ring of an open cluster, answers all.
	Trust *trust.Ring
	// Reader is what callers show who may only read, as Bearer makes it; empty means that there are none.
	Reader string
	// OnEvent hears of nodes that are listed (Found), that change (Changed) and that are no longer listed (Lost, with
	// Bye if they said goodbye), one call after the other. Nil if nobody wants to know.
	OnEvent func(discovery.Event)
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Server is a tracker. It is safe for concurrent use.
type Server struct {
	cfg    ServerConfig
	epoch  string
	rates  *rates
	cache  cache
	news   chan struct{} // holds a token when store.events is not empty
	relays *relay.Server
	// refusals bounds the lines about callers who are not answered.
	refusals *rate.Limiter

	requests, refused atomic.Uint64 // how many came in, and were turned away

	mu        sync.Mutex // guards what follows; never held over I/O or calls out
	store     *store
	relayPort int            // UDP; 0 while nothing is relayed
	local     []netip.Prefix // networks that this host is on
	learned   chan struct{}  // closed when a newer list of revoked tokens has come
}

// NewServer returns a tracker with an empty list; Run serves it.
func NewServer(cfg ServerConfig) *Server {
	if cfg.Cluster == "" {
		cfg.Cluster = "default"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Limits.events = cfg.OnEvent != nil
	return &Server{
		cfg:     cfg,
		epoch:   strings.ToLower(rand.Text()[:12]),
		rates:   newRates(cfg.Limits.Rate),
		news:    make(chan struct{}, 1),
		relays:  relay.NewServer(cfg.Relay, cfg.Logger),
		store:   newStore(cfg.Limits),
		local:   localNetworks(),
		learned: make(chan struct{}),

		refusals: rate.NewLimiter(1, 8),
	}
}

// Run serves at ln, which it closes, until ctx is done; requests that wait are then answered. It relays on the UDP port
// after that of ln, or one that the system picks if that is taken. It returns nil if it was asked to stop, or the error of a listener.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	var front net.Listener = &limitedListener{Listener: ln, limits: s.cfg.Limits, hosts: make(map[netip.Addr]int)}
	front, sort, err := s.secure(front)
	if err != nil {
		ln.Close()
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	if sort != nil {
		g.Go(func() error { sort(); return nil })
	}
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headTime,
		ReadTimeout:       bodyTime,
		WriteTimeout:      sendTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return gctx },
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
	}
	g.Go(func() error {
		err := srv.Serve(front)
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serve at %v: %w", ln.Addr(), err)
	})
	if !s.cfg.NoRelay {
		if conn := s.listenRelay(ln.Addr()); conn != nil {
			g.Go(func() error { return s.relays.Run(gctx, conn) })
		}
	}
	g.Go(func() error {
		s.tend(gctx)
		end, cancel := context.WithTimeout(context.WithoutCancel(gctx), time.Second)
		defer cancel()
		if srv.Shutdown(end) != nil {
			srv.Close() // somebody does not take the answer
		}
		return nil
	})
	return g.Wait()
}

// tend takes off the list what is over and tells of changes, until ctx is done.
func (s *Server) tend(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, s.cfg.Limits.Interval))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.news:
		case now := <-tick.C:
			s.rates.sweep(now)
			local := localNetworks()
			s.mu.Lock()
			s.store.expire(now)
			s.local = local
			s.mu.Unlock()
		}
		s.mu.Lock()
		events := s.store.events
		s.store.events = nil
		s.mu.Unlock()
		for _, e := range events {
			s.cfg.OnEvent(e)
		}
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := remote(r.RemoteAddr)
	s.requests.Add(1)
	if s.turnsAway(w, r, from) {
		s.refused.Add(1)
		return
	}
	switch r.URL.Path {
	case "/hostsAvailable":
		s.hostsAvailable(w, r, from)
	case "/announce":
		s.announce(w, r, from)
	case "/relay":
		s.relay(w, r, from)
	case revokedPath:
		s.revoked(w, r)
	default:
		fail(w, http.StatusNotFound, "ERR_NOT_FOUND", "this is a SuperCluster tracker: GET /hostsAvailable")
	}
}

// turnsAway answers a request that has no business here, for who asked or how often, and reports that it did.
func (s *Server) turnsAway(w http.ResponseWriter, r *http.Request, from netip.Addr) bool {
	switch {
	case !s.admits(from):
		fail(w, http.StatusForbidden, "ERR_OFF_LINK", fmt.Sprintf("this tracker answers private networks only, not %v", from))
	case r.Header.Get("Origin") != "" || site(r) != "" && site(r) != "none":
		fail(w, http.StatusForbidden, "ERR_BROWSER", "this tracker does not answer web pages")
	case !s.rates.allow(from, time.Now()):
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "ERR_QUOTA", fmt.Sprintf("more than %d requests a second from %v", s.cfg.Limits.Rate, from))
	default:
		return s.refuses(w, r)
	}
	return true
}

// site says what kind of page a browser sends a request for; other programs do not say.
func site(r *http.Request) string { return r.Header.Get("Sec-Fetch-Site") }

// admits reports whether callers from that address are answered.
func (s *Server) admits(from netip.Addr) bool {
	if s.cfg.Public || private(from) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.local {
		if p.Contains(from) {
			return true
		}
	}
	return false
}

// private reports whether an address is of this host or of a range that is not routed on the Internet (RFC 1918, 4193,
// 3927, 6598).
func private(a netip.Addr) bool {
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Contains(a)
}

// localNetworks returns the networks that this host is on.
func localNetworks() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then only private ranges are let in
	}
	var all []netip.Prefix
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			all = append(all, p.Masked())
		}
	}
	return all
}

// localAddrs returns the addresses of this host.
func localAddrs() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then none is known to be ours
	}
	var all []netip.Addr
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			all = append(all, p.Addr().Unmap())
		}
	}
	return all
}
