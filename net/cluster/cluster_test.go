package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supercluster/net/trust"
	"supercluster/vm/value"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// executorFunc is an Executor made of a function.
type executorFunc func(ctx context.Context, t Task, s Sink) Result

func (f executorFunc) Execute(ctx context.Context, t Task, s Sink) Result { return f(ctx, t, s) }

// echo is an Executor whose tasks give back their arguments.
var echo = executorFunc(func(_ context.Context, t Task, _ Sink) Result { return Result{Value: t.Args} })

// untilEnded is an Executor whose tasks run until they are told to end.
var untilEnded = executorFunc(func(ctx context.Context, _ Task, _ Sink) Result {
	<-ctx.Done()
	return Result{}
})

func newIdentity(t testing.TB) *trust.Identity {
	t.Helper()
	id, err := trust.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// runMesh runs a mesh until the test ends. Goodbyes are part of the end.
func runMesh(t testing.TB, cfg MeshConfig) *Mesh {
	t.Helper()
	m := NewMesh(cfg)
	runInBackground(t, m.Run)
	return m
}

// runInBackground runs something until the test ends.
func runInBackground(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func join(t testing.TB, m *Mesh, nodes ...Node) {
	t.Helper()
	for _, n := range nodes {
		if err := m.Join(context.Background(), n); err != nil {
			t.Fatalf("Join: %v", err)
		}
	}
}

func newTestWorker(t testing.TB, slots int, e Executor) *Worker {
	t.Helper()
	return NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: slots, Executor: e})
}

func newTestMaster(t testing.TB) *Master {
	t.Helper()
	return NewMaster(MasterConfig{Identity: newIdentity(t)})
}

// run submits a task and waits for its outcome.
func run(t testing.TB, m *Master, s Spec) Outcome {
	t.Helper()
	done := make(chan Outcome, 1)
	s.OnDone = func(o Outcome) { done <- o }
	m.Submit(s)
	select {
	case o := <-done:
		return o
	case <-time.After(20 * time.Second):
		t.Fatal("no outcome after 20 s")
		return Outcome{}
	}
}

// wantCode checks that an outcome is an error with that code.
func wantCode(t testing.TB, o Outcome, code string) {
	t.Helper()
	if o.Err == nil {
		t.Errorf("outcome is the value %q, want an error with code %s", o.Value, code)
	} else if e, ok := value.DecodeError(o.Err); !ok || e.Code != code {
		t.Errorf("outcome is error %q with code %q, want %s", e.Message, e.Code, code)
	}
}

// errCode is the code of an *Error, or what else err is.
func errCode(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}
