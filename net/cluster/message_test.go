package cluster

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/net/wire"
)

func TestMessagesBothWays(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	atMaster, atWorker := make(chan Message, 10), make(chan Message, 10)
	m := NewMaster(MasterConfig{Identity: newIdentity(t), OnMessage: func(x Message) { x.Done(); atMaster <- x }})
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: 1, OnMessage: func(x Message) { x.Done(); atWorker <- x },
		Executor: executorFunc(func(_ context.Context, _ Task, s Sink) Result {
			s.Send("inside", []byte("3"))
			s.Send("", nil)
			return Result{Value: []byte("v")}
		})})
	join(t, mesh, m, w)
	if err := m.Send(context.Background(), w.ID(), "down", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if x := <-atWorker; x.Name != "down" || string(x.Data) != "1" || x.From.ID != m.ID() || x.Task != "" {
		t.Errorf("the worker got %+v", x)
	}
	w.Broadcast("up", []byte("2"), nil)
	if x := <-atMaster; x.Name != "up" || string(x.Data) != "2" || x.From.ID != w.ID() {
		t.Errorf("the master got %+v", x)
	}
	done := make(chan Outcome, 1)
	id := m.Submit(Spec{OnDone: func(o Outcome) { done <- o }})
	if x := <-atMaster; x.Name != "inside" || x.Task != id.String() {
		t.Errorf("the task's message came as %+v, want it to name the task", x)
	}
	<-done

	for name, err := range map[string]error{
		CodeNoWorker: m.Send(context.Background(), "nobody", "x", nil),
		CodeNoMaster: w.Send(context.Background(), "nobody", "x", nil),
		CodeBadName:  m.Send(context.Background(), w.ID(), "", nil),
	} {
		if errCode(err) != name {
			t.Errorf("got error %v, want code %s", err, name)
		}
	}
}

// TestSlowReceiver lets four masters send many messages to a worker whose user takes his time: none is lost, the order
// of each sender is kept, and what is under way is bounded.
func TestSlowReceiver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const senders, each = 4, 5000
		mesh := runMesh(t, MeshConfig{})
		inbox := make(chan Message, senders*windowCount)
		w := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, OnMessage: func(x Message) {
			select {
			case inbox <- x:
			default:
				t.Error("more messages are under way than the windows allow")
			}
		}})
		join(t, mesh, w)
		var sending sync.WaitGroup
		for range senders {
			m := newTestMaster(t)
			join(t, mesh, m)
			sending.Go(func() {
				for i := range each {
					if err := m.Send(context.Background(), w.ID(), fmt.Sprint(i), make([]byte, i%100)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		next := make(map[string]int)
		for range senders * each {
			x := <-inbox
			if want := fmt.Sprint(next[x.From.ID]); x.Name != want {
				t.Fatalf("message %s of %s, want %s", x.Name, x.From.ID, want)
			}
			next[x.From.ID]++
			if next[x.From.ID]%100 == 0 {
				time.Sleep(time.Millisecond)
			}
			x.Done()
		}
		sending.Wait()
	})
}

func TestMessagesOfAllSizesKeepTheirOrder(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	got := make(chan Message, 1000)
	m := NewMaster(MasterConfig{Identity: newIdentity(t), OnMessage: func(x Message) { got <- x }})
	w := newTestWorker(t, 1, echo)
	join(t, mesh, m, w)
	sizes := []int{10, 100 << 10, 10, 2 << 20, 10, 70 << 10, 66 << 10, 10}
	for i := range 200 {
		w.Post(m.ID(), fmt.Sprint(i), make([]byte, sizes[i%len(sizes)]), nil)
		if i%20 == 19 { // stay within what may wait
			for j := i - 19; j <= i; j++ {
				x := <-got
				if x.Name != fmt.Sprint(j) || len(x.Data) != sizes[j%len(sizes)] {
					t.Fatalf("message %s of %d bytes, want %d of %d", x.Name, len(x.Data), j, sizes[j%len(sizes)])
				}
				x.Done()
			}
		}
	}
}

func TestSenderOfALostReceiverIsLetGo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := newTestMaster(t)
		consumesNothing := func(Message) {}
		w := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo, OnMessage: consumesNothing})
		begin(t, m, w)
		cable := connect(t, m, w)
		synctest.Wait()
		sent := make(chan error, 1)
		go func() {
			for {
				if err := m.Send(context.Background(), w.ID(), "x", nil); err != nil {
					sent <- err
					return
				}
			}
		}()
		synctest.Wait()
		cable.cut()
		if err := <-sent; errCode(err) != CodeWorkerLost {
			t.Errorf("the sender got %v, want %s", err, CodeWorkerLost)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := m.Send(ctx, w.ID(), "x", nil); errCode(err) != CodeNoWorker && err != context.Canceled {
			t.Errorf("Send gives %v", err)
		}
	})
}

func TestForeignMessages(t *testing.T) {
	m, w := newTestMaster(t), newTestWorker(t, 1, echo)
	c := &stillConn{hello: wire.Hello{Node: wire.Node{ID: "x"}}}
	for _, tt := range []struct {
		name string
		n    Node
		msg  wire.Message
	}{
		{"a worker that sends a task", m, &wire.Task{}},
		{"a worker that cancels", m, &wire.Cancel{}},
		{"a master that sends a result", w, &wire.Result{}},
		{"a master that sends its status", w, &wire.Status{}},
		{"a sender that keeps no window", w, &wire.Event{Seq: 1 << 20, Name: "x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.n.handle(tt.n.linked(c), tt.msg); err == nil {
				t.Error("was taken, want an error")
			}
		})
	}
}

// TestAnyMessage gives a master and a worker each kind of message about things that they have never heard of.
func TestAnyMessage(t *testing.T) {
	m, w := newTestMaster(t), newTestWorker(t, 1, echo)
	c := &stillConn{hello: wire.Hello{Node: wire.Node{ID: "x", Slots: -1}}}
	for _, tt := range []struct {
		n   Node
		all []wire.Message
	}{
		{m, []wire.Message{
			&wire.Received{}, &wire.Started{}, &wire.NeedCode{}, &wire.Log{}, &wire.Progress{}, &wire.Refused{},
			&wire.Result{RunMicros: -1}, &wire.Status{Slots: -5, Running: -1, Queued: 1 << 62}, &wire.Event{}, &wire.Event{Seq: 1 << 63},
		}},
		{w, []wire.Message{&wire.Ack{}, &wire.Cancel{}, &wire.Event{}, &wire.Task{TimeoutMillis: -1 << 63, Priority: -1 << 63}}},
	} {
		s := tt.n.linked(c)
		for _, msg := range tt.all {
			if err := tt.n.handle(s, msg); err != nil {
				t.Errorf("%s: %v", msg.Kind(), err)
			}
		}
		tt.n.unlinked(s, c, "test", true)
		for _, msg := range tt.all {
			_ = tt.n.handle(s, msg) // the peer is lost: nothing must come of it
		}
	}
}
