package cluster

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is an Executor whose tasks take d and give back their arguments, or end with their ctx.
func slow(d time.Duration) Executor {
	return executorFunc(func(ctx context.Context, x Task, _ Sink) Result {
		select {
		case <-time.After(d):
			return Result{Value: x.Args}
		case <-ctx.Done():
			return Result{}
		}
	})
}

func TestUnavailableWorker(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		var events []string
		m := NewMaster(MasterConfig{Identity: newIdentity(t), OnWorker: func(e PeerEvent) {
			events = append(events, fmt.Sprint(e.Up, " ", e.Reason))
		}})
		w := newTestWorker(t, 1, slow(time.Second))
		join(t, mesh, m, w)
		_, running := submit(m, Spec{Args: []byte("a")})
		_, queued := submit(m, Spec{Args: []byte("b")})
		synctest.Wait()
		w.SetAvailable(false)
		if o := <-running; string(o.Value) != "a" {
			t.Errorf("the running task gives %q, %q, want it to end normally", o.Value, o.Err)
		}
		wantCode(t, run(t, m, Spec{Worker: w.ID()}), CodeNoWorker)
		time.Sleep(time.Minute)
		select {
		case o := <-queued:
			t.Errorf("a task ran on an unavailable worker: %+v", o)
		default:
		}
		if n := len(m.Workers()); n != 0 {
			t.Errorf("%d workers are shown, want none", n)
		}
		w.SetAvailable(true)
		if o := <-queued; string(o.Value) != "b" {
			t.Errorf("the queued task gives %q, %q", o.Value, o.Err)
		}
		if got, want := fmt.Sprint(events), "[true  false it is not available true ]"; got != want {
			t.Errorf("events %s, want %s", got, want)
		}
	})
}

func TestGoodbyes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		m, w := newTestMaster(t), newTestWorker(t, 1, untilEnded)
		join(t, mesh, m, w)
		_, targeted := submit(m, Spec{Worker: w.ID()})
		_, free := submit(m, Spec{})
		synctest.Wait()
		began := time.Now()
		if err := mesh.Leave(context.Background(), w); err != nil {
			t.Fatal(err)
		}
		wantCode(t, <-targeted, CodeWorkerLost)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("the loss was noticed after %v, want at once", took)
		}
		if err := mesh.Leave(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		wantCode(t, <-free, CodeLeft)
		wantCode(t, run(t, m, Spec{}), CodeLeft)

		// Both come back.
		join(t, mesh, w, m)
		_, p := submit(m, Spec{Timeout: time.Second})
		wantCode(t, <-p, CodeTaskTimeout)
		if err := mesh.Join(context.Background(), m); err == nil {
			t.Error("a node joined twice")
		}
	})
}

func TestMeshThatEndsSaysGoodbye(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := NewMesh(MeshConfig{})
		stop := runInBackground(t, mesh.Run)
		m, w := newTestMaster(t), newTestWorker(t, 1, untilEnded)
		join(t, mesh, m, w)
		_, p := submit(m, Spec{})
		synctest.Wait()
		stop()
		wantCode(t, <-p, CodeLeft)
		if n := len(w.Masters()); n != 0 {
			t.Errorf("the worker still has %d masters", n)
		}
		if err := mesh.Join(context.Background(), m); err != ErrClosed {
			t.Errorf("Join gives %v, want ErrClosed", err)
		}
	})
}

func TestTasksOfALostMaster(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := newTestMaster(t)
		var ended atomic.Int64
		w := newTestWorker(t, 1, executorFunc(func(ctx context.Context, _ Task, _ Sink) Result {
			<-ctx.Done()
			ended.Store(time.Now().UnixNano())
			return Result{}
		}))
		begin(t, m, w)
		cable := connect(t, m, w)
		m.Submit(Spec{})
		synctest.Wait()
		cable.cut()
		<-cable.ended
		lost := time.Now()
		time.Sleep(orphanGrace - time.Second)
		if ended.Load() != 0 {
			t.Fatal("the task was ended before the grace was over")
		}
		time.Sleep(3 * time.Second)
		if at := time.Unix(0, ended.Load()).Sub(lost); at < orphanGrace || at > orphanGrace+tickEvery {
			t.Errorf("the task was ended after %v, want %v", at, orphanGrace)
		}
	})
}

// TestMasterThatComesBack cuts the only worker off while it runs a task: the attempt is fenced off when the worker is
// found again, and the task runs once more.
func TestMasterThatComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := newTestMaster(t)
		var runs atomic.Int32
		w := newTestWorker(t, 1, executorFunc(func(ctx context.Context, _ Task, _ Sink) Result {
			n := runs.Add(1)
			if n == 1 {
				<-ctx.Done()
				return Result{Value: []byte("fenced")}
			}
			return Result{Value: fmt.Append(nil, n)}
		}))
		begin(t, m, w)
		cable := connect(t, m, w)
		_, p := submit(m, Spec{})
		synctest.Wait()
		cable.cut()
		<-cable.ended
		time.Sleep(time.Second)
		connect(t, m, w)
		if o := <-p; string(o.Value) != "2" || o.Attempts != 2 {
			t.Errorf("outcome %q after %d attempts, want that of the second", o.Value, o.Attempts)
		}
	})
}

// TestReplacedLinkLosesNothing makes a second link between a master and a worker under load, and then cuts the first.
func TestReplacedLinkLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m, w := newTestMaster(t), newTestWorker(t, 4, slow(time.Millisecond))
		begin(t, m, w)
		cable := connect(t, m, w)
		var left sync.WaitGroup
		for i := range 2000 {
			left.Add(1)
			arg := fmt.Sprint(i)
			m.Submit(Spec{Args: []byte(arg), OnDone: func(o Outcome) {
				if string(o.Value) != arg || o.Attempts != 1 {
					t.Errorf("task %s gives %q, %q after %d attempts", arg, o.Value, o.Err, o.Attempts)
				}
				left.Done()
			}})
		}
		time.Sleep(50 * time.Millisecond)
		connect(t, m, w)
		cable.cut()
		left.Wait()
	})
}

func TestTwoMastersShareAWorker(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		a, b := newTestMaster(t), newTestMaster(t)
		join(t, mesh, a, b, newTestWorker(t, 4, slow(10*time.Millisecond)))
		var mu sync.Mutex
		done := make(map[*Master]int)
		for _, m := range []*Master{a, b} {
			for range 2000 {
				m.Submit(Spec{OnDone: func(o Outcome) {
					mu.Lock()
					done[m]++
					mu.Unlock()
				}})
			}
			time.Sleep(20 * time.Millisecond) // the first is first, but not for ever
		}
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if n, k := done[a], done[b]; n+k < 350 || n > k*12/10 || k > n*12/10 {
			t.Errorf("the masters got %d and %d tasks done, want about 200 each", n, k)
		}
	})
}

func TestOnTask(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	taken := make(chan TaskInfo, 1)
	masters := make(chan PeerEvent, 2)
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Executor: echo,
		OnTask:   func(p Peer, i TaskInfo) { taken <- i },
		OnMaster: func(e PeerEvent) { masters <- e },
	})
	join(t, mesh, m, w)
	run(t, m, Spec{Name: "n"})
	if i := <-taken; i.Name != "n" || i.Attempt != 1 {
		t.Errorf("OnTask heard of %+v", i)
	}
	if e := <-masters; !e.Up || e.Peer.ID != m.ID() || e.Peer.Role != RoleMaster {
		t.Errorf("OnMaster heard %+v", e)
	}
	if list := w.Masters(); len(list) != 1 || list[0].ID != m.ID() {
		t.Errorf("Masters gives %+v", list)
	}
}
