package link

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/wire"
)

// An echo is something that takes a message and gives it back: a link, or a raw QUIC stream to compare it with.
type echo struct {
	name string
	// start readies it: call sends one message of size bytes, and done gets an element for each that came back. flight is how
	// many a benchmark keeps on the way.
	start func(b *testing.B, size, flight int) (call func(), done <-chan struct{})
}

// echoes are compared in this order, the yardstick first.
var echoes = []echo{{"raw", rawEcho}, {"link", linkEcho}}

// payload gives a task's result, which is what most traffic is.
func payload(size int) wire.Message {
	return &wire.Result{ID: wire.TaskID{1}, Attempt: 1, Value: make([]byte, size)}
}

// linkEcho echoes over a link between two sockets.
func linkEcho(b *testing.B, size, flight int) (func(), <-chan struct{}) {
	x, y := socketPair(b, Config{})
	done := make(chan struct{}, flight)
	ctx := context.Background()
	run(b, y, func(m wire.Message) error { return y.Send(ctx, m) })
	run(b, x, func(wire.Message) error { done <- struct{}{}; return nil })
	m := payload(size)
	return func() {
		if err := x.Send(ctx, m); err != nil {
			b.Error(err)
		}
	}, done
}

// rawEcho echoes frames of the same length on one stream of a QUIC connection with the same settings, read and written
// with nothing in between but the length.
func rawEcho(b *testing.B, size, flight int) (func(), <-chan struct{}) {
	frame := make([]byte, len(wire.Append(nil, payload(size))))
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	var wg sync.WaitGroup
	b.Cleanup(wg.Wait) // after what rawStreams cleans up
	client, server := rawStreams(b)
	wg.Go(func() {
		rawFrames(server, func(f []byte) { server.Write(f) })
	})
	done := make(chan struct{}, flight)
	wg.Go(func() {
		rawFrames(client, func([]byte) { done <- struct{}{} })
	})
	return func() { client.Write(frame) }, done
}

// rawFrames reads frames until the stream ends.
func rawFrames(r io.Reader, handle func(frame []byte)) {
	var header [4]byte
	buf := make([]byte, 0, 4096)
	for {
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return
		}
		n := 4 + int(binary.BigEndian.Uint32(header[:]))
		buf = slices.Grow(buf[:0], n)[:n]
		copy(buf, header[:])
		if _, err := io.ReadFull(r, buf[4:]); err != nil {
			return
		}
		handle(buf)
	}
}

// rawStreams returns both ends of a stream.
func rawStreams(b *testing.B) (client, server *quic.Stream) {
	b.Helper()
	id := newID(b)
	qc := func(dial bool) *quic.Config { return quicConfig(Config{}.withDefaults(), dial) }
	transport := func() *quic.Transport {
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
		if err != nil {
			b.Fatal(err)
		}
		tr := &quic.Transport{Conn: udp}
		b.Cleanup(func() { tr.Close(); udp.Close() })
		return tr
	}
	ts, tc := transport(), transport()
	ln, err := ts.Listen(answerTLS(id), qc(false))
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	cc, err := tc.Dial(ctx, ln.Addr(), dialTLS(newID(b)), qc(true))
	if err != nil {
		b.Fatal(err)
	}
	sc, err := ln.Accept(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cc.CloseWithError(0, ""); sc.CloseWithError(0, "") })
	if client, err = cc.OpenStreamSync(ctx); err == nil {
		_, err = client.Write([]byte{0, 0, 0, 0})
	}
	if err != nil {
		b.Fatal(err)
	}
	if server, err = sc.AcceptStream(ctx); err == nil {
		_, err = io.ReadFull(server, make([]byte, 4))
	}
	if err != nil {
		b.Fatal(err)
	}
	return client, server
}

// BenchmarkEcho sends messages there and back, so many in flight, over a link and over a raw QUIC stream in turn. "ratio" is what
// a link takes of the time of the stream.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{16, 1 << 20} {
		for _, flight := range []int{1, 8, 64, 1000} {
			if size > 16 && flight > 8 {
				continue
			}
			b.Run(fmt.Sprintf("bytes=%d/flight=%d", size, flight), func(b *testing.B) { compare(b, size, flight) })
		}
	}
}

// compare runs the echoes by turns within one benchmark, so that both have the same machine.
func compare(b *testing.B, size, flight int) {
	const turns = 10
	calls, dones := make([]func(), len(echoes)), make([]<-chan struct{}, len(echoes))
	for i, e := range echoes {
		calls[i], dones[i] = e.start(b, size, flight)
		volley(calls[i], dones[i], min(flight, 100), 100) // past slow start
	}
	n := b.N/turns + flight
	times := make([][]time.Duration, len(echoes))
	b.ResetTimer()
	for range turns {
		for i := range echoes {
			began := time.Now()
			volley(calls[i], dones[i], flight, n)
			times[i] = append(times[i], time.Since(began)/time.Duration(n))
		}
	}
	b.StopTimer()
	for i, e := range echoes {
		slices.Sort(times[i])
		b.ReportMetric(float64(times[i][turns/2].Nanoseconds()), e.name+"-ns")
	}
	b.ReportMetric(float64(times[1][turns/2])/float64(times[0][turns/2]), "ratio")
}

// volley sends n messages, keeping flight of them on the way, and awaits them all.
func volley(call func(), done <-chan struct{}, flight, n int) {
	sent := 0
	for ; sent < min(flight, n); sent++ {
		call()
	}
	for range n {
		<-done
		if sent < n {
			call()
			sent++
		}
	}
}

// BenchmarkHandshake dials and closes, one after the other.
func BenchmarkHandshake(b *testing.B) {
	s, d := runSocket(b, Config{}), runSocket(b, Config{})
	id := newID(b)
	b.Cleanup(s.Serve(id, func() wire.Hello { return testHello("b") }, func(l *Link) { l.Close(wire.ByeLeave, "") }))
	us := newID(b)
	for b.Loop() {
		l, err := d.Dial(context.Background(), s.Addr(), us, id.ID(), testHello("a"))
		if err == nil {
			l.Close(wire.ByeLeave, "")
		}
	}
}

// BenchmarkIdleLink reports the memory of links that only beat, both ends together.
func BenchmarkIdleLink(b *testing.B) {
	const n = 200
	s, d := runSocket(b, Config{}), runSocket(b, Config{})
	id, links := serve(b, s, testHello("b"))
	us := newID(b)
	before, routines := memory(), runtime.NumGoroutine()
	for range n {
		l, err := d.Dial(context.Background(), s.Addr(), us, id.ID(), testHello("a"))
		if err != nil {
			b.Fatal(err)
		}
		run(b, l, ignore)
		run(b, await(b, links), ignore)
	}
	for b.Loop() { // measured once, for what it is
	}
	b.ReportMetric(float64(memory()-before)/n, "B/link")
	b.ReportMetric(float64(runtime.NumGoroutine()-routines)/n, "goroutines/link")
}

// memory returns the bytes of the heap and the stacks in use.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
