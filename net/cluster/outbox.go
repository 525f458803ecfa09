package cluster

import (
	"context"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// conn is a link, as this package uses it; *link.Link is one.
type conn interface {
	Peer() wire.Hello
	PeerID() trust.ID
	Member() bool
	RemoteAddr() netip.AddrPort
	Dialled() bool
	Relayed() bool
	Send(ctx context.Context, m wire.Message) error
	Run(ctx context.Context, handle func(wire.Message) error) error
	Quiet() time.Duration
	RTT() time.Duration
	Close(code uint64, reason string)
}

// maxOutbox is how many bytes of what tasks print may wait for a link before the tasks do.
const maxOutbox = 1 << 20

// outbox holds what is to be sent to a peer, so that whoever has something to send need not wait for the network. What
// is put into it is bounded elsewhere: tasks by credit, results by tasks, messages by their window, logs by wait.
type outbox struct {
	mu sync.Mutex
	// Below, all belongs to whoever holds mu.
	conn  conn // where to send; nil if there is no link, and then what is put is dropped
	queue []wire.Message
	spare []wire.Message
	bytes int
	room  chan struct{} // closed when there is room again; nil if nobody waits
	bye   *wire.Bye     // close the link with this when all is sent

	wake chan struct{} // holds one token if the queue, the link or bye changed
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// attach makes c the link to send on; nil drops what waits.
func (b *outbox) attach(c conn) {
	b.mu.Lock()
	b.conn, b.bye = c, nil
	if c == nil {
		clear(b.queue)
		b.queue, b.bytes = b.queue[:0], 0
	}
	b.freeRoom()
	b.mu.Unlock()
	b.signal()
}

// close closes the link once all is sent.
func (b *outbox) close(code uint64, reason string) {
	b.mu.Lock()
	b.bye = &wire.Bye{Code: code, Reason: reason}
	b.mu.Unlock()
	b.signal()
}

func (b *outbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// put queues m. It never waits.
func (b *outbox) put(m wire.Message) {
	b.mu.Lock()
	empty := len(b.queue) == 0
	if b.conn != nil {
		b.queue = append(b.queue, m)
		b.bytes += size(m)
	}
	b.mu.Unlock()
	if empty {
		b.signal()
	}
}

// full reports whether so much waits that what may be left out should be.
func (b *outbox) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes >= maxOutbox/2
}

// wait returns when there is room, no link, or done is closed.
func (b *outbox) wait(done <-chan struct{}) {
	for {
		b.mu.Lock()
		if b.conn == nil || b.bytes < maxOutbox {
			b.mu.Unlock()
			return
		}
		if b.room == nil {
			b.room = make(chan struct{})
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-room:
		case <-done:
			return
		}
	}
}

// freeRoom lets the waiting go on, if there is room. mu is held.
func (b *outbox) freeRoom() {
	if b.room != nil && (b.conn == nil || b.bytes < maxOutbox) {
		close(b.room)
		b.room = nil
	}
}

// pump sends what is put on c until c is not the link any more, ctx is done or c has ended. A message that c did not
// take goes to the link that took c's place.
func (b *outbox) pump(ctx context.Context, c conn) {
	for {

		runtime.Gosched() // whoever is about to put something in does, and it goes with the same write
		batch, bye, ok := b.take(c)
		if !ok {
			return
		}
		if n, err := sendAll(ctx, c, batch); err != nil {
			b.giveBack(batch, n)
			return
		}
		b.sent(batch)
		if len(batch) > 0 {
			continue
		}
		if bye != nil {
			c.Close(bye.Code, bye.Reason)
			return
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return
		}
	}
}

// A crowdSender sends many messages with few writes; *link.Link is one.
type crowdSender interface {
	SendAll(ctx context.Context, list []wire.Message) (n int, err error)
}

// sendAll sends a batch and returns how many of it c took.
func sendAll(ctx context.Context, c conn, batch []wire.Message) (n int, err error) {
	if s, ok := c.(crowdSender); ok && len(batch) > 1 {
		return s.SendAll(ctx, batch)
	}
	for i, m := range batch {
		if err := c.Send(ctx, m); err != nil {
			return i, err
		}
	}
	return len(batch), nil
}

// take returns all that waits for c. bye is set if the link is to be closed after that, ok is false if c is not the
// link.
func (b *outbox) take(c conn) (batch []wire.Message, bye *wire.Bye, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != c {
		b.signal() // the token may have been for the pump of the other link
		return nil, nil, false
	}
	batch, b.queue, b.spare = b.queue, b.spare, nil
	return batch, b.bye, true
}

// sent accounts for a batch that is on its way.
func (b *outbox) sent(batch []wire.Message) {
	n := 0
	for _, m := range batch {
		n += size(m)
	}
	clear(batch)
	b.mu.Lock()
	b.bytes = max(0, b.bytes-n)
	if b.spare == nil && cap(batch) <= 4096 {
		b.spare = batch[:0]
	}
	b.freeRoom()
	b.mu.Unlock()
}

// giveBack puts what was not sent of a batch in front again, for a link that takes the place of the one that ended. If
// none does, attach drops it.
func (b *outbox) giveBack(batch []wire.Message, from int) {
	rest := append([]wire.Message(nil), batch[from:]...)
	b.sent(batch[:from])
	b.mu.Lock()
	if b.conn != nil {
		b.queue = append(rest, b.queue...)
	}
	b.mu.Unlock()
	b.signal()
}

// size is roughly what m takes on the wire, in bytes.
func size(m wire.Message) int {
	const overhead = 48
	switch m := m.(type) {
	case *wire.Task:
		return overhead + len(m.Code) + len(m.Args) + len(m.Name)
	case *wire.Result:
		return overhead + len(m.Value) + len(m.Err)
	case *wire.Event:
		return overhead + len(m.Name) + len(m.Data)
	case *wire.Log:
		return overhead + len(m.Text)
	case *wire.Blob:
		return overhead + len(m.Data)
	case *wire.Refused:
		return overhead + len(m.Err)
	}
	return overhead
}
