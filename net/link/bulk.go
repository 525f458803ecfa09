package link

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"supercluster/net/wire"
)

const (
	// maxStreams is how many long messages travel at once in each direction.
	maxStreams = 4
	// prefixLen is the length of what stands before the frame on a stream of its own: how many small messages the sender
	// had sent before, in 8 bytes, big-endian.
	prefixLen = 8
)

// A parcel is a long message on its way out: the prefix and the frame.
type parcel []byte

// sendBulk queues a message of at most size bytes for a stream of its own.
func (l *Link) sendBulk(ctx context.Context, m wire.Message, size int) error {
	if size > l.cfg.maxBulk {
		return fmt.Errorf("%w: %v of %d bytes, limit %d", ErrTooLong, m.Kind(), size, l.cfg.maxBulk)
	}
	buf, _ := l.parcelBufs.Get().(*parcel)
	if buf == nil || cap(*buf) < prefixLen+size {
		fresh := make(parcel, 0, prefixLen+size)
		buf = &fresh
	}
	p := parcel(wire.Append((*buf)[:prefixLen], m))
	l.mu.Lock()
	defer l.mu.Unlock()
	fits := func() bool { return l.bulkLoad == 0 || l.bulkLoad+len(p) <= l.cfg.Bulk }
	if err := l.await(ctx, fits); err != nil {
		return err
	}
	binary.BigEndian.PutUint64(p, l.sent)
	l.queue = append(l.queue, p)
	l.parcels++
	l.bulkLoad += len(p)
	l.startWriters()
	return nil
}

// startWriters starts a goroutine that writes long messages if one waits and Run runs. The caller holds mu.
func (l *Link) startWriters() {
	for n := len(l.queue); n > 0 && l.running && l.writers < maxStreams; n-- {
		l.writers++
		l.helpers.Go(l.writeBulk)
	}
}

// writeBulk writes long messages until none waits or the link ends.
func (l *Link) writeBulk() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 || l.failed != nil {
			l.writers--
			l.mu.Unlock()
			return
		}
		p := l.queue[0]
		l.queue[0] = nil
		l.queue = l.queue[1:]
		l.mu.Unlock()
		err := l.writeParcel(p)
		l.mu.Lock()
		l.bulkLoad -= len(p)
		l.wakeWaiters()
		l.mu.Unlock()
		if err != nil {
			l.fail(l.conn.cause(err))
		}
		l.parcelBufs.Put(&p)
	}
}

// writeParcel writes one long message to a stream of its own.
func (l *Link) writeParcel(p parcel) error {
	w, err := l.conn.openBulk()
	if err != nil {
		return err
	}
	if _, err := w.Write(p); err != nil {
		return err
	}
	return w.Close()
}

// acceptBulk reads long messages until the link ends, each on a goroutine of g, whose context is ctx.
func (l *Link) acceptBulk(ctx context.Context, g *errgroup.Group, handle func(wire.Message) error) error {
	for {
		r, err := l.conn.acceptBulk()
		if err != nil {
			return l.conn.cause(err)
		}
		g.Go(func() error { return l.fail(l.readBulk(ctx, r, handle)) })
	}
}

// readBulk reads and handles one long message.
func (l *Link) readBulk(ctx context.Context, r io.Reader, handle func(wire.Message) error) error {
	var prefix [prefixLen]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return l.bulkError(err)
	}
	kind, n, err := wire.ReadHeader(r, l.cfg.maxBulk)
	if err != nil {
		return l.bulkError(err)
	}
	// Wait for room, in the order in which the streams began, so that what is unfinished stays within Config.Bulk. QUIC
	// meanwhile holds back the rest.
	room := min(int64(n), int64(l.cfg.Bulk))
	if err := l.intake.Acquire(ctx, room); err != nil {
		return l.bulkError(err)
	}
	defer l.intake.Release(room)
	body, err := wire.ReadBody(r, n)
	if err == nil {
		err = expectEnd(r)
	}
	if err != nil {
		return l.bulkError(err)
	}
	if !l.order.reach(binary.BigEndian.Uint64(prefix[:]), l.conn.ended()) {
		return l.conn.cause(nil)
	}
	m, err := wire.Decode(kind, body)
	switch {
	case errors.Is(err, wire.ErrKind): // from a later version
	case err != nil:
		return l.bulkError(err)
	default:
		if err := l.deliver(m, handle); err != nil {
			return err
		}
	}
	l.got.Add(1)
	tell(l.gotOne)
	return nil
}

// expectEnd reads the end of a stream, which QUIC must see read before it lets the peer open another.
func expectEnd(r io.Reader) error {
	var b [1]byte
	switch n, err := r.Read(b[:]); {
	case err == io.EOF && n == 0:
		return nil
	case err != nil && n == 0:
		return err
	}
	return errors.New("bytes after a long message")
}

// bulkError returns why a long message could not be read: the link has ended, or the peer sent what it should not.
func (l *Link) bulkError(err error) error {
	if why := l.conn.cause(err); why != err {
		return why
	}
	return fmt.Errorf("%w by %v: %w", ErrProtocol, l.who.ID, err)
}
