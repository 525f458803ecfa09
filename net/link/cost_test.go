package link

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// BenchmarkHandshakes makes links between members, one after the other, hellos included.
func BenchmarkHandshakes(b *testing.B) {
	s, d := runSocket(b, Config{Trust: keyedRing(b, 1)}), runSocket(b, Config{Trust: keyedRing(b, 1)})
	_, links := serve(b, s, testHello("b"))
	id := newID(b)
	for b.Loop() {
		l, err := d.Dial(context.Background(), s.Addr(), id, trust.ID{}, testHello("a"))
		if err != nil {
			b.Fatal(err)
		}
		l.Close(0, "")
		(<-links).Close(0, "")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "handshakes/s")
}

// maxIdle is how much memory an idle link may take on one side, in bytes, with the race detector, too. Without it 96 KB were
// measured.
const maxIdle = 256 << 10

// TestIdleLinks holds idle links of members, and measures what one takes. Both ends are in this process, so half of it is one side's.
// SC_LONG=1 holds 2000 of them.
func TestIdleLinks(t *testing.T) {
	n := 200
	if long, _ := strconv.ParseBool(os.Getenv("SC_LONG")); long {
		n = 2000
	}
	ring := keyedRing(t, 1)
	s, d := runSocket(t, Config{Trust: ring}), runSocket(t, Config{Trust: ring})
	_, links := serve(t, s, testHello("b"))
	id := newID(t)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	defer func() { cancel(); wg.Wait() }()
	hold := func(l *Link) {
		wg.Go(func() { l.Run(ctx, func(wire.Message) error { return nil }) })
	}
	used := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := used()
	var all []*Link
	for range n {
		l, err := d.Dial(context.Background(), s.Addr(), id, trust.ID{}, testHello("a"))
		if err != nil {
			t.Fatalf("after %d links: %v", len(all)/2, err)
		}
		other := <-links
		hold(l)
		hold(other)
		all = append(all, l, other)
	}
	settle := time.NewTimer(3 * time.Second) // heartbeats, and the ends of handshakes
	defer settle.Stop()
	<-settle.C
	each := (used() - before) / uint64(2*n)
	t.Logf("%d idle links take %d bytes each on a side", n, each)
	if each > maxIdle {
		t.Errorf("an idle link takes %d bytes on a side, limit %d", each, maxIdle)
	}
	for _, l := range all {
		if quiet := l.Quiet(); quiet > DefaultIdle/2 {
			t.Errorf("a link of %d was quiet for %v", n, quiet)
			break
		}
		select {
		case <-l.conn.ended():
			t.Fatalf("a link ended: %v", l.conn.cause(nil))
		default:
		}
	}
}
