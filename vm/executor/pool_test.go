package executor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/vm"
)

func TestTaskArrivesWhole(t *testing.T) {
	p := newPool(t, "fake", Config{})
	got := p.Execute(context.Background(), vm.Task{
		ID: "t1", Name: "task", Hash: [32]byte{1, 2, 3, 4}, Each: true, WorkerID: "w", WorkerData: []byte(`{"a":1}`), Timeout: time.Hour,
	}, quiet)
	if want := `t1 01020304 true w {"a":1} 0s`; string(got.Value) != want {
		t.Errorf("the child got %q, want %q", got.Value, want)
	}
	wantCode(t, "throw", p.Execute(context.Background(), vm.Task{Name: "throw"}, quiet), "", "x is not a function")
}

// TestSizes checks frames around the sizes at which their way changes.
func TestSizes(t *testing.T) {
	p := newPool(t, "fake", Config{})
	for _, n := range []int{0, 1, smallFrame - 1, smallFrame, smallFrame + 1, readBuffer, readBuffer + 1, 1 << 20, 5<<20 + 1} {
		args := bytes.Repeat([]byte{7}, n)
		res := p.Execute(context.Background(), vm.Task{Name: "args", Args: args}, quiet)
		if !bytes.Equal(res.Value, args) || res.Err != nil {
			t.Errorf("%d bytes came back as %d, error %q", n, len(res.Value), res.Err)
		}
	}
	res := p.Execute(context.Background(), vm.Task{Name: "args", Args: make([]byte, maxTask+1)}, quiet)
	wantCode(t, "too much", res, codeMemory, "268435457", "limit 268435456")
}

// TestCode checks that a child always has the right code, though it is sent once and more functions are in use
// than a child keeps.
func TestCode(t *testing.T) {
	p := newPool(t, "fake", Config{})
	for round := range 3 {
		for i := range codeSlots * 2 {
			code := fmt.Appendf(nil, "code %d", i/(round+1))
			for range 2 {
				args := make([]byte, i*100)
				if res := p.Execute(context.Background(), vm.Task{Name: "code", Code: code, Args: args}, quiet); !bytes.Equal(res.Value, code) {
					t.Fatalf("ran %q, want %q", res.Value, code)
				}
			}
		}
	}
	long := bytes.Repeat([]byte("x"), maxKept+1)
	for range 2 {
		if res := p.Execute(context.Background(), vm.Task{Name: "code", Code: long}, quiet); !bytes.Equal(res.Value, long) {
			t.Errorf("%d bytes of code came as %d", len(long), len(res.Value))
		}
	}
}

func TestPlaceOverwritesTheOldest(t *testing.T) {
	var c codes
	for i := range codeSlots {
		if slot, reuse := c.place([]byte{byte(i)}); slot != i || reuse {
			t.Fatalf("code %d: slot %d, reuse %v", i, slot, reuse)
		}
	}
	if slot, reuse := c.place([]byte{0}); slot != 0 || !reuse {
		t.Errorf("code 0 again: slot %d, reuse %v, want 0, true", slot, reuse)
	}
	if slot, reuse := c.place([]byte("new")); slot != 1 || reuse {
		t.Errorf("new code: slot %d, reuse %v, want 1, false: code 0 was used later", slot, reuse)
	}
	if _, reuse := c.place([]byte{1}); reuse {
		t.Error("overwritten code counts as present")
	}
}

// recorder is a vm.Host that writes down what it hears; block holds its first log line back.
type recorder struct {
	lines []string
	block chan struct{}
}

func (r *recorder) Log(stream, text string) {
	if r.block != nil {
		<-r.block
	}
	r.lines = append(r.lines, stream+": "+text)
}
func (r *recorder) Progress(f float64) { r.lines = append(r.lines, fmt.Sprint("progress ", f)) }
func (r *recorder) Post(m vm.Message) error {
	r.lines = append(r.lines, fmt.Sprint("post ", m.To, " ", string(m.Target), " ", m.Event, " ", len(m.Data)))
	if m.Event == "refused" {
		return &vm.PostError{Code: "ERR_NO_WORKER", Message: "nobody is there"}
	}
	return nil
}
func (r *recorder) Send(event string, b []byte) {
	r.lines = append(r.lines, fmt.Sprint(event, " ", len(b)))
}

// TestHostHearsInOrder checks that all a task says comes before its result and in order, to a slow listener too:
// far more than may be pending anywhere.
func TestHostHearsInOrder(t *testing.T) {
	p := newPool(t, "fake", Config{})
	r := &recorder{block: make(chan struct{}, 1)}
	var g sync.WaitGroup
	g.Go(func() {
		for range 50_000 {
			r.block <- struct{}{}
		}
	})
	res := p.Execute(context.Background(), vm.Task{Name: "log", Args: []byte("50000")}, r)
	g.Wait()
	if res.Err != nil {
		t.Fatalf("error %q", res.Err)
	}
	next, events := 0, 0
	for _, line := range r.lines {
		switch {
		case strings.HasPrefix(line, "stdout: line "):
			if want := fmt.Sprintf("stdout: line %d\n", next); line != want {
				t.Fatalf("heard %q, want %q", line, want)
			}
			next++
		case line == "half 1":
			events++
		case !strings.HasPrefix(line, "progress 0"):
			t.Fatalf("heard %q", line)
		}
	}
	if next != 50_000 || events != 500 {
		t.Errorf("heard %d lines and %d events, want 50000 and 500", next, events)
	}
}

func TestLongOutput(t *testing.T) {
	p := newPool(t, "fake", Config{})
	var r recorder
	p.Execute(context.Background(), vm.Task{Name: "long", Args: []byte("100000")}, &r)
	if len(r.lines) != 3 {
		t.Fatalf("heard %d times, want 3", len(r.lines))
	}
	if line := r.lines[0]; len(line) > maxLog+20 || !strings.HasSuffix(line, "ä… 134512 bytes cut\n") {
		t.Errorf("a long line came as %d bytes ending in %q", len(line), line[len(line)-30:])
	}
	if line := r.lines[1]; !strings.Contains(line, "name of 100000 bytes, limit 1024") || !strings.HasSuffix(line, "not sent\n") {
		t.Errorf("a long event name was reported as %q", line)
	}
	if r.lines[2] != "bytes 1048576" {
		t.Errorf("an event of 1 MiB came as %q", r.lines[2])
	}
	if raceDetector {
		t.Skip("the race detector's memory counts as the child's")
	}
	res := p.Execute(context.Background(), vm.Task{ID: "big", Name: "size", Args: fmt.Append(nil, maxResult+1)}, quiet)
	wantCode(t, "result", res, codeOutput, "task big (size)", fmt.Sprint("limit ", maxResult))
}

// TestQueueIsFair checks that waiting tasks get a child in the order in which they came, and that one whose context
// ends leaves the queue at once.
func TestQueueIsFair(t *testing.T) {
	p := newPool(t, "fake", Config{})
	held, cancel := context.WithCancelCause(context.Background())
	running := make(chan struct{})
	var g sync.WaitGroup
	g.Go(func() {
		p.Execute(held, vm.Task{Name: "wait"}, hostFunc(func(string) { close(running) }))
	})
	<-running
	var order []string
	gone, leave := context.WithCancelCause(context.Background())
	for i := range 5 {
		ctx := context.Background()
		if i == 2 {
			ctx = gone
		}
		g.Go(func() {
			res := p.Execute(ctx, vm.Task{ID: fmt.Sprint(i), Name: "log", Args: []byte("1")}, hostFunc(func(s string) {
				if s != "" {
					order = append(order, fmt.Sprint(i)) // one child: one at a time
				}
			}))
			if i == 2 {
				wantCode(t, "left the queue", res, codeCancelled, "task 2 (log)", "before it started", "cancelled: "+errStop.Error())
			}
		})
		awaitWaiting(p, i+1)
	}
	leave(errStop)
	awaitWaiting(p, 4)
	cancel(nil)
	g.Wait()
	if got := strings.Join(order, ""); got != "0134" {
		t.Errorf("ran in the order %s, want 0134", got)
	}
}

// awaitWaiting returns when n calls wait for a child.
func awaitWaiting(p *Pool, n int) {
	for {
		p.mu.Lock()
		now := len(p.waiting)
		p.mu.Unlock()
		if now == n {
			return
		}
		yield()
	}
}

func TestEndedPool(t *testing.T) {
	p := newPool(t, "fake", Config{Size: 2})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantCode(t, "context done", p.Execute(ctx, vm.Task{}, quiet), codeCancelled)

	never := New(Config{})
	never.end(errEnded)
	wantCode(t, "after the end", never.Execute(context.Background(), vm.Task{ID: "x"}, quiet), codeCancelled, "task x", "shutting down")
}

// TestProbe checks that what is in force is told without a worker, and why a child cannot start.
func TestProbe(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := Probe(context.Background(), Config{Command: []string{exe, "fake"}})
	if err != nil || len(lines) < 2 || !strings.HasPrefix(lines[0], "memory: 512 MiB a task") {
		t.Errorf("Probe = %q, %v", lines, err)
	}
	if lines, err = Probe(context.Background(), Config{Command: []string{exe, "broken"}}); err == nil || !strings.Contains(err.Error(), "cannot start today") {
		t.Errorf("Probe of a program that ends = %q, %v", lines, err)
	}
}
