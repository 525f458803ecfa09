package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// Dial connects to the node peer at addr, or to whoever answers if peer is zero, and says hello for the node id. It takes at most
// Config.Handshake. The error wraps ErrHandshake if nobody answers, ErrIdentity if another node does, wire.ErrVersion if
// there is no protocol version in common, trust.ErrRole if the node may not have its role, a *trust.Refusal if either side refuses the other for reasons of trust, and is or wraps a *CloseError
// if it was the peer. The link's owner must call Run, or Close.
func (s *Socket) Dial(ctx context.Context, addr netip.AddrPort, id *trust.Identity, peer trust.ID, hello wire.Hello) (*Link, error) {
	tc, err := clientTLS(s.cfg.Trust, id, hello.Node.Role, peer)
	if err != nil {
		return nil, fmt.Errorf("dial %v: %w", addr, err)
	}
	return s.dialTo(ctx, s.transport, addr, tc, id, hello)
}

// DialRole is Dial for whoever answers, preferably a node of that role: where several listen, only they know which is which. Who it was is for
// the caller to see.
func (s *Socket) DialRole(ctx context.Context, addr netip.AddrPort, id *trust.Identity, role string, hello wire.Hello) (*Link, error) {
	tc, err := clientTLS(s.cfg.Trust, id, hello.Node.Role, trust.ID{})
	if err != nil {
		return nil, fmt.Errorf("dial %v: %w", addr, err)
	}
	tc.ServerName = role + "." + anyone
	return s.dialTo(ctx, s.transport, addr, tc, id, hello)
}

// dialTo dials by a transport with TLS settings that say whom.
func (s *Socket) dialTo(ctx context.Context, by *quic.Transport, addr netip.AddrPort, tc *tls.Config, id *trust.Identity, hello wire.Hello) (*Link, error) {
	timed, cancel := context.WithTimeout(ctx, s.cfg.Handshake)
	defer cancel()
	l, err := s.dial(timed, by, addr, tc, id, hello)
	if err == nil {
		return l, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	} else {
		err = s.inTime(timed, err)
	}
	return nil, fmt.Errorf("dial %v: %w", addr, err)
}

func (s *Socket) dial(ctx context.Context, by *quic.Transport, addr netip.AddrPort, tc *tls.Config, id *trust.Identity, hello wire.Hello) (*Link, error) {
	conn, err := by.Dial(ctx, net.UDPAddrFromAddrPort(addr), tc, quicConfig(s.cfg, true))
	if err = quicError(err); errors.Is(err, ErrIdle) {
		err = fmt.Errorf("%w within %v", ErrHandshake, s.cfg.Handshake)
	}
	if err != nil {
		return nil, err
	}
	if !s.track(conn, by) {
		_ = conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeLeave), "")
		return nil, ErrClosed
	}
	var l *Link
	who, err := s.admits(conn)
	if err == nil { // before the hello, which tells what a stranger may not know
		l, err = s.introduce(ctx, conn, who, s.complete(hello, id.ID()))
	} else {
		letKnow(conn)
	}
	if err != nil {
		code, reason := refusal(err)
		_ = conn.CloseWithError(quic.ApplicationErrorCode(code), reason)
		return nil, err
	}
	return l, nil
}

// letKnow gives the other side a moment to complete the handshake, too: else it would never hear of the connection, and could
// not tell that there was a stranger.
func letKnow(conn *quic.Conn) {
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-conn.Context().Done():
	case <-timer.C:
	}
}

// moment is how long letKnow waits.
const moment = 300 * time.Millisecond

// introduce exchanges hellos on a dialled connection.
func (s *Socket) introduce(ctx context.Context, conn *quic.Conn, who trust.Standing, ours wire.Hello) (*Link, error) {
	main, err := conn.OpenStreamSync(ctx)
	if err != nil {
		return nil, quicError(err)
	}
	stop := expire(ctx, main)
	defer stop()
	if err := writeHello(main, &ours); err != nil {
		return nil, err
	}
	theirs, err := readHello(main)
	if err != nil {
		return nil, err
	}
	if !stop() {
		return nil, ErrHandshake
	}
	return s.join(conn, main, who, &ours, theirs, true)
}

// clientTLS returns the TLS settings by which a node dials peer.
func clientTLS(ring *trust.Ring, id *trust.Identity, role string, peer trust.ID) (*tls.Config, error) {
	tc, err := baseTLS(ring, id, role)
	if err != nil {
		return nil, err
	}
	tc.ServerName = anyone
	if !peer.IsZero() {
		tc.ServerName = peer.String()
	}
	tc.InsecureSkipVerify = true // there is no issuer to check: VerifyConnection checks that it is peer
	tc.VerifyConnection = func(cs tls.ConnectionState) error {
		found, err := trust.PeerID(cs)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrIdentity, err)
		}
		if found != peer && !peer.IsZero() {
			return fmt.Errorf("%w: wanted %v, found %v", ErrIdentity, peer, found)
		}
		return nil
	}
	return tc, nil
}
