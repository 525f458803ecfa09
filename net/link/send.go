package link

import (
	"context"
	"time"

	"supercluster/net/wire"
)

// Who writes to the stream of small messages: never two at once, which would break the order.
const (
	nobody = iota
	caller // a caller of Send, which never waits for the carrier
	flusher
)

const (
	// rounds is how often a caller of Send writes for others too before it leaves that to Run.
	rounds = 4
	// maxSpare is the largest buffer that is kept for the next write.
	maxSpare = 256 << 10
)

// Send queues m and returns. It blocks only under back-pressure, until there is room, ctx is done or the link ends. The error
// is ctx's, wraps ErrTooLong, or is ErrClosed; then m was not queued. Nil does not mean that m has arrived. Small messages of one
// goroutine arrive in order; see the package comment for long ones.
func (l *Link) Send(ctx context.Context, m wire.Message) error {
	if n := wire.Size(m); n > wire.HeaderLen+wire.MaxSmall {
		return l.sendBulk(ctx, m, n)
	}
	l.mu.Lock()
	if err := l.await(ctx, func() bool { return l.out.Len() < l.cfg.Pending }); err != nil {
		l.mu.Unlock()
		return err
	}
	l.push(m)
	l.write()
	return nil
}

// SendAll is Send for one message after the other, with as few writes as possible. It returns how many were queued, which are
// the first of list; an error is about the one after these.
func (l *Link) SendAll(ctx context.Context, list []wire.Message) (n int, err error) {
	pushed := false // and not written
	l.mu.Lock()
	defer func() {
		if pushed {
			l.write()
		} else {
			l.mu.Unlock()
		}
	}()
	for ; n < len(list); n++ {
		m := list[n]
		size := wire.Size(m)
		long := size > wire.HeaderLen+wire.MaxSmall
		if pushed && (long || l.out.Len() >= l.cfg.Pending) { // who waits must have what it waits for under way
			l.write()
			l.mu.Lock()
			pushed = false
		}
		if long {
			l.mu.Unlock()
			err = l.sendBulk(ctx, m, size)
			l.mu.Lock()
		} else if err = l.await(ctx, func() bool { return l.out.Len() < l.cfg.Pending }); err == nil {
			l.push(m)
			pushed = true
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// await returns nil once there is room, or why there will be none. The caller holds mu, which is released meanwhile.
func (l *Link) await(ctx context.Context, room func() bool) error {
	for {
		if l.closed != nil || l.failed != nil {
			return ErrClosed
		}
		if room() {
			return nil
		}
		if l.room == nil {
			l.room = make(chan struct{})
		}
		wait := l.room
		l.mu.Unlock()
		var err error
		select {
		case <-wait:
		case <-l.conn.ended():
			err = ErrClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
		l.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// wakeWaiters makes those in await look again. The caller holds mu.
func (l *Link) wakeWaiters() {
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// push appends a frame to what waits to be written. The caller holds mu.
func (l *Link) push(m wire.Message) {
	l.out.Append(m)
	l.sent++
}

// post queues a heartbeat and writes it if nobody else writes. It never blocks; under back-pressure it does nothing.
func (l *Link) post(m wire.Message) {
	l.mu.Lock()
	if l.closed != nil || l.failed != nil || l.out.Len() >= l.cfg.Pending {
		l.mu.Unlock()
		return
	}
	l.push(m)
	l.write()
}

// write releases mu, which the caller holds, and writes what waits, unless somebody else does. It never blocks: what the carrier
// does not take at once, or comes in faster than it is written, is left to the flusher.
func (l *Link) write() {
	defer l.mu.Unlock()
	if l.writer != nobody {
		return
	}
	l.writer = caller
	for range rounds {
		buf := l.take()
		l.mu.Unlock()
		ok, err := l.conn.tryWrite(buf.Bytes())
		l.mu.Lock()
		if err != nil {
			return // the connection has ended, which Run notices
		}
		if !ok {
			l.held = buf
			break
		}
		l.recycle(buf)
		if l.out.Len() == 0 {
			l.writer = nobody
			return
		}
	}
	l.writer = flusher
	l.startFlusher()
}

// startFlusher starts a goroutine that writes what a caller left, which writer says, if Run runs; else Run will. The caller holds mu.
func (l *Link) startFlusher() {
	if l.running && l.failed == nil {
		l.helpers.Go(func() { _ = l.fail(l.flush()) })
	}
}

// take returns all frames that wait, in order, whose writing is then up to the caller. The caller holds mu.
func (l *Link) take() *wire.Encoder {
	if buf := l.held; buf != nil {
		l.held = nil
		return buf
	}
	buf := l.out
	l.out, l.spare = l.spare, nil
	if l.out == nil {
		l.out = wire.NewEncoder()
	}
	l.wakeWaiters()
	return buf
}

// recycle keeps a written buffer for reuse. The caller holds mu.
func (l *Link) recycle(buf *wire.Encoder) {
	buf.Reset(maxSpare)
	l.spare = buf
}

// flush writes until nothing waits, however long the carrier takes.
func (l *Link) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.held != nil || l.out.Len() > 0 {
		buf := l.take()
		l.mu.Unlock()
		_, err := l.conn.Write(buf.Bytes())
		l.mu.Lock()
		if err != nil {
			return l.conn.cause(err)
		}
		l.recycle(buf)
	}
	l.writer = nobody
	return nil
}

// tick sends a heartbeat and sets the timer for the next, until the link ends. It is the timer's and not a goroutine's that waits, of
// which there would be thousands.
func (l *Link) tick() {
	l.mu.Lock()
	if l.failed != nil {
		l.mu.Unlock()
		return
	}
	l.helpers.Add(1)
	l.mu.Unlock()
	defer l.helpers.Done()
	if l.ear.deaf(l) {
		_ = l.fail(ErrIdle)
		return
	}
	next := l.beat()
	l.ear.due = l.age() + next
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.beats.Reset(next)
	}
}

// beat lets the peer hear of this side and returns when to do so again. The side that dialled sends Pings; the other's Pongs are
// heartbeats enough, so it pings only when the other's Pings stay away.
func (l *Link) beat() time.Duration {
	every := l.cfg.Heartbeat
	if !l.dialled {
		every += every / 4
		if due := time.Duration(l.ponged.Load()) + every - l.age(); due > 0 {
			return due
		}
	}
	l.post(&wire.Ping{Time: int64(l.age())})
	return every
}
