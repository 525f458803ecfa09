package link

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

func TestSeveralNodesOnOneSocket(t *testing.T) {
	s, d := runSocket(t, Config{}), runSocket(t, Config{})
	ids := make([]*trust.Identity, 3)
	links := make([]<-chan *Link, 3)
	for i := range ids {
		ids[i], links[i] = serve(t, s, testHello(string(rune('0'+i))))
	}
	for i, id := range ids {
		l, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a"))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Peer().Node.Cluster; got != string(rune('0'+i)) || l.PeerID() != id.ID() {
			t.Errorf("dialled node %d, found %s", i, got)
		}
		await(t, links[i]).Close(wire.ByeLeave, "")
		l.Close(wire.ByeLeave, "")
	}
	l, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	if l.PeerID() != ids[0].ID() {
		t.Error("a dialler that wants anyone does not get the first")
	}
	l.Close(wire.ByeLeave, "")
	await(t, links[0]).Close(wire.ByeLeave, "")
	if _, err := d.Dial(context.Background(), s.Addr(), newID(t), newID(t).ID(), testHello("a")); !errors.Is(err, ErrIdentity) {
		t.Errorf("Dial for a node that is not there = %v, want %v", err, ErrIdentity)
	}
}

func TestStopServing(t *testing.T) {
	s, d := runSocket(t, Config{}), runSocket(t, Config{})
	id := newID(t)
	links := make(chan *Link, 1)
	stop := s.Serve(id, func() wire.Hello { return testHello("b") }, func(l *Link) { links <- l })
	if _, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a")); err != nil {
		t.Fatal(err)
	}
	await(t, links)
	stop()
	stop()
	if _, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a")); !errors.Is(err, ErrHandshake) {
		t.Errorf("Dial to a socket that serves nobody = %v, want %v", err, ErrHandshake)
	}
}

func TestVersionMismatch(t *testing.T) {
	var log logged
	s, d := runSocket(t, Config{Logger: newLogger(&log)}), runSocket(t, Config{})
	theirs := testHello("b")
	theirs.ProtoMin, theirs.ProtoMax, theirs.Version = 7, 9, "v9.0.0"
	id, links := serve(t, s, theirs)
	_, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a"))
	v, ok := errors.AsType[*wire.VersionError](err)
	if !ok || !errors.Is(err, wire.ErrVersion) || v.OurMax != wire.ProtoMax || v.TheirMin != 7 || v.TheirMax != 9 || v.Theirs != "v9.0.0" {
		t.Errorf("Dial = %v, want both ranges", err)
	}
	eventually(t, "the acceptor logs both ranges", func() bool {
		return strings.Contains(log.String(), "ours 7 to 9, theirs 1 to 1")
	})
	if len(links) > 0 {
		t.Error("accepted all the same")
	}
}

func TestLinksOfOneSocketToItself(t *testing.T) {
	s := runSocket(t, Config{})
	id, links := serve(t, s, testHello("b"))
	a, err := s.Dial(context.Background(), s.Addr(), newID(t), id.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	got := newGate(1)
	run(t, await(t, links), func(wire.Message) error { got.add(); return nil })
	run(t, a, ignore)
	send(t, a, &wire.Event{Data: make([]byte, 1<<20)})
	await(t, got.done)
}

func TestHandshakeStorm(t *testing.T) {
	// More at once than may be unproven, pending of one host or waiting in quic-go's queue: all get through, on one socket each side,
	// those who are told that the peer is busy when they ask again, as nodes do.
	const n = 50
	cfg := Config{Handshake: patience} // it is not about how fast
	s, d := runSocket(t, cfg), runSocket(t, cfg)
	id, links := serve(t, s, testHello("b"))
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			own := newID(t)
			eventually(t, "a dial gets through", func() bool {
				l, err := d.Dial(context.Background(), s.Addr(), own, id.ID(), testHello("a"))
				if err != nil && !errors.Is(err, ErrHandshake) {
					t.Error(err)
				}
				if err == nil {
					l.Close(wire.ByeLeave, "")
				}
				return err == nil
			})
		})
	}
	wg.Wait()
	for range n {
		await(t, links).Close(wire.ByeLeave, "")
	}
}

func TestLongHelloIsRefused(t *testing.T) {
	s, d := runSocket(t, Config{}), runSocket(t, Config{})
	id, _ := serve(t, s, testHello("b"))
	hello := testHello("a")
	hello.Node.Data = []byte(`"` + strings.Repeat("x", wire.MaxHello) + `"`)
	if _, err := d.Dial(context.Background(), s.Addr(), newID(t), id.ID(), hello); !errors.Is(err, ErrTooLong) {
		t.Errorf("Dial = %v, want %v", err, ErrTooLong)
	}
}
