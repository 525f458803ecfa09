package executor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// heard lists the reports in what an outbox wrote.
func heard(t *testing.T, b []byte) (lines []string) {
	t.Helper()
	in := newFrames(bytes.NewReader(b), false)
	for {
		k, body, _, err := in.next()
		if err == io.EOF {
			return lines
		}
		rep, perr := parseReport(k, body)
		if err != nil || perr != nil {
			t.Fatal(err, perr)
		}
		switch k {
		case kindLog:
			lines = append(lines, rep.text)
		case kindProgress:
			lines = append(lines, fmt.Sprint(rep.fraction))
		case kindResult:
			lines = append(lines, "result "+string(rep.Value))
		}
	}
}

func logged(text string) *report   { return &report{kind: kindLog, run: 1, name: "stdout", text: text} }
func progressed(f float64) *report { return &report{kind: kindProgress, run: 1, fraction: f} }
func resulting(value string) *report {
	r := report{kind: kindResult, run: 1}
	r.Value = []byte(value)
	return &r
}

// writes counts the writes to it.
type writes struct {
	mu sync.Mutex
	b  []byte
	n  int
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	w.b = append(w.b, b...)
	return len(b), nil
}

// soFar returns what was written, and with how many writes.
func (w *writes) soFar() ([]byte, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b, w.n
}

func TestOneWriteForAll(t *testing.T) {
	var w writes
	o := newOutbox(&w)
	o.put(nil, logged("a"))
	for _, f := range []float64{0.1, 0.2, 0.3} {
		o.put(nil, progressed(f))
	}
	o.put(nil, logged("b"))
	o.put(nil, progressed(0.4))
	if err := o.flush(resulting("v")); err != nil {
		t.Fatal(err)
	}
	b, n := w.soFar()
	if got, want := strings.Join(heard(t, b), " "), "a 0.3 b 0.4 result v"; got != want || n != 1 {
		t.Errorf("%q in %d writes, want %q in one: the last progress before anything else", got, n, want)
	}
	if err := o.flush(nil); err != nil || w.n != 1 {
		t.Errorf("flush of nothing: %v, %d writes", err, w.n)
	}
}

// TestBatches checks in false time that the first line is written at once and the next ones together.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w writes
		o := newOutbox(&w)
		ctx, cancel := context.WithCancel(context.Background())
		var g sync.WaitGroup
		g.Go(func() {
			if err := o.run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("run: %v", err)
			}
		})
		o.put(nil, logged("0"))
		synctest.Wait()
		if _, n := w.soFar(); n != 1 {
			t.Errorf("%d writes of the first line, want 1", n)
		}
		for range 100 {
			o.put(nil, logged("1"))
		}
		synctest.Wait()
		if _, n := w.soFar(); n != 1 {
			t.Errorf("%d writes before the batch is due, want 1", n)
		}
		time.Sleep(batchTime)
		synctest.Wait()
		b, n := w.soFar()
		if got := len(heard(t, b)); n != 2 || got != 101 {
			t.Errorf("%d writes of %d lines, want 2 of 101", n, got)
		}
		o.put(nil, logged(strings.Repeat("x", fullBatch)))
		synctest.Wait()
		if _, n := w.soFar(); n != 3 {
			t.Errorf("%d writes, want 3: a full batch does not wait", n)
		}
		cancel()
		g.Wait()
	})
}

// TestBackPressure checks that a task whose output nobody reads waits, holding little, and that being told to stop
// frees it.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe() // a write waits for its reader
		o := newOutbox(w)
		run, end := context.WithCancel(context.Background())
		task, stop := context.WithCancel(context.Background())
		var g sync.WaitGroup
		g.Go(func() { o.run(run) })
		var lines atomic.Int64
		g.Go(func() {
			for task.Err() == nil {
				o.put(task.Done(), logged(strings.Repeat("x", 1000)))
				lines.Add(1)
			}
		})
		synctest.Wait()
		o.mu.Lock()
		size := len(o.pending)
		o.mu.Unlock()
		if size < maxPending || size > maxPending+2000 || lines.Load() > 2*maxPending/1000 {
			t.Errorf("%d bytes pending after %d lines, want about %d", size, lines.Load(), maxPending)
		}
		stop()
		synctest.Wait()
		end()
		r.Close()
		g.Wait()
		if err := o.flush(resulting("v")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("flush after a write that broke: %v", err)
		}
	})
}
