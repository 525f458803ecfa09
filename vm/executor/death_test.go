package executor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supercluster/vm"
)

func yield() { runtime.Gosched() }

// within checks how long something took, leaving much to a machine under load and more to the race detector.
func within(t *testing.T, what string, began time.Time, limit time.Duration) {
	t.Helper()
	slack := 4 * second
	if raceDetector {
		slack *= 5
	}
	if took := time.Since(began); took > limit+slack {
		t.Errorf("%s took %v, want about %v", what, took, limit)
	}
}

func TestTimeout(t *testing.T) {
	p := newPool(t, "fake", Config{Grace: 50 * time.Millisecond})
	first := pidOf(t, p)
	began := time.Now()
	res := p.Execute(context.Background(), vm.Task{ID: "7", Name: "wait", Timeout: 30 * time.Millisecond}, quiet)
	wantCode(t, "interrupted", res, codeTimeout, "task 7 (wait)", "timeout of 30ms")
	if e := errorOf(t, "interrupted", res); !strings.HasSuffix(e.Stack, "\n    at f (a.js:1:2)") || !strings.HasPrefix(e.Stack, "Error: task 7") {
		t.Errorf("stack %q does not say where the task was", e.Stack)
	}
	res = p.Execute(context.Background(), vm.Task{Name: "late", Timeout: time.Millisecond}, quiet)
	if string(res.Value) != "late" {
		t.Errorf("a value within the grace: %q %q", res.Value, res.Err)
	}
	if pid := pidOf(t, p); pid != first {
		t.Errorf("child %d was replaced though it heeded", first)
	}
	res = p.Execute(context.Background(), vm.Task{Name: "busy", Timeout: 30 * time.Millisecond}, quiet)
	wantCode(t, "killed", res, codeTimeout, "30ms", "could not be interrupted")
	within(t, "three timeouts", began, second)
	if pid := pidOf(t, p); pid == first {
		t.Errorf("child %d lives on", first)
	}
}

func TestCancel(t *testing.T) {
	p := newPool(t, "fake", Config{Grace: 50 * time.Millisecond})
	for _, name := range []string{"wait", "busy"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		res := p.Execute(ctx, vm.Task{ID: "c", Name: name}, hostFunc(func(string) { cancel(errStop) }))
		wantCode(t, name, res, codeCancelled, "task c", errStop.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	wantCode(t, "deadline", p.Execute(ctx, vm.Task{Name: "wait"}, quiet), codeTimeout, "deadline")
}

// TestDeadlyTasks checks that whatever a task does to its child, it gets the right error and the pool serves on.
func TestDeadlyTasks(t *testing.T) {
	memory := int64(MinMemory)
	if raceDetector {
		memory = 4 << 30 // its own memory counts as the child's
	}
	p := newPool(t, "fake", Config{Limits: Limits{Memory: memory}})
	for _, tt := range []struct {
		name, args, code string
		words            []string
	}{
		{"recurse", "", codeStack, []string{"stack overflow", fmt.Sprint(min(maxStack, memory/2))}},
		{"panic", "", codeKilled, []string{"panic in the executor: a fault"}},
		{"exit", "9", codeKilled, []string{"exited with code 9"}},
	} {
		began := time.Now()
		res := p.Execute(context.Background(), vm.Task{ID: "d", Name: tt.name, Args: []byte(tt.args), Timeout: 20 * second}, quiet)
		wantCode(t, tt.name, res, tt.code, append(tt.words, "task d ("+tt.name+")")...)
		within(t, tt.name, began, 3*second)
		pidOf(t, p)
	}
}

// TestStuckHost checks that a task is ended in time though its listener does not come back, and that Execute
// returns once it does.
func TestStuckHost(t *testing.T) {
	p := newPool(t, "fake", Config{Grace: 50 * time.Millisecond, Size: 1})
	r := &recorder{block: make(chan struct{})}
	done := make(chan vm.Result)
	var g sync.WaitGroup
	g.Go(func() {
		done <- p.Execute(context.Background(), vm.Task{Name: "log", Args: []byte("1000000000"), Timeout: 100 * time.Millisecond}, r)
	})
	pidOf(t, p) // the child that replaces the one that was killed
	close(r.block)
	wantCode(t, "endless output", <-done, codeTimeout)
	g.Wait()
}

func TestLiar(t *testing.T) {
	p := newPool(t, "liar", Config{})
	res := p.Execute(context.Background(), vm.Task{ID: "l"}, quiet)
	wantCode(t, "a frame of 4 GiB", res, codeKilled, "task l", "4294967295 bytes")
}

// TestBrokenChildren checks that a pool whose children cannot start says so instead of letting tasks wait for ever.
func TestBrokenChildren(t *testing.T) {
	var logged lockedBuffer
	p := newPool(t, "broken", Config{Size: 2, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	res := p.Execute(context.Background(), vm.Task{ID: "b"}, quiet)
	wantCode(t, "broken", res, codeKilled, "not started", "exited with code 3", "cannot start today")
	if !strings.Contains(logged.String(), "executors keep ending") {
		t.Errorf("log: %q", logged.String())
	}
	missing := New(Config{Command: []string{"/no/such/program"}})
	ctx, cancel := context.WithCancel(context.Background())
	var g sync.WaitGroup
	g.Go(func() { missing.Run(ctx) })
	wantCode(t, "missing", missing.Execute(ctx, vm.Task{}, quiet), codeKilled, "/no/such/program")
	cancel()
	g.Wait()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestShutdown checks that the end of Run ends running and waiting tasks, each with one result.
func TestShutdown(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := New(Config{Command: []string{exe, "fake"}, Size: 2})
	ctx, cancel := context.WithCancel(context.Background())
	var run, tasks sync.WaitGroup
	run.Go(func() { p.Run(ctx) })
	var started sync.WaitGroup
	started.Add(2)
	for i := range 4 {
		tasks.Go(func() {
			res := p.Execute(context.Background(), vm.Task{ID: fmt.Sprint(i), Name: "busy"}, hostFunc(func(string) { started.Done() }))
			wantCode(t, "at the end", res, codeCancelled, "shutting down")
		})
	}
	started.Wait()
	awaitWaiting(p, 2)
	cancel()
	run.Wait()
	tasks.Wait()
	if len(p.alive) != 0 || len(p.idle) != 0 {
		t.Errorf("%d children, %d idle after Run", len(p.alive), len(p.idle))
	}
}

// TestChaos kills children while thousands of tasks run: each gets exactly one result, its own or the news of the death.
func TestChaos(t *testing.T) {
	p := newPool(t, "fake", Config{Size: 3})
	const callers, each = 4, 1000
	var results, lost atomic.Int64
	var g sync.WaitGroup
	for caller := range callers {
		g.Go(func() {
			for i := range each {
				args := fmt.Appendf(nil, "%d-%d", caller, i)
				name := "args"
				if i%100 == 50 {
					name = "suicide"
				}
				res := p.Execute(context.Background(), vm.Task{Name: name, Args: args}, quiet)
				results.Add(1)
				switch {
				case res.Err != nil:
					lost.Add(1)
					wantCode(t, "killed", res, codeKilled, "signal killed")
				case !bytes.Equal(res.Value, args):
					t.Errorf("task %s got %q", args, res.Value)
				}
			}
		})
	}
	stop := make(chan struct{})
	kills := 0
	var killer sync.WaitGroup
	killer.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if killOne(p) {
					kills++
				}
			}
		}
	})
	g.Wait()
	close(stop)
	killer.Wait()
	if results.Load() != callers*each {
		t.Errorf("%d results of %d tasks", results.Load(), callers*each)
	}
	t.Logf("%d kills from outside, %d of %d tasks lost", kills, lost.Load(), callers*each)
}

// killOne kills any child from outside, at work or idle.
func killOne(p *Pool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.alive {
		proc, err := os.FindProcess(c.proc.Pid())
		return err == nil && proc.Kill() == nil
	}
	return false
}

func TestInProcess(t *testing.T) {
	p := NewInProcess(fake{})
	ctx := context.Background()
	if res := p.Execute(ctx, vm.Task{Name: "args", Args: []byte("x"), Timeout: time.Hour}, quiet); string(res.Value) != "x" {
		t.Errorf("value %q, error %q", res.Value, res.Err)
	}
	res := p.Execute(ctx, vm.Task{ID: "1", Name: "wait", Timeout: time.Millisecond}, quiet)
	wantCode(t, "timeout", res, codeTimeout, "task 1 (wait)", "1ms")
	cctx, cancel := context.WithCancelCause(ctx)
	cancel(errors.New("enough"))
	wantCode(t, "cancelled", p.Execute(cctx, vm.Task{Name: "wait"}, quiet), codeCancelled, "enough")
	wantCode(t, "throws", p.Execute(ctx, vm.Task{Name: "throw"}, quiet), "")
}

// TestIdleDeath checks that a child that dies without a task is replaced, and that nobody need hear of it.
func TestIdleDeath(t *testing.T) {
	var logged lockedBuffer
	p := newPool(t, "fake", Config{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	first := pidOf(t, p)
	p.mu.Lock()
	c := p.idle[len(p.idle)-1] // the one that answered
	p.mu.Unlock()
	self, err := os.FindProcess(c.proc.Pid())
	if err != nil || self.Kill() != nil {
		t.Fatal("the child cannot be killed")
	}
	<-c.proc.Done()
	if pidOf(t, p) == first {
		t.Errorf("child %d was killed and answers", first)
	}
	if got := logged.String(); got != "" {
		t.Errorf("log: %q", got)
	}
}
