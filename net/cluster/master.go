package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// MasterConfig describes a master.
type MasterConfig struct {
	// Identity is who the master is. Required.
	Identity *trust.Identity
	// Data is what its user announces, Host what is known of its machine: JSON, or nil.
	Data, Host json.RawMessage
	// Private keeps it to the nodes of this process: it is not announced, dials nobody and answers nobody.
	Private bool
	// OnWorker hears of workers that come and go; OnMessage of messages from workers and from tasks. Both may be nil.
	OnWorker  func(PeerEvent)
	OnMessage func(Message)
	// MaxQueued bounds the tasks that wait for a worker; zero means a million. What is beyond fails with
	// ERR_BACKPRESSURE.
	MaxQueued int
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Master sends tasks to workers. It does nothing before a Mesh has joined it, but takes tasks.
type Master struct {
	cfg    MasterConfig
	id     string
	hashed atomic.Pointer[hashedCode]
	wake   chan struct{} // holds one token if run must look at the deadlines

	desk      // guards what follows
	peers     sessions
	scheduler *scheduler
	control   *control
	armed     time.Time                    // when run looks at the deadlines
	spy       func(*session, wire.Message) // sees what is sent, in tests; nil otherwise
	clock     func() time.Time             // time.Now, but in simulations
}

// hashedCode is the code of the last task: a script mostly sends one function many times.
type hashedCode struct {
	code []byte
	hash [32]byte
}

// NewMaster returns a master; it starts nothing.
func NewMaster(cfg MasterConfig) *Master {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxQueued <= 0 {
		cfg.MaxQueued = 1_000_000
	}
	m := &Master{cfg: cfg, id: cfg.Identity.ID().String(), wake: make(chan struct{}, 1), clock: time.Now}
	m.peers = newSessions(&m.effects, CodeNoWorker)
	m.scheduler = newScheduler(&m.effects, cfg.MaxQueued)
	m.scheduler.id, m.control = m.id, m.scheduler.control
	return m
}

// ID returns the master's id.
func (m *Master) ID() string { return m.id }

// Workers returns the workers that take work now, ordered by id.
func (m *Master) Workers() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Peer
	for _, s := range m.peers.linked("") {
		if r := m.scheduler.remotes[s]; r != nil && !r.closed {
			list = append(list, *s.peer)
		}
	}
	return list
}

// Submit takes a task and returns its id. It never blocks; all else is told by the Spec's callbacks.
func (m *Master) Submit(spec Spec) wire.TaskID {
	t := &task{id: wire.NewTaskID(), spec: spec, hash: m.hash(spec.Code)}
	now := m.clock()
	m.mu.Lock()
	if n := t.size(); n > maxMessage {
		m.scheduler.fail(t, CodeTooLarge, "%s: code and arguments take %d bytes, limit %d", t.title(), n, maxMessage)
	} else {
		m.scheduler.submit(t, now)
	}
	m.finishStep()
	return t.id
}

// hash returns the SHA-256 of code.
func (m *Master) hash(code []byte) [32]byte {
	if last := m.hashed.Load(); last != nil && len(code) > 0 && len(last.code) == len(code) && &last.code[0] == &code[0] {
		return last.hash // the same memory, which holding on to it keeps from being used for something else
	}
	h := &hashedCode{code: code, hash: sha256.Sum256(code)}
	m.hashed.Store(h)
	return h.hash
}

// Cancel ends a task that is not done with ERR_CANCELLED and the reason in the message. A running attempt is told to
// stop. It reports whether there was such a task.
func (m *Master) Cancel(id wire.TaskID, reason string) bool {
	m.mu.Lock()
	ok := m.scheduler.cancel(id, reason)
	m.finishStep()
	return ok
}

// Send sends a message to the worker with that id, and returns when it is under way: after all earlier ones, and as
// soon as the receiver has consumed enough of them. Its errors are of type *Error, or ctx's.
func (m *Master) Send(ctx context.Context, worker, name string, data []byte) error {
	return waitPosted(ctx, func(sent func(error)) { m.post(worker, name, data, true, sent) })
}

// Post is Send for callers that must not block: sent, which may be nil, is called when the message is under way or
// cannot be sent. Messages are sent in the order of the calls.
func (m *Master) Post(worker, name string, data []byte, sent func(error)) {
	m.post(worker, name, data, false, sent)
}

func (m *Master) post(worker, name string, data []byte, must bool, sent func(error)) {
	m.mu.Lock()
	m.peers.post(worker, &wire.Event{Name: name, Data: data}, must, sent)
	m.finishStep()
}

// Broadcast posts a message to all workers that are linked. sent, which may be nil, is called once: when the message
// is under way to all, with the first error if there was one.
func (m *Master) Broadcast(name string, data []byte, sent func(error)) {
	m.mu.Lock()
	m.peers.broadcast(RoleWorker, wire.Event{Name: name, Data: data}, sent)
	m.finishStep()
}

// Publish posts a message of the event bus to all nodes that are linked, of whatever role; see Mesh.Reach. sent is
// called as by Broadcast.
func (m *Master) Publish(name string, data []byte, sent func(error)) {
	m.mu.Lock()
	m.peers.broadcast("", wire.Event{Name: name, Data: data, Bus: true}, sent)
	m.finishStep()
}

// Siblings returns the other masters that are linked now, ordered by id; see Mesh.Reach.
func (m *Master) Siblings() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.peers.peers(RoleMaster)
}

// finishStep wakes run if a deadline is earlier than it knows, and carries out what the step asked for. It is called
// with mu held, and releases it.
func (m *Master) finishStep() {
	if next := m.scheduler.due.next(); !next.IsZero() && next.Before(m.armed) {
		m.armed = next
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
	m.settle(m.perform)
}

// perform carries out one effect. No lock is held.
func (m *Master) perform(x *effect) {
	switch x.kind {
	case effectSend:
		if m.spy != nil {
			m.spy(x.s, x.msg)
		}
		x.s.box.put(x.msg)
	case effectDone:
		if x.t.spec.OnDone != nil {
			x.t.spec.OnDone(*x.outcome)
		}
	case effectState:
		x.t.spec.OnState(x.state, *x.peer)
	case effectSaid:
		m.said(x)
	case effectJudge:
		may := x.t.trusts(x.peer) && x.peer.Resources.cover(x.needs) && (x.t.spec.Eligible == nil || x.t.spec.Eligible(*x.peer))
		m.mu.Lock()
		m.scheduler.judged(x.t, x.s, x.count, may, m.clock())
		m.finishStep()
	case effectRetry:
		t, o := x.t, x.outcome
		t.spec.RetryIf(x.count, *o, func(again bool) {
			m.mu.Lock()
			m.scheduler.decided(t, o, again, m.clock())
			m.finishStep()
		})
	case effectPeer:
		m.cfg.Logger.Info("worker", "node", x.peer.ID, "addr", x.peer.Addr, "up", x.up, "reason", x.text)
		if m.cfg.OnWorker != nil {
			m.cfg.OnWorker(PeerEvent{Peer: *x.peer, Up: x.up, Reason: x.text})
		}
	case effectDeliver:
		s := x.s
		deliver(x, m.cfg.OnMessage, func(epoch uint32, bytes int) {
			m.mu.Lock()
			s.in.done(epoch, bytes)
			m.finishStep()
		})
	case effectPosted:
		x.posted(x.err)
	}
}

// said tells the user what a task logged or reported.
func (m *Master) said(x *effect) {
	switch msg := x.msg.(type) {
	case *wire.Log:
		if x.t.spec.OnLog != nil {
			x.t.spec.OnLog(*x.peer, msg.Stream, msg.Text)
		}
	case *wire.Phase:
		if x.t.spec.OnPhase != nil {
			x.t.spec.OnPhase(*x.peer, msg.Name)
		}
	case *wire.Progress:
		if x.t.spec.OnProgress != nil {
			x.t.spec.OnProgress(*x.peer, msg.Fraction)
		}
	}
}

// The rest is what a Mesh asks of its nodes.

func (m *Master) identity() *trust.Identity { return m.cfg.Identity }
func (m *Master) private() bool             { return m.cfg.Private }

func (m *Master) describe() wire.Node {
	return wire.Node{ID: m.id, Role: RoleMaster, Available: true, Data: m.cfg.Data, Host: m.cfg.Host}
}

func (m *Master) linked(c conn) *session {
	now := m.clock()
	m.mu.Lock()
	s, again, old := m.peers.up(c)
	if old != nil {
		m.control.down(old)
		m.scheduler.lost(old, "it was restarted", now)
	}
	switch {
	case s.sibling(RoleMaster):
	case again:
		m.scheduler.relink(s)
	default:
		m.scheduler.up(s, now)
	}
	m.finishStep()
	return s
}

func (m *Master) unlinked(s *session, c conn, reason string, _ bool) {
	now := m.clock()
	m.mu.Lock()
	if s.conn == c {
		m.peers.down(s, reason, now)
		m.control.down(s)
		m.scheduler.lost(s, reason, now)
	}
	m.finishStep()
}

func (m *Master) handle(s *session, msg wire.Message) (err error) {
	now, use := m.clock(), usageFor(msg)
	m.mu.Lock()
	switch msg := msg.(type) {
	case *wire.Event:
		err = m.peers.event(s, msg)
	case *wire.Ask, *wire.Answer:
		m.control.takes(s, msg, use, now)
	case *wire.Task, *wire.Ack, *wire.Cancel, *wire.Blob:
		err = fmt.Errorf("a worker sent a %s", msg.Kind())
	default:
		if s.sibling(RoleMaster) {
			err = fmt.Errorf("a %s sent a %s", s.peer.Role, msg.Kind())
			break
		}
		m.scheduler.message(s, msg, now)
	}
	m.finishStep()
	return err
}

// run keeps the deadlines until ctx is done.
func (m *Master) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	expected := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.wake:
		case <-timer.C:
		}
		expected = m.tick(expected)
		timer.Reset(time.Until(expected))
	}
}

// tick keeps the deadlines. expected is when it was to be called, the result when it is to be called again.
func (m *Master) tick(expected time.Time) time.Time {
	now := m.clock()
	m.mu.Lock()
	if now.Sub(expected) < lateTick { // else it is we who slept: do not hold it against the others
		for _, s := range m.peers.linked("") {
			m.scheduler.heard(s, s.conn.Quiet(), now)
		}
	}
	m.scheduler.tick(now)
	m.peers.forget(now)
	m.armed = now.Add(tickEvery)
	if next := m.scheduler.next(now); !next.IsZero() && next.Before(m.armed) {
		m.armed = next
	}
	expected = m.armed
	m.finishStep()
	return expected
}

// leave ends all tasks; their workers are told before the links close.
func (m *Master) leave() {
	m.mu.Lock()
	m.scheduler.leave()
	m.finishStep()
}

// joined lets a master that has left take tasks again.
func (m *Master) joined() {
	m.mu.Lock()
	m.scheduler.left = false
	m.finishStep()
}
