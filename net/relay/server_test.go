package relay

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var (
	here  = netip.MustParseAddrPort("10.0.0.1:1000")
	there = netip.MustParseAddrPort("10.0.0.2:2000")
	third = netip.MustParseAddrPort("10.0.0.3:3000")
	quic  = append([]byte{0x40}, make([]byte, 1199)...)
)

// join makes a session of a and b.
func join(t *testing.T, s *Server) (a, b Token) {
	t.Helper()
	name, a, err := s.Join("", "a", "b", here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	again, b, err := s.Join(name, "b", "a", there.Addr())
	if err != nil || again != name || a == b {
		t.Fatalf("the other node joins %q, %v", again, err)
	}
	return a, b
}

// hold binds a token to an address.
func hold(t *testing.T, s *Server, token Token, at netip.AddrPort, now time.Time) {
	t.Helper()
	r := ask(t, s, request{kind: bind, token: token}, at, now)
	if r.kind == challenge {
		r = ask(t, s, request{kind: bind, token: token, cookie: r.cookie}, at, now)
	}
	if r.kind != bound {
		t.Fatalf("the answer is %d, want bound", r.kind)
	}
}

// ask sends a request and returns the answer, which is for who asked and no longer than what was asked.
func ask(t *testing.T, s *Server, r request, from netip.AddrPort, now time.Time) request {
	t.Helper()
	packet := r.encode()
	out, to := s.take(packet, from, now)
	if out == nil {
		return request{}
	}
	got, ok := decode(out)
	if !ok || to != from || len(out) > len(packet) || got.token != r.token {
		t.Fatalf("the answer to %x is %x for %v", packet, out, to)
	}
	return got
}

// wantSent checks where a packet goes, if anywhere.
func wantSent(t *testing.T, s *Server, why string, packet []byte, from, want netip.AddrPort, now time.Time) {
	t.Helper()
	out, to := s.take(packet, from, now)
	if want.IsValid() != (out != nil) || out != nil && (to != want || &out[0] != &packet[0] || len(out) != len(packet)) {
		t.Errorf("%s: %d bytes go to %v, want %v", why, len(out), to, want)
	}
}

func TestCarries(t *testing.T) {
	s, now, nowhere := NewServer(Limits{}, nil), time.Now(), netip.AddrPort{}
	a, b := join(t, s)
	hold(t, s, a, here, now)
	wantSent(t, s, "the other is not bound", quic, here, nowhere, now)
	hold(t, s, b, there, now)
	wantSent(t, s, "there", quic, here, there, now)
	wantSent(t, s, "and back", quic, there, here, now)
	wantSent(t, s, "of a stranger", quic, third, nowhere, now)
	wantSent(t, s, "an empty packet", nil, third, nowhere, now)
	wantSent(t, s, "too long", make([]byte, maxPacket+1), here, nowhere, now)
	wantSent(t, s, "an answer", request{kind: bound, token: a}.encode(), here, nowhere, now)
	wantSent(t, s, "a long request", append(request{kind: bind, token: a}.encode(), 0), here, nowhere, now)

	hold(t, s, a, third, now)
	wantSent(t, s, "to where it has moved", quic, there, third, now)
	wantSent(t, s, "of where it was", quic, here, nowhere, now)
}

// Nobody is bound to an address without having received there, whatever tokens he holds.
func TestForgedSource(t *testing.T) {
	s, now := NewServer(Limits{}, nil), time.Now()
	a, b := join(t, s)
	hold(t, s, a, here, now)
	r := ask(t, s, request{kind: bind, token: b}, third, now) // goes to the victim
	for why, c := range map[string]cookie{
		"a guess":             {1},
		"that of another":     ask(t, s, request{kind: bind, token: b}, there, now).cookie,
		"that of another end": ask(t, s, request{kind: bind, token: a}, third, now).cookie,
		"an old one":          ask(t, s, request{kind: bind, token: b}, third, now.Add(-2*cookieTime)).cookie,
	} {
		if got := ask(t, s, request{kind: bind, token: b, cookie: c}, third, now); got.kind != challenge {
			t.Errorf("%s: the answer is %d, want a challenge", why, got.kind)
		}
	}
	wantSent(t, s, "before it has answered", quic, here, netip.AddrPort{}, now)
	if got := ask(t, s, request{kind: bind, token: b, cookie: r.cookie}, third, now.Add(cookieTime)); got.kind != bound {
		t.Errorf("with its own cookie: %d, want bound", got.kind)
	}
}

func TestSessionsEnd(t *testing.T) {
	s, now := NewServer(Limits{}, nil), time.Now()
	a, b := join(t, s)
	hold(t, s, a, here, now)
	s.sweep(now.Add(bindTime / 2))
	if s.Len() != 1 {
		t.Fatal("it has ended too early")
	}
	hold(t, s, b, there, now.Add(bindTime/2))
	hold(t, s, a, here, now.Add(boundFor))
	s.sweep(now.Add(boundFor))
	wantSent(t, s, "in time", quic, here, there, now.Add(boundFor))
	s.sweep(now.Add(bindTime/2 + boundFor + 1))
	if r := ask(t, s, request{kind: bind, token: a}, here, now.Add(2*boundFor)); r.kind != unknown {
		t.Errorf("when the other was silent: %d, want unknown", r.kind)
	}
	wantSent(t, s, "when it has ended", quic, here, netip.AddrPort{}, now)
	join(t, s)
	s.sweep(time.Now().Add(2 * bindTime))
	if len(s.sessions)+len(s.sides)+len(s.bound)+len(s.hosts) > 0 {
		t.Errorf("left are %v, %v, %v, %v", s.sessions, s.sides, s.bound, s.hosts)
	}
}

func TestJoinRefuses(t *testing.T) {
	s := NewServer(Limits{Sessions: 2, SessionsPerHost: 1}, nil)
	name, _, err := s.Join("", "a", "b", here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, me, peer string
		host           netip.Addr
		want           string
	}{
		{name, "c", "b", third.Addr(), "is not between c and b"},
		{name, "a", "c", third.Addr(), "is not between a and c"},
		{"", "a", "a", third.Addr(), "session of a with itself"},
		{"", "a", "c", here.Addr(), "too many relayed connections: 1 from 10.0.0.1"},
	} {
		if _, _, err := s.Join(c.name, c.me, c.peer, c.host); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s joins %q with %s: %v, want %q", c.me, c.name, c.peer, err, c.want)
		}
	}
	if _, _, err := s.Join("", "a", "c", there.Addr()); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Join("", "a", "d", third.Addr()); !errors.Is(err, ErrQuota) {
		t.Errorf("one more: %v, want %v", err, ErrQuota)
	}
}

// What is carried in a second is bounded, for a session and for all.
func TestRates(t *testing.T) {
	s, now := NewServer(Limits{Rate: 100 * len(quic), TotalRate: 150 * len(quic)}, nil), time.Now()
	var ends []netip.AddrPort
	for i := range 2 {
		_, a, err := s.Join(fmt.Sprint(i), "a", "b", here.Addr())
		_, b, err2 := s.Join(fmt.Sprint(i), "b", "a", here.Addr())
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		from, to := netip.AddrPortFrom(here.Addr(), uint16(1+i)), netip.AddrPortFrom(there.Addr(), uint16(1+i))
		hold(t, s, a, from, now)
		hold(t, s, b, to, now)
		ends = append(ends, from)
	}
	sent := make([]int, 2)
	for i := range 2000 {
		at := now.Add(time.Duration(i) * time.Millisecond)
		if out, _ := s.take(quic, ends[0], at); out != nil {
			sent[0]++
		}
		if i >= 1000 {
			if out, _ := s.take(quic, ends[1], at); out != nil {
				sent[1]++
			}
		}
	}
	if sent[0] < 150 || sent[0] > 230 || sent[0]+sent[1] > 350 {
		t.Errorf("%v packets are carried in 2 s and in 1 s, want at most 100 a second and 150 in all, and some at once", sent)
	}
	n := 0
	for range 10 * strangers {
		if r := ask(t, s, request{kind: bind, token: newToken()}, third, now); r.kind == unknown {
			n++
		}
	}
	if n != strangers {
		t.Errorf("%d answers to strangers at once, want %d", n, strangers)
	}
}

func TestParseToken(t *testing.T) {
	token := newToken()
	if got, err := ParseToken(token.String()); err != nil || got != token {
		t.Errorf("ParseToken(%s) = %v, %v", token, got, err)
	}
	for _, bad := range []string{"", "0", token.String() + "0", token.String()[1:], strings.Repeat("g", 32)} {
		if got, err := ParseToken(bad); err == nil || got != (Token{}) {
			t.Errorf("ParseToken(%q) = %v, %v", bad, got, err)
		}
	}
}

// Whatever arrives, the server sends at most as much, and requests decode to what they encode.
func FuzzTake(f *testing.F) {
	s := NewServer(Limits{}, nil)
	name, a, err := s.Join("", "a", "b", here.Addr())
	if err != nil {
		f.Fatal(err)
	}
	_, b, err := s.Join(name, "b", "a", here.Addr())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(quic, uint16(1000))
	f.Add([]byte{}, uint16(1))
	f.Add(request{kind: bind, token: a}.encode(), uint16(1000))
	f.Add(request{kind: bind, token: b, cookie: cookie{1}}.encode(), uint16(2000))
	f.Add(request{kind: unknown}.encode()[:9], uint16(2000))
	f.Fuzz(func(t *testing.T, packet []byte, port uint16) {
		if r, ok := decode(packet); ok && string(r.encode()) != string(packet) {
			t.Errorf("%x decodes to %v", packet, r)
		}
		if out, _ := s.take(packet, netip.AddrPortFrom(here.Addr(), port), time.Now()); len(out) > len(packet) {
			t.Errorf("%d bytes for %d", len(out), len(packet))
		}
	})
}
