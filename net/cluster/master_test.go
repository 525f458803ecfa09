package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/vm/value"
)

// pending is a task that was submitted.
type pending chan Outcome

// submit submits a task whose outcome can be waited for.
func submit(m *Master, s Spec) (id func() bool, p pending) {
	p = make(pending, 1)
	s.OnDone = func(o Outcome) { p <- o }
	task := m.Submit(s)
	return func() bool { return m.Cancel(task, "not wanted") }, p
}

// inBubble runs a test in fake time. The clean-up belongs into the bubble.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func TestTaskRuns(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	var told atomic.Pointer[Task]
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: 1, Data: []byte(`{"gpu":1}`),
		Executor: executorFunc(func(_ context.Context, x Task, _ Sink) Result {
			told.Store(&x)
			return Result{Value: []byte("v"), Run: time.Second}
		})})
	join(t, mesh, m, w)
	o := run(t, m, Spec{Name: "n", Code: []byte("f"), Args: []byte("a"), Each: true, Timeout: time.Minute})
	if string(o.Value) != "v" || o.Err != nil || o.Attempts != 1 || o.Peer.ID != w.ID() || o.Run != time.Second {
		t.Errorf("outcome %+v, want v after 1 s at the worker", o)
	}
	x := told.Load()
	if x.Name != "n" || string(x.Code) != "f" || string(x.Args) != "a" || !x.Each || x.Timeout != time.Minute ||
		x.Master.ID != m.ID() || x.WorkerID != w.ID() || string(x.WorkerData) != `{"gpu":1}` {
		t.Errorf("the executor got %+v", x)
	}
}

func TestCallbacksComeInOrder(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	long := strings.Repeat("ä", maxLogText)
	join(t, mesh, m, newTestWorker(t, 1, executorFunc(func(_ context.Context, _ Task, s Sink) Result {
		s.Log("stdout", "one\n")
		s.Progress(0.5)
		s.Log("stderr", long)
		return Result{Value: []byte(strings.Repeat("v", 1<<20))} // on a stream of its own
	})))
	var got []string
	var text strings.Builder
	run(t, m, Spec{
		OnState:    func(st State, _ Peer) { got = append(got, st.String()) },
		OnProgress: func(_ Peer, f float64) { got = append(got, fmt.Sprint(f)) },
		OnLog: func(_ Peer, stream, s string) {
			if got = append(got, stream); stream == "stderr" {
				text.WriteString(s)
			}
		},
	})
	if got = slices.Compact(got); strings.Join(got, " ") != "sent running stdout 0.5 stderr" {
		t.Errorf("callbacks came as %q", got)
	}
	if text.String() != long {
		t.Errorf("a long text arrived as %d bytes, want %d", text.Len(), len(long))
	}
}

func TestSubmitFromACallback(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	join(t, mesh, m, newTestWorker(t, 1, echo))
	done := make(chan int, 1)
	var chain func(n int)
	chain = func(n int) {
		m.Submit(Spec{OnDone: func(Outcome) {
			if n == 0 {
				done <- 0
				return
			}
			chain(n - 1)
		}})
	}
	chain(1000)
	<-done
}

func TestWorkerEndsLateTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		m := newTestMaster(t)
		join(t, mesh, m, newTestWorker(t, 1, untilEnded))
		began := time.Now()
		o := run(t, m, Spec{Timeout: 2 * time.Second})
		wantCode(t, o, CodeTaskTimeout)
		if took := time.Since(began); took != 2*time.Second+late {
			t.Errorf("it took %v, want %v", took, 2*time.Second+late)
		}
	})
}

func TestMasterGivesUpLateTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		m := newTestMaster(t)
		release := make(chan struct{})
		join(t, mesh, m, newTestWorker(t, 1, executorFunc(func(context.Context, Task, Sink) Result {
			<-release // deaf to ctx
			return Result{Value: []byte("late")}
		})))
		began := time.Now()
		o := run(t, m, Spec{Timeout: 2 * time.Second})
		wantCode(t, o, CodeTaskTimeout)
		if took := time.Since(began); took != 2*time.Second+backup {
			t.Errorf("it took %v, want %v", took, 2*time.Second+backup)
		}
		close(release)
		if o := run(t, m, Spec{}); string(o.Value) != "late" {
			t.Errorf("the next task gives %q, want the slot to be free again", o.Value)
		}
	})
}

func TestQueueTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		mesh := runMesh(t, MeshConfig{})
		m := newTestMaster(t)
		join(t, mesh, m)
		began := time.Now()
		wantCode(t, run(t, m, Spec{QueueTimeout: 70 * time.Millisecond}), CodeQueueTimeout)
		if took := time.Since(began); took != 70*time.Millisecond {
			t.Errorf("it took %v, want 70ms", took)
		}
	})
}

func TestWorkerThatJoinsLaterTakesQueuedWork(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	join(t, mesh, m)
	_, p := submit(m, Spec{Args: []byte("a")})
	wantCode(t, run(t, m, Spec{Worker: "nobody"}), CodeNoWorker)
	join(t, mesh, newTestWorker(t, 1, echo))
	if o := <-p; string(o.Value) != "a" {
		t.Errorf("outcome %q, %q", o.Value, o.Err)
	}
}

func TestCancel(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	running := make(chan struct{}, 1)
	ended := make(chan error, 1)
	join(t, mesh, m, newTestWorker(t, 1, executorFunc(func(ctx context.Context, _ Task, _ Sink) Result {
		running <- struct{}{}
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return Result{}
	})))
	cancel, p := submit(m, Spec{})
	<-running
	cancelQueued, queued := submit(m, Spec{})
	if !cancelQueued() || cancelQueued() {
		t.Error("a queued task was not cancelled, or twice")
	}
	wantCode(t, <-queued, CodeCancelled)
	if !cancel() {
		t.Error("a running task was not cancelled")
	}
	o := <-p
	wantCode(t, o, CodeCancelled)
	if e, _ := value.DecodeError(o.Err); !strings.Contains(e.Message, "not wanted") {
		t.Errorf("the error says %q, want the reason", e.Message)
	}
	if cause := <-ended; errCode(cause) != CodeCancelled {
		t.Errorf("the executor was told %v", cause)
	}
	cancel, p = submit(m, Spec{})
	<-running // the slot is free again
	cancel()
	<-p
	<-ended
}

func TestSuspectedWorkerGetsNoWork(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := newTestMaster(t)
		quiet, good := newTestWorker(t, 4, echo), newTestWorker(t, 1, echo)
		begin(t, m, quiet, good)
		cable := connect(t, m, quiet)
		connect(t, m, good)
		synctest.Wait()
		cable.cut()
		time.Sleep(suspectAfter + tickEvery + 1)
		for range 5 {
			if o := run(t, m, Spec{}); o.Peer.ID != good.ID() {
				t.Errorf("a task went to %s, want the worker that is heard", o.Peer.ID)
			}
		}
		if n := len(m.Workers()); n != 2 {
			t.Errorf("%d workers are there, want 2 until one is lost", n)
		}
		<-cable.ended
		if n := len(m.Workers()); n != 1 {
			t.Errorf("%d workers are there, want 1", n)
		}
	})
}

func TestTaskOfALostWorkerRunsElsewhere(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := newTestMaster(t)
		lost, good := newTestWorker(t, 1, untilEnded), newTestWorker(t, 1, echo)
		begin(t, m, lost, good)
		cable := connect(t, m, lost)
		synctest.Wait()
		_, moves := submit(m, Spec{Args: []byte("a")})
		_, stays := submit(m, Spec{Worker: lost.ID()})
		_, once := submit(m, Spec{Once: true, Eligible: func(p Peer) bool { return p.ID == lost.ID() }})
		synctest.Wait()
		connect(t, m, good)
		cable.cut()
		o := <-moves
		if string(o.Value) != "a" || o.Peer.ID != good.ID() || o.Attempts != 2 {
			t.Errorf("outcome %q at %s after %d attempts", o.Value, o.Peer.ID, o.Attempts)
		}
		wantCode(t, <-stays, CodeWorkerLost)
		synctest.Wait()
		select {
		case o := <-once:
			t.Errorf("the task that nobody was given yet ended: %+v", o)
		default:
		}
	})
}

// TestOneOfThreeWorkersIsKilled runs 10,000 tasks, cuts a worker off in the middle, and wants each outcome once.
func TestOneOfThreeWorkersIsKilled(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const total = 10_000
		m := newTestMaster(t)
		begin(t, m)
		var cables []*cable
		for range 3 {
			w := newTestWorker(t, 4, executorFunc(func(ctx context.Context, x Task, _ Sink) Result {
				select {
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
				}
				return Result{Value: x.Args}
			}))
			begin(t, w)
			cables = append(cables, connect(t, m, w))
		}
		var mu sync.Mutex
		outcomes := make(map[string]int)
		workers := make(map[string]int)
		var left sync.WaitGroup
		for i := range total {
			left.Add(1)
			arg := fmt.Sprint(i)
			m.Submit(Spec{Code: []byte("f"), Args: []byte(arg), OnDone: func(o Outcome) {
				mu.Lock()
				defer mu.Unlock()
				outcomes[arg]++
				workers[o.Peer.ID]++
				if string(o.Value) != arg {
					t.Errorf("task %s gives %q, %q", arg, o.Value, o.Err)
				}
				if len(outcomes) == total/2 {
					cables[0].cut()
				}
				left.Done()
			}})
		}
		left.Wait()
		<-cables[0].ended
		for i := range total {
			if n := outcomes[fmt.Sprint(i)]; n != 1 {
				t.Errorf("task %d had %d outcomes", i, n)
			}
		}
		for id, n := range workers {
			if n < total/10 {
				t.Errorf("worker %s did %d of %d tasks", id, n, total)
			}
		}
	})
}
