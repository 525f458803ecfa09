package link

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"supercluster/net/wire"
)

func TestHundredThousandInOrder(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		const n = 100_000
		all := newGate(n)
		next := uint64(0)
		run(t, b, func(m wire.Message) error {
			if next++; m.(*wire.Event).Seq != next {
				t.Errorf("event %d came as number %d", m.(*wire.Event).Seq, next)
				return errors.New("out of order")
			}
			all.add()
			return nil
		})
		run(t, a, ignore)
		for i := uint64(1); i <= n; i++ {
			send(t, a, &wire.Event{Seq: i, Name: "e"})
		}
		await(t, all.done)
	})
}

// What one call sends arrives in order, although it is more than may wait; long ones among it arrive as well.
func TestSendAll(t *testing.T) {
	eachPair(t, Config{Pending: 64 << 10}, func(t *testing.T, a, b *Link) {
		const n, batch = 3000, 300
		all := newGate(n + n/batch)
		next := uint64(0)
		run(t, b, func(m wire.Message) error {
			if e := m.(*wire.Event); e.Name == "e" {
				if next++; e.Seq != next {
					t.Errorf("event %d came as number %d", e.Seq, next)
					return errors.New("out of order")
				}
			}
			all.add()
			return nil
		})
		run(t, a, ignore)
		for i := uint64(0); i < n; i += batch {
			var list []wire.Message
			for k := range uint64(batch) {
				list = append(list, &wire.Event{Seq: i + k + 1, Name: "e", Data: make([]byte, 1000)})
			}
			list = append(list[:batch/2:batch/2], append([]wire.Message{&wire.Event{Name: "long", Data: make([]byte, 2*wire.MaxSmall)}}, list[batch/2:]...)...)
			if sent, err := a.SendAll(context.Background(), list); sent != len(list) || err != nil {
				t.Errorf("SendAll of %d = %d, %v", len(list), sent, err)
			}
		}
		await(t, all.done)
	})
}

// SendAll says how many of a list are on their way when one of them cannot be.
func TestSendAllStops(t *testing.T) {
	a, b := Pipe(testHello("a"), testHello("b"))
	defer b.Close(wire.ByeLeave, "")
	defer a.Close(wire.ByeLeave, "")
	list := []wire.Message{&wire.Event{}, &wire.Event{}, &wire.Event{Data: make([]byte, wire.MaxBulk)}, &wire.Event{}}
	if n, err := a.SendAll(context.Background(), list); n != 2 || !errors.Is(err, ErrTooLong) {
		t.Errorf("SendAll = %d, %v, want 2, %v", n, err, ErrTooLong)
	}
	if n, err := a.SendAll(context.Background(), nil); n != 0 || err != nil {
		t.Errorf("SendAll of nothing = %d, %v", n, err)
	}
}

func TestManySenders(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		const senders, each = 20, 1000
		all := newGate(senders * each)
		last := map[string]uint64{}
		run(t, b, func(m wire.Message) error {
			e := m.(*wire.Event)
			if last[e.Name]++; e.Seq != last[e.Name] {
				t.Errorf("sender %s: event %d came as number %d", e.Name, e.Seq, last[e.Name])
			}
			all.add()
			return nil
		})
		run(t, a, ignore)
		for s := range senders {
			go func() {
				for i := range uint64(each) {
					send(t, a, &wire.Event{Seq: i + 1, Name: string(rune('a' + s))})
				}
			}()
		}
		await(t, all.done)
	})
}

func TestLongBesideShort(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		// Echo short messages both ways until the long one is there: a good many must get through meanwhile.
		size := 64 << 20
		if _, ok := a.conn.(*pipeEnd); ok {
			size = 8 << 20
		}
		long := bytes.Repeat([]byte{7}, size)
		arrived := make(chan int, 1)
		echoes := 0
		run(t, b, func(m wire.Message) error {
			e := m.(*wire.Event)
			if len(e.Data) == 0 {
				echoes++
				return b.Send(context.Background(), e)
			}
			if !bytes.Equal(e.Data, long) {
				t.Error("the long message came mutilated")
			}
			arrived <- echoes
			return nil
		})
		run(t, a, func(m wire.Message) error { return a.Send(context.Background(), m) })
		send(t, a, &wire.Event{Data: long})
		send(t, a, &wire.Event{})
		if n := await(t, arrived); n < 20 {
			t.Errorf("%d short messages came before the long one that was sent before them, want 20 or more", n)
		} else {
			t.Logf("%d short messages overtook the long one", n)
		}
	})
}

func TestLongDoesNotOvertake(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		const n = 30
		short := 0
		all := newGate(n)
		run(t, b, func(m wire.Message) error {
			e := m.(*wire.Event)
			if len(e.Data) == 0 {
				short++
				return nil
			}
			if uint64(short) < e.Seq {
				t.Errorf("a long message came after %d short ones, was sent after %d", short, e.Seq)
			}
			all.add()
			return nil
		})
		run(t, a, ignore)
		for i := range uint64(n) {
			for range 100 {
				send(t, a, &wire.Event{})
			}
			send(t, a, &wire.Event{Seq: 100 * (i + 1), Data: make([]byte, 100_000)})
		}
		await(t, all.done)
	})
}

func TestLongsAreBounded(t *testing.T) {
	// The receiver holds one message of the bound; two that are longer than it travel one after the other.
	cfg := Config{Bulk: 1 << 20}
	eachPair(t, cfg, func(t *testing.T, a, b *Link) {
		const n = 20
		all := newGate(n)
		run(t, b, func(wire.Message) error { all.add(); return nil })
		run(t, a, ignore)
		for range n {
			send(t, a, &wire.Event{Data: make([]byte, 3<<20)})
		}
		await(t, all.done)
	})
}

func TestSlowReceiverHoldsSender(t *testing.T) {
	eachPair(t, Config{Pending: 64 << 10}, func(t *testing.T, a, b *Link) {
		const total = 16 << 20 // bytes to send: more than all windows and buffers on the way
		open := make(chan struct{})
		got := newGate(total >> 10)
		run(t, b, func(wire.Message) error {
			<-open
			got.add()
			return nil
		})
		run(t, a, ignore)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var sent atomic.Int64
		done := make(chan error, 1)
		go func() {
			for range total >> 10 {
				if err := a.Send(ctx, &wire.Event{Data: make([]byte, 1<<10)}); err != nil {
					done <- err
					return
				}
				sent.Add(1 << 10)
			}
			done <- nil
		}()
		// The sender blocks by itself, as a call with a context shows; it goes on once the receiver does.
		waitBlocked(t, a)
		if n := sent.Load(); n > total/2 {
			t.Errorf("%d bytes sent to a receiver that takes none", n)
		} else {
			t.Logf("%d bytes sent before the sender was held", n)
		}
		close(open)
		if err := await(t, done); err != nil {
			t.Error(err)
		}
		await(t, got.done)
	})
}

// waitBlocked waits until somebody waits in Send.
func waitBlocked(t *testing.T, l *Link) {
	t.Helper()
	eventually(t, "somebody is held back", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.room != nil
	})
}

func TestSendHonoursContext(t *testing.T) {
	eachPair(t, Config{Pending: 1}, func(t *testing.T, a, b *Link) {
		// Nobody runs: at some point Send must wait, and then give up with its context.
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() {
			for {
				if err := a.Send(ctx, &wire.Event{Data: make([]byte, 30<<10)}); err != nil {
					done <- err
					return
				}
			}
		}()
		waitBlocked(t, a)
		cancel()
		if err := await(t, done); err != context.Canceled {
			t.Errorf("Send = %v, want %v", err, context.Canceled)
		}
		a.Close(wire.ByeLeave, "")
		b.Close(wire.ByeLeave, "")
	})
}

func TestTooLong(t *testing.T) {
	a, b := Pipe(testHello("a"), testHello("b"))
	defer b.Close(wire.ByeLeave, "")
	defer a.Close(wire.ByeLeave, "")
	err := a.Send(context.Background(), &wire.Event{Data: make([]byte, wire.MaxBulk)})
	if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "268435456") {
		t.Errorf("Send = %v, want %v with the limit", err, ErrTooLong)
	}
}

func TestHandleError(t *testing.T) {
	eachPair(t, Config{}, func(t *testing.T, a, b *Link) {
		boom := errors.New("boom")
		rb := run(t, b, func(wire.Message) error { return boom })
		ra := run(t, a, ignore)
		send(t, a, &wire.Event{})
		if err := await(t, rb.err); err != boom {
			t.Errorf("Run = %v, want handle's error", err)
		}
		want := CloseError{Code: wire.ByeInternal, Reason: "boom", Remote: true}
		if err, ok := await(t, ra.err).(*CloseError); !ok || *err != want {
			t.Errorf("the other side's Run = %v, want %v", err, &want)
		}
	})
}

func TestHellosArriveAndIdentities(t *testing.T) {
	a, b := socketPair(t, Config{Version: "v9"})
	defer a.Close(wire.ByeLeave, "")
	defer b.Close(wire.ByeLeave, "")
	if a.Peer().Node.Cluster != "b" || b.Peer().Node.Cluster != "a" || string(a.Peer().Node.Data) != `{"n":1}` {
		t.Errorf("hellos: %+v and %+v", a.Peer(), b.Peer())
	}
	if a.Peer().Node.ID != a.PeerID().String() || b.Peer().Node.ID != b.PeerID().String() || a.PeerID() == b.PeerID() {
		t.Errorf("IDs: %v and %v", a.PeerID(), b.PeerID())
	}
	if !a.Dialled() || b.Dialled() || a.Proto() != wire.ProtoMax || b.Proto() != wire.ProtoMax {
		t.Errorf("dialled %v and %v, protocol %d and %d", a.Dialled(), b.Dialled(), a.Proto(), b.Proto())
	}
	if !a.RemoteAddr().Addr().IsLoopback() || !b.RemoteAddr().Addr().Is4() {
		t.Errorf("remote addresses %v and %v", a.RemoteAddr(), b.RemoteAddr())
	}
}
