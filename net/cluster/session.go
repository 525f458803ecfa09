package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"supercluster/net/link"
	"supercluster/net/wire"
)

// Times after which a peer that is not heard is treated otherwise.
const (
	suspectAfter  = 3 * time.Second // it gets no new work
	tickEvery     = time.Second     // how often that is looked at
	lateTick      = 500 * time.Millisecond
	forgetSession = 10 * time.Minute // how long the numbers of its messages are remembered
)

// session is what a node keeps of one boot of a peer. It is in one of two states:
//   - linked: a link to the peer is up. When another takes the link's place, what may have got lost is sent again.
//   - lost: there is none. Only the numbers of the messages are kept, in case it comes back.
//
// All fields but box belong to whoever holds the desk's mutex.
type session struct {
	boot   uint64
	peer   *Peer // replaced when it changes, so that effects may hold it
	box    *outbox
	conn   conn // nil when lost
	out    window
	in     inbox
	lostAt time.Time
}

// sibling reports whether the peer is not of the role that a node of the given one works with: the two exchange
// messages and nothing else.
func (s *session) sibling(role string) bool { return s.peer.Role == role || s.peer.Role == RoleTracker }

// linked reports whether the peer can be reached.
func (s *session) linked() bool { return s.conn != nil }

// sessions is the part that masters and workers have in common: who is linked, and the messages between users.
type sessions struct {
	effects *effects
	all     map[string]*session
	absent  string // the code of an error that says that a peer is not there
}

func newSessions(e *effects, absent string) sessions {
	return sessions{effects: e, all: make(map[string]*session), absent: absent}
}

// lostCode is the code of an error that says that a peer of that role was lost.
func lostCode(role string) string {
	switch role {
	case RoleMaster:
		return CodeMasterLost
	case RoleTracker:
		return CodeNodeLost
	}
	return CodeWorkerLost
}

// up takes a link that was made. again says that it takes the place of another, and the peer was there all the time.
// If old is not nil the peer was restarted, and old has just been lost.
func (x *sessions) up(c conn) (s *session, again bool, old *session) {
	hello := c.Peer().Node
	s = x.all[hello.ID]
	if s != nil && s.boot != hello.Boot {
		if s.linked() {
			old = s
			x.down(s, "it was restarted", time.Time{})
		}
		s = nil
	}
	if s == nil {
		s = &session{boot: hello.Boot, box: newOutbox()}
		s.out = window{effects: x.effects, session: s}
		s.in = inbox{effects: x.effects, session: s}
		x.all[hello.ID] = s
	}
	again = s.linked()
	s.conn = c
	if !again {
		s.peer = peerOf(c)
	} else { // a direct link may have taken the place of a relayed one
		now := peerOf(c)
		s.peer.Addr, s.peer.Relayed = now.Addr, now.Relayed
	}
	s.box.attach(c)
	if again {
		s.out.relink()
	}
	return s, again, old
}

// down takes note that s has no link any more.
func (x *sessions) down(s *session, reason string, now time.Time) {
	s.conn, s.lostAt = nil, now
	s.box.attach(nil)
	s.out.drop(&Error{lostCode(s.peer.Role), fmt.Sprintf("%s %s was lost: %s", s.peer.Role, s.peer.ID, reason)})
}

// post sends a message to the peer with that id.
func (x *sessions) post(id string, e *wire.Event, must bool, done func(error)) {
	s := x.all[id]
	if err := checkEvent(e); err != nil {
		if done != nil {
			x.effects.emit(effect{kind: effectPosted, posted: done, err: err})
		}
		return
	}
	if n := size(e); s != nil && s.linked() && !s.peer.Member && n > guestMessage {
		if done != nil {
			err := &Error{CodeTooLarge, fmt.Sprintf("message %q takes %d bytes, of which a stranger gets %d", clip(e.Name), n, guestMessage)}
			x.effects.emit(effect{kind: effectPosted, posted: done, err: err})
		}
		return
	}
	if s == nil || !s.linked() {
		if done != nil {
			err := &Error{x.absent, fmt.Sprintf("message %q: no node %q is here", clip(e.Name), id)}
			x.effects.emit(effect{kind: effectPosted, posted: done, err: err})
		}
		return
	}
	s.out.post(e, must, done)
}

// checkEvent refuses what cannot be sent: an event without a name has another meaning on the wire.
func checkEvent(e *wire.Event) error {
	switch n := size(e); {
	case e.Name == "":
		return &Error{CodeBadName, "a message needs a name"}
	case n > maxMessage:
		return tooLarge(fmt.Sprintf("message %q", clip(e.Name)), n)
	}
	return nil
}

// clip shortens a name for a message to people.
func clip(name string) string { return name[:min(len(name), 64)] }

// broadcast posts a copy of e to all of a role that are linked, or of all roles if it is "". done is called once, with
// the first error.
func (x *sessions) broadcast(role string, e wire.Event, done func(error)) {
	list := x.linked(role)
	if done == nil {
		done = func(error) {}
	}
	if len(list) == 0 {
		x.effects.emit(effect{kind: effectPosted, posted: done})
		return
	}
	left := len(list)
	var first error
	each := func(err error) { // effects are carried out one at a time
		first = cmp.Or(first, err)
		if left--; left == 0 {
			done(first)
		}
	}
	for _, s := range list {
		copied := e
		x.post(s.peer.ID, &copied, false, each)
	}
}

// linked returns the sessions with peers of a role, or of all roles if it is "", that have a link, ordered by id.
func (x *sessions) linked(role string) []*session {
	var list []*session
	for _, s := range x.all {
		if s.linked() && (role == "" || s.peer.Role == role) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *session) int { return strings.Compare(a.peer.ID, b.peer.ID) })
	return list
}

// event takes a message of s, or its report of what it has consumed.
func (x *sessions) event(s *session, e *wire.Event) error {
	if e.Name == "" {
		s.out.consumed(e.Seq)
		return nil
	}
	return s.in.receive(e)
}

// peers are the nodes of a role that are linked, ordered by id.
func (x *sessions) peers(role string) []Peer {
	var list []Peer
	for _, s := range x.linked(role) {
		list = append(list, *s.peer)
	}
	return list
}

// forget drops what is known of peers that were lost long ago.
func (x *sessions) forget(now time.Time) {
	for id, s := range x.all {
		if !s.linked() && now.Sub(s.lostAt) > forgetSession {
			delete(x.all, id)
		}
	}
}

// peerOf describes the node at the other end of a link.
func peerOf(c conn) *Peer {
	n := c.Peer().Node
	addr := c.RemoteAddr()
	if advertised, err := netip.ParseAddrPort(n.Addr); err == nil {
		addr = advertised
	}
	facts := readFacts(n.Host)
	return &Peer{
		ID: n.ID, Role: n.Role, Member: c.Member(), Addr: addr, Relayed: c.Relayed(), Data: rawJSON(n.Data), Host: rawJSON(n.Host),
		Slots: n.Slots, Available: n.Role == RoleMaster || n.Available, Pid: n.Pid,
		Version:   c.Peer().Version,
		Resources: facts.Resources,
		Allows:    facts.Allows,
		Guests:    facts.Guests.withDefaults(),
	}
}

// rawJSON keeps what a peer sent only if it is JSON.
func rawJSON(b []byte) json.RawMessage {
	if len(b) == 0 || !json.Valid(b) {
		return nil
	}
	return b
}

// deliver hands a message to the user; done is given what the sender's window must hear.
func deliver(x *effect, user func(Message), done func(epoch uint32, bytes int)) {
	e := x.msg.(*wire.Event)
	epoch, bytes := uint32(e.Seq>>32), size(e)
	if user == nil {
		done(epoch, bytes)
		return
	}
	m := Message{From: *x.peer, Name: e.Name, Data: e.Data, Bus: e.Bus, done: func() { done(epoch, bytes) }}
	if !e.TaskID.IsZero() {
		m.Task = e.TaskID.String()
	}
	user(m)
}

// waitPosted runs post, and returns what it says or ctx's error.
func waitPosted(ctx context.Context, post func(done func(error))) error {
	posted := make(chan error, 1)
	post(func(err error) { posted <- err })
	select {
	case err := <-posted:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ conn = (*link.Link)(nil)
