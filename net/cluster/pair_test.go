package cluster

import (
	"net/netip"
	"testing"
	"time"

	"supercluster/net/wire"
)

var (
	start    = time.Unix(1e9, 0)
	addr1    = netip.MustParseAddrPort("127.0.0.1:1")
	addr2    = netip.MustParseAddrPort("127.0.0.1:2")
	bothAddr = []netip.AddrPort{addr1, addr2}
)

// steadyPair is a pair whose times are not spread.
func steadyPair(lower bool) *pair {
	p := newPair(lower)
	p.jitter = func() float64 { return 0.5 }
	return p
}

// wantDial checks when the next dial is due, and where.
func wantDial(t *testing.T, p *pair, after time.Duration, addr netip.AddrPort) {
	t.Helper()
	if got := p.next(); !got.Equal(start.Add(after)) {
		t.Fatalf("the next dial is due after %v, want %v", got.Sub(start), after)
	}
	if a, ok := p.dial(start.Add(after - 1)); ok {
		t.Fatalf("dials %v too early", a)
	}
	if a, ok := p.dial(start.Add(after)); !ok || a != addr {
		t.Fatalf("dial gives %v, %v, want %v", a, ok, addr)
	}
	if _, ok := p.dial(start.Add(after)); ok {
		t.Fatal("dials twice")
	}
}

func TestWhoDials(t *testing.T) {
	p := steadyPair(true)
	p.find(bothAddr, 1, start)
	wantDial(t, p, 0, addr1)

	p = steadyPair(false)
	p.find(bothAddr, 1, start)
	wantDial(t, p, yield, addr1)

	p = steadyPair(false)
	p.alone = true
	p.find(bothAddr, 1, start)
	wantDial(t, p, 0, addr1)
	p.failed(false, start)
	wantDial(t, p, firstRetry+yield, addr2)

	p = steadyPair(false)
	p.find(bothAddr, 1, start)
	if v := p.linked(&stillConn{}, 1, start); v != keep {
		t.Fatalf("the first link: verdict %d, want keep", v)
	}
	if !p.next().IsZero() {
		t.Error("a dial is due though a link is up")
	}
}

func TestBackOff(t *testing.T) {
	p := steadyPair(true)
	p.find(bothAddr, 1, start)
	wantDial(t, p, 0, addr1)
	p.failed(false, start)
	wantDial(t, p, firstRetry, addr2)
	p.failed(false, start)
	wantDial(t, p, 2*firstRetry, addr1)
	p.failed(true, start)
	wantDial(t, p, lastRetry, addr2)
	for range 20 {
		p.failed(false, start)
		p.dial(start.Add(time.Hour))
	}
	p.failed(false, start)
	wantDial(t, p, lastRetry, addr1)
	p.failed(false, start)
	p.find(bothAddr, 2, start) // it was started again
	wantDial(t, p, 0, addr1)
	p.failed(true, start)
	p.find(bothAddr, 2, start)
	p.find(bothAddr[1:], 2, start) // it was found elsewhere
	wantDial(t, p, 0, addr2)
}

// TestBackOffAfterACut: a node that was linked for a while is dialled often for some time, for the cut to heal.
func TestBackOffAfterACut(t *testing.T) {
	p := steadyPair(true)
	p.find(bothAddr, 1, start)
	c := &stillConn{dialled: true}
	p.linked(c, 1, start)
	cut := start.Add(time.Hour)
	p.ended(c, false, false, cut)
	p.dial(cut.Add(time.Second))
	for range 10 {
		p.failed(false, cut.Add(time.Minute))
		p.dial(cut.Add(2 * time.Minute))
	}
	p.failed(false, cut.Add(time.Minute))
	if at, want := p.next(), cut.Add(time.Minute+metRetry); !at.Equal(want) {
		t.Errorf("a minute after the cut the next dial is due after %v, want %v", at.Sub(cut), want.Sub(cut))
	}
	p.dial(cut.Add(metFor))
	p.failed(false, cut.Add(metFor))
	if at, want := p.next(), cut.Add(metFor+lastRetry); !at.Equal(want) {
		t.Errorf("long after the cut the next dial is due after %v, want %v", at.Sub(cut), want.Sub(cut))
	}
}

// TestDirectAfterRelayed: while a link goes through a relay, the direct way is tried, at each address in turn and ever
// more rarely.
func TestDirectAfterRelayed(t *testing.T) {
	p := steadyPair(true)
	p.find(bothAddr, 1, start)
	wantDial(t, p, 0, addr1)
	if v := p.linked(&stillConn{dialled: true, relayed: true}, 1, start); v != keep {
		t.Fatalf("the relayed link: verdict %d, want keep", v)
	}
	wantDial(t, p, firstDirect, addr1)
	p.failed(false, start)
	wantDial(t, p, 2*firstDirect, addr2)
	p.failed(true, start)
	for range 10 {
		p.dial(start.Add(time.Hour))
		p.failed(false, start)
	}
	wantDial(t, p, lastDirect, addr1)
	if v := p.linked(&stillConn{dialled: true}, 1, start); v != replace {
		t.Fatalf("the direct link: verdict %d, want replace", v)
	}
	if !p.next().IsZero() {
		t.Error("a dial is due though a direct link is up")
	}
	if v := p.linked(&stillConn{relayed: true}, 1, start); v != reject {
		t.Errorf("another relayed link: verdict %d, want reject", v)
	}
}

func TestGoneNodeIsNotDialled(t *testing.T) {
	p := steadyPair(true)
	p.find(bothAddr, 2, start)
	p.gone(1)
	wantDial(t, p, 0, addr1)
	p.gone(2)
	p.failed(false, start)
	if !p.next().IsZero() || !p.idle() {
		t.Error("a dial is due though the node is gone")
	}
}

func TestWhichLinkStays(t *testing.T) {
	mine, theirs := &stillConn{dialled: true}, &stillConn{}
	for _, tt := range []struct {
		name          string
		lower         bool
		first, second *stillConn
		boot          uint64
		after         time.Duration
		want          verdict
	}{
		{"we are the lower and dialled first", true, mine, theirs, 1, 0, reject},
		{"we are the lower and dialled second", true, theirs, mine, 1, 0, replace},
		{"we are the higher and dialled first", false, mine, theirs, 1, 0, replace},
		{"we are the higher and dialled second", false, theirs, mine, 1, 0, reject},
		{"the other side has lost the first", true, mine, theirs, 1, raceWindow, replace},
		{"the first is not heard any more", true, &stillConn{dialled: true, quiet: suspectAfter}, theirs, 1, 0, replace},
		{"the other side was restarted", true, mine, theirs, 2, 0, replace},
		{"the same side twice", true, theirs, &stillConn{}, 1, 0, replace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := steadyPair(tt.lower)
			p.find(bothAddr, 1, start)
			if v := p.linked(tt.first, 1, start); v != keep {
				t.Fatalf("the first link: verdict %d, want keep", v)
			}
			if v := p.linked(tt.second, tt.boot, start.Add(tt.after)); v != tt.want {
				t.Fatalf("the second link: verdict %d, want %d", v, tt.want)
			}
			loser, winner := tt.first, tt.second
			if tt.want == reject {
				loser, winner = winner, loser
			}
			if p.ended(loser, false, false, start) {
				t.Error("the end of the link that did not stay left the pair without")
			}
			if !p.ended(winner, false, false, start) {
				t.Error("the end of the link that stayed did not leave the pair without")
			}
		})
	}
}

func TestEndOfALink(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lived time.Duration
		left  bool
		want  time.Duration
	}{
		{"after a while", time.Minute, false, firstRetry / 2},
		{"at once", 0, false, firstRetry},
		{"with a goodbye", time.Minute, true, firstRetry << 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := steadyPair(true)
			p.find(bothAddr, 1, start)
			c := &stillConn{}
			p.linked(c, 1, start)
			p.ended(c, false, tt.left, start.Add(tt.lived))
			if got := p.next().Sub(start.Add(tt.lived)); got != tt.want {
				t.Errorf("dials again after %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLinkThatIsReplacedElsewhere(t *testing.T) {
	p := steadyPair(false)
	p.find(bothAddr, 1, start)
	first, second := &stillConn{dialled: true}, &stillConn{}
	p.linked(first, 1, start)
	if p.ended(first, true, false, start) {
		t.Fatal("the pair is without a link before the other one had time to come")
	}
	if v := p.linked(second, 1, start.Add(time.Second)); v != replace {
		t.Fatalf("the other link: verdict %d, want replace", v)
	}
	if _, ok := p.abandoned(start.Add(time.Hour)); ok {
		t.Error("the pair was abandoned though the other link has come")
	}
	p.ended(second, true, false, start)
	if _, ok := p.abandoned(start.Add(replaceWait - 1)); ok {
		t.Error("abandoned too early")
	}
	if c, ok := p.abandoned(start.Add(replaceWait)); !ok || c != conn(second) {
		t.Errorf("abandoned gives %v, %v, want the second link", c, ok)
	}
}

func TestFirstHello(t *testing.T) {
	p := peerOf(&stillConn{hello: wire.Hello{Node: wire.Node{
		ID: "w", Role: RoleWorker, Addr: "10.0.0.7:4", Data: []byte("{"), Host: []byte(`{"cpus":2}`),
	}}})
	if p.Data != nil || string(p.Host) != `{"cpus":2}` {
		t.Errorf("data %q, host %q, want what is JSON alone", p.Data, p.Host)
	}
	if p.Addr.String() != "10.0.0.7:4" {
		t.Errorf("addr %v, want the one that it advertises", p.Addr)
	}
}
