package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// TrackerConfig describes a tracker's place on the event bus.
type TrackerConfig struct {
	// Identity is who the tracker is. Required.
	Identity *trust.Identity
	// Data is what its user lets others know, Host what is known of its machine: JSON, or nil.
	Data, Host json.RawMessage
	// OnMessage hears of messages from all nodes; it may be nil.
	OnMessage func(Message)
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Tracker is a tracker's place on the event bus. It exchanges messages with nodes of all roles (Mesh.Reach links them)
// and has to do with nothing else: package tracker is what makes it a tracker.
type Tracker struct {
	cfg TrackerConfig
	id  string

	desk  // guards what follows
	peers sessions
}

var _ Node = (*Tracker)(nil)

// NewTracker returns a tracker; it starts nothing.
func NewTracker(cfg TrackerConfig) *Tracker {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	t := &Tracker{cfg: cfg, id: cfg.Identity.ID().String()}
	t.peers = newSessions(&t.effects, CodeNoNode)
	return t
}

// ID returns the tracker's id.
func (t *Tracker) ID() string { return t.id }

// Post sends a message to the node with that id, as Master.Post.
func (t *Tracker) Post(id, name string, data []byte, sent func(error)) {
	t.mu.Lock()
	t.peers.post(id, &wire.Event{Name: name, Data: data}, false, sent)
	t.settle(t.perform)
}

// Publish posts a message of the event bus, as Master.Publish.
func (t *Tracker) Publish(name string, data []byte, sent func(error)) {
	t.mu.Lock()
	t.peers.broadcast("", wire.Event{Name: name, Data: data, Bus: true}, sent)
	t.settle(t.perform)
}

// Siblings returns the other trackers that are linked now, ordered by id.
func (t *Tracker) Siblings() []Peer {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.peers.peers(RoleTracker)
}

// perform carries out one effect. No lock is held.
func (t *Tracker) perform(x *effect) {
	switch x.kind {
	case effectSend:
		x.s.box.put(x.msg)
	case effectDeliver:
		s := x.s
		deliver(x, t.cfg.OnMessage, func(epoch uint32, bytes int) {
			t.mu.Lock()
			s.in.done(epoch, bytes)
			t.settle(t.perform)
		})
	case effectPosted:
		x.posted(x.err)
	}
}

// The rest is what a Mesh asks of its nodes.

func (t *Tracker) identity() *trust.Identity { return t.cfg.Identity }
func (t *Tracker) private() bool             { return false }
func (t *Tracker) leave()                    {}
func (t *Tracker) joined()                   {}

func (t *Tracker) describe() wire.Node {
	return wire.Node{ID: t.id, Role: RoleTracker, Available: true, Data: t.cfg.Data, Host: t.cfg.Host}
}

func (t *Tracker) linked(c conn) *session {
	t.mu.Lock()
	s, _, _ := t.peers.up(c)
	t.settle(t.perform)
	return s
}

func (t *Tracker) unlinked(s *session, c conn, reason string, _ bool) {
	now := time.Now()
	t.mu.Lock()
	if s.conn == c {
		t.peers.down(s, reason, now)
	}
	t.settle(t.perform)
}

// handle takes messages and nothing else.
func (t *Tracker) handle(s *session, msg wire.Message) (err error) {
	t.mu.Lock()
	switch msg := msg.(type) {
	case *wire.Event:
		err = t.peers.event(s, msg)
	default:
		err = fmt.Errorf("a %s sent a tracker a %s", s.peer.Role, msg.Kind())
	}
	t.settle(t.perform)
	return err
}

// run forgets what was lost long ago, until ctx is done.
func (t *Tracker) run(ctx context.Context) error {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		t.mu.Lock()
		t.peers.forget(time.Now())
		t.settle(t.perform)
	}
}
