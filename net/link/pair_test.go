package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is an address of which the system picks the port.
var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// patience is how long a test waits for what must happen; it is reached only by failures.
const patience = time.Minute

// eachPair runs a test over a Pipe and over sockets on the loopback interface. The dialler comes first.
func eachPair(t *testing.T, cfg Config, test func(t *testing.T, a, b *Link)) {
	t.Run("pipe", func(t *testing.T) {
		a, b := Pipe(testHello("a"), testHello("b"))
		test(t, a, b)
	})
	t.Run("sockets", func(t *testing.T) {
		a, b := socketPair(t, cfg)
		test(t, a, b)
	})
	t.Run("relay", func(t *testing.T) {
		a, b := relayedPair(t, cfg)
		test(t, a, b)
	})
}

func testHello(name string) wire.Hello {
	return wire.Hello{
		ProtoMin: wire.ProtoMin, ProtoMax: wire.ProtoMax, Version: "test",
		Node: wire.Node{Role: "worker", Cluster: name, Data: []byte(`{"n":1}`)},
	}
}

func newID(t testing.TB) *trust.Identity {
	t.Helper()
	id, err := trust.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// runSocket returns a socket that runs until the test ends.
func runSocket(t testing.TB, cfg Config) *Socket {
	t.Helper()
	if !cfg.Addr.IsValid() {
		cfg.Addr = loopback
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	goRun(t, s)
	return s
}

// goRun runs a socket until the test ends.
func goRun(t testing.TB, s *Socket) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, ErrClosed) {
			t.Errorf("Socket.Run = %v, want nil", err)
		}
	})
}

// serve serves a fresh identity and returns it and the links that it accepts.
func serve(t testing.TB, s *Socket, hello wire.Hello) (*trust.Identity, <-chan *Link) {
	t.Helper()
	id := newID(t)
	return id, serveAs(t, s, id, hello)
}

func serveAs(t testing.TB, s *Socket, id *trust.Identity, hello wire.Hello) <-chan *Link {
	links := make(chan *Link, 1000)
	t.Cleanup(s.Serve(id, func() wire.Hello { return hello }, func(l *Link) { links <- l }))
	return links
}

// socketPair returns both ends of a link between two sockets.
func socketPair(t testing.TB, cfg Config) (a, b *Link) {
	t.Helper()
	sa, sb := runSocket(t, cfg), runSocket(t, cfg)
	id, links := serve(t, sb, testHello("b"))
	a, err := sa.Dial(context.Background(), sb.Addr(), newID(t), id.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	return a, await(t, links)
}

// await returns the next element.
func await[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came within %v", patience)
		panic("unreachable")
	}
}

// eventually waits until a condition holds that nothing announces.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for began := time.Now(); !holds(); <-look.C {
		if time.Since(began) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// A runner is a link that runs.
type runner struct {
	*Link
	cancel context.CancelFunc
	err    <-chan error
}

// run runs a link until the test ends or the link does.
func run(t testing.TB, l *Link, handle func(wire.Message) error) *runner {
	ctx, cancel := context.WithCancel(context.Background())
	err := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		err <- l.Run(ctx, handle)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return &runner{l, cancel, err}
}

// ignore handles nothing.
func ignore(wire.Message) error { return nil }

// send sends and fails the test if that does not work.
func send(t testing.TB, l *Link, m wire.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Send(ctx, m); err != nil {
		t.Errorf("Send(%v) = %v", m.Kind(), err)
	}
}

// A gate counts events that a test waits for.
type gate struct {
	mu   sync.Mutex
	seen int
	want int
	done chan struct{}
}

func newGate(want int) *gate { return &gate{want: want, done: make(chan struct{})} }

// add counts one more.
func (g *gate) add() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen++; g.seen == g.want {
		close(g.done)
	}
}

// newLogger returns a logger that writes text.
func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// dialTLS and answerTLS are the settings of a node without a cluster's key.
func dialTLS(id *trust.Identity) *tls.Config {
	tc, err := clientTLS(nil, id, "worker", trust.ID{})
	if err != nil {
		panic(err) // there is no role to deny
	}
	return tc
}

func answerTLS(id *trust.Identity) *tls.Config {
	tc, err := serverTLS(nil, id, "worker")
	if err != nil {
		panic(err)
	}
	return tc
}
