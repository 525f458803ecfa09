package tracker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"supercluster/discovery"
)

// start is when the tests of the list begin.
var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// after returns the time that many seconds after start.
func after(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

var caller = netip.MustParseAddr("10.0.0.7")

// worker returns an announcement of a worker at caller that gives no id of its own.
func worker(port uint16, seq uint64) discovery.Announcement {
	addr := netip.AddrPortFrom(caller, port)
	return discovery.Announcement{
		ID: anonymous("worker", addr), Role: "worker", Cluster: "default", Seq: seq, Addr: addr, Data: json.RawMessage(`{}`),
	}
}

// names writes lists as "role:port", masters first.
func names(l lists, removed []removal) string {
	var all []string
	for i, hosts := range [][]host{l.Masters, l.Workers} {
		for _, h := range hosts {
			all = append(all, fmt.Sprintf("%s:%d", roles[i], h.Port))
		}
	}
	for _, r := range removed {
		all = append(all, fmt.Sprintf("-%s:%d", r.Role, r.Port))
	}
	return strings.Join(all, " ")
}

func newTestStore() *store {
	return newStore(Limits{}.withDefaults())
}

// mustAnnounce announces and fails the test if that is refused.
func mustAnnounce(t testing.TB, s *store, a discovery.Announcement, now time.Time) *entry {
	t.Helper()
	e, err := s.announce(a, caller, now)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestListAndExpiry(t *testing.T) {
	s := newTestStore()
	mustAnnounce(t, s, worker(1, 1), after(0))
	mustAnnounce(t, s, worker(2, 1), after(0))
	mustAnnounce(t, s, worker(2, 2), after(5))
	s.expire(after(8.9))
	if got := names(s.list("", netip.Addr{}), nil); got != "worker:1 worker:2" {
		t.Errorf("after 8.9 s: %s", got)
	}
	s.expire(after(9))
	if got := names(s.list("", netip.Addr{}), nil); got != "worker:2" {
		t.Errorf("after three intervals without the first: %s", got)
	}
	long := worker(3, 1)
	long.TTL = time.Minute
	mustAnnounce(t, s, long, after(10))
	s.expire(after(60))
	if got := names(s.list("", netip.Addr{}), nil); got != "worker:3" {
		t.Errorf("with a longer ttl: %s", got)
	}
}

func TestHeldWhileItsRequestWaits(t *testing.T) {
	s := newTestStore()
	e := mustAnnounce(t, s, worker(1, 1), after(0))
	s.hold(e, nil)
	s.expire(after(25))
	if len(s.entries) != 1 {
		t.Fatal("a node expires while its request waits")
	}
	s.release(e, nil, after(25))
	s.expire(after(33))
	if len(s.entries) != 1 {
		t.Error("a node expires at once when its request has ended")
	}
	s.expire(after(34))
	if len(s.entries) != 0 {
		t.Error("a node stays")
	}
}

func TestSince(t *testing.T) {
	s := newTestStore()
	master := worker(9, 1)
	master.Role = "master"
	mustAnnounce(t, s, worker(1, 1), after(0)) // version 1
	mustAnnounce(t, s, worker(2, 1), after(0)) // 2
	mustAnnounce(t, s, master, after(0))       // 3
	changed := worker(1, 2)
	changed.Data = json.RawMessage(`{"a":1}`)
	mustAnnounce(t, s, changed, after(1)) // 4
	bye := worker(2, 2)
	bye.Bye = true
	mustAnnounce(t, s, bye, after(2))           // 5
	mustAnnounce(t, s, changed, after(2))       // not newer
	mustAnnounce(t, s, worker(1, 3), after(11)) // 6, back to {}
	tests := []struct {
		since uint64
		want  wanted
		text  string
	}{
		{0, "", "master:9 worker:1 -worker:2"},
		{0, "masters", "master:9"},
		{0, "workers", "worker:1 -worker:2"},
		{0, "none", ""},
		{3, "", "worker:1 -worker:2"},
		{4, "", "worker:1 -worker:2"},
		{5, "", "worker:1"},
		{6, "", ""},
	}
	for _, tt := range tests {
		l, removed, ok := s.since(tt.since, tt.want, netip.Addr{})
		if got := names(l, removed); got != tt.text || !ok {
			t.Errorf("since %d, want %q: %q, %v, want %q", tt.since, tt.want, got, ok, tt.text)
		}
	}
	if _, _, ok := s.since(7, "", netip.Addr{}); ok {
		t.Error("a version of the future is answered")
	}
}

// What a cursor's reader puts together is what the list says, whatever happened.
func TestSinceAddsUp(t *testing.T) {
	s := newTestStore()
	s.log = make([]change, 0, 8)
	have := map[uint16]string{}
	at := uint64(0)
	for i := range uint64(500) {
		a := worker(uint16(1+i*7%13), i+1)
		a.Data = json.RawMessage(fmt.Sprint(i % 3))
		a.Bye = i%5 == 0
		mustAnnounce(t, s, a, after(float64(20*i)))
		if i%3 != 0 {
			continue
		}
		l, removed, ok := s.since(at, "", netip.Addr{})
		if !ok {
			t.Fatalf("step %d: version %d is not known", i, at)
		}
		for _, r := range removed {
			delete(have, r.Port)
		}
		for _, h := range l.Workers {
			have[h.Port] = string(h.Data)
		}
		at = s.version
		want := map[uint16]string{}
		for _, h := range s.list("", netip.Addr{}).Workers {
			want[h.Port] = string(h.Data)
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Fatalf("step %d: %v, want %v", i, have, want)
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	s := newTestStore()
	for i := range uint64(maxLog) + 2 {
		a := worker(1, i+1)
		a.Proto = uint16(i)
		mustAnnounce(t, s, a, after(0))
	}
	if len(s.log) > maxLog {
		t.Errorf("%d changes are remembered, limit %d", len(s.log), maxLog)
	}
	if _, _, ok := s.since(1, "", netip.Addr{}); ok {
		t.Error("a version that was forgotten is answered")
	}
	if l, _, ok := s.since(s.version-1, "", netip.Addr{}); !ok || names(l, nil) != "worker:1" {
		t.Errorf("the last change: %q, %v", names(l, nil), ok)
	}
}

func TestAnnounceRefuses(t *testing.T) {
	s := newStore(Limits{MaxNodes: 3, MaxPerHost: 2}.withDefaults())
	mustAnnounce(t, s, worker(1, 1), start)
	mustAnnounce(t, s, worker(2, 1), start)
	if _, err := s.announce(worker(3, 1), caller, start); !errors.Is(err, errQuota) {
		t.Errorf("a third node of one address: %v, want %v", err, errQuota)
	}
	if _, err := s.announce(worker(3, 1), netip.MustParseAddr("10.0.0.8"), start); err != nil {
		t.Errorf("a node of another address: %v", err)
	}
	if _, err := s.announce(worker(4, 1), netip.MustParseAddr("10.0.0.9"), start); err != nil || len(s.entries) != 3 {
		t.Errorf("a fourth node in all: %v, and %d are listed, want it in the place of one of the address that has two", err, len(s.entries))
	}
	if _, err := s.announce(worker(5, 1), netip.MustParseAddr("10.0.0.10"), start); !errors.Is(err, errQuota) {
		t.Errorf("a node of a fourth address: %v, want %v", err, errQuota)
	}
	other := worker(4, 2)
	other.Role = "master"
	if _, err := s.announce(other, caller, start); !errors.Is(err, discovery.ErrAnnouncement) {
		t.Errorf("another role: %v", err)
	}
	other = worker(5, 1)
	other.Role = "tracker"
	if _, err := s.announce(other, caller, start); !errors.Is(err, discovery.ErrAnnouncement) {
		t.Errorf("a tracker: %v", err)
	}
	s.expire(after(60))
	if len(s.entries) != 0 || len(s.hosts) != 0 {
		t.Errorf("after all have expired: %d nodes, %d hosts", len(s.entries), len(s.hosts))
	}
}

func TestGoodbyeIsNotUndone(t *testing.T) {
	s := newTestStore()
	mustAnnounce(t, s, worker(1, 1), start)
	bye := worker(1, 5)
	bye.Bye = true
	mustAnnounce(t, s, bye, start)
	if e := mustAnnounce(t, s, worker(1, 4), after(1)); e != nil {
		t.Error("an announcement that the goodbye overtook is taken in")
	}
	if e := mustAnnounce(t, s, worker(1, 6), after(1)); e == nil {
		t.Error("a node cannot come back")
	}
	bye.Seq = 7
	mustAnnounce(t, s, bye, after(2))
	s.expire(after(63))
	if len(s.gone) != 0 {
		t.Error("goodbyes are remembered for ever")
	}
}

func TestDataChangesAreSlowedDown(t *testing.T) {
	s := newTestStore()
	data := func() string {
		return string(s.list("", netip.Addr{}).Workers[0].Data)
	}
	for i, step := range []struct {
		at         float64
		data, want string
	}{
		{0, `1`, `1`}, {1, `2`, `2`}, {2, `3`, `2`}, {5, `4`, `2`}, {10.9, `5`, `2`}, {11, `5`, `5`}, {12, `6`, `5`},
	} {
		a := worker(1, uint64(i+1))
		a.Data = json.RawMessage(step.data)
		mustAnnounce(t, s, a, after(step.at))
		if got := data(); got != step.want {
			t.Errorf("after %v s: data %s, want %s", step.at, got, step.want)
		}
	}
	if s.version != 3 {
		t.Errorf("%d versions, want 3", s.version)
	}
}

func TestIntervalGrows(t *testing.T) {
	s := newTestStore()
	for _, tt := range []struct {
		nodes int
		want  time.Duration
	}{{0, 3 * time.Second}, {6000, 3 * time.Second}, {10_000, 5 * time.Second}, {100_000, 50 * time.Second}} {
		for len(s.entries) < tt.nodes {
			s.entries[key{boot: uint64(len(s.entries))}] = &entry{}
		}
		if got := s.interval(); got != tt.want {
			t.Errorf("interval of %d nodes: %v, want %v", tt.nodes, got, tt.want)
		}
	}
}

// What announces itself over loopback is on the tracker's host: others are told how they reach that.
func TestLoopbackAsOthersSeeIt(t *testing.T) {
	s := newTestStore()
	a := worker(1, 1)
	a.Addr = netip.MustParseAddrPort("127.0.0.1:1")
	mustAnnounce(t, s, a, start)
	view := netip.MustParseAddr("10.0.0.1")
	if got := s.list("", view).Workers[0].Addr; got != "10.0.0.1" {
		t.Errorf("seen from elsewhere: %s", got)
	}
	if got := s.list("", netip.Addr{}).Workers[0].Addr; got != "127.0.0.1" {
		t.Errorf("seen from its own host: %s", got)
	}
	s.expire(after(60))
	_, removed, _ := s.since(1, "", view)
	if len(removed) != 1 || removed[0].Addr != "10.0.0.1" {
		t.Errorf("its end, seen from elsewhere: %v", removed)
	}
}

func TestEvents(t *testing.T) {
	limits := Limits{}.withDefaults()
	limits.events = true
	s := newStore(limits)
	mustAnnounce(t, s, worker(1, 1), start)
	a := worker(1, 2)
	a.Data = json.RawMessage(`1`)
	mustAnnounce(t, s, a, start)
	s.expire(after(60))
	mustAnnounce(t, s, worker(2, 1), after(60))
	a = worker(2, 2)
	a.Bye = true
	mustAnnounce(t, s, a, after(61))
	var got []string
	for _, e := range s.events {
		got = append(got, fmt.Sprintf("%v %d %v", e.Kind, e.Node.Addr.Port(), e.Node.Bye))
	}
	want := "found 1 false, changed 1 false, lost 1 false, found 2 false, lost 2 true"
	if strings.Join(got, ", ") != want {
		t.Errorf("events %s, want %s", strings.Join(got, ", "), want)
	}
}
