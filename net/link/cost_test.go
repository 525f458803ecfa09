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

// maxIdle is how much memory an idle link may take on one side, in bytes, with the race detector, too. Without it 76 KB were
// measured.
const maxIdle = 256 << 10

// TestIdleLinks holds idle links of members, and measures what one takes. Both ends are in this process, so half of it is one side's.
// SC_LONG=1 holds 2000 of them.
func TestIdleLinks(t *testing.T) {
	n := 200
	if long, _ := strconv.ParseBool(os.Getenv("SC_LONG")); long {
		n = 2000
	}
	cfg := Config{Trust: keyedRing(t, 1), Handshake: patience, Idle: patience} // a machine that has other work loses none
	s, d := runSocket(t, cfg), runSocket(t, cfg)
	_, links := serve(t, s, testHello("b"))
	id := newID(t)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	defer func() { cancel(); wg.Wait() }()
	before := memoryHeld()
	all := make([]*Link, 0, 2*n)
	for range n {
		l, err := d.Dial(context.Background(), s.Addr(), id, trust.ID{}, testHello("a"))
		if err != nil {
			t.Fatalf("after %d links: %v", len(all)/2, err)
		}
		for _, end := range []*Link{l, await(t, links)} {
			wg.Go(func() { _ = end.Run(ctx, ignore) }) // conn tells below how it ended
			all = append(all, end)
		}
	}
	// What is on its way in the moment of a measurement does not count: the least of several does, after the handshakes' ends.
	least := ^uint64(0)
	for range 4 {
		settle := time.NewTimer(DefaultHeartbeat)
		<-settle.C
		least = min(least, memoryHeld())
	}
	each := (least - before) / uint64(2*n)
	t.Logf("%d idle links take %d bytes each on a side", n, each)
	if each > maxIdle {
		t.Errorf("an idle link takes %d bytes on a side, limit %d", each, maxIdle)
	}
	for _, l := range all {
		select {
		case <-l.conn.ended():
			t.Fatalf("of %d links one ended: %v", n, l.conn.cause(nil))
		default:
		}
		if l.Dialled() && l.RTT() == 0 {
			t.Fatal("a link has had no heartbeat")
		}
	}
}

// memoryHeld is what the process has of the system for objects and stacks that are in use.
func memoryHeld() uint64 {
	for range 8 { // each halves stacks that were deep for a while, as any hour of a node's life does
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
