package link

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// rawDial connects to a socket with QUIC alone.
func rawDial(t *testing.T, s *Socket, tc *tls.Config) (*quic.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	tr := &quic.Transport{Conn: &packetConn{udpConn: udp}}
	t.Cleanup(func() { tr.Close(); udp.Close() })
	return tr.Dial(ctx, net.UDPAddrFromAddrPort(s.Addr()), tc, &quic.Config{MaxIdleTimeout: patience})
}

// mustRawDial is rawDial by a node that keeps to TLS.
func mustRawDial(t *testing.T, s *Socket, id *trust.Identity) (*quic.Conn, *quic.Stream) {
	t.Helper()
	conn, err := rawDial(t, s, dialTLS(id))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseWithError(0, "") })
	main, err := conn.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	return conn, main
}

// closedWith waits until the other side closes the connection and returns its code and reason.
func closedWith(t *testing.T, conn *quic.Conn) (uint64, string) {
	t.Helper()
	await(t, conn.Context().Done())
	err := context.Cause(conn.Context())
	e, ok := errors.AsType[*quic.ApplicationError](err)
	if !ok || !e.Remote {
		t.Fatalf("connection ended with %v, want a code of the other side", err)
	}
	return uint64(e.ErrorCode), e.ErrorMessage
}

// A logged collects what a socket logs.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestGarbageInsteadOfHello(t *testing.T) {
	ping := wire.Append(nil, &wire.Ping{})
	bomb := []byte{0, 0, 0, 5, byte(wire.KindHello), 0xdd, 0xff, 0xff, 0xff, 0xff}
	tests := []struct {
		name   string
		bytes  []byte
		fin    bool
		code   uint64
		reason string
	}{
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), false, wire.ByeProtocol, "frame too long"},
		{"another message", ping, false, wire.ByeProtocol, "ping instead of a hello"},
		{"unknown kind", []byte{0, 0, 0, 0, 99}, false, wire.ByeProtocol, "kind 99 instead of a hello"},
		{"bomb", bomb, false, wire.ByeProtocol, "malformed"},
		{"hello over the limit", []byte{0, 2, 0, 0, 1}, false, wire.ByeProtocol, "limit 65536"},
		{"end of stream", []byte{0, 0}, true, wire.ByeProtocol, "EOF"},
		{"half a hello", []byte{0, 0, 1, 0, 1, 0x94}, false, wire.ByeTimeout, "within 300ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log logged
			cfg := Config{Handshake: patience, Logger: newLogger(&log)}
			if tt.code == wire.ByeTimeout {
				cfg.Handshake = 300 * time.Millisecond
			}
			s := runSocket(t, cfg)
			_, links := serve(t, s, testHello("b"))
			conn, main := mustRawDial(t, s, newID(t))
			if _, err := main.Write(tt.bytes); err != nil {
				t.Fatal(err)
			}
			if tt.fin {
				main.Close()
			}
			code, reason := closedWith(t, conn)
			if code != tt.code || !strings.Contains(reason, tt.reason) {
				t.Errorf("closed with %d %q, want %d and %q", code, reason, tt.code, tt.reason)
			}
			if !strings.Contains(log.String(), tt.reason) || !strings.Contains(log.String(), "connection refused") {
				t.Errorf("logged %q, want the same reason", log.String())
			}
			if len(links) > 0 {
				t.Error("accepted all the same")
			}
		})
	}
}

func TestSilentClient(t *testing.T) {
	s := runSocket(t, Config{Handshake: 200 * time.Millisecond})
	serve(t, s, testHello("b"))
	conn, err := rawDial(t, s, dialTLS(newID(t)))
	if err != nil {
		t.Fatal(err)
	}
	if code, reason := closedWith(t, conn); code != wire.ByeTimeout || !strings.Contains(reason, "within 200ms") {
		t.Errorf("closed with %d %q, want %d", code, reason, wire.ByeTimeout)
	}
}

func TestHelloOfAnother(t *testing.T) {
	s := runSocket(t, Config{})
	serve(t, s, testHello("b"))
	conn, main := mustRawDial(t, s, newID(t))
	hello := testHello("a")
	hello.Node.ID = newID(t).ID().String()
	if _, err := main.Write(wire.Append(nil, &hello)); err != nil {
		t.Fatal(err)
	}
	if code, reason := closedWith(t, conn); code != wire.ByeIdentity || !strings.Contains(reason, hello.Node.ID) {
		t.Errorf("closed with %d %q, want %d", code, reason, wire.ByeIdentity)
	}
}

// rawLink does what Dial does, by hand, so that a test can then break the protocol.
func rawLink(t *testing.T, s *Socket, links <-chan *Link) (*quic.Conn, *quic.Stream, *Link) {
	t.Helper()
	id := newID(t)
	conn, main := mustRawDial(t, s, id)
	hello := testHello("a")
	hello.Node.ID = id.ID().String()
	if err := writeHello(main, &hello); err != nil {
		t.Fatal(err)
	}
	if _, err := readHello(main); err != nil {
		t.Fatal(err)
	}
	return conn, main, await(t, links)
}

func TestGarbageAfterHello(t *testing.T) {
	prefixed := func(frame []byte) []byte { return append(make([]byte, prefixLen), frame...) }
	hello := testHello("x")
	tests := []struct {
		name  string
		bulk  bool
		bytes []byte
		want  string
	}{
		{"frame over the limit", false, []byte{0x01, 0, 0, 1, 7}, "limit 16777216"},
		{"bomb", false, []byte{0, 0, 0, 5, 7, 0xdd, 0xff, 0xff, 0xff, 0xff}, "malformed"},
		{"second hello", false, wire.Append(nil, &hello), "a second hello"},
		{"end of stream", false, nil, "EOF"},
		{"end inside a frame", false, []byte{0, 0, 0, 9, 7, 1}, "unexpected EOF"},
		{"long frame over the limit", true, prefixed([]byte{0x10, 0, 0, 1, 7}), "limit 268435456"},
		{"long frame cut off", true, prefixed([]byte{0, 0x10, 0, 0, 7, 1, 2, 3}), "unexpected EOF"},
		{"long frame with more after it", true, append(prefixed(wire.Append(nil, &wire.Ack{})), 1), "bytes after"},
		{"bomb on a stream of its own", true, prefixed([]byte{0, 0, 0, 5, 7, 0xdd, 0xff, 0xff, 0xff, 0xff}), "malformed"},
		{"empty stream of its own", true, nil, "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := runSocket(t, Config{})
			_, links := serve(t, s, testHello("b"))
			conn, main, l := rawLink(t, s, links)
			r := run(t, l, ignore)
			var w io.WriteCloser = main
			if tt.bulk {
				uni, err := conn.OpenUniStream()
				if err != nil {
					t.Fatal(err)
				}
				w = uni
			}
			if _, err := w.Write(tt.bytes); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := await(t, r.err); !errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run = %v, want %v with %q", err, ErrProtocol, tt.want)
			}
			if code, reason := closedWith(t, conn); code != wire.ByeProtocol || !strings.Contains(reason, tt.want) {
				t.Errorf("closed with %d %q, want %d and %q", code, reason, wire.ByeProtocol, tt.want)
			}
		})
	}
}

func TestUnknownKindsAreSkipped(t *testing.T) {
	s := runSocket(t, Config{})
	_, links := serve(t, s, testHello("b"))
	conn, main, l := rawLink(t, s, links)
	got := make(chan wire.Message, 2)
	run(t, l, func(m wire.Message) error { got <- m; return nil })
	uni, err := conn.OpenUniStream()
	if err != nil {
		t.Fatal(err)
	}
	unknown := []byte{0, 0, 0, 2, 200, 0xc1, 0xc1} // not even msgpack
	uni.Write(append(make([]byte, prefixLen), unknown...))
	uni.Close()
	main.Write(unknown)
	main.Write(wire.Append(nil, &wire.Cancel{Reason: "short"}))
	if m := await(t, got); m.(*wire.Cancel).Reason != "short" {
		t.Errorf("got %+v after a message of unknown kind", m)
	}
	uni, err = conn.OpenUniStream()
	if err != nil {
		t.Fatal(err)
	}
	uni.Write(binary.BigEndian.AppendUint64(nil, 2))
	uni.Write(wire.Append(nil, &wire.Cancel{Reason: "long"}))
	uni.Close()
	if m := await(t, got); m.(*wire.Cancel).Reason != "long" {
		t.Errorf("got %+v after a long message of unknown kind", m)
	}
}

// certificate returns a TLS certificate that is none of a node's.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{anyone}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestForeignTLSClients(t *testing.T) {
	tests := []struct {
		name   string
		change func(tc *tls.Config)
		alert  string
	}{
		{"another protocol", func(tc *tls.Config) { tc.NextProtos = []string{"h3"} }, "no application protocol"},
		{"no certificate", func(tc *tls.Config) { tc.Certificates = nil }, "certificate required"},
		{"a certificate of another kind", func(tc *tls.Config) { tc.Certificates = []tls.Certificate{certificate(t)} }, "bad certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := runSocket(t, Config{})
			_, links := serve(t, s, testHello("b"))
			tc := dialTLS(newID(t))
			tt.change(tc)
			conn, err := rawDial(t, s, tc)
			if err == nil { // a client learns only later what the server thinks of its certificate
				await(t, conn.Context().Done())
				err = context.Cause(conn.Context())
			}
			if err == nil || !strings.Contains(err.Error(), tt.alert) {
				t.Errorf("the client is told %v, want %q", err, tt.alert)
			}
			if !errors.Is(quicError(err), ErrHandshake) {
				t.Errorf("quicError(%v) = %v, want %v", err, quicError(err), ErrHandshake)
			}
			if len(links) > 0 {
				t.Error("accepted all the same")
			}
		})
	}
}

// rawServer answers with QUIC alone.
func rawServer(t *testing.T, tc *tls.Config, serve func(conn *quic.Conn)) netip.AddrPort {
	t.Helper()
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	tr := &quic.Transport{Conn: &packetConn{udpConn: udp}}
	ln, err := tr.Listen(tc, &quic.Config{MaxIdleTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			serve(conn)
		}
	})
	t.Cleanup(func() { tr.Close(); udp.Close(); wg.Wait() })
	return addrPort(udp.LocalAddr())
}

func TestDialRefused(t *testing.T) {
	id := newID(t)
	node := answerTLS(id)
	foreign := dialTLS(id)
	foreign.VerifyConnection = nil
	foreign.Certificates = []tls.Certificate{certificate(t)}
	http3 := dialTLS(id)
	http3.VerifyConnection = nil
	http3.NextProtos = []string{"h3"}
	reply := func(frame []byte) func(conn *quic.Conn) {
		return func(conn *quic.Conn) {
			if main, err := conn.AcceptStream(context.Background()); err == nil {
				main.Write(frame)
			}
		}
	}
	refuse := func(conn *quic.Conn) { conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeRefused), "full") }
	tests := []struct {
		name  string
		tls   *tls.Config
		serve func(conn *quic.Conn)
		peer  trust.ID
		want  error
		text  string
	}{
		{"another node", node, refuse, newID(t).ID(), ErrIdentity, "found " + id.ID().String()},
		{"no node's certificate", foreign, refuse, trust.ID{}, ErrIdentity, "not a node's certificate"},
		{"another protocol", http3, refuse, trust.ID{}, ErrHandshake, "no application protocol"},
		{"a peer that says no", node, refuse, id.ID(), ErrClosed, "closed by peer: full"},
		{"a peer that says nothing", node, func(*quic.Conn) {}, id.ID(), ErrHandshake, "within 300ms"},
		{"a peer that talks HTTP", node, reply([]byte("HTTP/1.1 400 Bad Request\r\n")), id.ID(), ErrProtocol, "too long"},
		{"a peer that says something else", node, reply(wire.Append(nil, &wire.Ack{})), id.ID(), ErrProtocol, "ack instead of a hello"},
		{"a peer that says it is another", node, reply(wire.Append(nil, &wire.Hello{ProtoMin: 1, ProtoMax: 1})), id.ID(), ErrIdentity, "says that it is"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := rawServer(t, tt.tls, tt.serve)
			cfg := Config{Handshake: patience}
			if strings.Contains(tt.text, "within") {
				cfg.Handshake = 300 * time.Millisecond
			}
			s := runSocket(t, cfg)
			_, err := s.Dial(context.Background(), addr, newID(t), tt.peer, testHello("a"))
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), "dial "+addr.String()) {
				t.Errorf("Dial = %v, want %v with %q", err, tt.want, tt.text)
			}
		})
	}
}

func TestDialNobody(t *testing.T) {
	silent, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	noisy, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer noisy.Close()
	wg.Go(func() { // answers every packet with bytes that mean nothing
		b := make([]byte, 2000)
		for {
			n, from, err := noisy.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			rand.Read(b[:n])
			noisy.WriteToUDPAddrPort(b[:n], from)
		}
	})
	s := runSocket(t, Config{Handshake: 200 * time.Millisecond})
	for name, addr := range map[string]netip.AddrPort{"silent": addrPort(silent.LocalAddr()), "noisy": addrPort(noisy.LocalAddr())} {
		_, err := s.Dial(context.Background(), addr, newID(t), trust.ID{}, testHello("a"))
		if !errors.Is(err, ErrHandshake) || !strings.Contains(err.Error(), "within 200ms") {
			t.Errorf("Dial to a %s port = %v, want %v", name, err, ErrHandshake)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Dial(ctx, addrPort(silent.LocalAddr()), newID(t), trust.ID{}, testHello("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with a context that is done = %v, want %v", err, context.Canceled)
	}
}

func TestGarbageDatagrams(t *testing.T) {
	a, b := socketPair(t, Config{})
	got := newGate(1)
	run(t, b, func(wire.Message) error { got.add(); return nil })
	run(t, a, ignore)
	udp, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(a.RemoteAddr()))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	for i := range 2000 {
		p := make([]byte, 1+i%1400)
		rand.Read(p)
		udp.Write(p)
	}
	send(t, a, &wire.Event{})
	await(t, got.done)
}

// pendingFrom returns what quic-go says of a dialler at 10.0.n.1.
func pendingFrom(n int, proven bool) *quic.ClientInfo {
	return &quic.ClientInfo{RemoteAddr: &net.UDPAddr{IP: net.IPv4(10, 0, byte(n), 1), Port: 1}, AddrVerified: proven}
}

func TestPendingIsBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		info  func(i int) *quic.ClientInfo
		limit int
	}{
		"many hosts":                 {func(i int) *quic.ClientInfo { return pendingFrom(i, true) }, maxPending},
		"one host":                   {func(int) *quic.ClientInfo { return pendingFrom(0, true) }, maxPendingPerHost},
		"hosts that may not be real": {func(i int) *quic.ClientInfo { return pendingFrom(i, false) }, maxUnproven},
	} {
		s := newSocket(Config{}, nil)
		ctx, cancel := context.WithCancel(context.Background())
		var last context.Context
		for i := range tt.limit {
			var err error
			if last, err = s.admit(ctx, tt.info(i)); err != nil {
				t.Fatalf("%s: connection %d was refused: %v", name, i+1, err)
			}
		}
		if _, err := s.admit(ctx, tt.info(tt.limit)); err == nil {
			t.Fatalf("%s: %d connections may be pending", name, tt.limit+1)
		}
		if _, err := s.admit(ctx, pendingFrom(200, true)); (err == nil) != (tt.limit < maxPending) {
			t.Errorf("%s: another host that shows where it is gets %v", name, err)
		}
		place := last.Value(ticketKey{}).(ticket)
		place.release()
		place.release() // counts once
		if _, err := s.admit(context.Background(), tt.info(tt.limit-1)); err != nil && tt.limit < maxPending {
			t.Errorf("%s: refused although one is done: %v", name, err)
		}
		cancel()
		eventually(t, "places are free", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.pending == 1 && len(s.pendingAt) == 1
		})
	}
}

func TestFloodMustProveAddresses(t *testing.T) {
	s := newSocket(Config{}, nil)
	proofs := 0
	for range 10 * unproven {
		if s.transport.VerifySourceAddress(&net.UDPAddr{}) {
			proofs++
		}
	}
	if proofs < 8*unproven {
		t.Errorf("%d of %d handshakes at once had to prove their address", proofs, 10*unproven)
	}
}
