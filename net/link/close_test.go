package link

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"supercluster/net/wire"
)

func TestCloseReachesTheOtherSide(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		// What was sent before arrives: short messages, and long ones on streams of their own.
		const n, long = 500, 5
		var events, longs int
		rb := run(t, b, func(m wire.Message) error {
			if len(m.(*wire.Event).Data) > 0 {
				longs++
			} else {
				events++
			}
			return nil
		})
		ra := run(t, a, ignore)
		for range n {
			send(t, a, &wire.Event{})
		}
		for range long {
			send(t, a, &wire.Event{Data: make([]byte, 200_000)})
		}
		a.Close(wire.ByeDuplicate, "we have another link")
		a.Close(wire.ByeLeave, "only the first counts")
		want := CloseError{Code: wire.ByeDuplicate, Reason: "we have another link"}
		if err, ok := await(t, ra.err).(*CloseError); !ok || *err != want {
			t.Errorf("Run = %v, want %v", err, &want)
		}
		want.Remote = true
		if err, ok := await(t, rb.err).(*CloseError); !ok || *err != want {
			t.Errorf("the other side's Run = %v, want %v", err, &want)
		}
		if events != n || longs != long {
			t.Errorf("%d short and %d long messages came before the end, want %d and %d", events, longs, n, long)
		}
		for name, l := range map[string]*Link{"closing": a, "closed": b} {
			if err := l.Send(context.Background(), &wire.Ack{}); err != ErrClosed {
				t.Errorf("Send on the %s side = %v, want %v", name, err, ErrClosed)
			}
			if err := l.Run(context.Background(), ignore); err != ErrClosed {
				t.Errorf("a second Run on the %s side = %v, want %v", name, err, ErrClosed)
			}
		}
	})
}

func TestCloseFromBothSides(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		ra, rb := run(t, a, ignore), run(t, b, ignore)
		go a.Close(wire.ByeLeave, "from a")
		go b.Close(wire.ByeLeave, "from b")
		// Either may win on either side, but each side learns of one of the two.
		for _, r := range []*runner{ra, rb} {
			if err, ok := await(t, r.err).(*CloseError); !ok || !strings.HasPrefix(err.Reason, "from ") {
				t.Errorf("Run = %v, want one of the reasons", err)
			}
		}
	})
}

func TestCloseWithoutRun(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		rb := run(t, b, ignore)
		a.Close(wire.ByeRefused, "not you")
		want := CloseError{Code: wire.ByeRefused, Reason: "not you", Remote: true}
		if err, ok := await(t, rb.err).(*CloseError); !ok || *err != want {
			t.Errorf("Run = %v, want %v", err, &want)
		}
		want.Remote = false
		if err, ok := a.Run(context.Background(), ignore).(*CloseError); !ok || *err != want {
			t.Errorf("Run after Close = %v, want %v", err, &want)
		}
	})
}

func TestCloseBeforeRun(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		const n = 10
		got := 0
		rb := run(t, b, func(wire.Message) error { got++; return nil })
		for range n {
			send(t, a, &wire.Event{})
		}
		send(t, a, &wire.Event{Data: make([]byte, 100_000)})
		a.Close(wire.ByeRefused, "enough")
		want := CloseError{Code: wire.ByeRefused, Reason: "enough"}
		if err, ok := a.Run(context.Background(), ignore).(*CloseError); !ok || *err != want {
			t.Errorf("Run after Close = %v, want %v", err, &want)
		}
		want.Remote = true
		if err, ok := await(t, rb.err).(*CloseError); !ok || *err != want || got != n+1 {
			t.Errorf("the other side's Run = %v after %d messages, want %v after %d", err, got, &want, n+1)
		}
	})
}

func TestContextEndsRun(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		ra, rb := run(t, a, ignore), run(t, b, ignore)
		ra.cancel()
		if err := await(t, ra.err); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if err, ok := await(t, rb.err).(*CloseError); !ok || err.Code != wire.ByeLeave || !err.Remote {
			t.Errorf("the other side's Run = %v, want code %d", err, wire.ByeLeave)
		}
	})
}

func TestCloseOfAStuckPeer(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		// The peer's handle hangs, so nobody answers the Bye. Close ends the link all the same.
		release := make(chan struct{})
		started := make(chan struct{})
		start := sync.OnceFunc(func() { close(started) })
		rb := run(t, b, func(wire.Message) error { start(); <-release; return nil })
		ra := run(t, a, ignore)
		send(t, a, &wire.Event{})
		await(t, started)
		for range 3 << 10 { // more than the windows hold, so that the flusher hangs, too
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if a.Send(ctx, &wire.Event{Data: make([]byte, 1<<10)}) != nil {
				break
			}
		}
		a.Close(wire.ByeLeave, "bye")
		if err, ok := await(t, ra.err).(*CloseError); !ok || err.Reason != "bye" {
			t.Errorf("Run = %v, want the reason", err)
		}
		close(release)
		if err := await(t, rb.err); !errors.Is(err, ErrClosed) {
			t.Errorf("the other side's Run = %v, want a *CloseError", err)
		}
	})
}

func TestLongReasonIsCut(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		rb := run(t, b, ignore)
		a.Close(wire.ByeRefused, strings.Repeat("no ", 10_000))
		if err, ok := await(t, rb.err).(*CloseError); !ok || err.Code != wire.ByeRefused || len(err.Reason) != maxReason {
			t.Errorf("Run = %v, want code %d and %d bytes of reason", err, wire.ByeRefused, maxReason)
		}
	})
}

func TestSocketCloseTellsPeers(t *testing.T) {
	sa, sb := runSocket(t, Config{}), runSocket(t, Config{})
	id, links := serve(t, sb, testHello("b"))
	a, err := sa.Dial(context.Background(), sb.Addr(), newID(t), id.ID(), testHello("a"))
	if err != nil {
		t.Fatal(err)
	}
	ra, rb := run(t, a, ignore), run(t, await(t, links), ignore)
	if err := sa.Close(); err != nil {
		t.Error(err)
	}
	if err := await(t, ra.err); !errors.Is(err, ErrClosed) {
		t.Errorf("Run = %v, want %v", err, ErrClosed)
	}
	if err, ok := await(t, rb.err).(*CloseError); !ok || err.Code != wire.ByeLeave || !err.Remote {
		t.Errorf("the other side's Run = %v, want code %d", err, wire.ByeLeave)
	}
	if _, err := sa.Dial(context.Background(), sb.Addr(), newID(t), id.ID(), testHello("a")); !errors.Is(err, ErrClosed) {
		t.Errorf("Dial on a closed socket = %v, want %v", err, ErrClosed)
	}
}

func TestCloseErrorText(t *testing.T) {
	for want, e := range map[string]CloseError{
		"closed by peer: no":        {Code: 5, Reason: "no", Remote: true},
		"closed here with code 300": {Code: 300},
	} {
		if got := e.Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
}
