package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/quic-go/quic-go"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

const (
	// unproven is how many handshakes a second may begin before a dialler must first show that it receives at its address,
	// which costs a round trip and keeps floods from forged addresses cheap.
	unproven = 50
	// maxPending is how many accepted connections may be on their way to a hello; maxUnproven of them may be of diallers that
	// did not show that they receive at their address, so that a flood from forged ones leaves room for others.
	maxPending, maxUnproven = 64, 32
)

// A Socket is one UDP socket for all links of a process, dialled and accepted. It is safe for concurrent use.
type Socket struct {
	cfg       Config
	udp       udpConn
	transport *quic.Transport
	networks  networks
	grumbles  *grumbles

	mu        sync.Mutex // guards what follows
	services  []*service // in the order in which they began
	conns     map[*quic.Conn]*quic.Transport
	relays    map[*quic.Transport]struct{}  // of relayed connections
	members   map[*quic.Conn]trust.Standing // of those that proved membership
	guests    int                           // connections of others
	guestsAt  map[netip.Addr]int
	pending   int
	unproven  int // of these
	pendingAt map[netip.Addr]int
	closed    bool
	past      Stats // of connections that have ended; Opened of all

	closing sync.Once
	relayed sync.WaitGroup // counts relays
}

// A service takes connections for one node.
type service struct {
	id     trust.ID
	tls    *tls.Config
	err    error // why there is no tls
	hello  func() wire.Hello
	accept func(*Link)
}

// Listen binds cfg.Addr. An error names the address, and that its port is in use if that is the cause. Connections are accepted
// while Run runs. Close the Socket when it is not needed any more.
func Listen(cfg Config) (*Socket, error) {
	var addr *net.UDPAddr
	if cfg.Addr.Addr().IsValid() {
		addr = net.UDPAddrFromAddrPort(cfg.Addr)
	} else {
		addr = &net.UDPAddr{Port: int(cfg.Addr.Port())}
	}
	udp, err := net.ListenUDP("udp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on UDP port %d: in use by another process: %w", addr.Port, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on UDP: %w", err)
	}
	if cfg.Guests == GuestsOnLink && !cfg.Trust.Keyed() {
		if err := nearby(udp); err != nil {
			udp.Close()
			return nil, fmt.Errorf("listen on UDP: keep to the own network: %w", err)
		}
	}
	return newSocket(cfg, udp), nil
}

// newSocket returns a Socket on a bound UDP socket, which it owns.
func newSocket(cfg Config, udp udpConn) *Socket {
	s := &Socket{
		cfg: cfg.withDefaults(), udp: udp, conns: make(map[*quic.Conn]*quic.Transport), relays: make(map[*quic.Transport]struct{}), members: make(map[*quic.Conn]trust.Standing),
		guestsAt: make(map[netip.Addr]int), pendingAt: make(map[netip.Addr]int), grumbles: newGrumbles(),
	}
	flood := rate.NewLimiter(unproven, unproven)
	s.transport = &quic.Transport{
		Conn:                &packetConn{udpConn: udp},
		VerifySourceAddress: func(net.Addr) bool { return s.crowded() || !flood.Allow() },
		ConnContext:         s.admit,
	}
	if s.cfg.ResetKey != [32]byte{} {
		s.transport.StatelessResetKey = (*quic.StatelessResetKey)(&s.cfg.ResetKey)
	}
	return s
}

// Addr returns the address that the socket is bound to. Its host is unspecified if it listens on all interfaces.
func (s *Socket) Addr() netip.AddrPort { return addrPort(s.udp.LocalAddr()) }

// Run accepts connections until ctx is done, then closes all links and the socket. It returns nil if ctx ended it.
func (s *Socket) Run(ctx context.Context) error {
	defer s.Close()
	ln, err := s.transport.Listen(&tls.Config{GetConfigForClient: s.configFor}, quicConfig(s.cfg, false))
	if err != nil {
		return fmt.Errorf("listen on UDP %v: %w", s.Addr(), quicError(err))
	}
	g, gctx := errgroup.WithContext(ctx)
	if s.cfg.Trust != nil {
		g.Go(func() error { s.watchMembers(ctx); return nil })
	}
	for {
		conn, err := ln.Accept(ctx)
		if err != nil {
			_ = ln.Close()
			_ = g.Wait()
			if ctx.Err() != nil {
				return nil // asked to stop, and stopped
			}
			return fmt.Errorf("accept on UDP %v: %w", s.Addr(), quicError(err))
		}
		g.Go(func() error { s.welcome(gctx, s.transport, conn); return nil })
	}
}

// Close ends all links on the socket, telling their peers wire.ByeLeave, and frees the port.
func (s *Socket) Close() error {
	s.closing.Do(func() {
		s.mu.Lock()
		s.closed = true
		conns := make([]*quic.Conn, 0, len(s.conns))
		for conn := range s.conns {
			conns = append(conns, conn)
		}
		relays := slices.Collect(maps.Keys(s.relays))
		s.mu.Unlock()
		var wg sync.WaitGroup
		for _, conn := range conns {
			wg.Go(func() { _ = conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeLeave), "") })
		}
		wg.Wait()
		for _, by := range relays {
			wg.Go(func() { _ = by.Close() }) // where nobody has connected yet, AcceptRelayed waits for it
		}
		wg.Wait()
		s.relayed.Wait()
		_ = s.transport.Close()
		_ = s.udp.Close()
	})
	return nil
}

// track has Close end conn, which belongs to a transport, too. It reports false if the socket is closed already.
func (s *Socket) track(conn *quic.Conn, by *quic.Transport) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[conn] = by
	s.past.Opened++
	context.AfterFunc(conn.Context(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.past.add(conn)
		delete(s.conns, conn)
	})
	return true
}
