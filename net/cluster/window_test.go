package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"supercluster/net/wire"
)

// twoUsers are the two ends of one direction of messages. Events travel when the test says so.
type twoUsers struct {
	t        *testing.T
	fx       effects
	from, to *session
	posted   []string // "name" or "name: code"
	sent     []*wire.Event
	reports  []*wire.Event
	got      []*wire.Event
}

func newTwoUsers(t *testing.T) *twoUsers {
	b := newBench(t)
	u := &twoUsers{t: t, from: b.session("from", RoleMaster, 0, true), to: b.session("to", RoleWorker, 0, true)}
	u.from.out.effects, u.to.in.effects = &u.fx, &u.fx
	return u
}

func (u *twoUsers) post(name string, bytes int, must bool) {
	u.from.out.post(&wire.Event{Name: name, Data: make([]byte, bytes)}, must, func(err error) {
		if err != nil {
			name += ": " + errCode(err)
		}
		u.posted = append(u.posted, name)
	})
	u.carryOut()
}

func (u *twoUsers) carryOut() {
	for _, x := range u.fx.out {
		switch e, _ := x.msg.(*wire.Event); {
		case x.kind == effectPosted:
			x.posted(x.err)
		case x.kind == effectDeliver:
			u.got = append(u.got, e)
		case e.Name == "":
			u.reports = append(u.reports, e)
		default:
			u.sent = append(u.sent, e)
		}
	}
	u.fx.out = nil
}

// receive lets the other side have an event.
func (u *twoUsers) receive(e *wire.Event) error {
	err := u.to.in.receive(e)
	u.carryOut()
	return err
}

// consume says that the receiver's user is done with n messages, and lets the sender hear of it.
func (u *twoUsers) consume(n int) {
	for range n {
		u.to.in.done(u.to.in.epoch, 100)
	}
	u.carryOut()
	for _, r := range u.reports {
		u.from.out.consumed(r.Seq)
	}
	u.reports = nil
	u.carryOut()
}

func TestMessagesWaitForTheReceiver(t *testing.T) {
	u := newTwoUsers(t)
	for i := range windowCount + 10 {
		u.post(fmt.Sprint(i), 1, false)
	}
	if got, want := len(u.sent), windowCount; got != want {
		t.Fatalf("%d messages are under way, want %d", got, want)
	}
	if got, want := len(u.posted), windowCount; got != want {
		t.Errorf("%d senders were let go, want %d", got, want)
	}
	for _, e := range u.sent {
		if err := u.receive(e); err != nil {
			t.Fatal(err)
		}
	}
	u.consume(windowCount / 2)
	if got, want := len(u.sent), windowCount+10; got != want {
		t.Errorf("%d messages were sent after half were consumed, want %d", got, want)
	}
}

func TestLongMessagesTravelAlone(t *testing.T) {
	u := newTwoUsers(t)
	u.post("long", 2*windowBytes, false)
	u.post("short", 1, false)
	u.post("longer", 3*windowBytes, false)
	if len(u.sent) != 1 {
		t.Fatalf("%d messages are under way, want 1", len(u.sent))
	}
	for i, name := range []string{"long", "short", "longer"} {
		e := u.sent[len(u.sent)-1]
		if len(u.sent) != i+1 || e.Name != name {
			t.Fatalf("message %d is %q of %d, want %q", i, e.Name, len(u.sent), name)
		}
		if err := u.receive(e); err != nil {
			t.Fatal(err)
		}
		u.consume(1)
	}
}

func TestTooMuchWaits(t *testing.T) {
	u := newTwoUsers(t)
	for range 2 * maxWaiting / windowBytes {
		u.post("m", windowBytes, false)
	}
	last := u.posted[len(u.posted)-1]
	if last != "m: "+CodeBackPressure {
		t.Errorf("the last of many posts gave %q, want %s", last, CodeBackPressure)
	}
	n := len(u.posted)
	u.post("must", windowBytes, true)
	if len(u.posted) != n {
		t.Errorf("a post that must be taken gave %q, want it to wait", u.posted[n:])
	}
}

func TestMessagesArriveInOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	u := newTwoUsers(t)
	const total = 2000
	posted := 0
	var way []*wire.Event
	for len(u.got) < total {
		for posted < total && rnd.IntN(4) > 0 {
			u.post(fmt.Sprint(posted), 10, false)
			posted++
		}
		way = append(way, u.sent...)
		u.sent = nil
		rnd.Shuffle(len(way), func(i, j int) { way[i], way[j] = way[j], way[i] })
		for n := rnd.IntN(len(way) + 1); n > 0; n-- {
			e := way[0]
			if way = way[1:]; rnd.IntN(10) == 0 {
				way = append(way, e) // it arrives twice
			}
			if err := u.receive(e); err != nil {
				t.Fatal(err)
			}
		}
		u.consume(rnd.IntN(100))
	}
	for i, e := range u.got {
		if e.Name != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, e.Name)
		}
	}
	if len(u.got) != total {
		t.Errorf("%d messages, want %d", len(u.got), total)
	}
}

func TestLostReceiver(t *testing.T) {
	u := newTwoUsers(t)
	for i := range windowCount + 1 {
		u.post(fmt.Sprint(i), 1, false)
	}
	u.from.out.drop(&Error{CodeWorkerLost, "gone"})
	u.carryOut()
	if got, want := u.posted[windowCount], fmt.Sprint(windowCount, ": ", CodeWorkerLost); got != want {
		t.Errorf("the waiting message gave %q, want %q", got, want)
	}
	late := u.sent[0]
	u.sent = nil
	u.post("new", 1, false)
	if err := u.receive(u.sent[0]); err != nil {
		t.Fatal(err)
	}
	if err := u.receive(late); err != nil {
		t.Fatal(err)
	}
	if len(u.got) != 1 || u.got[0].Name != "new" {
		t.Errorf("after the loss arrived %v, want the new message alone", u.got)
	}
}

func TestReplacedLinkLosesNoMessage(t *testing.T) {
	u := newTwoUsers(t)
	for _, name := range []string{"a", "b", "c"} {
		u.post(name, 1, false)
	}
	if err := u.receive(u.sent[0]); err != nil {
		t.Fatal(err)
	}
	u.sent = nil // b and c are lost with the link
	u.from.out.relink()
	u.carryOut()
	for _, e := range u.sent {
		if err := u.receive(e); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(u.got), 3; got != want {
		t.Errorf("%d messages arrived, want %d", got, want)
	}
}

func TestSenderThatKeepsNoWindow(t *testing.T) {
	for _, tt := range []struct {
		name string
		e    wire.Event
	}{
		{"a number far ahead", wire.Event{Seq: windowCount + 1, Name: "x"}},
		{"too much out of order", wire.Event{Seq: 2, Name: "x", Data: make([]byte, 3*windowBytes)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := newTwoUsers(t).receive(&tt.e); err == nil {
				t.Error("was taken, want an error")
			}
		})
	}
}
