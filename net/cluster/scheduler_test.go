package cluster

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
	"supercluster/vm/value"
)

// stillConn is a conn on which nothing happens.
type stillConn struct {
	hello   wire.Hello
	dialled bool
	guest   bool
	relayed bool
	quiet   time.Duration
}

func (c *stillConn) Peer() wire.Hello                                          { return c.hello }
func (c *stillConn) PeerID() trust.ID                                          { return trust.ID{} }
func (c *stillConn) RemoteAddr() netip.AddrPort                                { return netip.AddrPort{} }
func (c *stillConn) Member() bool                                              { return !c.guest }
func (c *stillConn) Dialled() bool                                             { return c.dialled }
func (c *stillConn) Relayed() bool                                             { return c.relayed }
func (c *stillConn) Send(context.Context, wire.Message) error                  { return nil }
func (c *stillConn) Run(context.Context, func(wire.Message) error) (err error) { return nil }
func (c *stillConn) Quiet() time.Duration                                      { return c.quiet }
func (c *stillConn) RTT() time.Duration                                        { return 0 }
func (c *stillConn) Close(uint64, string)                                      {}

// bench is a state machine under test: inputs are given to it, effects come out as text.
type bench struct {
	t        *testing.T
	effects  effects
	now      time.Time
	sessions map[string]*session
	names    map[wire.TaskID]string
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, now: time.Unix(1e9, 0), sessions: make(map[string]*session), names: make(map[wire.TaskID]string)}
}

// session makes a linked peer: a member, unless its id begins with "guest".
func (b *bench) session(id, role string, slots int, available bool) *session {
	s := &session{peer: &Peer{ID: id, Role: role, Member: !strings.HasPrefix(id, "guest"), Slots: slots, Available: available, Guests: Quota{}.withDefaults()}, box: newOutbox(), conn: &stillConn{}}
	s.out = window{effects: &b.effects, session: s}
	s.in = inbox{effects: &b.effects, session: s}
	b.sessions[id] = s
	return s
}

// taskID makes an id of a name, so that effects can show the name.
func (b *bench) taskID(name string) wire.TaskID {
	var id wire.TaskID
	copy(id[:], name)
	b.names[id] = name
	return id
}

// drain returns the effects since the last call, each as a few words.
func (b *bench) drain() string {
	var words []string
	for _, x := range b.effects.out {
		if w := b.describe(x); w != "" {
			words = append(words, w)
		}
	}
	b.effects.out = nil
	return strings.Join(words, "; ")
}

func (b *bench) describe(x effect) string {
	switch x.kind {
	case effectSend:
		return x.s.peer.ID + "<" + b.message(x.msg)
	case effectPeer:
		if x.up {
			return "up " + x.peer.ID
		}
		return "down " + x.peer.ID
	case effectState:
		return b.names[x.t.id] + " is " + x.state.String()
	case effectSaid:
		return b.names[x.t.id] + " said " + x.msg.Kind().String()
	case effectDone:
		return b.names[x.t.id] + " done: " + outcome(x.outcome)
	case effectJudge:
		return "judge " + b.names[x.t.id] + " at " + x.peer.ID
	case effectTaken:
		return "taken " + b.job(x.j)
	case effectStart:
		return "start " + b.job(x.j)
	case effectStop:
		return "stop " + b.job(x.j) + " " + errCode(x.err)
	case effectDeliver:
		return "deliver " + x.msg.(*wire.Event).Name
	case effectPosted:
		x.posted(x.err)
	}
	return ""
}

func (b *bench) job(j *job) string { return fmt.Sprintf("%s.%d", b.names[j.key.id], j.key.attempt) }

func (b *bench) message(m wire.Message) string {
	name := func(id wire.TaskID, attempt uint32) string {
		return fmt.Sprintf("%s %s.%d", m.Kind(), b.names[id], attempt)
	}
	switch m := m.(type) {
	case *wire.Task:
		if len(m.Code) > 0 {
			return name(m.ID, m.Attempt) + "+code"
		}
		return name(m.ID, m.Attempt)
	case *wire.Cancel:
		return name(m.ID, m.Attempt) + " " + strings.TrimLeft(m.Reason, "\x00")
	case *wire.Ack:
		return name(m.ID, m.Attempt)
	case *wire.Received:
		return name(m.ID, m.Attempt)
	case *wire.Started:
		return name(m.ID, m.Attempt)
	case *wire.NeedCode:
		return name(m.ID, m.Attempt)
	case *wire.Refused:
		return name(m.ID, m.Attempt) + " " + codeOf(m.Err)
	case *wire.Result:
		return name(m.ID, m.Attempt) + " " + outcome(&Outcome{Value: m.Value, Err: m.Err})
	case *wire.Status:
		return fmt.Sprintf("status %v %d/%d+%d", m.Available, m.Running, m.Slots, m.Queued)
	case *wire.Event:
		return fmt.Sprintf("event %s %d.%d", m.Name, m.Seq>>32, uint32(m.Seq))
	}
	return m.Kind().String()
}

func outcome(o *Outcome) string {
	if o.Err == nil {
		return string(o.Value)
	}
	e, _ := value.DecodeError(o.Err)
	if e.Code == "" {
		return e.Message
	}
	return e.Code
}

// step is an input and the effects that it must have.
type step struct {
	do   func()
	want string
}

// play gives the steps to a state machine.
func (b *bench) play(steps []step) {
	b.t.Helper()
	for i, st := range steps {
		st.do()
		if got := b.drain(); got != st.want {
			b.t.Fatalf("step %d:\n got %s\nwant %s", i+1, got, st.want)
		}
	}
}

// schedulerBench gives inputs to a scheduler.
type schedulerBench struct {
	*bench
	s *scheduler
}

func newSchedulerBench(t *testing.T) *schedulerBench {
	b := &schedulerBench{bench: newBench(t)}
	b.s = newScheduler(&b.effects, 100)
	return b
}

func (b *schedulerBench) up(id string, slots int) func() {
	return func() { b.s.up(b.session(id, RoleWorker, slots, true), b.now) }
}

func (b *schedulerBench) lost(id string) func() {
	return func() {
		s := b.sessions[id]
		s.conn = nil
		b.s.lost(s, "silence", b.now)
	}
}

func (b *schedulerBench) submit(name string, spec Spec) func() {
	return func() { b.s.submit(&task{id: b.taskID(name), spec: spec}, b.now) }
}

func (b *schedulerBench) message(id string, m wire.Message) func() {
	return func() { b.s.message(b.sessions[id], m, b.now) }
}

func (b *schedulerBench) received(w, name string, attempt uint32) func() {
	return b.message(w, &wire.Received{ID: b.taskID(name), Attempt: attempt})
}

func (b *schedulerBench) started(w, name string, attempt uint32) func() {
	return b.message(w, &wire.Started{ID: b.taskID(name), Attempt: attempt})
}

func (b *schedulerBench) result(w, name string, attempt uint32, v string) func() {
	return b.message(w, &wire.Result{ID: b.taskID(name), Attempt: attempt, Value: []byte(v), RunMicros: 1e6})
}

func (b *schedulerBench) failed(w, name string, attempt uint32, code string) func() {
	return b.message(w, &wire.Result{ID: b.taskID(name), Attempt: attempt, Err: failure(code, "x"), RunMicros: 1e6})
}

func (b *schedulerBench) refused(w, name string, attempt uint32, code string) func() {
	return b.message(w, &wire.Refused{ID: b.taskID(name), Attempt: attempt, Err: failure(code, "x")})
}

func (b *schedulerBench) cancel(name string) func() {
	return func() { b.s.cancel(b.taskID(name), "why") }
}

func (b *schedulerBench) pass(d time.Duration) func() {
	return func() { b.now = b.now.Add(d); b.s.tick(b.now) }
}

func (b *schedulerBench) quiet(id string, d time.Duration) func() {
	return func() { b.s.heard(b.sessions[id], d, b.now) }
}

func (b *schedulerBench) status(id string, available bool, running, queued int) func() {
	return func() {
		m := &wire.Status{Available: available, Slots: b.sessions[id].peer.Slots, Running: running, Queued: queued}
		b.s.message(b.sessions[id], m, b.now)
	}
}

func (b *schedulerBench) judged(name, w string, may bool) func() {
	return func() { b.s.judged(b.s.tasks[b.taskID(name)], b.sessions[w], 0, may, b.now) }
}

// watched is a Spec whose states are told.
var watched = Spec{OnState: func(State, Peer) {}}

func TestScheduler(t *testing.T) {
	seen := func(Peer) bool { return true }
	code := Spec{Code: []byte("f")}
	for _, tt := range []struct {
		name  string
		steps func(b *schedulerBench) []step
	}{
		{"a task goes through its states", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", watched), "a is sent; w<task a.1"},
				{b.received("w", "a", 1), "a is received"},
				{b.started("w", "a", 1), "a is running"},
				{b.message("w", &wire.Log{ID: b.taskID("a"), Attempt: 1}), "a said log"},
				{b.message("w", &wire.Progress{ID: b.taskID("a"), Attempt: 1}), "a said progress"},
				{b.result("w", "a", 1, "v"), "w<ack a.1; a done: v"},
				{b.result("w", "a", 1, "v"), "w<ack a.1"},
			}
		}},
		{"states that were not told are made up for", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", watched), "a is sent; w<task a.1"},
				{b.message("w", &wire.Log{ID: b.taskID("a"), Attempt: 1}), "a is running; a said log"},
				{b.received("w", "a", 1), ""},
				{b.result("w", "a", 1, "v"), "w<ack a.1; a done: v"},
			}
		}},
		{"without a worker a task waits", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{}), ""},
				{b.submit("b", Spec{}), ""},
				{b.up("w", 1), "up w; w<task a.1"},
				{b.result("w", "a", 1, "v"), "w<ack a.1; w<task b.1; a done: v"},
			}
		}},
		{"larger priorities are sooner, then the older task", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{}), ""},
				{b.submit("b", Spec{Priority: 1}), ""},
				{b.submit("c", Spec{Priority: 1}), ""},
				{b.submit("d", Spec{Priority: -1}), ""},
				{b.up("w", 4), "up w; w<task b.1; w<task c.1; w<task a.1; w<task d.1"},
			}
		}},
		{"the least loaded worker is given the task", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 2), "up v"},
				{b.up("w", 4), "up w"},
				{b.submit("a", Spec{}), "v<task a.1"},
				{b.submit("b", Spec{}), "w<task b.1"},
				{b.submit("c", Spec{}), "w<task c.1"},
				{b.submit("d", Spec{}), "v<task d.1"},
			}
		}},
		{"code is sent once, and again if it is asked for", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 3), "up w"},
				{b.submit("a", code), "w<task a.1+code"},
				{b.submit("b", code), "w<task b.1"},
				{b.message("w", &wire.NeedCode{ID: b.taskID("b"), Attempt: 1}), "w<task b.1+code"},
				{b.message("w", &wire.NeedCode{ID: b.taskID("b"), Attempt: 2}), "w<cancel b.2 abandoned"},
			}
		}},
		{"a task of a lost worker runs elsewhere, and late results are fenced off", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", watched), "a is sent; v<task a.1"},
				{b.up("w", 1), "up w"},
				{b.started("v", "a", 1), "a is running"},
				{b.lost("v"), "a is queued; a is sent; w<task a.2; down v"},
				{b.up("v", 1), "up v"},
				{b.started("v", "a", 1), "v<cancel a.1 abandoned"},
				{b.result("v", "a", 1, "late"), "v<ack a.1"},
				{b.result("w", "a", 2, "v"), "w<ack a.2; a is running; a done: v"},
			}
		}},
		{"a task survives the loss of two workers that ran it", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{}), ""},
				{b.up("u", 1), "up u; u<task a.1"}, {b.started("u", "a", 1), ""}, {b.lost("u"), "down u"},
				{b.up("v", 1), "up v; v<task a.2"}, {b.started("v", "a", 2), ""}, {b.lost("v"), "down v"},
				{b.up("w", 1), "up w; w<task a.3"}, {b.started("w", "a", 3), ""},
				{b.lost("w"), "a done: ERR_WORKER_LOST; down w"},
			}
		}},
		{"a targeted task never moves", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{Worker: "w"}), "a done: ERR_NO_WORKER"},
				{b.up("v", 1), "up v"},
				{b.up("w", 1), "up w"},
				{b.submit("b", Spec{Worker: "w"}), "w<task b.1"},
				{b.submit("c", Spec{Worker: "w"}), ""},
				{b.lost("w"), "b done: ERR_WORKER_LOST; down w; c done: ERR_WORKER_LOST"},
			}
		}},
		{"a task that may run only once does not run again", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", Spec{Once: true}), "v<task a.1"},
				{b.lost("v"), "a done: ERR_UNKNOWN_OUTCOME; down v"},
			}
		}},
		{"only eligible workers are given the task", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", Spec{Eligible: seen}), "judge a at v"},
				{b.judged("a", "v", false), ""},
				{b.submit("b", Spec{}), "v<task b.1"},
				{b.up("w", 1), "up w; judge a at w"},
				{b.judged("a", "w", true), "w<task a.1"},
				{b.judged("a", "w", true), ""},
				{b.lost("w"), "down w"},
				{b.up("w", 1), "up w; judge a at w"},
				{b.judged("a", "w", true), "w<task a.2"},
			}
		}},
		{"a queued task is cancelled", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{}), ""},
				{b.cancel("a"), "a done: ERR_CANCELLED"},
				{b.cancel("a"), ""},
				{b.up("w", 1), "up w"},
			}
		}},
		{"a running task is cancelled, and holds its credit until it has ended", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{}), "w<task a.1"},
				{b.submit("b", Spec{}), ""},
				{b.started("w", "a", 1), ""},
				{b.cancel("a"), "w<cancel a.1 why; a done: ERR_CANCELLED"},
				{b.failed("w", "a", 1, CodeCancelled), "w<ack a.1; w<task b.1"},
			}
		}},
		{"a long task that may not have arrived is cancelled when it has", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{Args: make([]byte, wire.MaxSmall)}), "w<task a.1"},
				{b.cancel("a"), "a done: ERR_CANCELLED"},
				{b.received("w", "a", 1), "w<cancel a.1 why"},
				{b.started("w", "a", 1), ""},
				{b.refused("w", "a", 1, CodeCancelled), ""},
			}
		}},
		{"no worker starts it in time", func(b *schedulerBench) []step {
			return []step{
				{b.submit("a", Spec{QueueTimeout: time.Second}), ""},
				{b.pass(999 * time.Millisecond), ""},
				{b.pass(time.Millisecond), "a done: ERR_QUEUE_TIMEOUT"},
				{b.up("w", 1), "up w"},
				{b.submit("b", Spec{QueueTimeout: time.Second}), "w<task b.1"},
				{b.received("w", "b", 1), ""},
				{b.pass(time.Second), "w<cancel b.1 abandoned; b done: ERR_QUEUE_TIMEOUT"},
				{b.refused("w", "b", 1, CodeCancelled), ""},
				{b.submit("c", Spec{QueueTimeout: time.Second}), "w<task c.1"},
				{b.started("w", "c", 1), ""},
				{b.pass(time.Hour), ""},
			}
		}},
		{"the master ends what its worker does not", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{Timeout: time.Second}), "w<task a.1"},
				{b.pass(time.Hour), ""},
				{b.started("w", "a", 1), ""},
				{b.pass(time.Second + backup - 1), ""},
				{b.pass(1), "w<cancel a.1 abandoned; a done: ERR_TASK_TIMEOUT"},
				{b.submit("b", Spec{}), ""},
				{b.result("w", "a", 1, "late"), "w<ack a.1; w<task b.1"},
			}
		}},
		{"a task that fails is tried again after its back-off", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{Retries: 2, Backoff: time.Second}), "w<task a.1"},
				{b.failed("w", "a", 1, "ERR_X"), "w<ack a.1"},
				{b.pass(time.Second), "w<task a.2"},
				{b.failed("w", "a", 2, "ERR_X"), "w<ack a.2"},
				{b.pass(time.Second), ""},
				{b.pass(time.Second), "w<task a.3"},
				{b.failed("w", "a", 3, "ERR_X"), "w<ack a.3; a done: ERR_X"},
			}
		}},
		{"a task is tried again at once without a back-off", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{Retries: 1}), "w<task a.1"},
				{b.failed("w", "a", 1, "ERR_X"), "w<ack a.1; w<task a.2"},
				{b.result("w", "a", 2, "v"), "w<ack a.2; a done: v"},
			}
		}},
		{"a suspected worker gets no new task and keeps what it has", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 2), "up w"},
				{b.submit("a", Spec{}), "w<task a.1"},
				{b.quiet("w", suspectAfter+1), ""},
				{b.submit("b", Spec{}), ""},
				{b.result("w", "a", 1, "v"), "w<ack a.1; a done: v"},
				{b.quiet("w", 0), "w<task b.1"},
			}
		}},
		{"a worker closes and opens", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{}), "w<task a.1"},
				{b.submit("b", Spec{Worker: "w"}), ""},
				{b.status("w", false, 1, 0), "down w; b done: ERR_NO_WORKER"},
				{b.submit("c", Spec{}), ""},
				{b.result("w", "a", 1, "v"), "w<ack a.1; a done: v"},
				{b.submit("d", Spec{Worker: "w"}), "d done: ERR_NO_WORKER"},
				{b.status("w", true, 0, 0), "up w; w<task c.1"},
			}
		}},
		{"a task that a closing worker refuses goes to another", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", Spec{}), "v<task a.1"},
				{b.up("w", 1), "up w"},
				{b.refused("v", "a", 1, codeUnavailable), "down v; w<task a.2"},
			}
		}},
		{"a refusal of another kind is the outcome", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", Spec{}), "v<task a.1"},
				{b.refused("v", "a", 1, "ERR_KEY_REQUIRED"), "a done: ERR_KEY_REQUIRED"},
			}
		}},
		{"too many tasks wait", func(b *schedulerBench) []step {
			b.s.max = 1
			return []step{
				{b.submit("a", Spec{}), ""},
				{b.submit("b", Spec{}), "b done: ERR_BACKPRESSURE"},
				{b.cancel("a"), "a done: ERR_CANCELLED"},
				{b.submit("c", Spec{}), ""},
			}
		}},
		{"the master leaves", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{}), "w<task a.1"},
				{b.submit("b", Spec{}), ""},
				{b.s.leave, "w<cancel a.1 abandoned; a done: ERR_LEFT; b done: ERR_LEFT"},
				{b.submit("c", Spec{}), "c done: ERR_LEFT"},
			}
		}},
		{"a link is replaced", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 3), "up w"},
				{b.submit("a", code), "w<task a.1+code"},
				{b.submit("b", code), "w<task b.1"},
				{b.submit("c", code), "w<task c.1"},
				{b.started("w", "a", 1), ""},
				{b.cancel("b"), "w<cancel b.1 why; b done: ERR_CANCELLED"},
				{func() { b.s.relink(b.sessions["w"]) }, "w<cancel b.1 abandoned; w<task c.1+code"},
			}
		}},
		{"what waits behind a long task is called back for an idle worker", func(b *schedulerBench) []step {
			short := &wire.Result{ID: b.taskID("a"), Attempt: 1, Value: []byte("v"), RunMicros: 100}
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", Spec{}), "v<task a.1"},
				{b.message("v", short), "v<ack a.1; a done: v"},
				{b.submit("b", Spec{}), "v<task b.1"},
				{b.submit("c", Spec{}), "v<task c.1"}, // ahead, since tasks are short
				{b.started("v", "b", 1), ""},
				{b.received("v", "c", 1), ""},
				{b.up("w", 1), "up w"},
				{b.pass(revokeAfter - 1), ""},
				{b.pass(1), "v<cancel c.1 revoked"},
				{b.pass(time.Second), ""},
				{b.refused("v", "c", 1, codeRevoked), "w<task c.2"},
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newSchedulerBench(t)
			b.play(tt.steps(b))
		})
	}
}

func TestCredit(t *testing.T) {
	ms := time.Millisecond
	for _, tt := range []struct {
		name  string
		slots int
		run   time.Duration
		want  int
	}{
		{"nothing has run yet", 4, 0, 4},
		{"tasks as short as their way", 4, minOverhead, 8},
		{"very short tasks", 1, time.Nanosecond, 1 + maxAhead},
		{"tasks of ten times their way", 1, 10 * minOverhead, 2},
		{"long tasks", 4, 10 * ms, 4},
		{"a worker that claims no slots", 0, 10 * ms, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			r := newRemote(b.session("w", RoleWorker, tt.slots, true))
			if r.run = tt.run; r.credit() != tt.want {
				t.Errorf("credit with %d slots and tasks of %v is %d, want %d", tt.slots, tt.run, r.credit(), tt.want)
			}
		})
	}
}

func TestLongArgumentsAreNotSentAhead(t *testing.T) {
	b := newSchedulerBench(t)
	b.up("w", 1)()
	r := b.s.remote("w")
	r.run = time.Microsecond
	b.submit("a", Spec{Args: make([]byte, maxAheadBytes+1)})()
	b.submit("b", Spec{})()
	if got, want := len(r.attempts), 1; got != want {
		t.Errorf("%d tasks are under way with %d bytes, want %d", got, r.bytes, want)
	}
}

func TestMeasuredForgetsNoLongTask(t *testing.T) {
	r := &remote{}
	for range 100 {
		r.measured(time.Millisecond)
	}
	if r.run != time.Millisecond {
		t.Errorf("average of tasks of 1 ms is %v", r.run)
	}
	r.measured(time.Second)
	if r.run != time.Second {
		t.Errorf("average is %v after a task of 1 s, want to be careful at once", r.run)
	}
	for range 100 {
		r.measured(time.Millisecond)
	}
	if r.run > 2*time.Millisecond {
		t.Errorf("average is %v after 100 tasks of 1 ms", r.run)
	}
}

func sortedNames(m map[string]*session) []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
