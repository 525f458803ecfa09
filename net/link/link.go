package link

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

const (
	// linger is how long Close waits for what was queued to reach the peer.
	linger = time.Second
	// maxReason is the longest reason that Close sends, in bytes: it must fit a packet.
	maxReason = 1 << 10
)

// A Link is a connection to another node. All methods may be called from any goroutine.
type Link struct {
	conn    carrier
	cfg     Config
	peer    wire.Hello
	who     trust.Standing
	proto   uint16
	dialled bool
	relayed bool

	born    time.Time
	waiting atomic.Int64 // since when the reader waits for bytes, after born; 0 while it handles some
	rtt     atomic.Int64
	ponged  atomic.Int64 // when the last Pong was sent, after born

	order  order               // of long messages among small ones
	turn   chan struct{}       // holds a token while handle runs
	intake *semaphore.Weighted // bytes of long messages being received
	got    atomic.Uint64       // long messages handled
	gotOne chan struct{}       // has an element after one was

	parcelBufs sync.Pool // of *parcel: fresh ones cost page faults and collections

	helpers sync.WaitGroup // goroutines that write, each for a while; none begins after failed was set
	beats   *time.Timer    // calls tick; set by Run
	ear     ear            // tick's

	mu       sync.Mutex    // guards what follows, and is held over no I/O and no call out
	out      *wire.Encoder // frames that wait to be written
	spare    *wire.Encoder // what out was before, empty, or nil
	held     *wire.Encoder // frames that the carrier would not take at once, or nil
	writer   int           // who writes: nobody, caller, or flusher, which then was started if the link runs
	sent     uint64        // small frames that were put in out, ever
	queue    []parcel      // long messages that wait for a stream
	parcels  uint64        // long messages queued, ever
	bulkLoad int           // bytes of long messages queued or being written
	writers  int           // goroutines that write long messages
	room     chan struct{}
	running  bool
	closed   *CloseError // set by Close
	late     *time.Timer // ends the link some time after Close
	failed   error       // why the link ended, if not by Close
}

// newLink returns a link on an established carrier, after both hellos.
func newLink(conn carrier, cfg Config, peer wire.Hello, who trust.Standing, proto uint16, dialled bool) *Link {
	l := &Link{
		conn: conn, cfg: cfg, peer: peer, who: who, proto: proto, dialled: dialled, born: time.Now(),
		turn: make(chan struct{}, 1), gotOne: make(chan struct{}, 1),
		out: wire.NewEncoder(), intake: semaphore.NewWeighted(int64(cfg.Bulk)),
	}
	l.waiting.Store(1)
	return l
}

// Peer returns what the other side said of itself when the link began.
func (l *Link) Peer() wire.Hello { return l.peer }

// PeerID returns the other side's ID, which its certificate proves.
func (l *Link) PeerID() trust.ID { return l.who.ID }

// Member reports whether the other side proved on this connection that it belongs to the same cluster: that it holds its key, or the
// part of it that is good for its role. Both sides of a Pipe do.
func (l *Link) Member() bool { return l.who.Member }

// RemoteAddr returns the other side's address now; it changes if the peer moves to another network. A Pipe has none.
func (l *Link) RemoteAddr() netip.AddrPort { return l.conn.remoteAddr() }

// Dialled tells whether this side dialled. Of a Pipe the first link did.
func (l *Link) Dialled() bool { return l.dialled }

// Relayed tells whether the packets go through somebody who relays them: RemoteAddr is then that one's.
func (l *Link) Relayed() bool { return l.relayed }

// Proto returns the protocol version that both sides agreed on.
func (l *Link) Proto() uint16 { return l.proto }

// Quiet returns for how long nothing was heard of the peer. It is 0 while handle works, since then nobody listens.
func (l *Link) Quiet() time.Duration {
	since := l.waiting.Load()
	if since == 0 {
		return 0
	}
	return max(0, l.age()-time.Duration(since))
}

// RTT returns the round trip of the last Ping, with what the peer took to answer, or 0 before the first.
func (l *Link) RTT() time.Duration { return time.Duration(l.rtt.Load()) }

// age returns how long the link has existed; it is never 0.
func (l *Link) age() time.Duration { return time.Since(l.born) + 1 }

// Run reads messages and calls handle for each, one at a time, until the link ends, handle returns an error, or ctx is
// done, which closes the link with wire.ByeLeave. It returns after every goroutine of the link has ended: nil if ctx ended it,
// handle's error, or why the link ended, which is a *CloseError or wraps ErrIdle, ErrRestarted or ErrProtocol. Call it once.
// wire.Ping, Pong and Bye do not reach handle.
func (l *Link) Run(ctx context.Context, handle func(wire.Message) error) error {
	if err := l.start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { l.Close(wire.ByeLeave, "") })
	defer stop()
	// The goroutines end with the carrier, not with ctx: after that is done there is still a Bye to send.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	g, gctx := errgroup.WithContext(work)
	g.Go(func() error { return l.fail(l.acceptBulk(gctx, g, handle)) })
	_ = l.fail(l.read(handle))
	cancel()
	l.beats.Stop()
	_ = g.Wait() // the first error is l.failed
	l.helpers.Wait()
	l.stopLate()
	err := l.verdict()
	if own, ok := err.(*CloseError); ok && !own.Remote && ctx.Err() != nil {
		return nil // asked to stop, and stopped
	}
	return err
}

// start marks the link as running, or returns why it cannot.
func (l *Link) start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.running:
		return ErrClosed
	case l.closed != nil && l.late == nil:
		return l.closed
	}
	l.running = true
	l.ear.due = l.age() + l.cfg.Heartbeat
	l.beats = time.AfterFunc(l.cfg.Heartbeat, l.tick)
	if l.writer == flusher {
		l.startFlusher()
	}
	l.startWriters()
	return nil
}

// fail ends the link for err, if nothing else did before, and tells the peer why. It returns err.
func (l *Link) fail(err error) error {
	if err == nil {
		return nil
	}
	l.mu.Lock()
	if l.failed == nil {
		l.failed = err
	}
	l.wakeWaiters()
	l.mu.Unlock()
	code, reason := farewell(err)
	l.conn.closeWith(code, reason)
	return err
}

// farewell returns what the peer is told of the error that ended a link.
func farewell(err error) (code uint64, reason string) {
	if c, ok := errors.AsType[*CloseError](err); ok {
		return c.Code, cut(c.Reason)
	}
	if errors.Is(err, ErrProtocol) {
		return wire.ByeProtocol, cut(err.Error())
	}
	if errors.Is(err, ErrIdle) {
		return wire.ByeInternal, "nothing was heard of this side"
	}
	return wire.ByeInternal, cut(err.Error())
}

// verdict returns why the link ended.
func (l *Link) verdict() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		return l.closed
	}
	return l.failed
}

// Close ends the link: what was sent before still goes out, then the code, one of wire's Bye constants, and the reason, which may be
// cut to 1 KiB. It does not wait; Run, which may be called after it, returns when it is done, within a second. A link that
// sent nothing and does not run ends at once. Only the first call counts.
func (l *Link) Close(code uint64, reason string) {
	reason = cut(reason)
	l.mu.Lock()
	if l.closed != nil || l.failed != nil {
		l.mu.Unlock()
		return
	}
	l.closed = &CloseError{Code: code, Reason: reason}
	l.wakeWaiters()
	if !l.running && l.sent == 0 && l.parcels == 0 {
		l.mu.Unlock()
		l.conn.closeWith(code, reason)
		return
	}
	l.late = time.AfterFunc(linger, func() { l.conn.closeWith(code, reason) })
	l.push(&wire.Bye{Code: code, Reason: reason, Bulk: l.parcels})
	l.write()
}

// stopLate stops the timer that Close may have started.
func (l *Link) stopLate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.late != nil {
		l.late.Stop()
	}
}

// cut shortens a reason to maxReason bytes.
func cut(reason string) string { return reason[:min(len(reason), maxReason)] }

// tell puts an element into a channel of capacity 1 that has none.
func tell(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
