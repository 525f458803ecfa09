package link

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"supercluster/net/wire"
)

// readBuffer is how many bytes of small messages are read at once: what a few packets hold. idleBuffer is the same while
// little comes, as there may be thousands of links on which nothing but heartbeats does.
const readBuffer, idleBuffer = 8 << 10, 512

// readBuffers has those of links on which much came a while ago.
var readBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

// read handles small messages until the link ends, and returns why it did.
func (l *Link) read(handle func(wire.Message) error) error {
	in := &inflow{tap: tap{l: l}}
	in.small = bufio.NewReaderSize(&in.tap, idleBuffer)
	in.now = in.small
	defer in.release()
	for {
		in.fit()
		kind, body, err := wire.ReadFrame(in.now, l.cfg.maxSmall)
		if err != nil {
			return l.readError(err)
		}
		if err := l.receive(kind, body, handle); err != nil {
			return err
		}
		l.order.advance()
	}
}

// An inflow reads a link's small messages through a buffer as large as what comes asks for.
type inflow struct {
	tap
	small, now *bufio.Reader // now is small, or one of readBuffers
}

// fit changes the buffer between two frames, when nothing is in it.
func (f *inflow) fit() {
	switch {
	case f.now.Buffered() > 0:
	case f.now == f.small && f.last >= idleBuffer:
		f.now = readBuffers.Get().(*bufio.Reader)
		f.now.Reset(&f.tap)
	case f.now != f.small && f.last < idleBuffer:
		f.release()
	}
}

// release gives a large buffer back.
func (f *inflow) release() {
	if f.now != f.small {
		f.now.Reset(nil)
		readBuffers.Put(f.now)
		f.now = f.small
	}
}

// readError returns why the stream of small messages broke off.
func (l *Link) readError(err error) error {
	if errors.Is(err, wire.ErrTooLong) || errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return fmt.Errorf("%w by %v: %w", ErrProtocol, l.who.ID, err)
	}
	return l.conn.cause(err)
}

// receive handles one small message.
func (l *Link) receive(kind wire.Kind, body []byte, handle func(wire.Message) error) error {
	m, err := wire.Decode(kind, body)
	if errors.Is(err, wire.ErrKind) {
		return nil // from a later version
	}
	if err != nil {
		return fmt.Errorf("%w by %v: %w", ErrProtocol, l.who.ID, err)
	}
	switch m := m.(type) {
	case *wire.Ping:
		l.ponged.Store(int64(l.age()))
		l.post(&wire.Pong{Time: m.Time})
		return nil
	case *wire.Pong:
		if rtt := int64(l.age()) - m.Time; rtt > 0 {
			l.rtt.Store(rtt)
		}
		return nil
	case *wire.Bye:
		return l.hearBye(m)
	case *wire.Hello:
		return fmt.Errorf("%w by %v: a second hello", ErrProtocol, l.who.ID)
	}
	return l.deliver(m, handle)
}

// deliver calls handle when nobody else does. After Close it drops the message.
func (l *Link) deliver(m wire.Message, handle func(wire.Message) error) error {
	select {
	case l.turn <- struct{}{}:
	case <-l.conn.ended():
		return l.conn.cause(nil)
	}
	defer func() { <-l.turn }()
	l.mu.Lock()
	closed := l.closed != nil
	l.mu.Unlock()
	if closed {
		return nil
	}
	return handle(m)
}

// hearBye waits for the long messages that the peer sent before its Bye, not for ever, and returns the error that
// ends the link.
func (l *Link) hearBye(m *wire.Bye) error {
	late := time.NewTimer(linger)
	defer late.Stop()
	for l.got.Load() < m.Bulk {
		select {
		case <-l.gotOne:
			continue
		case <-l.conn.ended():
		case <-late.C:
		}
		break
	}
	return &CloseError{Code: m.Code, Reason: cut(m.Reason), Remote: true}
}

// A tap reads a link's small messages and notes when it waits for them.
type tap struct {
	l    *Link
	last int // bytes that came last
}

// Read reads from the carrier.
func (t *tap) Read(p []byte) (int, error) {
	t.l.waiting.Store(int64(t.l.age()))
	n, err := t.l.conn.Read(p)
	t.l.waiting.Store(0)
	t.last = n
	return n, err
}
