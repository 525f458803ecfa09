package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"
)

// serve runs a server at a port of this host; stop ends it.
func serve(t *testing.T, port int, limits Limits) (s *Server, at netip.AddrPort, stop func()) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	s = NewServer(limits, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, conn) }()
	return s, plain(conn.LocalAddr().(*net.UDPAddr).AddrPort()), func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// dial opens a Conn that is closed when the test ends.
func dial(t *testing.T, at netip.AddrPort, token Token, cfg Config) *Conn {
	t.Helper()
	c, err := Dial(at, token, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// flood sends a text through from until the test ends or stop is called; nothing gets through before both are bound.
func flood(from *Conn, text string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, _ = from.WriteTo([]byte(text), nil)
			select {
			case <-quit:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() { close(quit); <-done }
}

// wantText reads from c until text comes.
func wantText(t *testing.T, c *Conn, text string) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 2000)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("%q does not come: %v", text, err)
		}
		if from.String() != c.Remote().String() {
			t.Fatalf("a packet comes from %v, want %v", from, c.Remote())
		}
		if string(buf[:n]) == text {
			return
		}
	}
}

// Two Conns are joined through a server, which another takes the place of, at another port: they go on.
func TestConn(t *testing.T) {
	s, at, stop := serve(t, 0, Limits{})
	name, tokenA, err := s.Join("", "a", "b", here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_, tokenB, err := s.Join(name, "b", "a", here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		server *Server
		at     netip.AddrPort
	}
	var now atomic.Pointer[place]
	renew := func(me, peer string) Config {
		return Config{Renew: func(context.Context) (netip.AddrPort, Token, error) {
			p := now.Load()
			if p == nil {
				return netip.AddrPort{}, Token{}, errors.New("it is down")
			}
			_, token, err := p.server.Join(name, me, peer, here.Addr())
			return p.at, token, err
		}}
	}
	a, b := dial(t, at, tokenA, renew("a", "b")), dial(t, at, tokenB, renew("b", "a"))
	talk := func(from, to *Conn, text string) {
		t.Helper()
		defer flood(from, text)()
		// Who sends must also read, to hear the server.
		quit := make(chan struct{})
		go func() {
			defer close(quit)
			_, _, _ = from.ReadFrom(make([]byte, 2000))
		}()
		wantText(t, to, text)
		_ = from.SetReadDeadline(time.Unix(1, 0))
		<-quit
		_ = from.SetReadDeadline(time.Time{})
	}
	talk(a, b, "there")
	talk(b, a, "back")
	stop()
	s, at, stop = serve(t, 0, Limits{})
	defer func() { stop() }()
	now.Store(&place{s, at})
	talk(a, b, "there again")
	talk(b, a, "back again")
}

// Who is no server is not heard, nor is a Conn held up by what is not for it.
func TestConnIgnoresStrangers(t *testing.T) {
	s, at, stop := serve(t, 0, Limits{})
	defer stop()
	a, b := join(t, s)
	ca, cb := dial(t, at, a, Config{}), dial(t, at, b, Config{})
	stranger, err := net.Dial("udp4", netip.AddrPortFrom(at.Addr(), uint16(cb.LocalAddr().(*net.UDPAddr).Port)).String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := stranger.Write([]byte("stranger")); err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Write(request{kind: unknown, token: b}.encode()); err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	go func() {
		defer close(quit)
		_, _, _ = ca.ReadFrom(make([]byte, 2000))
	}()
	defer func() { _ = ca.SetReadDeadline(time.Unix(1, 0)); <-quit }()
	defer flood(ca, "friend")()
	_ = cb.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 2000)
	if n, _, err := cb.ReadFrom(buf); err != nil || string(buf[:n]) != "friend" {
		t.Errorf("first comes %q, %v, want the friend's", buf[:n], err)
	}
}
