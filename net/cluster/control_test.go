package cluster

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/net/wire"
)

// watchers is a mesh with a master at work, an observer beside it that is linked to all, and a worker.
type watchers struct {
	master, observer *Master
	worker           *Worker
	begun            chan Sink // gets the sink of each task that begins
}

func newWatchers(t *testing.T, slots int) *watchers {
	t.Helper()
	w := &watchers{begun: make(chan Sink, 16), master: newTestMaster(t), observer: newTestMaster(t)}
	w.worker = newTestWorker(t, slots, executorFunc(func(ctx context.Context, _ Task, s Sink) Result {
		w.begun <- s
		<-ctx.Done()
		return Result{}
	}))
	mesh := runMesh(t, MeshConfig{})
	join(t, mesh, w.worker, w.master, w.observer)
	if err := mesh.Reach(context.Background(), w.observer); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTasksAreListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatchers(t, 1)
		done := make(chan Outcome, 2)
		first := w.master.Submit(Spec{Name: "first", Priority: 2, OnDone: func(o Outcome) { done <- o }})
		sink := <-w.begun
		second := w.master.Submit(Spec{Name: "second", OnDone: func(o Outcome) { done <- o }})
		sink.Log("stdout", "one\n")
		time.Sleep(3 * time.Second)

		list, err := w.observer.Console(w.master.ID()).Tasks(t.Context(), TaskQuery{Log: true})
		if err != nil || len(list.Tasks) != 2 || list.Total != 2 {
			t.Fatalf("Tasks of the master = %+v, %v; want 2", list, err)
		}
		if r := list.Tasks[0]; r.ID != first.String() || r.State != "running" || r.Worker != w.worker.ID() || r.Attempt != 1 ||
			r.Priority != 2 || r.Run != 3*time.Second || r.Log != "one\n" || r.Role != RoleMaster {
			t.Errorf("first = %+v", r)
		}
		if r := list.Tasks[1]; r.ID != second.String() || r.State != "queued" || r.Wait != 3*time.Second {
			t.Errorf("second = %+v", r)
		}
		list, err = w.observer.Console(w.worker.ID()).Tasks(t.Context(), TaskQuery{Prefix: first.String()[:6]})
		if err != nil || len(list.Tasks) != 1 || list.Tasks[0].Master != w.master.ID() || list.Tasks[0].State != "running" {
			t.Errorf("Tasks of the worker = %+v, %v", list, err)
		}
		rows, err := w.observer.Find(t.Context(), first.String()[:9])
		if err != nil || len(rows) != 1 || rows[0].Role != RoleMaster {
			t.Errorf("Find = %+v, %v; want the master's row", rows, err)
		}
		f, err := w.observer.Console(w.worker.ID()).Figures(t.Context())
		if err != nil || f.Running != 1 || f.Slots != 1 || !f.Available || f.Memory == 0 || f.CPU == 0 {
			t.Errorf("Figures = %+v, %v", f, err)
		}
		row, err := w.observer.Console(w.master.ID()).Cancel(t.Context(), first.String(), "enough")
		if err != nil || row.State != "running" {
			t.Errorf("Cancel = %+v, %v", row, err)
		}
		wantCode(t, <-done, CodeCancelled)
		<-w.begun // the second
		_, err = w.observer.Console(w.worker.ID()).Cancel(t.Context(), second.String(), "")
		wantCode(t, <-done, CodeCancelled)
		if err != nil {
			t.Errorf("Cancel at the worker: %v", err)
		}
		list, _ = w.observer.Console(w.master.ID()).Tasks(t.Context(), TaskQuery{Recent: true, Log: true})
		if len(list.Tasks) != 2 || list.Tasks[1].Code != CodeCancelled || list.Tasks[1].Log != "one\n" {
			t.Errorf("tasks that have ended: %+v", list)
		}
		_, err = w.observer.Console(w.master.ID()).Cancel(t.Context(), wire.NewTaskID().String(), "")
		if errCode(err) != CodeNoTask {
			t.Errorf("Cancel of nothing: %v", err)
		}
		if _, err = w.observer.Console("nobody").Figures(t.Context()); errCode(err) != CodeNoNode {
			t.Errorf("Figures of nobody: %v", err)
		}
	})
}

func TestLogsAreFollowed(t *testing.T) {
	for _, role := range []string{RoleMaster, RoleWorker} {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWatchers(t, 1)
				id := w.master.Submit(Spec{Name: "prints", OnDone: func(Outcome) {}})
				sink := <-w.begun
				sink.Log("stdout", "before\n")
				synctest.Wait()
				node := map[string]string{RoleMaster: w.master.ID(), RoleWorker: w.worker.ID()}[role]
				var mu sync.Mutex
				var text strings.Builder
				ended := make(chan error, 1)
				go func() {
					ended <- w.observer.Console(node).Logs(t.Context(), id.String(), func(l LogLine) {
						mu.Lock()
						defer mu.Unlock()
						text.WriteString(l.Stream + ":" + l.Text)
					})
				}()
				synctest.Wait()
				sink.Log("stderr", "after\n")
				synctest.Wait()
				w.master.Cancel(id, "")
				if err := <-ended; err != nil {
					t.Errorf("Logs: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				if got, want := text.String(), ":before\nstderr:after\n"; got != want {
					t.Errorf("logs = %q, want %q", got, want)
				}
			})
		})
	}
}

// TestFollowerLeaves checks that nobody goes on answering who does not listen any more.
func TestFollowerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatchers(t, 1)
		w.master.Submit(Spec{OnDone: func(Outcome) {}})
		<-w.begun
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.observer.Console(w.worker.ID()).Logs(ctx, "", func(LogLine) {}) }()
		synctest.Wait()
		if !w.worker.control.following.Load() {
			t.Error("the worker has no follower")
		}
		stop()
		if err := <-ended; err != context.Canceled {
			t.Errorf("Logs = %v, want context.Canceled", err)
		}
		synctest.Wait()
		if w.worker.control.following.Load() {
			t.Error("the worker still has a follower")
		}
	})
}

func TestDrainHandsBackWhatHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatchers(t, 1)
		states := make(chan State, 16)
		w.master.Submit(Spec{OnDone: func(Outcome) {}})
		<-w.begun
		// A task of another master waits at the worker: each master may fill all slots.
		id := w.observer.Submit(Spec{OnState: func(s State, _ Peer) { states <- s }, OnDone: func(Outcome) {}})
		if st := <-states; st != Sent {
			t.Fatalf("state %v, want %v", st, Sent)
		}
		if st := <-states; st != Received {
			t.Fatalf("state %v, want %v", st, Received)
		}
		x, err := w.observer.Console(w.worker.ID()).Explain(t.Context(), id.String())
		if err != nil || !strings.HasPrefix(x.Summary, "all 1 slots are taken, and 0 tasks") {
			t.Errorf("Explain at the worker = %+v, %v", x, err)
		}
		f, err := w.master.Console(w.worker.ID()).Drain(t.Context(), true)
		if err != nil || !f.Draining || f.Available || f.Queued != 0 || f.Running != 1 {
			t.Errorf("Drain = %+v, %v", f, err)
		}
		if st := <-states; st != Queued {
			t.Errorf("state %v after the drain, want %v", st, Queued)
		}
		synctest.Wait()
		x, err = w.master.Console(w.worker.ID()).Explain(t.Context(), id.String())
		if errCode(err) != CodeNoTask {
			t.Errorf("Explain of what was handed back = %+v, %v", x, err)
		}
		if _, err := w.master.Console(w.worker.ID()).Drain(t.Context(), false); err != nil {
			t.Error(err)
		}
		if st := <-states; st != Sent {
			t.Errorf("state %v after the end of the drain, want %v", st, Sent)
		}
	})
}
