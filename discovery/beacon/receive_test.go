package beacon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

var neighbour = netip.MustParseAddrPort("10.0.0.9:40000")

// listener returns a beacon that hears 10.0.0.0/24 and 127.0.0.0/8 through accept alone.
func listener(t testing.TB) *Beacon {
	b := New(Config{Sealer: newSealer(t, "default")})
	b.nets = []attachment{
		{index: 1, prefix: netip.MustParsePrefix("127.0.0.0/8"), path: discovery.Loopback},
		{index: 2, prefix: netip.MustParsePrefix("10.0.0.0/24"), path: discovery.Ethernet},
	}
	return b
}

func TestAccept(t *testing.T) {
	b, id := listener(t), newIdentity(t)
	send := func(from netip.AddrPort, change func(*discovery.Announcement)) (discovery.Announcement, bool) {
		a := announcementOf(id)
		change(&a)
		return b.accept(mustEncode(t, b.cfg.Sealer, id, a), from, 2, now)
	}
	got, ok := send(neighbour, func(a *discovery.Announcement) { a.Addr = netip.MustParseAddrPort("8.8.8.8:5000") })
	if want := netip.MustParseAddrPort("10.0.0.9:5000"); !ok || got.Addr != want || got.Path != discovery.Ethernet {
		t.Fatalf("accepted %v: %v by %v, want %v: the packet's source, the announced port", ok, got.Addr, got.Path, want)
	}
	tests := []struct {
		name   string
		from   string
		change func(*discovery.Announcement)
		ok     bool
		count  *uint64
	}{
		{"the same again", "10.0.0.9:40000", func(*discovery.Announcement) {}, false, &b.stats.Repeated},
		{"the same from another port", "10.0.0.9:40001", func(*discovery.Announcement) {}, false, &b.stats.Repeated},
		{"the same from another address", "127.0.0.1:40000", func(a *discovery.Announcement) {}, true, &b.stats.Accepted},
		{"older", "10.0.0.9:40000", func(a *discovery.Announcement) { a.Seq = 8 }, false, &b.stats.Replayed},
		{"newer", "10.0.0.9:40000", func(a *discovery.Announcement) { a.Seq = 10 }, true, &b.stats.Accepted},
		{"newest before, now older", "127.0.0.1:40000", func(a *discovery.Announcement) { a.Seq = 9 }, false, &b.stats.Replayed},
		{"another boot", "10.0.0.9:40000", func(a *discovery.Announcement) { a.Boot = 1; a.Seq = 1 }, true, &b.stats.Accepted},
		{"not on our networks", "10.0.1.9:40000", func(a *discovery.Announcement) { a.Seq = 11 }, false, &b.stats.OffLink},
	}
	for _, tt := range tests {
		before := *tt.count
		if _, ok := send(netip.MustParseAddrPort(tt.from), tt.change); ok != tt.ok {
			t.Errorf("%s: accepted %v, want %v", tt.name, ok, tt.ok)
		}
		if *tt.count != before+1 {
			t.Errorf("%s: not counted as it should: %+v", tt.name, b.Stats())
		}
	}
}

func TestAcceptRefusesRubbish(t *testing.T) {
	b, id := listener(t), newIdentity(t)
	good := mustEncode(t, b.cfg.Sealer, id, announcementOf(id))
	forged := pack(id, body(id))
	forged[0] ^= 1
	broken := append([]byte(nil), good...)
	broken[40] ^= 1
	tests := []struct {
		name   string
		packet []byte
		count  *uint64
	}{
		{"nothing", nil, &b.stats.Foreign},
		{"text", []byte("GET / HTTP/1.1\r\n\r\n"), &b.stats.Foreign},
		{"oversized", make([]byte, maxPacket+1), &b.stats.Malformed},
		{"another cluster", mustEncode(t, newSealer(t, "other"), id, announcementOf(id)), &b.stats.Foreign},
		{"changed on the way", broken, &b.stats.Forged},
		{"signed by another", b.cfg.Sealer.Seal(forged), &b.stats.Forged},
		{"sealed rubbish", b.cfg.Sealer.Seal([]byte("rubbish")), &b.stats.Malformed},
		{"length bomb", b.cfg.Sealer.Seal(append(make([]byte, 64), "\xdd\xff\xff\xff\xff"...)), &b.stats.Malformed},
	}
	for _, tt := range tests {
		before := *tt.count
		if a, ok := b.accept(tt.packet, neighbour, 2, now); ok {
			t.Errorf("%s: accepted as %+v", tt.name, a)
		}
		if *tt.count != before+1 {
			t.Errorf("%s: not counted as it should: %+v", tt.name, b.Stats())
		}
	}
	if len(b.heard.nodes) != 0 {
		t.Errorf("rubbish is remembered: %v", b.heard.nodes)
	}
	if _, ok := b.accept(good, neighbour, 2, now); !ok {
		t.Error("a good packet after all that is refused")
	}
}

// A forged packet cannot make a beacon believe that a node's real ones are old.
func TestForgedSequenceNumber(t *testing.T) {
	b, id := listener(t), newIdentity(t)
	fields := body(id)
	fields[4] = uint64(1 << 60)
	forged := pack(newIdentity(t), fields)
	if _, ok := b.accept(b.cfg.Sealer.Seal(forged), neighbour, 2, now); ok {
		t.Fatal("accepted a packet that another signed")
	}
	if _, ok := b.accept(mustEncode(t, b.cfg.Sealer, id, announcementOf(id)), neighbour, 2, now); !ok {
		t.Error("the real one is refused")
	}
}

func TestFloodIsLimited(t *testing.T) {
	b, id := listener(t), newIdentity(t)
	a := announcementOf(id)
	for i := range maxBurst + 500 {
		a.Seq = uint64(i + 1)
		b.accept(mustEncode(t, b.cfg.Sealer, id, a), neighbour, 2, now)
	}
	if got := b.Stats(); got.Accepted != maxBurst || got.Limited != 500 {
		t.Errorf("%d accepted, %d limited, want %d, 500", got.Accepted, got.Limited, maxBurst)
	}
	a.Seq++
	if _, ok := b.accept(mustEncode(t, b.cfg.Sealer, id, a), netip.MustParseAddrPort("10.0.0.10:1"), 2, now); !ok {
		t.Error("another address is limited too")
	}
	a.Seq++
	if _, ok := b.accept(mustEncode(t, b.cfg.Sealer, id, a), neighbour, 2, now.Add(time.Second)); !ok {
		t.Error("limited a second later")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	b := listener(t)
	for i := range maxSource + 100 {
		b.heard.allow(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), now)
	}
	if got := len(b.heard.sources); got != maxSource {
		t.Errorf("%d addresses are remembered, limit %d", got, maxSource)
	}
	var p parsed
	for i := range maxHeard + 100 {
		p.Boot = uint64(i)
		b.heard.note(p, neighbour, [32]byte{}, now)
	}
	if got := len(b.heard.nodes); got != maxHeard {
		t.Errorf("%d nodes are remembered, limit %d", got, maxHeard)
	}
	b.heard.mine(discovery.Announcement{ID: "me"}, now)
	if got := b.heard.sweep(now); got != maxHeard {
		t.Errorf("%d nodes are heard, want %d", got, maxHeard)
	}
	if got := b.heard.sweep(now.Add(2 * time.Minute)); got != 0 || len(b.heard.own) != 0 || len(b.heard.sources) != 0 {
		t.Errorf("still remembered later: %d nodes, %d own, %d addresses", got, len(b.heard.own), len(b.heard.sources))
	}
}

// process is a beacon on loopback that announces one node and keeps what it finds.
type process struct {
	*Beacon
	id    *trust.Identity
	found chan discovery.Announcement
	stop  func()
}

// run starts a beacon on loopback; change may alter its configuration.
func run(t *testing.T, port int, change func(*Beacon)) *process {
	t.Helper()
	p := &process{id: newIdentity(t), found: make(chan discovery.Announcement, 1000)}
	p.Beacon = New(Config{
		Port: port, Interval: 100 * time.Millisecond, Sealer: newSealer(t, "default"),
		Identity: func(string) *trust.Identity { return p.id },
	})
	p.links = loopbackOnly
	if change != nil {
		change(p.Beacon)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	self := func() []discovery.Announcement {
		a := announcementOf(p.id)
		a.Seq = 0 // numbered by the beacon
		return []discovery.Announcement{a}
	}
	go func() {
		done <- p.Run(ctx, self, func(a discovery.Announcement) {
			select {
			case p.found <- a:
			default: // the test has heard enough
			}
		})
	}()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(p.stop)
	return p
}

// hears waits for an announcement of other.
func (p *process) hears(t *testing.T, other *process) discovery.Announcement {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case a := <-p.found:
			if a.ID == other.id.ID().String() {
				return a
			}
		case <-deadline:
			t.Fatalf("heard nothing: %+v", p.Stats())
		}
	}
}

func TestPortHeldByAnother(t *testing.T) {
	holder, err := net.ListenUDP("udp4", &net.UDPAddr{}) // without SO_REUSEADDR
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	log := newMemoryLog()
	change := func(b *Beacon) {
		b.retry = 50 * time.Millisecond
		b.cfg.Logger = slog.New(log)
	}
	a := run(t, holder.LocalAddr().(*net.UDPAddr).Port, change)
	buf := make([]byte, 2000)
	for range 5 { // it goes on sending
		if err := holder.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := holder.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(newSealer(t, "default"), buf[:n]); err != nil {
			t.Errorf("packet at the taken port: %v", err)
		}
	}
	if got := log.count("discovery port is taken: nodes that cannot reach us are not found"); got != 1 {
		t.Errorf("warned %d times, want once", got)
	}
	b := run(t, a.cfg.Port, change)
	holder.Close()
	a.hears(t, b)
	b.hears(t, a)
	if log.count("discovery port is free again") == 0 {
		t.Error("its end was not logged")
	}
}

func TestRubbishOverTheNetwork(t *testing.T) {
	a := run(t, freePort(t), nil)
	b := run(t, a.cfg.Port, nil)
	heard := a.hears(t, b)
	conn, err := net.Dial("udp4", fmt.Sprintf("127.255.255.255:%d", a.cfg.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stranger := newIdentity(t)
	other := mustEncode(t, newSealer(t, "other"), stranger, announcementOf(stranger))
	replay := announcementOf(b.id)
	replay.Boot, replay.Seq = heard.Boot, 1
	for _, packet := range [][]byte{nil, []byte("rubbish"), make([]byte, 9000), other, mustEncode(t, a.cfg.Sealer, b.id, replay)} {
		if _, err := conn.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; ; i++ { // b announces several times meanwhile
		a.hears(t, b)
		s := a.Stats()
		if s.Foreign >= 3 && s.Malformed >= 1 && s.Replayed >= 1 {
			break
		}
		if i == 100 {
			t.Fatalf("not all of it was counted: %+v", s)
		}
	}
	if s := a.Stats(); s.Own == 0 || s.Sent == 0 {
		t.Errorf("%+v, want packets sent, and own ones heard", s)
	}
}

func TestDataTooLongForAPacket(t *testing.T) {
	a := run(t, freePort(t), nil)
	long := newIdentity(t)
	b := New(Config{Port: a.cfg.Port, Sealer: a.cfg.Sealer, Identity: func(string) *trust.Identity { return long }})
	b.links = loopbackOnly
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- b.Run(ctx, func() []discovery.Announcement {
			an := announcementOf(long)
			an.Data = json.RawMessage(`"` + strings.Repeat("x", 600) + `"`)
			return []discovery.Announcement{an}
		}, func(discovery.Announcement) {})
	}()
	if got := a.hears(t, &process{id: long}); got.Data != nil {
		t.Errorf("data %s, want none", got.Data)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
