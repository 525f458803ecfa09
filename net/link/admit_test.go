package link

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// A logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func keyedRing(t testing.TB, key byte) *trust.Ring {
	t.Helper()
	c, err := trust.FromKey("", trust.Secret{key})
	if err != nil {
		t.Fatal(err)
	}
	return trust.NewRing(trust.RingConfig{Credential: c, Keyed: true})
}

// Both ends of a refused connection know why: the refuser by one line, the refused by an error with code and hint, whichever of them dialled.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name        string
		here, there Config // of the dialler and of the other
		code        string
	}{
		{"another key", Config{Trust: keyedRing(t, 1)}, Config{Trust: keyedRing(t, 2)}, trust.CodeWrongKey},
		{"an open node at a keyed one", Config{Trust: ring(t, 1), Guests: GuestsOnLink}, Config{Trust: keyedRing(t, 2)}, trust.CodeWrongKey},
		{"a keyed node at an open one", Config{Trust: keyedRing(t, 1)}, Config{Trust: ring(t, 2), Guests: GuestsOnLink}, trust.CodeWrongKey},
		{"a node without any key", Config{}, Config{Trust: keyedRing(t, 2)}, trust.CodeKeyRequired},
		{"a guest where none is let in", Config{Trust: ring(t, 1), Guests: GuestsOnLink}, Config{Trust: ring(t, 2)}, trust.CodeKeyRequired},
		{"a guest on this host", Config{Trust: ring(t, 1), Guests: GuestsOnLink}, Config{Trust: ring(t, 2), Guests: GuestsOnLink}, ""},
		{"a member where no guest is let in", Config{Trust: ring(t, 1)}, Config{Trust: ring(t, 1)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var here, there logbook
			tt.here.Logger, tt.there.Logger = here.logger(), there.logger()
			s, d := runSocket(t, tt.there), runSocket(t, tt.here)
			_, links := serve(t, s, testHello("b"))
			l, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				l.Close(0, "")
				await(t, links).Close(0, "")
				return
			}
			r, ok := errors.AsType[*trust.Refusal](err)
			if !ok || r.Code != tt.code || r.Hint() == "" {
				t.Errorf("the dialler has %v, want %s with a hint", err, tt.code)
			}
			for deadline := time.Now().Add(patience); !strings.Contains(there.String(), "code="+tt.code); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the other has logged %q, want a line with %s", there.String(), tt.code)
				}
			}
			for range 3 {
				if _, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a")); err == nil {
					t.Error("let in when it tried again")
				}
			}
			if n := strings.Count(there.String(), "\n"); n != 1 {
				t.Errorf("four tries made %d lines, want 1:\n%s", n, there.String())
			}
		})
	}
}

// A dialler that wants members alone says nothing of itself to others, not even its hello.
func TestNoHelloToStrangers(t *testing.T) {
	var seen logbook
	s := runSocket(t, Config{})
	id := newID(t)
	t.Cleanup(s.Serve(id, func() wire.Hello { return testHello("b") }, func(l *Link) {
		seen.Write(l.Peer().Node.Data)
		l.Close(0, "")
	}))
	d := runSocket(t, Config{Trust: keyedRing(t, 1)})
	if _, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a")); err == nil {
		t.Error("linked to a stranger")
	}
	if seen.String() != "" {
		t.Errorf("a stranger was told %s", seen.String())
	}
}

func TestGuestsAddresses(t *testing.T) {
	for _, tt := range []struct {
		addr            string
		onLink, private bool
	}{
		{"127.0.0.1", true, true},
		{"::1", true, true},
		{"10.255.255.254", false, true},
		{"192.168.77.8", false, true},
		{"fd12::1", false, true},
		{"203.0.113.5", false, false},
		{"100.64.0.1", false, false},
		{"2001:db8::1", false, false},
		{"8.8.8.8", false, false},
	} {
		addr := netip.MustParseAddr(tt.addr)
		for guests, want := range map[Guests]bool{NoGuests: false, GuestsOnLink: tt.onLink, GuestsPrivate: tt.private} {
			s := &Socket{cfg: Config{Guests: guests}}
			s.networks.prefixes, s.networks.read = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, time.Now()
			if err := s.admitsGuest(addr); (err == nil) != want {
				t.Errorf("guests %d, from %v: %v, want let in %t", guests, addr, err, want)
			}
		}
	}
	s := &Socket{cfg: Config{Guests: GuestsOnLink}}
	s.networks.prefixes, s.networks.read = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, time.Now()
	if err := s.admitsGuest(netip.MustParseAddr("198.51.100.7")); err != nil {
		t.Errorf("a neighbour: %v", err)
	}
}

// Who is revoked is cut off, and cannot come back.
func TestRevokedIsCut(t *testing.T) {
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
	here := trust.NewRing(trust.RingConfig{Credential: whole, Keyed: true})
	s := runSocket(t, Config{Trust: here})
	d := runSocket(t, Config{Trust: trust.NewRing(trust.RingConfig{Credential: own, Keyed: true})})
	_, links := serve(t, s, testHello("b"))
	l, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	defer await(t, links).Close(0, "")
	list, err := whole.Revoke(nil, gpu, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.Learn(list.Encode()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err = l.Run(context.Background(), func(wire.Message) error { return nil })
	if r, ok := errors.AsType[*trust.Refusal](err); !ok || r.Code != trust.CodeKeyRevoked {
		t.Errorf("its link ended with %v, want %s", err, trust.CodeKeyRevoked)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it was cut after %v, want 5 s at most", took)
	}
	_, err = d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
	if r, ok := errors.AsType[*trust.Refusal](err); !ok || r.Code != trust.CodeKeyRevoked {
		t.Errorf("it dials again: %v, want %s", err, trust.CodeKeyRevoked)
	}
}

// What is longer than a guest may send ends its link before anything is allocated.
func TestGuestsFrames(t *testing.T) {
	for name, m := range map[string]wire.Message{
		"a long message": &wire.Result{Value: make([]byte, wire.MaxGuest)},
	} {
		s, d := runSocket(t, Config{Trust: ring(t, 1), Guests: GuestsOnLink}), runSocket(t, Config{})
		_, links := serve(t, s, testHello("b"))
		a, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
		if err != nil {
			t.Fatal(err)
		}
		b := await(t, links)
		if err := a.Send(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		go a.Run(context.Background(), func(wire.Message) error { return nil })
		if err := b.Run(context.Background(), func(wire.Message) error { return nil }); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v, want %v", name, err, ErrProtocol)
		}
		if err := b.Send(context.Background(), m); err == nil {
			t.Errorf("%s was sent to a guest", name)
		}
	}
}
