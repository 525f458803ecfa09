package cluster

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// Codes of errors for reasons of trust, which package trust explains.
const (
	CodePeerUntrusted = trust.CodePeerUntrusted // its sender does not give it to a worker without the cluster's key
	CodeQuota         = trust.CodeQuota         // guests use as much as they may; it is tried again
)

// What a guest may have of a worker if nothing else is said.
const (
	guestRuns     = 1                // of its tasks at once
	guestQueue    = 8                // of its tasks that wait
	guestNodes    = 4                // masters that have tasks there
	guestTime     = 10 * time.Second // of a task
	guestResult   = 1 << 20          // bytes of a result, and of code and arguments
	guestLog      = 64 << 10         // bytes that a task prints
	guestMessage  = 64 << 10         // bytes of a message
	guestMessages = 50               // messages a second
	leastSize     = 64 << 10         // the least that guestResult may be set to
)

// A Quota is what a guest, a master without the cluster's key, may have of a worker. All guests together get half of the slots
// at most, whatever it says. A field that is zero has its default.
type Quota struct {
	// Tasks is how many of its tasks run at once; default 1.
	Tasks int `json:"tasks,omitempty"`
	// Queue is how many more wait; default 8.
	Queue int `json:"queue,omitempty"`
	// Nodes is how many guests may have tasks there at a time; default 4.
	Nodes int `json:"-"`
	// Time is how long a task may run; default 10 s.
	Time time.Duration `json:"-"`
	// Size is how many bytes a result may take, or code and arguments together, from 64 KiB to 1 MiB, as no link carries longer
	// messages between strangers; default 1 MiB.
	Size int `json:"size,omitempty"`
	// Log is how many bytes a task may print; default 64 KiB.
	Log int `json:"-"`
}

// withDefaults returns q with the defaults in place of what is zero, or nonsense that another node said.
func (q Quota) withDefaults() Quota {
	given := func(n *int, usual, most int) {
		if *n <= 0 {
			*n = usual
		}
		*n = min(*n, most)
	}
	given(&q.Tasks, guestRuns, 1<<16)
	given(&q.Queue, guestQueue, maxQueuedJobs)
	given(&q.Nodes, guestNodes, 1<<16)
	given(&q.Size, guestResult, guestResult)
	q.Size = max(q.Size, leastSize)
	given(&q.Log, guestLog, math.MaxInt)
	if q.Time <= 0 {
		q.Time = guestTime
	}
	return q
}

// guest reports whether the owner is none of the cluster's members.
func (o *owner) guest() bool { return !o.s.peer.Member }

// checkGuest refuses what a guest may not have, before anything is kept of it: no error, or its code and text.
func (in *intake) checkGuest(o *owner, m *wire.Task) (code, why string) {
	if !o.guest() {
		return "", ""
	}
	if m.CodeKind != wire.CodeFunction {
		return CodeKeyRequired, "packages need the cluster's key: 'sc token' on the worker's side, 'sc join' on the master's"
	}
	if m.Engine == wire.EngineNode {
		return CodeKeyRequired, "engine 'node' needs the cluster's key: 'sc token' on the worker's side, 'sc join' on the master's"
	}
	q := in.quota
	if n := len(m.Code) + len(m.Args); n > q.Size {
		return CodeTooLarge, fmt.Sprintf("code and arguments of a guest take %d bytes, limit %d", n, q.Size)
	}
	others, waits := 0, 0
	for _, j := range o.jobs {
		if j.state != jobOver {
			waits++
		}
	}
	for _, other := range in.owners {
		if other != o && other.guest() && len(other.jobs) > 0 {
			others++
		}
	}
	switch {
	case waits >= q.Tasks+q.Queue:
		return CodeQuota, fmt.Sprintf("%d tasks of one guest are here, limit %d", waits, q.Tasks+q.Queue)
	case others >= q.Nodes:
		return CodeQuota, fmt.Sprintf("%d guests have tasks here, limit %d", others, q.Nodes)
	}
	if limit := max(1, q.Time.Milliseconds()); m.TimeoutMillis <= 0 || m.TimeoutMillis > limit {
		m.TimeoutMillis = limit
	}
	return "", ""
}

// full reports whether an owner may have no more slots for now.
func (in *intake) full(o *owner) bool {
	if !o.guest() {
		return false
	}
	running := 0
	for _, other := range in.owners {
		if other.guest() {
			running += other.runs
		}
	}
	return o.runs >= in.quota.Tasks || running >= max(1, in.slots/2)
}

// limit is the longest result that the owner may have.
func (in *intake) limit(o *owner) int {
	if o.guest() {
		return min(in.largest, in.quota.Size)
	}
	return in.largest
}

// within cuts what a guest's task prints when that is too much, and says so once.
func (j *job) within(text string) string {
	if j.owner.s.peer.Member {
		return text
	}
	most := int64(j.owner.log)
	left := most - j.printed.Add(int64(len(text))) + int64(len(text)) // before this text
	switch {
	case left <= 0:
		return ""
	case int64(len(text)) <= left:
		return text
	}
	return strings.ToValidUTF8(text[:left], "") + fmt.Sprintf("\n[a guest's task may print %d bytes]\n", most)
}

// trusts reports whether the worker may be given the task: who holds the cluster's key may; a guest only a function that tells
// nothing that is for members, and of a size that it takes.
func (t *task) trusts(p *Peer) bool { return p.Member || !t.secret() && t.bulk() <= p.Guests.Size }

// guarded reports whether not every worker may have the task.
func (t *task) guarded() bool { return t.secret() || t.bulk() > leastSize }

// secret reports whether the task is for members alone.
func (t *task) secret() bool {
	return t.spec.MembersOnly || t.spec.CodeKind != wire.CodeFunction || t.spec.Engine == wire.EngineNode
}

// bulk is how many bytes a worker gets with the task.
func (t *task) bulk() int {
	n := t.size()
	for _, b := range t.spec.Blobs {
		n += len(b.Data)
	}
	return n
}

// distrust returns why no worker that is here may have t, "" if one may or none is here.
func (s *scheduler) distrust(t *task) string {
	if !t.guarded() || len(s.order) == 0 {
		return ""
	}
	most := 0
	for _, r := range s.order {
		if t.trusts(r.s.peer) {
			return ""
		}
		most = max(most, r.s.peer.Guests.Size)
	}
	return fmt.Sprintf("%s: no worker that is here holds the cluster's key, and %s; %s", t.title(), t.why(most), trust.Hint(CodePeerUntrusted))
}

// why says what keeps guests, of which none takes more than so many bytes, from having the task.
func (t *task) why(most int) string {
	if t.secret() {
		return "files, packages and what needs permissions are not sent to strangers"
	}
	return fmt.Sprintf("it takes %d bytes, of which guests get %d at most", t.bulk(), most)
}

// A throttle bounds the messages of a guest. The zero throttle bounds nothing.
type throttle struct{ rate *rate.Limiter }

func newThrottle(c conn) throttle {
	if c.Member() {
		return throttle{}
	}
	return throttle{rate.NewLimiter(guestMessages, guestMessages)}
}

// pass waits until a message may be handled, which slows its sender down, or returns an error that ends the link.
func (t throttle) pass(ctx context.Context, m wire.Message) error {
	e, ok := m.(*wire.Event)
	if t.rate == nil || !ok || e.Name == "" {
		return nil
	}
	if n := size(e); n > guestMessage+1024 {
		return fmt.Errorf("a guest sent a message of %d bytes, limit %d", n, guestMessage)
	}
	return t.rate.Wait(ctx)
}

// Refused tells that a link to a node was not made, or was ended, for reasons of trust.
type Refused struct {
	*trust.Refusal
	// Node is the id of the other node, or "role@address"; Addr is where it is.
	Node, Addr string
	// ByPeer says that the other side refused; else we did.
	ByPeer bool
}

// refused tells of an error if it is a refusal.
func (m *Mesh) refused(node, addr string, err error) {
	r, ok := trust.AsRefusal(err)
	if !ok || m.cfg.OnRefused == nil {
		return
	}
	m.cfg.OnRefused(Refused{r, node, addr, closedByPeer(err)})
}

// learn takes a list of revocations from another node, and passes a new one on.
func (m *Mesh) learn(msg *wire.Revoked) error {
	if m.cfg.Socket == nil {
		return nil
	}
	newer, err := m.cfg.Socket.Trust().Learn(msg.List)
	if err != nil || !newer {
		return nil // of another cluster, or known: neither is worth a link
	}
	m.cfg.Logger.Warn("tokens were revoked", "list", "new")
	m.cfg.Socket.Recheck()
	return m.Revoke()
}

// Revoke sends the list of revocations that is known to all members that are linked.
func (m *Mesh) Revoke() error {
	return m.do(context.Background(), func(_ context.Context, l *loop) {
		for _, mem := range l.members {
			for _, t := range mem.ties {
				if t.current != nil && t.current.Member() {
					l.tellRevoked(t)
				}
			}
		}
	})
}

// tellRevoked sends a member the list of revocations, if there is one.
func (l *loop) tellRevoked(t *tie) {
	if l.mesh.cfg.Socket == nil {
		return
	}
	if list := l.mesh.cfg.Socket.Trust().Revoked(); len(list) > 0 {
		t.s.box.put(&wire.Revoked{List: list})
	}
}

// quotaPause is how long a worker is let alone that takes no more of a guest.
const quotaPause = time.Second

// unfill tries workers again that took no more for a moment.
func (s *scheduler) unfill(now time.Time) {
	for _, r := range s.order {
		if r.full && now.Sub(r.filled) >= quotaPause {
			r.full = false
			s.fillAll(now)
		}
	}
}
