package discovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// start is when every test begins.
var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// at returns a time that many seconds after start.
func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

// ann returns an announcement of the worker w, boot 1.
func ann(seq uint64, addr string, path Path) Announcement {
	return Announcement{
		ID: "w", Role: "worker", Cluster: "default", Boot: 1, Seq: seq, Proto: 1,
		Addr: netip.MustParseAddrPort(addr), Path: path, TTL: 5 * time.Second, Data: json.RawMessage(`{}`),
	}
}

// with returns a after change was applied.
func with(a Announcement, change func(*Announcement)) Announcement {
	change(&a)
	return a
}

func TestTable(t *testing.T) {
	const lo, eth, eth2, br = "127.0.0.1:7", "10.0.0.7:7", "10.1.0.7:7", "172.17.0.7:7"
	bye := func(a *Announcement) { a.Bye = true }
	type step struct {
		at   float64 // seconds
		what any     // an Announcement to observe, or nil to expire
		want string  // events: kind, id/boot, addresses best first
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"one event however often it is heard", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{0, ann(1, eth, Ethernet), ""},
			{1, ann(2, eth, Ethernet), ""},
			{2, ann(3, eth, Ethernet), ""},
		}},
		{"loopback before ethernet before bridge", []step{
			{0, ann(1, br, Bridge), "found w/1 172.17.0.7:7"},
			{0, ann(1, eth, Ethernet), "changed w/1 10.0.0.7:7 172.17.0.7:7"},
			{0, ann(1, lo, Loopback), "changed w/1 127.0.0.1:7 10.0.0.7:7 172.17.0.7:7"},
			{0, ann(1, eth2, Ethernet), ""},
			{1, ann(2, eth2, Ethernet), ""},
			{1, ann(2, br, Bridge), ""},
		}},
		{"the first of two equal addresses stays", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{0, ann(1, eth2, Ethernet), ""},
			{1, ann(2, eth2, Ethernet), ""},
			{1, ann(2, eth, Ethernet), ""},
		}},
		{"an address that is no longer heard goes", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{0, ann(1, br, Bridge), ""},
			{4, ann(2, br, Bridge), ""},
			{8, ann(3, br, Bridge), "changed w/1 172.17.0.7:7"},
			{9, ann(4, eth, Ethernet), "changed w/1 10.0.0.7:7 172.17.0.7:7"},
		}},
		{"expiry by ttl", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{4.9, nil, ""},
			{5, nil, "lost w/1 10.0.0.7:7"},
			{6, nil, ""},
		}},
		{"only a rising sequence number keeps it", []step{
			{0, ann(5, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{4, ann(5, eth, Ethernet), ""},
			{4, ann(4, eth, Ethernet), ""},
			{5, nil, "lost w/1 10.0.0.7:7"},
		}},
		{"an older one tells nothing", []step{
			{0, ann(5, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, with(ann(4, eth2, Loopback), func(a *Announcement) { a.Data = json.RawMessage(`1`) }), ""},
			{2, nil, ""},
		}},
		{"a replay does not revive it", []step{
			{0, ann(5, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{5, nil, "lost w/1 10.0.0.7:7"},
			{6, ann(5, eth, Ethernet), ""},
			{7, ann(3, eth2, Ethernet), ""},
			{8, ann(6, eth, Ethernet), "found w/1 10.0.0.7:7"},
		}},
		{"changed data, role, protocol", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, with(ann(2, eth, Ethernet), func(a *Announcement) { a.Data = json.RawMessage(`{"a":1}`) }), "changed w/1 10.0.0.7:7"},
			{2, with(ann(3, eth, Ethernet), func(a *Announcement) { a.Data = nil }), ""},
			{3, with(ann(4, eth, Ethernet), func(a *Announcement) { a.Data = nil; a.Proto = 2 }), "changed w/1 10.0.0.7:7"},
			{4, with(ann(5, eth, Ethernet), func(a *Announcement) { a.Data = json.RawMessage(`{"a":1}`); a.Proto = 2 }), ""},
		}},
		{"a goodbye is told, the node stays until its ttl", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, with(ann(2, eth, Ethernet), bye), "goodbye w/1 10.0.0.7:7"},
			{1, with(ann(2, br, Bridge), bye), ""},
			{1, ann(1, eth2, Loopback), ""},
			{5.9, nil, ""},
			{6, nil, "lost w/1 10.0.0.7:7"},
			{7, ann(2, eth, Tracker), ""},
		}},
		{"after a goodbye it may come back", []step{
			{0, ann(1, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, with(ann(2, eth, Ethernet), bye), "goodbye w/1 10.0.0.7:7"},
			{2, ann(3, eth, Ethernet), "changed w/1 10.0.0.7:7"},
			{3, with(ann(4, eth, Ethernet), bye), "goodbye w/1 10.0.0.7:7"},
		}},
		{"a goodbye that arrives first", []step{
			{0, with(ann(2, eth, Ethernet), bye), ""},
			{0, ann(1, eth, Ethernet), ""},
			{1, ann(3, eth, Ethernet), "found w/1 10.0.0.7:7"},
		}},
		{"a tracker keeps what it lists", []step{
			{0, ann(7, eth, Tracker), "found w/1 10.0.0.7:7"},
			{4, ann(7, eth, Tracker), ""},
			{8, ann(7, eth, Tracker), ""},
			{12.9, nil, ""},
			{13, nil, "lost w/1 10.0.0.7:7"},
			{14, ann(7, eth, Tracker), "found w/1 10.0.0.7:7"},
		}},
		{"a tracker that lags behind the beacon", []step{
			{0, ann(7, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, ann(3, eth, Tracker), ""},
			{2, ann(3, eth2, Tracker), ""},
			{3, ann(8, eth, Ethernet), ""},
			{6, ann(3, eth, Tracker), ""},
			{10, nil, ""},
			{11, nil, "lost w/1 10.0.0.7:7 10.1.0.7:7"},
		}},
		{"another boot is another node", []step{
			{0, ann(9, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{1, with(ann(1, eth, Ethernet), func(a *Announcement) { a.Boot = 2 }), "found w/2 10.0.0.7:7"},
			{5, nil, "lost w/1 10.0.0.7:7"},
			{6, nil, "lost w/2 10.0.0.7:7"},
		}},
		{"lost ones in order of id", []step{
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.ID = "b" }), "found b/1 10.0.0.7:7"},
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.ID = "a" }), "found a/1 10.0.0.7:7"},
			{9, nil, "lost a/1 10.0.0.7:7, lost b/1 10.0.0.7:7"},
		}},
		{"no id, no address", []step{
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.ID = "" }), ""},
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.Addr = netip.AddrPort{} }), ""},
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.Addr = netip.MustParseAddrPort("10.0.0.1:0") }), ""},
		}},
		{"no ttl means the default, too long a one the limit", []step{
			{0, with(ann(1, eth, Ethernet), func(a *Announcement) { a.TTL = 0 }), "found w/1 10.0.0.7:7"},
			{5, nil, "lost w/1 10.0.0.7:7"},
			{6, with(ann(2, eth, Ethernet), func(a *Announcement) { a.TTL = time.Hour }), "found w/1 10.0.0.7:7"},
			{605, nil, ""},
			{606, nil, "lost w/1 10.0.0.7:7"},
		}},
		{"what is gone is forgotten after ten minutes", []step{
			{0, ann(5, eth, Ethernet), "found w/1 10.0.0.7:7"},
			{5, nil, "lost w/1 10.0.0.7:7"},
			{604, ann(5, eth, Ethernet), ""},
			{605, ann(5, eth, Ethernet), "found w/1 10.0.0.7:7"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := NewTable()
			for i, s := range tt.steps {
				var events []Event
				if a, ok := s.what.(Announcement); ok {
					events = table.Observe(a, at(s.at))
				} else {
					events = table.Expire(at(s.at))
				}
				if got := text(events); got != s.want {
					t.Errorf("step %d: %q, want %q", i, got, s.want)
				}
			}
		})
	}
}

// text writes events as the tests expect them.
func text(events []Event) string {
	var all []string
	for _, e := range events {
		s := fmt.Sprintf("%v %s/%d", e.Kind, e.Node.ID, e.Node.Boot)
		for _, a := range e.Node.Addrs {
			s += " " + a.String()
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func TestTableIsBounded(t *testing.T) {
	table := NewTable()
	a := ann(1, "10.0.0.7:7", Ethernet)
	for i := range MaxPerHost + 10 {
		a.Boot = uint64(i)
		table.Observe(a, start)
	}
	if got := table.Len(); got != MaxPerHost {
		t.Errorf("%d nodes at one address, limit %d", got, MaxPerHost)
	}
	for i := range 3 * maxAddrs {
		b := ann(1, fmt.Sprintf("10.1.0.%d:7", i+1), Ethernet)
		b.Boot = 1
		table.Observe(b, start)
	}
	if n, _ := table.Lookup("w", 1); len(n.Addrs) != maxAddrs || n.Addr != a.Addr {
		t.Errorf("%d addresses, best %v, want %d, best %v", len(n.Addrs), n.Addr, maxAddrs, a.Addr)
	}
	table.Expire(at(60))
	if got := len(table.hosts); got != 0 {
		t.Errorf("%d hosts are counted of an empty table", got)
	}
	if got := len(table.Observe(with(a, func(a *Announcement) { a.Seq = 2 }), at(61))); got != 1 {
		t.Errorf("%d events once there is room again, want 1", got)
	}
}

func TestNodes(t *testing.T) {
	table := NewTable()
	for _, id := range []string{"c", "a", "b"} {
		table.Observe(with(ann(1, "10.0.0.7:7", Ethernet), func(a *Announcement) { a.ID = id }), start)
	}
	var got []string
	for _, n := range table.Nodes() {
		got = append(got, n.ID)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	n, ok := table.Lookup("b", 1)
	if !ok || n.Path != Ethernet {
		t.Errorf("Lookup: %+v, %v", n, ok)
	}
	n.Addrs[0] = netip.AddrPort{}
	if again, _ := table.Lookup("b", 1); !again.Addrs[0].IsValid() {
		t.Error("a Node shares its addresses with the table")
	}
	if _, ok := table.Lookup("b", 2); ok {
		t.Error("Lookup finds another boot")
	}
}

// Whatever arrives in whatever order, the events of a node are one found, then any others, then one lost.
func TestEventsAlternate(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		table := NewTable()
		here := make(map[string]bool)
		now := start
		for range 300 {
			now = now.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
			a := ann(uint64(r.IntN(60)), fmt.Sprintf("10.0.0.%d:7", 1+r.IntN(12)), Path(r.IntN(5)))
			a.ID = string(rune('a' + r.IntN(3)))
			a.Bye = r.IntN(8) == 0
			events := table.Observe(a, now)
			if r.IntN(4) == 0 {
				events = append(events, table.Expire(now)...)
			}
			for _, e := range events {
				if was := here[e.Node.ID]; was == (e.Kind == Found) {
					t.Fatalf("seed %d: %v of %s, which was there: %v", seed, e.Kind, e.Node.ID, was)
				}
				here[e.Node.ID] = e.Kind != Lost
				if !e.Node.Addr.IsValid() || e.Node.Addr != e.Node.Addrs[0] {
					t.Fatalf("seed %d: address %v of %v", seed, e.Node.Addr, e.Node.Addrs)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Announcement)
		want   string
	}{
		{"good", func(*Announcement) {}, ""},
		{"no data", func(a *Announcement) { a.Data = nil }, ""},
		{"no cluster", func(a *Announcement) { a.Cluster = "" }, ""},
		{"no id", func(a *Announcement) { a.ID = "" }, `bad announcement: id ""`},
		{"id with a control character", func(a *Announcement) { a.ID = "w\x1b[0m" }, `bad announcement: id "w\x1b[0m"`},
		{"long id", func(a *Announcement) { a.ID = strings.Repeat("x", 65) }, `bad announcement: id "` + strings.Repeat("x", 64) + `"`},
		{"unknown role", func(a *Announcement) { a.Role = "boss" }, `bad announcement: role "boss"`},
		{"cluster with a space", func(a *Announcement) { a.Cluster = "a b" }, `bad announcement: cluster "a b"`},
		{"no port", func(a *Announcement) { a.Addr = netip.AddrPort{} }, "bad announcement: no port"},
		{"negative ttl", func(a *Announcement) { a.TTL = -time.Second }, "bad announcement: ttl -1s"},
		{"data that is not JSON", func(a *Announcement) { a.Data = json.RawMessage(`{`) }, "bad announcement: data is not JSON"},
		{"data one byte over", func(a *Announcement) { a.Data = json.RawMessage(`"` + strings.Repeat("x", MaxData-1) + `"`) }, "bad announcement: data of 16385 bytes, limit 16384"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := with(ann(1, "10.0.0.7:7", Ethernet), tt.change).Check()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || err != nil && !errors.Is(err, ErrAnnouncement) {
				t.Errorf("Check: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	if got := fmt.Sprint(Unknown, Loopback, Ethernet, Bridge, Tracker); got != "unknown loopback ethernet bridge tracker" {
		t.Errorf("paths: %s", got)
	}
	if got := fmt.Sprint(Found, Changed, Goodbye, Lost, Kind(0)); got != "found changed goodbye lost unknown" {
		t.Errorf("kinds: %s", got)
	}
}

func BenchmarkObserve(b *testing.B) {
	table := NewTable()
	a := ann(0, "10.0.0.7:7", Ethernet)
	for b.Loop() {
		a.Seq++
		table.Observe(a, start)
	}
}
