package link

import (
	"io"
	"net/netip"
	"sync"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// pipeWindow is how many bytes wait in each direction of a stream of a Pipe, as in a QUIC stream's window.
const pipeWindow = 256 << 10

// Pipe returns two links that are joined in memory, the first of which says the hello a, the second b. They behave as links
// over a Socket do, but for idle time-outs, which need a peer that can vanish. Both must be run or closed. Nothing in
// them waits for the outside world, so they work in a testing/synctest bubble.
func Pipe(a, b wire.Hello) (*Link, *Link) {
	state := &pipeState{ended: make(chan struct{})}
	there, back := newQueue(), newQueue()
	state.adopt(there)
	state.adopt(back)
	thereBulk, backBulk := make(chan *queue, maxStreams), make(chan *queue, maxStreams)
	first := &pipeEnd{state: state, in: back, out: there, bulkIn: backBulk, bulkOut: thereBulk}
	second := &pipeEnd{state: state, in: there, out: back, bulkIn: thereBulk, bulkOut: backBulk, second: true}
	cfg := Config{}.withDefaults()
	idA, _ := trust.ParseID(a.Node.ID) // a hello without an ID that is one has the zero ID
	idB, _ := trust.ParseID(b.Node.ID)
	proto, err := wire.Negotiate(&a, &b)
	if err != nil {
		state.close(false, &CloseError{Code: wire.ByeVersion, Reason: err.Error()})
	}
	return newLink(first, cfg, b, own(idB, b), proto, true), newLink(second, cfg, a, own(idA, a), proto, false)
}

// own is the standing of a node of this process.
func own(id trust.ID, h wire.Hello) trust.Standing {
	return trust.Standing{ID: id, Member: true, Role: h.Node.Role}
}

// pipeState is what both ends of a Pipe share.
type pipeState struct {
	mu       sync.Mutex
	ended    chan struct{}
	why      *CloseError // nil until ended
	bySecond bool        // which end closed
	open     []*queue    // all streams, to be closed at the end
}

// close ends the pipe unless it has ended.
func (s *pipeState) close(bySecond bool, why *CloseError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		return
	}
	s.why, s.bySecond = why, bySecond
	close(s.ended)
	for _, q := range s.open {
		q.abort()
	}
	s.open = nil
}

// adopt sees to it that q is closed with the pipe.
func (s *pipeState) adopt(q *queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		q.abort()
		return
	}
	s.open = append(s.open, q)
}

// disown is called when q needs no closing any more.
func (s *pipeState) disown(q *queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.open {
		if other == q {
			s.open = append(s.open[:i], s.open[i+1:]...)
			return
		}
	}
}

// A pipeEnd is the carrier of one end.
type pipeEnd struct {
	state           *pipeState
	in, out         *queue
	bulkIn, bulkOut chan *queue
	second          bool
}

func (p *pipeEnd) Read(b []byte) (int, error) { return p.in.Read(b) }

func (p *pipeEnd) Write(b []byte) (int, error) { return p.out.Write(b) }

func (p *pipeEnd) tryWrite(b []byte) (bool, error) { return p.out.tryWrite(b) }

func (p *pipeEnd) openBulk() (io.WriteCloser, error) {
	q := newQueue()
	p.state.adopt(q)
	select {
	case p.bulkOut <- q:
		return q, nil
	case <-p.state.ended:
		return nil, ErrClosed
	}
}

func (p *pipeEnd) acceptBulk() (io.Reader, error) {
	select {
	case q := <-p.bulkIn:
		return &pipeBulk{q, p.state}, nil
	case <-p.state.ended:
		return nil, ErrClosed
	}
}

func (p *pipeEnd) closeWith(code uint64, reason string) {
	p.state.close(p.second, &CloseError{Code: code, Reason: reason})
}

func (p *pipeEnd) ended() <-chan struct{} { return p.state.ended }

func (p *pipeEnd) cause(err error) error {
	p.state.mu.Lock()
	defer p.state.mu.Unlock()
	if p.state.why == nil {
		return err
	}
	why := *p.state.why
	why.Remote = p.state.bySecond != p.second
	return &why
}

func (p *pipeEnd) remoteAddr() netip.AddrPort { return netip.AddrPort{} }

func (p *pipeEnd) received() (uint64, bool) { return 0, false }

// A pipeBulk reads a long message's queue and forgets it at its end.
type pipeBulk struct {
	q     *queue
	state *pipeState
}

func (b *pipeBulk) Read(p []byte) (int, error) {
	n, err := b.q.Read(p)
	if err != nil {
		b.state.disown(b.q)
	}
	return n, err
}

// A queue is a stream in one direction: bytes in order, at most pipeWindow of them waiting.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	buf     []byte
	done    bool // nothing more is written
	aborted bool // the pipe has ended
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// Read waits for bytes.
func (q *queue) Read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.buf) == 0 && !q.done && !q.aborted {
		q.changed.Wait()
	}
	switch {
	case q.aborted:
		return 0, ErrClosed
	case len(q.buf) == 0:
		return 0, io.EOF
	}
	n := copy(p, q.buf)
	if q.buf = q.buf[n:]; len(q.buf) == 0 {
		q.buf = nil
	}
	q.changed.Broadcast()
	return n, nil
}

// Write waits for room.
func (q *queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	written := 0
	for {
		if q.aborted {
			return written, ErrClosed
		}
		n := min(len(p)-written, pipeWindow-len(q.buf))
		q.buf = append(q.buf, p[written:written+n]...)
		q.changed.Broadcast()
		if written += n; written == len(p) {
			return written, nil
		}
		q.changed.Wait()
	}
}

// tryWrite writes all of p if there is room.
func (q *queue) tryWrite(p []byte) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.aborted {
		return false, ErrClosed
	}
	if len(q.buf)+len(p) > pipeWindow {
		return false, nil
	}
	q.buf = append(q.buf, p...)
	q.changed.Broadcast()
	return true, nil
}

// Close ends the stream after what was written.
func (q *queue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = true
	q.changed.Broadcast()
	return nil
}

// abort ends it at once.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.aborted = true
	q.changed.Broadcast()
}
