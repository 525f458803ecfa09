package link

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"supercluster/net/wire"
)

// readBuffer is how many bytes of small messages are read at once: what a few packets hold.
const readBuffer = 8 << 10

// read handles small messages until the link ends, and returns why it did.
func (l *Link) read(handle func(wire.Message) error) error {
	r := bufio.NewReaderSize(tap{l}, readBuffer)
	for {
		kind, body, err := wire.ReadFrame(r, l.cfg.maxSmall)
		if err != nil {
			return l.readError(err)
		}
		if err := l.receive(kind, body, handle); err != nil {
			return err
		}
		l.order.advance()
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
type tap struct{ l *Link }

// Read reads from the carrier.
func (t tap) Read(p []byte) (int, error) {
	t.l.waiting.Store(int64(t.l.age()))
	n, err := t.l.conn.Read(p)
	t.l.waiting.Store(0)
	return n, err
}
