package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

const (
	// alpn names our protocol to TLS, in all its versions: those are negotiated by the hellos, which can say more.
	alpn = "sc/1"
	// anyone is the TLS server name of a dialler that takes whoever answers.
	anyone = "any.sc"
)

// ticketKey is the key under which the context of an accepted connection holds its place among the pending ones.
type ticketKey struct{}

// A ticket is a place among the pending connections, which is given back once.
type ticket struct{ release func() }

// Serve takes connections for a node until stop is called. hello is called for each, from any goroutine, and says what the node tells of
// itself; accept gets each link once the peer has said hello, on a goroutine of its own, and must see to it that
// the link's Run is called or the link closed. A dialler that does not ask for a certain node gets the one that was served first.
func (s *Socket) Serve(id *trust.Identity, hello func() wire.Hello, accept func(*Link)) (stop func()) {
	sv := &service{id: id.ID(), hello: hello, accept: accept}
	sv.tls, sv.err = serverTLS(s.cfg.Trust, id, hello().Node.Role)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.services = append(s.services, sv)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.services = slices.DeleteFunc(s.services, func(other *service) bool { return other == sv })
	}
}

// baseTLS returns what both sides' settings have in common. The error wraps trust.ErrRole if the node may not have the
// role.
func baseTLS(ring *trust.Ring, id *trust.Identity, role string) (*tls.Config, error) {
	cert, err := ring.Certificate(id, role)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		NextProtos:             []string{alpn},
		MinVersion:             tls.VersionTLS13,
		SessionTicketsDisabled: true,
	}, nil
}

// serverTLS returns the TLS settings by which a node answers.
func serverTLS(ring *trust.Ring, id *trust.Identity, role string) (*tls.Config, error) {
	tc, err := baseTLS(ring, id, role)
	if err != nil {
		return nil, err
	}
	tc.ClientAuth = tls.RequireAnyClientCert // whose form VerifyConnection checks; there is no issuer to check
	tc.VerifyConnection = func(cs tls.ConnectionState) error {
		_, err := trust.PeerID(cs)
		return err
	}
	return tc, nil
}

// configFor returns the TLS settings of the node that a dialler asks for. If that is not here another one answers, so that the dialler
// learns whom it found.
func (s *Socket) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	sv := s.service(hello.ServerName)
	if sv == nil {
		return nil, errors.New("no node is served here")
	}
	return sv.tls, sv.err
}

// service returns the one that a TLS server name asks for by its id or its role, else the first, or nil if there is none.
func (s *Socket) service(name string) *service {
	s.mu.Lock()
	services := slices.Clone(s.services)
	s.mu.Unlock() // hello is not called under it
	id, err := trust.ParseID(name)
	role, anyOf := strings.CutSuffix(name, "."+anyone)
	for _, sv := range services {
		if err == nil && sv.id == id || anyOf && sv.hello().Node.Role == role {
			return sv
		}
	}
	if len(services) == 0 {
		return nil
	}
	return services[0]
}

// admit gives an incoming connection a place among the pending ones, until it has said hello or ended, or refuses it.
func (s *Socket) admit(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	from := addrPort(info.RemoteAddr)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending >= maxPending || s.pendingAt[from.Addr()] >= maxPendingPerHost || !info.AddrVerified && s.unproven >= maxUnproven {
		err := fmt.Errorf("%d connections pending, %d of this address", s.pending, s.pendingAt[from.Addr()])
		s.complain(from, trust.Standing{}, err)
		return nil, err
	}
	s.count(from.Addr(), info.AddrVerified, 1)
	t := ticket{sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count(from.Addr(), info.AddrVerified, -1)
	})}
	context.AfterFunc(ctx, t.release)
	return context.WithValue(ctx, ticketKey{}, t), nil
}

// count adds n to the pending connections. The caller holds mu.
func (s *Socket) count(from netip.Addr, proven bool, n int) {
	s.pending += n
	if !proven {
		s.unproven += n
	}
	if s.pendingAt[from] += n; s.pendingAt[from] <= 0 {
		delete(s.pendingAt, from)
	}
}

// crowded reports whether a dialler must first show that it receives at its address.
func (s *Socket) crowded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unproven >= maxUnproven/2
}

// welcome takes a connection that a transport accepted through the hellos to its service.
func (s *Socket) welcome(ctx context.Context, by *quic.Transport, conn *quic.Conn) {
	place := conn.Context().Value(ticketKey{}).(ticket) // which admit gave to every accepted connection
	defer place.release()
	if !s.track(conn, by) {
		_ = conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeLeave), "")
		return
	}
	sv := s.service(conn.ConnectionState().TLS.ServerName)
	if sv == nil {
		_ = conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeIdentity), "no node is served here")
		return
	}
	var l *Link
	who, err := s.admits(conn)
	if err == nil {
		l, err = s.greet(ctx, conn, sv, who)
	}
	if err != nil {
		s.complain(addrPort(conn.RemoteAddr()), who, err)
		code, reason := refusal(err)
		_ = conn.CloseWithError(quic.ApplicationErrorCode(code), reason)
		return
	}
	place.release() // accept may take its time
	sv.accept(l)
}

// greet exchanges hellos on an accepted connection.
func (s *Socket) greet(ctx context.Context, conn *quic.Conn, sv *service, who trust.Standing) (*Link, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Handshake)
	defer cancel()
	main, err := conn.AcceptStream(ctx)
	if err != nil {
		return nil, s.inTime(ctx, quicError(err))
	}
	stop := expire(ctx, main)
	defer stop()
	theirs, err := readHello(main)
	if err != nil {
		return nil, s.inTime(ctx, err)
	}
	ours := s.complete(sv.hello(), sv.id)
	if err := writeHello(main, &ours); err != nil {
		return nil, s.inTime(ctx, err)
	}
	if !stop() {
		return nil, s.inTime(ctx, ErrHandshake)
	}
	l, err := s.join(conn, main, who, &ours, theirs, false)
	if errors.Is(err, wire.ErrVersion) {
		// The dialler finds the same when it reads our hello, and hangs up; if we did, it might not get to read it.
		select {
		case <-conn.Context().Done():
		case <-ctx.Done():
		}
	}
	return l, err
}

// complete fills in what the socket knows about a node's hello.
func (s *Socket) complete(h wire.Hello, id trust.ID) wire.Hello {
	h.Node.ID = id.String()
	if h.ProtoMin == 0 && h.ProtoMax == 0 {
		h.ProtoMin, h.ProtoMax = wire.ProtoMin, wire.ProtoMax
	}
	if h.Version == "" {
		h.Version = s.cfg.Version
	}
	return h
}

// join makes a link of a connection on which both hellos were said.
func (s *Socket) join(conn *quic.Conn, main *quic.Stream, who trust.Standing, ours, theirs *wire.Hello, dialled bool) (*Link, error) {
	proto, err := wire.Negotiate(ours, theirs)
	if err != nil {
		return nil, err
	}
	if theirs.Node.ID != who.ID.String() {
		return nil, fmt.Errorf("%w: %v says that it is %q", ErrIdentity, who.ID, theirs.Node.ID)
	}
	if who.Member && theirs.Node.Role != who.Role {
		return nil, fmt.Errorf("%w: %v is a %s and says that it is a %q", ErrIdentity, who.ID, who.Role, theirs.Node.Role)
	}
	if err := main.SetDeadline(time.Time{}); err != nil {
		return nil, quicError(err)
	}
	cfg := s.cfg
	if s.cfg.Trust != nil && !who.Member {
		cfg = cfg.forGuest()
	}
	l := newLink(newQUICCarrier(conn, main, cfg.stall), cfg, *theirs, who, proto, dialled)
	l.relayed = s.isRelayed(conn)
	return l, nil
}

// expire makes a stream's reads and writes fail when ctx is done, until stop is called.
func expire(ctx context.Context, main *quic.Stream) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = main.SetDeadline(time.Unix(1, 0)) })
}

// inTime returns err, or what it means if it came because the time for the handshake is over.
func (s *Socket) inTime(ctx context.Context, err error) error {
	switch ctx.Err() {
	case nil:
		return err
	case context.DeadlineExceeded:
		return fmt.Errorf("%w within %v", ErrHandshake, s.cfg.Handshake)
	}
	return ctx.Err()
}

// refusal returns the code and the reason by which a connection is closed that did not come to be a link.
func refusal(err error) (code uint64, reason string) {
	if r, ok := trust.AsRefusal(err); ok {
		return wire.ByeRefused, cut(r.Reason())
	}
	switch {
	case errors.Is(err, wire.ErrVersion):
		code = wire.ByeVersion
	case errors.Is(err, ErrIdentity):
		code = wire.ByeIdentity
	case errors.Is(err, ErrHandshake):
		code = wire.ByeTimeout
	case errors.Is(err, ErrProtocol), errors.Is(err, ErrTooLong):
		code = wire.ByeProtocol
	case errors.Is(err, context.Canceled):
		return wire.ByeLeave, ""
	default:
		code = wire.ByeInternal
	}
	return code, cut(err.Error())
}
