package link

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/net/wire"
)

// bubblePipe runs both ends of a Pipe in a bubble and returns a function that ends them.
func bubblePipe(t *testing.T, handleA, handleB func(wire.Message) error) (a, b *Link, stop func()) {
	a, b = Pipe(testHello("a"), testHello("b"))
	errs := make(chan error, 2)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { errs <- a.Run(ctx, handleA) }()
	go func() { errs <- b.Run(ctx, handleB) }()
	return a, b, func() {
		cancel()
		for range 2 {
			if err := <-errs; err != nil && err.(*CloseError).Code != wire.ByeLeave {
				t.Errorf("Run = %v", err)
			}
		}
	}
}

func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, stop := bubblePipe(t, ignore, ignore)
		defer stop()
		for range 40 {
			time.Sleep(250 * time.Millisecond)
			synctest.Wait()
			for name, l := range map[string]*Link{"dialler": a, "acceptor": b} {
				if q := l.Quiet(); q > 5*DefaultHeartbeat/4 {
					t.Errorf("the %s heard nothing for %v", name, q)
				}
			}
		}
		// One Ping and one Pong a second, not two: the acceptor's own timer stays behind the dialler's.
		a.mu.Lock()
		sent := a.sent
		a.mu.Unlock()
		if sent < 9 || sent > 12 {
			t.Errorf("the dialler sent %d heartbeats in 10 s, want 10 or so", sent)
		}
	})
}

func TestQuietOfAStuckPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a, b, stop := bubblePipe(t, ignore, func(wire.Message) error { <-release; return nil })
		defer stop()
		send(t, a, &wire.Event{})
		send(t, a, &wire.Event{Data: make([]byte, 100_000)})
		time.Sleep(9 * time.Second)
		synctest.Wait()
		// The acceptor still pings now and then, so it is heard, but it hears nobody: it does not listen.
		if q := a.Quiet(); q > 2*DefaultHeartbeat {
			t.Errorf("nothing heard of a peer for %v whose handle is stuck but which beats", q)
		}
		if q := b.Quiet(); q != 0 {
			t.Errorf("Quiet = %v while handle works, want 0", q)
		}
		close(release)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if q := b.Quiet(); q > 2*DefaultHeartbeat {
			t.Errorf("nothing heard for %v after handle returned", q)
		}
	})
}

func TestQuietWithoutPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe(testHello("a"), testHello("b"))
		done := make(chan error, 1)
		go func() { done <- a.Run(context.Background(), ignore) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if q := a.Quiet(); q < time.Minute-time.Second {
			t.Errorf("Quiet = %v of a peer that never ran for a minute", q)
		}
		if a.RTT() != 0 {
			t.Errorf("RTT = %v without a Pong", a.RTT())
		}
		b.Close(wire.ByeLeave, "")
		if err, ok := (<-done).(*CloseError); !ok || !err.Remote {
			t.Errorf("Run = %v, want a *CloseError of the other side", err)
		}
	})
}

func TestLingerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The peer does not run, so the Bye is never answered.
		a, b := Pipe(testHello("a"), testHello("b"))
		done := make(chan error, 1)
		go func() { done <- a.Run(context.Background(), ignore) }()
		synctest.Wait()
		began := time.Now()
		a.Close(wire.ByeRefused, "no")
		if err, ok := (<-done).(*CloseError); !ok || err.Code != wire.ByeRefused {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took != linger {
			t.Errorf("Run returned %v after Close, want %v", took, linger)
		}
		if err, ok := b.Run(context.Background(), ignore).(*CloseError); !ok || err.Reason != "no" {
			t.Errorf("the other side's Run = %v, want the reason", err)
		}
	})
}
