package cluster

import (
	"sync"

	"supercluster/net/wire"
)

// effectKind says what an effect asks for.
type effectKind uint8

const (
	effectSend    effectKind = iota + 1 // msg to s
	effectPeer                          // tell the user that s came (up) or went (text)
	effectDeliver                       // hand msg, an event from s, to the user
	effectPosted                        // tell whoever posted a message what became of it: posted(err)

	effectState // tell t's user of state, at peer
	effectSaid  // tell t's user what it logged or reported: msg, at peer
	effectDone  // tell t's user its outcome
	effectJudge // ask t's user whether s's worker may run it, which needs so much
	effectRetry // ask t's user whether it is worth another attempt after outcome

	effectTaken // tell the worker's user of j
	effectStart // run j
	effectStop  // end j, because of err
)

// effect is one thing that a state machine wants done. Which fields count depends on the kind.
type effect struct {
	kind    effectKind
	state   State
	up      bool
	s       *session
	peer    *Peer
	msg     wire.Message
	t       *task
	j       *job
	outcome *Outcome
	text    string
	posted  func(error)
	err     error
	needs   Resources
	count   int
}

// effects collects what a state machine wants done, in order.
type effects struct{ out []effect }

func (e *effects) emit(x effect) { e.out = append(e.out, x) }

func (e *effects) send(s *session, m wire.Message) {
	e.emit(effect{kind: effectSend, s: s, msg: m})
}

// desk is where inputs meet a state machine: one at a time, and what they cause is done in order, by one goroutine at
// a time, with the mutex released.
//
// Two goroutines may interleave so: A locks, steps, finds nobody busy and begins to carry out A's effects; B locks,
// steps and finds A busy: it leaves B's effects to A and returns. A looks again after each batch, so none are left.
type desk struct {
	mu sync.Mutex
	// Below, all belongs to whoever holds mu.
	effects
	spare []effect
	busy  bool
}

// settle carries out all effects. It is called with mu held and returns with it released.
func (d *desk) settle(perform func(*effect)) {
	if d.busy {
		d.mu.Unlock()
		return
	}
	d.busy = true
	for len(d.out) > 0 {
		batch := d.out
		d.out = d.spare[:0]
		d.mu.Unlock()
		for i := range batch {
			perform(&batch[i])
		}
		clear(batch)
		d.mu.Lock()
		d.spare = batch
	}
	d.busy = false
	d.mu.Unlock()
}
