package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/discovery"
	"supercluster/net/link"
	"supercluster/net/trust"
	"supercluster/net/wire"
)

// What guests may have of a worker, and what each refusal says.
func TestGuestQuota(t *testing.T) {
	b := newIntakeBench(t, 4)
	now := time.Unix(1e9, 0)
	state := func(id, name string) jobState {
		if j := b.in.owners[b.sessions[id]].jobs[jobKey{b.taskID(name), 1}]; j != nil {
			return j.state
		}
		return 0
	}
	give := func(id, name string, change func(*wire.Task)) string {
		m := &wire.Task{ID: b.taskID(name), Attempt: 1, Hash: someHash, Code: someCode}
		if change != nil {
			change(m)
		}
		b.effects.take()
		b.in.take(b.sessions[id], m, now)
		for _, x := range b.effects.take() {
			if r, ok := x.msg.(*wire.Refused); ok {
				return codeOf(r.Err)
			}
		}
		return ""
	}
	for i := range guestNodes + 1 {
		b.up(fmt.Sprintf("guest%d", i))()
	}
	b.up("member")()
	if code := give("guest0", "package", func(m *wire.Task) { m.CodeKind = wire.CodePackage }); code != CodeKeyRequired {
		t.Errorf("a guest's package: %q, want %s", code, CodeKeyRequired)
	}
	if code := give("member", "package", func(m *wire.Task) { m.CodeKind = wire.CodePackage }); code != "" {
		t.Errorf("a member's package: %q", code)
	}
	if code := give("guest0", "large", func(m *wire.Task) { m.Args = make([]byte, guestResult+1) }); code != CodeTooLarge {
		t.Errorf("a guest's large task: %q, want %s", code, CodeTooLarge)
	}
	// One runs, eight wait, the next is refused.
	for i := range guestRuns + guestQueue {
		if code := give("guest0", fmt.Sprintf("a%d", i), nil); code != "" {
			t.Fatalf("task %d of a guest: %s", i+1, code)
		}
	}
	if code := give("guest0", "more", nil); code != CodeQuota {
		t.Errorf("a guest's tenth task: %q, want %s", code, CodeQuota)
	}
	if state("guest0", "a0") != jobRuns || state("guest0", "a1") != jobQueued {
		t.Errorf("of a guest's tasks the first is %v and the second %v, want one to run alone", state("guest0", "a0"), state("guest0", "a1"))
	}
	// All guests together get half of the slots; members get the rest.
	give("guest1", "b", nil)
	give("guest2", "c", nil)
	if state("guest1", "b") != jobRuns || state("guest2", "c") != jobQueued {
		t.Errorf("on 4 slots a second guest's task is %v and a third's %v, want half of the slots kept", state("guest1", "b"), state("guest2", "c"))
	}
	give("member", "m", nil)
	if state("member", "m") != jobRuns {
		t.Errorf("a member's task is %v beside guests, want a slot", state("member", "m"))
	}
	give("guest3", "d", nil)
	if code := give("guest4", "e", nil); code != CodeQuota {
		t.Errorf("a fifth guest: %q, want %s", code, CodeQuota)
	}
	j := b.in.owners[b.sessions["guest0"]].jobs[jobKey{b.taskID("a0"), 1}]
	if d := time.Duration(j.task.TimeoutMillis) * time.Millisecond; d != guestTime {
		t.Errorf("a guest's task may take %v, want %v", d, guestTime)
	}
	b.in.ended(j, Result{Value: make([]byte, guestResult+1)}, now)
	if codeOf(j.result.Err) != CodeTooLarge || j.result.Value != nil {
		t.Errorf("a guest's large result is sent, or its error is %q", codeOf(j.result.Err))
	}
	if state("guest0", "a1") != jobRuns {
		t.Error("a guest's next task does not get the slot that it gave back")
	}
	j = &job{owner: b.in.owners[b.sessions["guest0"]]}
	printed := j.within(strings.Repeat("a", guestLog-1)) + j.within("bcd") + j.within("e")
	if len(printed) > guestLog+100 || !strings.Contains(printed, "ab\n[a guest's task may print 65536 bytes]") || strings.Contains(printed, "e\n") {
		t.Errorf("a guest's task printed %d bytes, ending %q", len(printed), printed[len(printed)-60:])
	}
}

// A quota that the worker's owner sets, and what a master makes of one that a guest announces.
func TestQuota(t *testing.T) {
	usual := Quota{Tasks: 1, Queue: 8, Nodes: 4, Time: 10 * time.Second, Size: 1 << 20, Log: 64 << 10}
	for _, tt := range []struct {
		name, host string
		want       Quota
	}{
		{"nothing said", `{}`, usual},
		{"more at once", `{"guests":{"tasks":3,"queue":20}}`, Quota{3, 20, 4, usual.Time, usual.Size, usual.Log}},
		{"less than nothing", `{"guests":{"tasks":-1,"queue":-1,"size":-1}}`, usual},
		{"beyond reason", `{"guests":{"tasks":1000000000,"queue":1000000000,"size":1000000000}}`, Quota{1 << 16, maxQueuedJobs, 4, usual.Time, usual.Size, usual.Log}},
		{"tiny", `{"guests":{"size":1}}`, Quota{1, 8, 4, usual.Time, leastSize, usual.Log}},
		{"no numbers", `{"guests":{"tasks":"all"}}`, usual},
	} {
		p := peerOf(&stillConn{hello: wire.Hello{Node: wire.Node{ID: "w", Role: RoleWorker, Host: []byte(tt.host)}}})
		if p.Guests != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, p.Guests, tt.want)
		}
	}
	for _, tt := range []struct{ slots, tasks, want int }{{8, 1, 1}, {8, 3, 3}, {4, 3, 2}, {1, 3, 1}} {
		r := newRemote(&session{peer: &Peer{Slots: tt.slots, Guests: Quota{Tasks: tt.tasks}.withDefaults()}})
		if got := r.slots(); got != tt.want {
			t.Errorf("of %d slots with %d tasks a guest a master takes %d, want %d", tt.slots, tt.tasks, got, tt.want)
		}
	}
}

// A master gives a worker without the key functions, and nothing that is for members.
func TestUntrustedWorker(t *testing.T) {
	function, secret := Spec{Code: []byte("f")}, Spec{Code: []byte("f"), MembersOnly: true}
	pack := Spec{Code: []byte("p"), CodeKind: wire.CodePackage}
	large := Spec{Code: []byte("f"), Args: make([]byte, guestResult)}
	blob := Spec{Code: []byte("f"), Blobs: []*Blob{{Data: make([]byte, guestResult)}}}
	for name, spec := range map[string]Spec{"a package": pack, "what needs permissions": secret, "much": large, "a large value": blob} {
		for _, worker := range []string{"", "guest"} {
			b := newSchedulerBench(t)
			b.up("guest", 4)()
			spec.Worker = worker
			var told []byte
			b.submit("a", spec)()
			for _, x := range b.effects.take() {
				switch {
				case x.kind == effectSend:
					t.Errorf("%s for worker %q: the guest was sent a %v", name, worker, x.msg.Kind())
				case x.kind == effectDone:
					told = x.outcome.Err
				}
			}
			if codeOf(told) != CodePeerUntrusted {
				t.Errorf("%s for worker %q: %q, want %s", name, worker, told, CodePeerUntrusted)
			}
		}
	}
	b := newSchedulerBench(t)
	b.up("guest", 4)()
	b.up("w", 4)()
	b.effects.take()
	b.submit("a", pack)()
	for _, x := range b.effects.take() {
		if x.kind == effectJudge {
			b.s.judged(x.t, x.s, x.count, x.t.trusts(x.peer), b.now)
		}
	}
	if r := b.s.remote("w"); len(r.attempts) != 1 {
		t.Errorf("beside a guest the member has %d packages, want 1", len(r.attempts))
	}
	b.submit("b", function)()
	b.submit("c", function)()
	if r := b.s.remote("guest"); len(r.attempts) != guestRuns {
		t.Errorf("a guest has %d functions at once, want %d", len(r.attempts), guestRuns)
	}
}

// A task that a worker has no room for is tried again, not failed.
func TestQuotaIsTriedAgain(t *testing.T) {
	b := newSchedulerBench(t)
	b.up("guest", 4)()
	b.submit("a", Spec{Code: []byte("f")})()
	b.refused("guest", "a", 1, CodeQuota)()
	r := b.s.remote("guest")
	if len(r.attempts) != 0 || r.taking() {
		t.Error("asked again at once")
	}
	b.pass(quotaPause)()
	if len(r.attempts) != 1 {
		t.Error("not asked again after the pause")
	}
}

// A guest's messages are slowed to 50 a second, and large ones end its link.
func TestGuestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		guest, member := newThrottle(&stillConn{guest: true}), newThrottle(&stillConn{})
		began := time.Now()
		for range 200 {
			if err := guest.pass(context.Background(), &wire.Event{Name: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 2900*time.Millisecond || took > 3100*time.Millisecond {
			t.Errorf("200 messages of a guest took %v, want 3 s: 50 at once and then 50 a second", took)
		}
		large := &wire.Event{Name: "a", Data: make([]byte, guestMessage+2048)}
		if err := guest.pass(context.Background(), large); err == nil {
			t.Error("a guest's large message was taken")
		}
		began = time.Now()
		for range 200 {
			if err := member.pass(context.Background(), large); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("a member was slowed by %v", took)
		}
	})
}

// A list of revocations reaches all nodes that are linked, also by way of others, and cuts off who is on it.
func TestRevocationsSpread(t *testing.T) {
	whole, err := trust.FromKey("", trust.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	token, gpu, err := whole.Part(trust.RoleWorker, "gpu1", time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := trust.Parse("", token)
	if err != nil {
		t.Fatal(err)
	}
	air := newAir()
	refusals := make(chan Refused, 100)
	mesh := func(c *trust.Credential, told func(Refused)) (*Mesh, *link.Socket) {
		s := socketOf(t, c)
		return runMesh(t, MeshConfig{Socket: s, Sources: []discovery.Source{air.source()}, OnRefused: told}), s
	}
	hub, _ := mesh(whole, nil)
	m, events := watchedMaster(t)
	join(t, hub, m)
	revoked, _ := mesh(own, func(r Refused) { refusals <- r })
	w := newTestWorker(t, 1, echo)
	join(t, revoked, w)
	wantEvent(t, events, w.ID(), true)
	edge, socket := mesh(whole, nil) // a worker, linked to the master alone
	other := newTestWorker(t, 1, echo)
	join(t, edge, other)
	wantEvent(t, events, other.ID(), true)

	list, err := whole.Revoke(nil, gpu, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := socket.Trust().Learn(list.Encode()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := edge.Revoke(); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, events, w.ID(), false)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("cut off after %v, want 5 s at most", took)
	}
	if r := <-refusals; !r.ByPeer || r.Code != trust.CodeKeyRevoked || r.Hint() == "" {
		t.Errorf("the revoked worker is told %+v, want %s by its peer", r, trust.CodeKeyRevoked)
	}
	late, lateSocket := mesh(whole, nil) // hears of it when it is linked
	third := newTestWorker(t, 1, echo)
	join(t, late, third)
	wantEvent(t, events, third.ID(), true)
	for deadline := time.Now().Add(20 * time.Second); len(lateSocket.Trust().Revoked()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a node that came later was not told")
		}
	}
}

// Both sides of a refused link tell of it.
func TestRefusedIsTold(t *testing.T) {
	air := newAir()
	told := make(chan Refused, 100)
	cfg := func(key byte) MeshConfig {
		c, err := trust.FromKey("", trust.Secret{key})
		if err != nil {
			t.Fatal(err)
		}
		return MeshConfig{Socket: socketOf(t, c), Sources: []discovery.Source{air.source()}, OnRefused: func(r Refused) { told <- r }}
	}
	join(t, runMesh(t, cfg(1)), newTestWorker(t, 1, echo))
	join(t, runMesh(t, cfg(2)), newTestMaster(t))
	if r := <-told; r.Code != trust.CodeWrongKey || r.Hint() == "" || r.Addr == "" || !errors.As(r.Refusal, new(*trust.Refusal)) {
		t.Errorf("told of %+v, want %s", r, trust.CodeWrongKey)
	}
}

// socketOf returns a socket of a keyed cluster.
func socketOf(t testing.TB, c *trust.Credential) *link.Socket {
	t.Helper()
	s, err := link.Listen(link.Config{Addr: listenAddr, Trust: trust.NewRing(trust.RingConfig{Credential: c, Keyed: true})})
	if err != nil {
		t.Fatal(err)
	}
	runInBackground(t, s.Run)
	return s
}

// take returns the effects that came since, and forgets them.
func (e *effects) take() []effect {
	out := e.out
	e.out = nil
	return out
}
