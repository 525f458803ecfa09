package link

import (
	"context"
	"errors"
	"log"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"supercluster/net/wire"
)

// A faultyConn is a UDP socket whose sends fail while fault is set, or vanish if it is errVanish.
type faultyConn struct {
	*net.UDPConn
	fault atomic.Pointer[error]
	hits  atomic.Int64
	sends atomic.Int64
	sent  chan struct{} // has an element after a send
}

var errVanish = errors.New("vanish")

// set sets or, if nil, ends the fault.
func (c *faultyConn) set(err error) {
	if err == nil {
		c.fault.Store(nil)
		return
	}
	c.fault.Store(&err)
}

func (c *faultyConn) WriteMsgUDP(b, oob []byte, addr *net.UDPAddr) (int, int, error) {
	if fault := c.fault.Load(); fault != nil {
		c.hits.Add(1)
		if *fault == errVanish {
			return len(b), len(oob), nil
		}
		return 0, 0, &net.OpError{Op: "write", Net: "udp", Err: os.NewSyscallError("sendmsg", *fault)}
	}
	c.sends.Add(1)
	tell(c.sent)
	return c.UDPConn.WriteMsgUDP(b, oob, addr)
}

func (c *faultyConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	n, _, err := c.WriteMsgUDP(b, nil, addr.(*net.UDPAddr))
	return n, err
}

// faultySocket returns a running socket whose sends can be made to fail.
func faultySocket(t *testing.T, cfg Config) (*Socket, *faultyConn) {
	t.Helper()
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	conn := &faultyConn{UDPConn: udp, sent: make(chan struct{}, 1)}
	s := newSocket(cfg, conn)
	goRun(t, s)
	return s, conn
}

// faultyPair returns both ends of a link whose sends can be made to fail.
func faultyPair(t *testing.T, cfg Config) (a, b *Link, ca, cb *faultyConn) {
	t.Helper()
	sa, ca := faultySocket(t, cfg)
	sb, cb := faultySocket(t, cfg)
	id, links := serve(t, sb, testHello("b"))
	a, err := sa.Dial(context.Background(), sb.Addr(), newID(t), id.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	return a, await(t, links), ca, cb
}

func TestSoftErrorsAreLoss(t *testing.T) {
	for _, errno := range softErrors {
		t.Run(errno.Error(), func(t *testing.T) {
			t.Parallel()
			a, b, ca, cb := faultyPair(t, Config{})
			got := newGate(200)
			run(t, b, func(wire.Message) error { got.add(); return nil })
			run(t, a, ignore)
			for i := range 200 {
				if i == 100 {
					ca.set(errno)
					cb.set(errno)
				}
				send(t, a, &wire.Event{})
			}
			eventually(t, "a send fails", func() bool { return ca.hits.Load() > 0 })
			ca.set(nil)
			cb.set(nil)
			await(t, got.done)
		})
	}
}

func TestHardErrorEndsLink(t *testing.T) {
	a, b, ca, _ := faultyPair(t, Config{Idle: 2 * time.Second})
	rb := run(t, b, ignore)
	ra := run(t, a, ignore)
	ca.set(syscall.EBADF)
	send(t, a, &wire.Event{})
	if err := await(t, ra.err); err == nil || errors.Is(err, ErrIdle) {
		t.Errorf("Run = %v, want the socket's error", err)
	}
	if err := await(t, rb.err); !errors.Is(err, ErrIdle) {
		t.Errorf("the other side's Run = %v, want %v", err, ErrIdle)
	}
}

func TestPasses(t *testing.T) {
	wrap := func(errno syscall.Errno) error {
		return &net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", errno)}
	}
	for _, errno := range softErrors {
		if !passes(wrap(errno)) {
			t.Errorf("%v ends connections", errno)
		}
	}
	for _, err := range []error{nil, net.ErrClosed, wrap(syscall.EMSGSIZE), wrap(syscall.EIO), wrap(syscall.EBADF)} {
		if passes(err) {
			t.Errorf("%v is taken for loss: quic-go must see it", err)
		}
	}
}

func TestIdle(t *testing.T) {
	a, b, ca, cb := faultyPair(t, Config{Idle: 400 * time.Millisecond, Heartbeat: 50 * time.Millisecond})
	ra, rb := run(t, a, ignore), run(t, b, ignore)
	ca.set(errVanish)
	cb.set(errVanish)
	for name, r := range map[string]*runner{"dialler": ra, "acceptor": rb} {
		if err := await(t, r.err); err != ErrIdle {
			t.Errorf("the %s's Run = %v, want %v", name, err, ErrIdle)
		}
	}
}

// TestOneWayCut cuts one direction: the side that hears nothing tells the other, which need not find out by itself.
func TestOneWayCut(t *testing.T) {
	for _, dialler := range []bool{true, false} {
		t.Run(map[bool]string{true: "the dialler's packets vanish", false: "the acceptor's packets vanish"}[dialler], func(t *testing.T) {
			a, b, ca, cb := faultyPair(t, Config{Idle: time.Minute, deaf: time.Second, Heartbeat: 50 * time.Millisecond})
			mute, deaf := run(t, a, ignore), run(t, b, ignore)
			if !dialler {
				ca, mute, deaf = cb, deaf, mute
			}
			ca.set(errVanish)
			if err := await(t, deaf.err); err != ErrIdle {
				t.Errorf("the side that hears nothing: Run = %v, want %v", err, ErrIdle)
			}
			var told *CloseError
			if err := await(t, mute.err); !errors.As(err, &told) || !told.Remote {
				t.Errorf("the side that is not heard: Run = %v, want what the other said", err)
			}
		})
	}
}

func TestShortCutLosesNothing(t *testing.T) {
	a, b, ca, cb := faultyPair(t, Config{Heartbeat: 20 * time.Millisecond})
	got := newGate(2)
	run(t, b, func(wire.Message) error { got.add(); return nil })
	run(t, a, ignore)
	send(t, a, &wire.Event{})
	ca.set(errVanish)
	cb.set(errVanish)
	send(t, a, &wire.Event{})
	eventually(t, "packets vanish", func() bool { return ca.hits.Load() >= 3 && cb.hits.Load() >= 3 })
	ca.set(nil)
	cb.set(nil)
	await(t, got.done)
}

func TestStuckPeerIsNotLost(t *testing.T) {
	// The peer's handle takes longer than Idle, and so much is sent meanwhile that no Ping gets through either.
	a, b, _, cb := faultyPair(t, Config{Idle: time.Second, Heartbeat: 100 * time.Millisecond, Pending: 1 << 10})
	release, got := make(chan struct{}), newGate(1000)
	run(t, b, func(wire.Message) error { <-release; got.add(); return nil })
	ra := run(t, a, ignore)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for range 1000 {
			send(t, a, &wire.Event{Data: make([]byte, 10_000)})
		}
	})
	waitBlocked(t, a)
	for last := cb.sends.Load() + 8; cb.sends.Load() < last; { // twice Idle or more, at a keepalive each third of it
		select {
		case <-cb.sent:
		case err := <-ra.err:
			t.Fatalf("Run = %v while the peer works", err)
		}
	}
	close(release)
	await(t, got.done)
}

// kill ends a socket as the death of its process would: nothing is sent, and the port is free.
func kill(s *Socket) {
	_ = s.udp.Close()
	_ = s.transport.Close()
}

func TestRestartIsNoticed(t *testing.T) {
	for _, restarted := range []string{"acceptor", "dialler"} {
		t.Run(restarted, func(t *testing.T) {
			t.Parallel()
			// Idle is longer than the test waits, so only the stateless reset can be what ends the link.
			cfg := Config{Heartbeat: 50 * time.Millisecond, Idle: 10 * patience, ResetKey: [32]byte{1}}
			sa, sb := runSocket(t, cfg), runSocket(t, cfg)
			id, links := serve(t, sb, testHello("b"))
			a, err := sa.Dial(context.Background(), sb.Addr(), newID(t), id.ID(), testHello("a"))
			if err != nil {
				t.Fatal(err)
			}
			dead, alive, victim := sa, await(t, links), a
			if restarted == "acceptor" {
				dead, alive, victim = sb, a, alive
			}
			rv, ra := run(t, victim, ignore), run(t, alive, ignore)
			eventually(t, "heartbeats begin", func() bool { return a.RTT() > 0 })
			again := cfg
			again.Addr = dead.Addr()
			kill(dead)
			<-rv.err
			runSocket(t, again)
			if err := await(t, ra.err); err != ErrRestarted {
				t.Errorf("Run = %v, want %v", err, ErrRestarted)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	s := runSocket(t, Config{})
	_, err := Listen(Config{Addr: s.Addr()})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), netip.AddrPortFrom(s.Addr().Addr(), s.Addr().Port()).String()) {
		t.Errorf("Listen = %v, want an error that names %v", err, s.Addr())
	}
	if _, err := Listen(Config{Addr: netip.MustParseAddrPort("192.0.2.1:0")}); err == nil || !strings.Contains(err.Error(), "192.0.2.1") {
		t.Errorf("Listen on a foreign address = %v, want an error that names it", err)
	}
}

func TestPacketConnKeepsOffload(t *testing.T) {
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	c := &packetConn{udpConn: udp}
	if _, err := c.SyscallConn(); err != errNotSized {
		t.Errorf("SyscallConn before the buffers are set = %v, want %v: quic-go would warn of them", err, errNotSized)
	}
	if err := errors.Join(c.SetReadBuffer(1<<20), c.SetWriteBuffer(1<<20)); err != nil {
		t.Error(err)
	}
	if _, err := c.SyscallConn(); err != nil {
		t.Errorf("SyscallConn = %v: quic-go would do without batches, offload and ECN", err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	a, b := socketPair(t, Config{})
	defer a.Close(wire.ByeLeave, "")
	defer b.Close(wire.ByeLeave, "")
	if !a.conn.(*quicCarrier).conn.ConnectionState().GSO {
		t.Error("no segmentation offload")
	}
}

// A cappedConn is a UDP socket whose buffers the system keeps small.
type cappedConn struct{ *net.UDPConn }

func (cappedConn) SetReadBuffer(int) error  { return nil }
func (cappedConn) SetWriteBuffer(int) error { return nil }

// TestSmallBuffersAreNoNews holds that users are not told of them. As root it shows little, since the buffers then grow.
func TestSmallBuffersAreNoNews(t *testing.T) {
	var said logged
	log.SetOutput(&said) // where quic-go would warn, once a process
	defer log.SetOutput(os.Stderr)
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	s := newSocket(Config{}, cappedConn{udp})
	goRun(t, s)
	id, links := serve(t, s, testHello("b"))
	l, err := s.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	l.Close(wire.ByeLeave, "")
	await(t, links).Close(wire.ByeLeave, "")
	if said.String() != "" {
		t.Errorf("logged %q", said.String())
	}
}
