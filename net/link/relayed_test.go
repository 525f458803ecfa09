package link

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"supercluster/net/relay"
	"supercluster/net/trust"
	"supercluster/net/wire"
)

// runRelay runs a relay until the test ends.
func runRelay(t testing.TB) (*relay.Server, netip.AddrPort) {
	t.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	s := relay.NewServer(relay.Limits{Rate: 1 << 30, TotalRate: 1 << 30}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, udp) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, addrPort(udp.LocalAddr())
}

// ways returns the two ends of a way through a relay.
func ways(t testing.TB) (a, b *relay.Conn) {
	t.Helper()
	s, at := runRelay(t)
	name, token, err := s.Join("", "a", "b", at.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := s.Join(name, "b", "a", at.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if a, err = relay.Dial(at, token, relay.Config{}); err != nil {
		t.Fatal(err)
	}
	if b, err = relay.Dial(at, other, relay.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// goAccept calls AcceptRelayed until the test ends, and returns its result.
func goAccept(t testing.TB, s *Socket, conn net.PacketConn) <-chan error {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		done <- s.AcceptRelayed(ctx, conn)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return done
}

// relayedPair returns the dialler's and the listener's link of a connection through a relay.
func relayedPair(t testing.TB, cfg Config) (a, b *Link) {
	t.Helper()
	sa, sb := runSocket(t, cfg), runSocket(t, cfg)
	ia, ib := newID(t), newID(t)
	links := make(chan *Link, 1)
	t.Cleanup(sb.Serve(ib, func() wire.Hello { return testHello("b") }, func(l *Link) { links <- l }))
	ca, cb := ways(t)
	goAccept(t, sb, cb)
	a, err := sa.DialRelayed(t.Context(), ca, ca.Remote(), ia, ib.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	return a, <-links
}

// A link through a relay says so, and knows who is at its other end, as others do.
func TestRelayedLink(t *testing.T) {
	a, b := relayedPair(t, Config{})
	if !a.Relayed() || !b.Relayed() || !a.Dialled() || b.Dialled() {
		t.Errorf("relayed: %v, %v; dialled: %v, %v", a.Relayed(), b.Relayed(), a.Dialled(), b.Dialled())
	}
	if a.RemoteAddr() != b.RemoteAddr() || !a.RemoteAddr().IsValid() {
		t.Errorf("the peers are at %v and %v, want both at the relay", a.RemoteAddr(), b.RemoteAddr())
	}
	if a.Peer().Node.Cluster != "b" || b.Peer().Node.Cluster != "a" || b.Peer().Node.ID != b.PeerID().String() {
		t.Errorf("hellos %v and %v", a.Peer(), b.Peer())
	}
	c, d := socketPair(t, Config{})
	if c.Relayed() || d.Relayed() {
		t.Error("a direct link says that it is relayed")
	}
}

// A relay that joins a node to another than it wants is found out.
func TestRelayLies(t *testing.T) {
	sa, sb := runSocket(t, Config{}), runSocket(t, Config{})
	t.Cleanup(sb.Serve(newID(t), func() wire.Hello { return testHello("b") }, func(*Link) { t.Error("there is a link") }))
	ca, cb := ways(t)
	goAccept(t, sb, cb)
	_, err := sa.DialRelayed(t.Context(), ca, ca.Remote(), newID(t), trust.ID{1}, testHello("a"))
	if !errors.Is(err, ErrIdentity) {
		t.Errorf("DialRelayed: %v, want %v", err, ErrIdentity)
	}
}

// Closing a socket ends what waits on its ways through relays.
func TestCloseEndsRelayed(t *testing.T) {
	s := runSocket(t, Config{})
	_, conn := ways(t)
	done := goAccept(t, s, conn)
	s.mu.Lock()
	for len(s.relays) == 0 {
		s.mu.Unlock()
		select {
		case err := <-done:
			t.Fatalf("AcceptRelayed: %v", err)
		default:
		}
		s.mu.Lock()
	}
	s.mu.Unlock()
	s.Close()
	if err := <-done; err == nil {
		t.Error("AcceptRelayed: no error though nobody connected")
	}
	other, _ := ways(t)
	if _, err := s.DialRelayed(t.Context(), other, other.Remote(), newID(t), trust.ID{1}, testHello("a")); !errors.Is(err, ErrClosed) {
		t.Errorf("DialRelayed on a closed socket: %v, want %v", err, ErrClosed)
	}
}
