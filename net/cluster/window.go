package cluster

import (
	"fmt"

	"supercluster/net/wire"
)

// Bounds of the messages from one node to another.
const (
	windowCount = 256     // under way and not consumed
	windowBytes = 1 << 20 // of these; a longer message travels alone
	maxWaiting  = 16 << 20
)

// window sends messages in order and no faster than they are consumed. A message is in one of three states:
//   - waiting: it was posted, but the window is closed;
//   - under way: it was sent, and kept in case the link is replaced by another;
//   - consumed: the receiver's user is done with it, and it is forgotten.
//
// A wire.Event carries a sequence number: the epoch in its upper 32 bits, which grows when messages were given up, and
// in the lower ones a count from 1. An Event without a name goes the other way; it says how far the receiver is.
type window struct {
	epoch, next  uint32
	sent         []*wire.Event
	sentBytes    int
	waiting      []posting
	waitingBytes int
	effects      *effects
	session      *session
}

// posting is a message that waits. done may be nil.
type posting struct {
	event *wire.Event
	done  func(error)
}

// post takes a message to send. Unless it must be taken, it is refused when too much waits.
func (w *window) post(e *wire.Event, must bool, done func(error)) {
	if !must && w.waitingBytes > maxWaiting {
		w.tell(done, &Error{CodeBackPressure, fmt.Sprintf("message %q to %s: %d bytes wait to be sent already",
			e.Name, w.session.peer.ID, w.waitingBytes)})
		return
	}
	w.waiting = append(w.waiting, posting{e, done})
	w.waitingBytes += size(e)
	w.advance()
}

// advance sends what the window has room for.
func (w *window) advance() {
	for len(w.waiting) > 0 {
		p := w.waiting[0]
		n := size(p.event)
		if len(w.sent) > 0 && (len(w.sent) >= windowCount || w.sentBytes+n > windowBytes) {
			return
		}
		w.waiting[0] = posting{}
		w.waiting = w.waiting[1:]
		w.waitingBytes -= n
		w.next++
		p.event.Seq = uint64(w.epoch)<<32 | uint64(w.next)
		w.sent = append(w.sent, p.event)
		w.sentBytes += n
		w.effects.send(w.session, p.event)
		w.tell(p.done, nil)
	}
}

func (w *window) tell(done func(error), err error) {
	if done != nil {
		w.effects.emit(effect{kind: effectPosted, posted: done, err: err})
	}
}

// consumed forgets the messages up to seq, which the receiver is done with.
func (w *window) consumed(seq uint64) {
	n := 0
	for n < len(w.sent) && w.sent[n].Seq <= seq {
		w.sentBytes -= size(w.sent[n])
		w.sent[n] = nil
		n++
	}
	w.sent = w.sent[n:]
	w.advance()
}

// relink sends again what is under way: the link that it was sent on has been replaced.
func (w *window) relink() {
	for _, e := range w.sent {
		w.effects.send(w.session, e)
	}
}

// drop gives up all messages: the receiver was lost. What is posted later counts from 1 in a new epoch.
func (w *window) drop(err error) {
	for _, p := range w.waiting {
		w.tell(p.done, err)
	}
	w.waiting, w.sent = nil, nil
	w.waitingBytes, w.sentBytes = 0, 0
	w.epoch++
	w.next = 0
}

// inbox puts messages into the order in which they were posted: a long one may be overtaken on its way.
type inbox struct {
	epoch     uint32
	delivered uint32 // all up to this were handed on
	consumed  uint32 // this many the user is done with
	reported  uint32 // this many the sender knows of
	held      map[uint32]*wire.Event
	heldBytes int
	unseen    int // bytes consumed since the last report
	effects   *effects
	session   *session
}

// receive takes a message from the link. The error means that the sender did not keep to its window.
func (b *inbox) receive(e *wire.Event) error {
	epoch, n := uint32(e.Seq>>32), uint32(e.Seq)
	if epoch != b.epoch {
		if int32(epoch-b.epoch) < 0 {
			return nil // given up by its sender, and late
		}
		b.epoch, b.delivered, b.consumed, b.reported = epoch, 0, 0, 0
		b.held, b.heldBytes = nil, 0
	}
	if n <= b.delivered || b.held[n] != nil {
		b.report() // sent again since the report was lost
		return nil
	}
	if n-b.consumed > windowCount {
		return fmt.Errorf("message %d before %d was consumed, window %d", n, b.consumed+1, windowCount)
	}
	if n > b.delivered+1 {
		if b.held == nil {
			b.held = make(map[uint32]*wire.Event)
		}
		if b.heldBytes += size(e); b.heldBytes > 2*windowBytes {
			return fmt.Errorf("%d bytes of messages out of order, limit %d", b.heldBytes, 2*windowBytes)
		}
		b.held[n] = e
		return nil
	}
	for e != nil {
		b.delivered++
		b.effects.emit(effect{kind: effectDeliver, s: b.session, peer: b.session.peer, msg: e})
		e = b.held[b.delivered+1]
		if e != nil {
			delete(b.held, b.delivered+1)
			b.heldBytes -= size(e)
		}
	}
	return nil
}

// done counts a message of that epoch and size as consumed, and reports when enough were, or all.
func (b *inbox) done(epoch uint32, bytes int) {
	if epoch != b.epoch || b.consumed >= b.delivered {
		return
	}
	b.consumed++
	b.unseen += bytes
	if b.consumed == b.delivered || b.consumed-b.reported >= windowCount/4 || b.unseen >= windowBytes/4 {
		b.report()
	}
}

func (b *inbox) report() {
	b.reported, b.unseen = b.consumed, 0
	b.effects.send(b.session, &wire.Event{Seq: uint64(b.epoch)<<32 | uint64(b.consumed)})
}
