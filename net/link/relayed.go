package link

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"

	"github.com/quic-go/quic-go"
	"golang.org/x/sync/errgroup"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// DialRelayed is Dial through conn, a way on which the node peer is waited for and nobody else is met, to the address that
// packets come from on it. It closes conn when the link has ended, or did not come to be.
func (s *Socket) DialRelayed(ctx context.Context, conn net.PacketConn, addr netip.AddrPort, id *trust.Identity, peer trust.ID, hello wire.Hello) (*Link, error) {
	tc, err := clientTLS(s.cfg.Trust, id, hello.Node.Role, peer)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("dial %v through a relay: %w", addr, err)
	}
	by, err := s.relay(conn)
	if err != nil {
		return nil, err
	}
	l, err := s.dialTo(ctx, by, addr, tc, id, hello)
	if err != nil {
		s.unrelay(by)
		return nil, fmt.Errorf("through a relay: %w", err)
	}
	context.AfterFunc(l.conn.(*quicCarrier).conn.Context(), func() { s.unrelay(by) })
	return l, nil
}

// AcceptRelayed takes one connection on conn, for which a node waits that DialRelayed is called by elsewhere, to the
// service that it asks for. It closes conn and returns when the connection has ended, none was made within Config.Handshake, or ctx is
// done.
func (s *Socket) AcceptRelayed(ctx context.Context, conn net.PacketConn) error {
	by, err := s.relay(conn)
	if err != nil {
		return err
	}
	defer s.unrelay(by)
	by.ConnContext = s.admit
	ln, err := by.Listen(&tls.Config{GetConfigForClient: s.configFor}, quicConfig(s.cfg, false))
	if err != nil {
		return fmt.Errorf("listen through a relay: %w", quicError(err))
	}
	defer ln.Close()
	timed, cancel := context.WithTimeout(ctx, s.cfg.Handshake)
	defer cancel()
	c, err := ln.Accept(timed)
	if err != nil {
		return fmt.Errorf("accept through a relay: %w", s.inTime(timed, quicError(err)))
	}
	var g errgroup.Group
	g.Go(func() error { s.welcome(ctx, by, c); return nil })
	select {
	case <-c.Context().Done():
	case <-ctx.Done():
		_ = c.CloseWithError(quic.ApplicationErrorCode(wire.ByeLeave), "")
	}
	return g.Wait()
}

// relay returns a transport for conn, which unrelay closes with it. Close of the socket waits for that.
func (s *Socket) relay(conn net.PacketConn) (*quic.Transport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return nil, ErrClosed
	}
	by := &quic.Transport{Conn: conn}
	s.relays[by] = struct{}{}
	s.relayed.Add(1)
	return by, nil
}

// unrelay undoes relay.
func (s *Socket) unrelay(by *quic.Transport) {
	_ = by.Close()
	_ = by.Conn.Close()
	s.mu.Lock()
	delete(s.relays, by)
	s.mu.Unlock()
	s.relayed.Done()
}

// isRelayed reports whether a connection that is tracked is a relayed one.
func (s *Socket) isRelayed(conn *quic.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	by := s.conns[conn]
	return by != nil && by != s.transport
}
