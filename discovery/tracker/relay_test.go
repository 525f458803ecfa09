package tracker

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"supercluster/net/relay"
	"supercluster/net/trust"
)

// relaying returns a server that would relay, with a worker in its list.
func relaying(t *testing.T) (*Server, *trust.Identity) {
	t.Helper()
	s, id := NewServer(ServerConfig{Relay: relay.Limits{SessionsPerHost: 4}}), newIdentity(t)
	s.relayPort = 44202
	body, err := encode(lists{Workers: []host{signedHost(id)}})
	if err != nil {
		t.Fatal(err)
	}
	if w := do(t, s, "POST", "/announce", string(body)); w.Code != 200 {
		t.Fatal(w.Body)
	}
	return s, id
}

// asks returns the body of a request by id.
func asks(id *trust.Identity, peer, session string) relayRequest {
	q := relayRequest{Peer: peer, Session: session}
	q.sign(id)
	return q
}

func TestRelayGrants(t *testing.T) {
	s, worker := relaying(t)
	master := newIdentity(t)
	ask := func(q relayRequest) (g relayGrant) {
		t.Helper()
		body, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		w := do(t, s, "POST", "/relay", string(body))
		if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil || w.Code != 200 {
			t.Fatalf("status %d, %s", w.Code, w.Body)
		}
		return g
	}
	one := ask(asks(master, worker.ID().String(), ""))
	two := ask(asks(worker, master.ID().String(), one.Session))
	if one.Session != two.Session || one.Token == two.Token || one.Port != 44202 || two.Port != 44202 {
		t.Errorf("one is granted %v, the other %v", one, two)
	}
	if again := ask(asks(master, worker.ID().String(), one.Session)); again != one {
		t.Errorf("asked again: %v, want %v", again, one)
	}
	// After a restart who was called may be the first to ask, and only who called is listed, or the other way round.
	s, worker = relaying(t)
	ask(asks(worker, master.ID().String(), one.Session))
	ask(asks(master, worker.ID().String(), two.Session))
}

func TestRelayRefuses(t *testing.T) {
	s, worker := relaying(t)
	master, other := newIdentity(t), newIdentity(t)
	to := worker.ID().String()
	session, _, err := s.relays.Join("", master.ID().String(), to, netip.MustParseAddr("10.0.0.9"))
	if err != nil {
		t.Fatal(err)
	}
	forged := asks(master, to, "")
	forged.ID = other.ID().String()
	moved := asks(master, to, "")
	moved.Peer = other.ID().String()
	for _, c := range []struct {
		why  string
		q    any
		want string
	}{
		{"no JSON", "<html>", "400 ERR_ANNOUNCEMENT"},
		{"no peer", asks(master, "", ""), "400 ERR_ANNOUNCEMENT"},
		{"a peer that is none", asks(master, "worker@10.0.0.1:5", ""), "400 ERR_ANNOUNCEMENT"},
		{"a session that is none", asks(master, to, "x"), "400 ERR_ANNOUNCEMENT"},
		{"another's name", forged, "403 ERR_SIGNATURE"},
		{"another's peer", moved, "403 ERR_SIGNATURE"},
		{"a peer that is not listed", asks(master, other.ID().String(), ""), "404 ERR_NO_NODE"},
		{"neither is listed", asks(master, other.ID().String(), session), "404 ERR_NO_NODE"},
		{"another's session", asks(other, to, session), "429 ERR_QUOTA"},
		{"itself", asks(worker, to, ""), "429 ERR_QUOTA"},
		{"too long", strings.Repeat("x", maxRelayBody+1), "413 ERR_TOO_LARGE"},
	} {
		body, ok := c.q.(string)
		if !ok {
			b, err := json.Marshal(c.q)
			if err != nil {
				t.Fatal(err)
			}
			body = string(b)
		}
		w := do(t, s, "POST", "/relay", body)
		if got := fmt.Sprint(w.Code, " ", w.Body); !strings.HasPrefix(got, c.want[:4]) || !strings.Contains(got, c.want[4:]) {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	if w := do(t, s, "GET", "/relay", ""); w.Code != 405 {
		t.Errorf("GET: %d", w.Code)
	}
	for i := range maxCalls {
		s.store.named[to].call(call{Peer: fmt.Sprint(i), until: time.Now().Add(callTime)})
	}
	if _, err := s.grant(asks(master, to, ""), caller); err == nil || !strings.Contains(err.Error(), "others want to reach") {
		t.Errorf("one call more than %d: %v", maxCalls, err)
	}
	s.relayPort = 0
	if _, err := s.grant(asks(master, to, ""), caller); err != errNoRelay {
		t.Errorf("nothing is relayed: %v", err)
	}
}

// A client that is called answers at once though its request waits, and both ends of the way work; after another tracker has taken the
// place of the first they still do.
func TestRelayedWay(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().String()
	stop := serveTracker(t, ln)
	accepted := make(chan net.PacketConn, 1)
	worker := join(t, "worker", Config{Trackers: []string{at}, Accept: func(ctx context.Context, conn net.PacketConn) error {
		accepted <- conn
		<-ctx.Done()
		return conn.Close()
	}})
	defer worker.stop()
	master := join(t, "master", Config{Trackers: []string{at}})
	defer master.stop()
	master.await("find the worker", func() bool { return master.found["found"] == 1 })
	conn, from, err := master.Dial(t.Context(), master.id, worker.id.ID().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	other := <-accepted
	wantThrough(t, conn, other, from, "there")
	wantThrough(t, other, conn, from, "back")
	stop()
	if ln, err = net.Listen("tcp", at); err != nil {
		t.Fatal(err)
	}
	defer serveTracker(t, ln)()
	wantThrough(t, conn, other, from, "there again")
	if _, _, err := master.Dial(t.Context(), master.id, newIdentity(t).ID().String()); err == nil || !strings.Contains(err.Error(), at) {
		t.Errorf("a node that is not there: %v, want an error that names the tracker", err)
	}
}

// serveTracker runs a tracker at ln until stop is called.
func serveTracker(t *testing.T, ln net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s := NewServer(ServerConfig{})
	go func() { done <- s.Run(ctx, ln) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Server.Run: %v", err)
		}
	}
}

// wantThrough sends a text from one end of a way, which reads as well, until it comes out of the other.
func wantThrough(t *testing.T, from, to net.PacketConn, at netip.AddrPort, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = to.SetReadDeadline(time.Unix(1, 0)) })()
	quiet := make(chan struct{})
	go func() {
		defer close(quiet)
		for buf := make([]byte, 100); ctx.Err() == nil; {
			_, _ = from.WriteTo([]byte(text), nil)
			_ = from.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			_, _, _ = from.ReadFrom(buf)
		}
		_ = from.SetReadDeadline(time.Time{})
	}()
	defer func() { cancel(); <-quiet }()
	for buf := make([]byte, 100); ; {
		n, a, err := to.ReadFrom(buf)
		if err != nil {
			t.Fatalf("%q does not come: %v", text, err)
		}
		if string(buf[:n]) == text {
			if a.String() != at.String() {
				t.Errorf("it comes from %v, want %v", a, at)
			}
			return
		}
	}
}

func FuzzDecodeGrant(f *testing.F) {
	f.Add(`{"session":"a","token":"000102030405060708090a0b0c0d0e0f","port":44202}`)
	f.Add(`{"token":"","port":1}`)
	f.Add(`<html>`)
	f.Fuzz(func(t *testing.T, body string) {
		g, err := decodeGrant(200, "application/json", strings.NewReader(body))
		if _, bad := relay.ParseToken(g.Token); (err == nil) != (bad == nil && g.Port != 0) {
			t.Errorf("decodeGrant(%q) = %v, %v", body, g, err)
		}
	})
}
