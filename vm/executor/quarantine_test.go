package executor

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"supercluster/vm"
)

func TestQuarantine(t *testing.T) {
	p := newPool(t, "fake", Config{})
	deadly := vm.Task{ID: "q", Name: "exit", Args: []byte("9"), Code: []byte("deadly")}
	for range deadlyEnds {
		wantCode(t, "deadly", p.Execute(context.Background(), deadly, quiet), codeKilled, "exited with code 9")
	}
	wantCode(t, "once more", p.Execute(context.Background(), deadly, quiet), codeRefused,
		"task q (exit)", "not started", "ended 3 executors within 10m0s", "exited with code 9", "refuses it for")
	innocent := vm.Task{Name: "args", Code: []byte("innocent"), Args: []byte("x")}
	if res := p.Execute(context.Background(), innocent, quiet); string(res.Value) != "x" {
		t.Errorf("another function: %q %s", res.Value, res.Err)
	}
}

// TestInnocentsAreNotBlamed checks what does not count: ends by the master's will or by somebody else's hand, and
// limits that a task heeds.
func TestInnocentsAreNotBlamed(t *testing.T) {
	p := newPool(t, "fake", Config{Grace: 20 * time.Millisecond})
	run := func(name string) vm.Result {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		task := vm.Task{ID: "i", Name: name, Code: []byte("innocent")}
		h := hostFunc(func(string) {})
		if name == "busy" {
			h = func(string) { cancel(errStop) }
		} else {
			task.Timeout = 10 * second
		}
		if name == "wait" {
			task.Timeout = 5 * time.Millisecond
		}
		return p.Execute(ctx, task, h)
	}
	for range deadlyEnds + 1 {
		wantCode(t, "cancelled and deaf", run("busy"), codeCancelled, "could not be interrupted")
		wantCode(t, "killed from outside", run("suicide"), codeKilled, "signal killed")
		wantCode(t, "late and heeding", run("wait"), codeTimeout)
	}
}

func TestQuarantineEnds(t *testing.T) {
	var q Quarantine
	now := time.Now()
	code := []byte("f")
	for i := range deadlyEnds {
		if why := q.Refuses(code, now); why != "" {
			t.Errorf("refused after %d ends: %s", i, why)
		}
		q.Blame(code, fmt.Sprint("cause ", i), now.Add(time.Duration(i)*time.Minute))
	}
	if why := q.Refuses(code, now.Add(3*time.Minute)); !strings.Contains(why, "cause 2") || !strings.Contains(why, "7m0s more") {
		t.Errorf("after three minutes: %q", why)
	}
	if why := q.Refuses(code, now.Add(quarantineTime)); why != "" {
		t.Errorf("still refused at the end: %s", why)
	}
	q.Blame(code, "cause 3", now.Add(quarantineTime))
	if why := q.Refuses(code, now.Add(quarantineTime)); !strings.Contains(why, "1m0s more") {
		t.Errorf("a fourth end within ten minutes of the second: %q", why)
	}
	for i := range maxSuspects + 5 {
		q.Blame(fmt.Append(nil, i), "x", now.Add(time.Hour))
	}
	if len(q.suspects) != maxSuspects || q.Refuses(code, now.Add(quarantineTime)) != "" {
		t.Errorf("%d suspects, limit %d; the oldest is to be forgotten", len(q.suspects), maxSuspects)
	}
}

// TestLimits checks the limits that the pool measures: each ends its task alone, and names itself and the amount.
func TestLimits(t *testing.T) {
	p := newPool(t, "fake", Config{Limits: Limits{CPU: 500 * time.Millisecond, Output: 10_000, Result: 1000}})
	wantCode(t, "lines", p.Execute(context.Background(), vm.Task{ID: "o", Name: "log", Args: []byte("100000000")}, quiet),
		codeOutput, "task o (log)", "logged and sent 100", "limit 10000")
	for range 20 { // some of these end before they hear that they are to
		wantCode(t, "few lines too many", p.Execute(context.Background(), vm.Task{ID: "f", Name: "log", Args: []byte("2000")}, quiet),
			codeOutput, "task f (log)", "limit 10000")
	}
	wantCode(t, "result", p.Execute(context.Background(), vm.Task{ID: "r", Name: "size", Args: []byte("1001")}, quiet),
		codeOutput, "result of 1001 bytes, limit 1000")
	wantCode(t, "error", p.Execute(context.Background(), vm.Task{ID: "e", Name: "error", Args: []byte("2000000")}, quiet),
		codeOutput, "error of 2000", "limit 1048576: RangeError: xxx")
	wantCode(t, "processor time", p.Execute(context.Background(), vm.Task{ID: "c", Name: "spin"}, quiet),
		codeCPU, "task c (spin)", "of processor time, limit 500ms")
}

// TestSpare checks that a task after a child's death finds another child ready.
func TestSpare(t *testing.T) {
	p := newPool(t, "fake", Config{})
	for len(aliveOf(p)) < 2 {
		yield()
	}
	pids := aliveOf(p)
	p.Execute(context.Background(), vm.Task{Name: "exit"}, quiet)
	if pid := pidOf(t, p); !pids[pid] {
		t.Errorf("the task after a death ran in %d, a child that was not ready before: %v", pid, pids)
	}
}

// aliveOf lists the children that are ready.
func aliveOf(p *Pool) map[int]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	pids := make(map[int]bool)
	for c := range p.alive {
		pids[c.proc.Pid()] = true
	}
	return pids
}
