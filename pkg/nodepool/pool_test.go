package nodepool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supercluster/vm"
	"supercluster/vm/value"
)

// failure runs a task that must fail, and returns how.
func failure(t *testing.T, p *Pool, task Task) value.Error {
	t.Helper()
	r := execute(t, p, task, &recorder{})
	e, ok := value.DecodeError(r.Err)
	if !ok {
		t.Fatalf("%s gave %s, want an error", task.Name, shown(r.Value))
	}
	return e
}

// pids are the processes of p.
func (p *Pool) pids() (list []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for x := range p.alive {
		list = append(list, x.proc.Pid())
	}
	return list
}

func TestLimits(t *testing.T) {
	p := newPool(t, Config{Limits: Limits{Memory: 100 << 20, Output: 1 << 20, Result: 1 << 20}})
	for _, c := range []struct {
		name, fn, code string
		timeout        time.Duration
	}{
		{"a loop", `() => { for (;;) ; }`, codeTimeout, 300 * time.Millisecond},
		{"a loop of microtasks", `async () => { for (;;) await null; }`, codeTimeout, 300 * time.Millisecond},
		{"a loop after the result", `() => { (async () => { await null; await null; await null; for (;;) await null; })(); return new Promise(() => {}); }`, codeTimeout, 300 * time.Millisecond},
		{"waiting", `() => new Promise((r) => setTimeout(r, 1e6))`, codeTimeout, 100 * time.Millisecond},
		{"waiting with the signal", `() => { task.signal; return new Promise((r) => setTimeout(r, 1e6)); }`, codeTimeout, 100 * time.Millisecond},
		{"many objects", `() => { const a = []; for (;;) a.push({ n: a.length, s: 'x' + a.length }); }`, codeMemory, 0},
		{"large buffers", `() => { const a = []; for (;;) a.push(new Uint8Array(1 << 24).fill(1)); }`, "", 0},
		{"much output", `() => { for (;;) console.log('x'.repeat(1000)); }`, codeOutput, 0},
		{"a large result", `() => 'x'.repeat(2 << 20)`, codeOutput, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := taskOf(t, c.fn, `[]`)
			task.Timeout = c.timeout
			began := time.Now()
			if e := failure(t, p, task); e.Code != c.code {
				t.Errorf("failed with %q, %s: %s; want the code %q", e.Code, e.Name, e.Message, c.code)
			}
			if took := time.Since(began); c.timeout > 0 && took > c.timeout+20*time.Second { // a machine under load is slow to start a process
				t.Errorf("took %v, with a timeout of %v", took, c.timeout)
			}
			if r := execute(t, p, taskOf(t, `() => 1`, `[]`), &recorder{}); shown(r.Value) != "1" {
				t.Errorf("the task after it gave %s", shown(r.Value))
			}
		})
	}
}

func TestProcessorTime(t *testing.T) {
	p := newPool(t, Config{Limits: Limits{CPU: 200 * time.Millisecond}})
	if _, ok := cpuTime(os.Getpid()); !ok {
		t.Skip("this system does not tell the processor time of other processes")
	}
	if e := failure(t, p, taskOf(t, `() => { for (;;) ; }`, `[]`)); e.Code != codeCPU {
		t.Errorf("failed with %q: %s", e.Code, e.Message)
	}
	r := execute(t, p, taskOf(t, `() => new Promise((r) => setTimeout(r, 600, 'rested'))`, `[]`), &recorder{})
	if shown(r.Value) != `"rested"` {
		t.Errorf("a task that waits gave %s", shown(r.Value))
	}
}

// TestSignal: a task that holds its signal hears of its end and has the grace to say so.
func TestSignal(t *testing.T) {
	p := newPool(t, Config{Grace: 10 * time.Second})
	ctx, cancel := context.WithCancelCause(t.Context())
	h := &recorder{seen: make(chan string, 2)}
	done := make(chan Result, 1)
	go func() {
		r, err := p.Execute(ctx, taskOf(t, `() => new Promise((resolve) => {
			task.signal.addEventListener('abort', () => { console.log('told: ' + task.signal.reason.message); resolve(1); });
			setTimeout(() => {}, 1e6);
			console.log('holds it');
		})`, `[]`), h)
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	<-h.seen
	cancel(errors.New("no longer wanted"))
	e, _ := value.DecodeError((<-done).Err)
	if e.Code != codeCancelled || !strings.Contains(h.String(), "told: cancelled: no longer wanted") {
		t.Errorf("ended with %q: %s, after %q", e.Code, e.Message, h)
	}
}

// TestMasters: no two masters have a process in common, and one that leaves takes its own along.
func TestMasters(t *testing.T) {
	p := newPool(t, Config{Size: 4})
	task := func(master string) Task {
		task := taskOf(t, `() => { const { AbortController: A } = globalThis; return A.name; }`, `[]`)
		task.Master = master
		return task
	}
	served := make(map[*process]string)
	for range 3 {
		for _, master := range []string{"a", "b"} {
			execute(t, p, task(master), &recorder{})
			p.mu.Lock()
			x := p.idle[len(p.idle)-1]
			p.mu.Unlock()
			if was, ok := served[x]; ok && was != master {
				t.Fatalf("process %d served %s and %s", x.proc.Pid(), was, master)
			}
			served[x] = master
		}
	}
	if len(served) != 2 {
		t.Errorf("%d processes served two masters, want 2", len(served))
	}
	p.Leave("a")
	for x, master := range served {
		if master == "a" {
			<-x.proc.Done()
		}
	}
	execute(t, p, task("a"), &recorder{})
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.idle {
		if x.master == "a" {
			t.Error("a process of a master that is gone is kept")
		}
	}
}

// TestTaint: a process whose common objects a task changed is not used again, nor is one in which something still runs.
func TestTaint(t *testing.T) {
	p := newPool(t, Config{})
	for _, fn := range []string{
		`() => { Buffer.prototype.poison = 1; return Buffer.alloc(1).poison; }`,
		`() => { Uint8Array.prototype.poison = 1; return 1; }`,
		`() => { require('path').join = () => 'poison'; return 1; }`,
		`() => { URL.prototype.toString = () => 'poison'; return 1; }`,
		`() => { (async () => { for (;;) await null; })(); return 1; }`,
		`() => { const f = () => Promise.resolve().then(f); f(); return 1; }`,
		`() => { setInterval(() => { for (;;) ; }, 0); return 1; }`,
	} {
		task := taskOf(t, fn, `[]`)
		task.Timeout = 5 * time.Second
		if r := execute(t, p, task, &recorder{}); shown(r.Value) != "1" && !strings.Contains(fn, "await null") && !strings.Contains(fn, "then(f)") {
			t.Errorf("%s gave %s", fn, shown(r.Value))
		}
		r := execute(t, p, taskOf(t, `() => [Buffer.alloc(1).poison, new Uint8Array(1).poison, require('path').join('a', 'b'), new URL('http://h/').toString()]`, `[]`), &recorder{})
		if got := shown(r.Value); got != `[null,null,"a/b","http://h/"]` {
			t.Errorf("after %s: %s", fn, got)
		}
	}
}

// TestWarm: tasks of one master, one after the other, find the same process.
func TestWarm(t *testing.T) {
	p := newPool(t, Config{})
	execute(t, p, taskOf(t, `() => 1`, `[]`), &recorder{})
	p.mu.Lock()
	first := p.idle[0]
	p.mu.Unlock()
	for _, fn := range []string{`() => 1`, `() => { throw new Error('x'); }`, `() => new Promise(() => {})`, `() => { console.log(new Map()); return require('util').inspect({}); }`,
		`() => { setInterval(() => {}, 1); return [Buffer.from('x'), new URL('http://h'), performance.now(), crypto.randomUUID(), require('crypto').createHash('md5').digest('hex')]; }`} {
		execute(t, p, taskOf(t, fn, `[]`), &recorder{})
		p.mu.Lock()
		if len(p.idle) != 1 || p.idle[0] != first {
			t.Errorf("%s ended its process", fn)
		}
		p.mu.Unlock()
	}
}

// TestMany: tasks at once, of several masters, each get what is theirs.
func TestMany(t *testing.T) {
	p := newPool(t, Config{Size: 2})
	var g sync.WaitGroup
	for i, master := range []string{"a", "b", "a", "b"} {
		task := taskOf(t, `(n) => { console.log(n); return n * 2; }`, `[`+string(rune('1'+i))+`]`)
		task.Master = master
		g.Go(func() {
			for range 5 {
				h := &recorder{}
				r, err := p.Execute(t.Context(), task, h)
				if want := string(rune('1' + i)); err != nil || h.String() != "stdout: "+want+"\n" || shown(r.Value) != string(rune('0'+2*(i+1))) {
					t.Errorf("task %d gave %s, %v and said %q", i, shown(r.Value), err, h)
				}
			}
		})
	}
	g.Wait()
}

func TestEach(t *testing.T) {
	p := newPool(t, Config{})
	for _, c := range []struct{ name, fn, args string }{
		{"numbers", `(x) => x * 2`, `[Array.from({ length: 50 }, (_, i) => i)]`},
		{"failures", `(x, k) => { if (x === 2) throw new Error('two'); if (x === 3) return Symbol('three'); return x * k; }`, `[[1, 2, 3, 4], 10]`},
		{"all fail", `async (x) => { throw x; }`, `[[1, 'b']]`},
		{"promises", `async (x) => { await null; if (x === 1) throw new RangeError('one'); return { x }; }`, `[[0, 1, 2]]`},
		{"none", `(x) => x`, `[[]]`},
		{"a hole", `(x) => String(x)`, `[[, 1]]`},
		{"left behind", `(x) => { if (x === 1) Promise.reject(new Error('left')); return x; }`, `[[0, 1, 2]]`},
		{"no array", `(x) => x`, `[5]`},
		{"no argument", `(x) => x`, `[]`},
	} {
		task := taskOf(t, c.fn, c.args)
		task.Each = true
		r1, r2 := ours(t.Context(), task, &recorder{}), execute(t, p, task, &recorder{})
		if diff := cmp.Diff(dealt(t, r1.Value, r1.Err), dealt(t, r2.Value, r2.Err)); diff != "" {
			t.Errorf("%s: goja (-), node (+):\n%s", c.name, diff)
		}
	}
}

// dealt lists what the calls of a task gave, or how the task failed.
func dealt(t *testing.T, v, failure []byte) (list []string) {
	t.Helper()
	if failure != nil {
		e, _ := value.DecodeError(failure)
		return []string{e.Name, e.Code, e.Message}
	}
	each, err := vm.ReadEach(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range each {
		if r.Err == nil {
			list = append(list, string(r.Value))
			continue
		}
		e, _ := value.DecodeError(r.Err)
		list = append(list, e.Name+" "+e.Code+" "+e.Message)
	}
	return list
}

func TestUnfitNode(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "node")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho '{\"Exec\":\"/usr/bin/node\",\"Version\":\"16.1.0\",\"Flag\":\"\"}'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{old, filepath.Join(dir, "nowhere"), "/bin/sh"} {
		p := New(Config{Node: node, Launcher: []string{"/bin/false"}})
		_, err := p.Execute(t.Context(), taskOf(t, `() => 1`, `[]`), &recorder{})
		var start *StartError
		if !errors.As(err, &start) || !strings.Contains(err.Error(), node) {
			t.Errorf("with %s: %v, want a StartError that names it", node, err)
		}
	}
}
