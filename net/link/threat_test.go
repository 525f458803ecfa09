package link

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/wire"
)

// long says that the tests of threats take as long as their table says, not as short as is enough to see something.
func long() bool { yes, _ := strconv.ParseBool(os.Getenv("SC_LONG")); return yes }

// A deadEnd is a packet connection that keeps what is sent and never gets an answer.
type deadEnd struct {
	net.PacketConn
	mu   sync.Mutex
	sent [][]byte
}

func (d *deadEnd) WriteTo(p []byte, _ net.Addr) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, append([]byte(nil), p...))
	return len(p), nil
}

// initials are the first packets of as many connections, as a node begins them.
func initials(t *testing.T, n int) [][]byte {
	t.Helper()
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	end := &deadEnd{PacketConn: udp}
	tr := &quic.Transport{Conn: end}
	defer func() { tr.Close(); udp.Close() }()
	to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		_, err := tr.Dial(ctx, to, dialTLS(newID(t)), &quic.Config{})
		cancel()
		if err == nil {
			t.Fatal("a dead end answered")
		}
	}
	end.mu.Lock()
	defer end.mu.Unlock()
	var first [][]byte
	for _, p := range end.sent {
		if len(p) >= 1200 && p[0]&0xf0 == 0xc0 { // RFC 9000 section 17.2.2
			first = append(first, p)
		}
	}
	if len(first) < n {
		t.Fatalf("%d initial packets of %d connections", len(first), n)
	}
	return first
}

// TestThreat07HandshakeFlood: strangers begin thousands of connections a second from addresses at which they hear nothing. A member gets
// its link all the same, and what the flood takes is bounded.
func TestThreat07HandshakeFlood(t *testing.T) {
	packets, sources, flood := 200, 100, 3*time.Second
	if long() {
		flood = 30 * time.Second
	}
	ring := keyedRing(t, 1)
	s, d := runSocket(t, Config{Trust: ring}), runSocket(t, Config{Trust: ring})
	id, links := serve(t, s, testHello("b"))
	first := initials(t, packets)
	ctx, cancel := context.WithTimeout(context.Background(), flood)
	defer cancel()
	var wg sync.WaitGroup
	var sent int
	defer wg.Wait()
	wg.Go(func() {
		conns := make([]*net.UDPConn, sources)
		for i := range conns {
			c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 77, 0, byte(i+1))}, net.UDPAddrFromAddrPort(s.Addr()))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			conns[i] = c
		}
		pace := time.NewTicker(time.Millisecond)
		defer pace.Stop()
		for ctx.Err() == nil {
			<-pace.C
			for range 5 {
				p := append([]byte(nil), first[sent%len(first)]...)
				if sent >= len(first)*sources { // another connection, which cannot be read, as its keys follow from its id
					rand.Read(p[6:14])
				}
				conns[(sent/len(first))%sources].Write(p)
				sent++
			}
		}
	})
	var slowest time.Duration
	dials := 0
	for ; ctx.Err() == nil; dials++ {
		begin := time.Now()
		eventually(t, "a member gets a link", func() bool {
			l, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a"))
			if err != nil && !errors.Is(err, ErrHandshake) {
				t.Fatal(err)
			}
			if err == nil {
				l.Close(wire.ByeLeave, "")
				await(t, links).Close(wire.ByeLeave, "")
			}
			return err == nil
		})
		slowest = max(slowest, time.Since(begin))
		s.mu.Lock()
		pending, unproven := s.pending, s.unproven
		s.mu.Unlock()
		if pending > maxPending || unproven > maxUnproven {
			t.Errorf("%d connections are pending, %d of unproven addresses, limits %d and %d", pending, unproven, maxPending, maxUnproven)
		}
	}
	cancel()
	wg.Wait()
	t.Logf("beside %d first packets of strangers in %v, %d members were linked, the slowest after %v", sent, flood, dials, slowest)
	if dials == 0 {
		t.Error("no member was linked")
	}
}

// TestThreat08StreamsThatStall: strangers open all streams that they may, send a byte on each and stop. They hold little, and
// their connections are cut.
func TestThreat08StreamsThatStall(t *testing.T) {
	peers, patient := 20, 300*time.Millisecond
	if long() {
		peers, patient = 50, 0 // as long as a real one
	}
	s := runSocket(t, Config{stall: patient})
	_, links := serve(t, s, testHello("b"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var conns []*quic.Conn
	var ends []<-chan error
	for range peers {
		conn, _, l := rawLink(t, s, links)
		ends = append(ends, run(t, l, ignore).err)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		for range maxStreams {
			uni, err := conn.OpenUniStreamSync(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := uni.Write([]byte{0}); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if _, err := conn.OpenUniStream(); err == nil {
			t.Errorf("a peer opened more than %d streams", maxStreams)
		}
		conns = append(conns, conn)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse)) / int64(peers)
	t.Logf("%d peers that stall take %d KB each, both ends", peers, each>>10)
	if each > 2<<20 {
		t.Errorf("a peer that stalls takes %d bytes, limit 2 MB", each)
	}
	for i, end := range ends {
		if err := await(t, end); !errors.Is(err, ErrProtocol) && !strings.Contains(err.Error(), "deadline") {
			t.Errorf("the link of a peer that stalls ended with %v", err)
		}
		closedWith(t, conns[i])
	}
}

// TestThreat08WindowOfAGuest: what a guest sends unread is bounded by windows, however much it sends.
func TestThreat08WindowOfAGuest(t *testing.T) {
	s := runSocket(t, Config{})
	_, links := serve(t, s, testHello("b"))
	conn, main, l := rawLink(t, s, links)
	entered, leave := make(chan struct{}), make(chan struct{})
	r := run(t, l, func(wire.Message) error { close(entered); <-leave; return errors.New("seen enough") })
	if _, err := main.Write(wire.Append(nil, &wire.Event{Name: "a"})); err != nil {
		t.Fatal(err)
	}
	await(t, entered)
	written := 0
	frame := wire.Append(nil, &wire.Event{Name: "a", Data: make([]byte, 1000)})
	for {
		if err := main.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := main.Write(frame)
		written += n
		if err != nil {
			break // nobody reads, so there is no more room
		}
	}
	if written > maxStreamWindow+readBuffer {
		t.Errorf("a peer that nobody reads could send %d bytes, limit %d", written, maxStreamWindow)
	}
	close(leave)
	if err := await(t, r.err); err == nil {
		t.Error("Run = nil, want what handle returned")
	}
	conn.CloseWithError(0, "")
}
