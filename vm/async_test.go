package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"
)

// withAsync gives scripts slow(ms, value), fail(text), reject(value) and block().
func withAsync(l *Loop) {
	rt := l.Runtime()
	_ = rt.Set("slow", func(call goja.FunctionCall) goja.Value {
		ms, v := call.Argument(0).ToInteger(), call.Argument(1)
		return l.Async(func(ctx context.Context) func() (goja.Value, error) {
			select {
			case <-time.After(time.Duration(ms) * time.Millisecond):
			case <-ctx.Done():
			}
			return func() (goja.Value, error) { return v, nil }
		})
	})
	_ = rt.Set("fail", func(call goja.FunctionCall) goja.Value {
		text := call.Argument(0).String()
		return l.Async(func(context.Context) func() (goja.Value, error) {
			return func() (goja.Value, error) { return nil, errors.New(text) }
		})
	})
	_ = rt.Set("reject", func(call goja.FunctionCall) goja.Value {
		v := call.Argument(0)
		return l.Async(func(context.Context) func() (goja.Value, error) {
			return func() (goja.Value, error) { return nil, Throw(v) }
		})
	})
	_ = rt.Set("faulty", func(goja.FunctionCall) goja.Value {
		return l.Async(func(context.Context) func() (goja.Value, error) { panic("oh") })
	})
	_ = rt.Set("nothing", func(goja.FunctionCall) goja.Value {
		return l.Async(func(context.Context) func() (goja.Value, error) {
			return func() (goja.Value, error) { return nil, nil }
		})
	})
}

func TestAsync(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"resolves with the value", `slow(1, 'a').then(console.log)`, "a\n"},
		{"keeps the loop alive", `slow(30, 1).then(() => console.log('late')); console.log('first')`, "first\nlate\n"},
		{"nothing is undefined", `nothing().then((v) => console.log(typeof v))`, "undefined\n"},
		{"is a promise", `console.log(nothing() instanceof Promise)`, "true\n"},
		{"an error of Go rejects", `fail('broken').catch((e) => console.log(e instanceof Error, e.name, e.message))`, "true Error broken\n"},
		{"a value rejects as it is", `reject(7).catch(console.log); const e = new TypeError('x'); reject(e).catch((f) => console.log(e === f))`, "7\ntrue\n"},
		{"a panic rejects", `faulty().catch((e) => console.log(e.message))`, "internal error: oh\n"},
		{"await", `(async () => { let s = 0; for (let i = 0; i < 100; i++) s += await slow(0, i); console.log(s) })()`, "4950\n"},
		{"many at once", `Promise.all(Array.from({ length: 500 }, (_, i) => slow(1, i))).then((a) => console.log(a.length, a[499]))`, "500 499\n"},
		{"jobs follow at once", `slow(1, 1).then(() => console.log('job')); slow(1, 1).then(() => process.nextTick(() => console.log('tick')))`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, exit, err := script(t, c.src, withAsync)
			if err != nil || exit.Code != 0 {
				t.Fatalf("Run = %+v, %v", exit, err)
			}
			if c.want != "" && got != c.want {
				t.Errorf("printed\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestAsyncIsBounded(t *testing.T) {
	var now, most atomic.Int32
	l := NewLoop(LoopConfig{MaxAsync: 3})
	_, err := l.Run(context.Background(), func() error {
		for range 50 {
			l.Async(func(context.Context) func() (goja.Value, error) {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				now.Add(-1)
				return func() (goja.Value, error) { return nil, nil }
			})
		}
		return nil
	})
	if err != nil || most.Load() > 3 {
		t.Errorf("%d at once, limit 3; Run: %v", most.Load(), err)
	}
}

// TestAsyncEndsWithTheLoop: exit does not wait for slow functions, but for their goroutines.
func TestAsyncEndsWithTheLoop(t *testing.T) {
	var ended atomic.Bool
	_, exit, err := script(t, `wait(); setTimeout(() => process.exit(4), 1)`, func(l *Loop) {
		_ = l.Runtime().Set("wait", func(goja.FunctionCall) goja.Value {
			running := make(chan struct{})
			promise := l.Async(func(ctx context.Context) func() (goja.Value, error) {
				close(running)
				<-ctx.Done()
				ended.Store(true)
				return func() (goja.Value, error) { t.Error("settled after the end"); return nil, nil }
			})
			<-running // else the loop may end before the work has begun, which then never does
			return promise
		})
	})
	if err != nil || exit.Code != 4 || !ended.Load() {
		t.Errorf("Run = %+v, %v; ended %v", exit, err, ended.Load())
	}
}

// TestAsyncThatNeverEnds: a host function that ignores its context costs the grace and a warning, not the exit.
func TestAsyncThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := NewLoop(LoopConfig{Grace: 3 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		running, release := make(chan struct{}), make(chan struct{})
		start := time.Now()
		exit, err := l.Run(context.Background(), func() error {
			l.Async(func(context.Context) func() (goja.Value, error) {
				close(running)
				<-release
				return func() (goja.Value, error) { return nil, nil }
			})
			<-running
			l.Exit(2)
			return nil
		})
		if err != nil || exit.Code != 2 || time.Since(start) != 3*time.Second || !strings.Contains(log.String(), "host function") {
			t.Errorf("Run = %+v, %v after %v; log %q", exit, err, time.Since(start), log.String())
		}
		close(release)
		synctest.Wait()
	})
}

func TestPost(t *testing.T) {
	l := NewLoop(LoopConfig{})
	var order []int
	var wg sync.WaitGroup
	_, err := l.Run(context.Background(), func() error {
		release := l.Ref()
		wg.Go(func() {
			for i := range 1000 {
				if !l.Post(func() { order = append(order, i) }) {
					t.Error("Post refused")
				}
			}
			l.Post(func() { release(); release() })
		})
		return nil
	})
	wg.Wait()
	if err != nil || len(order) != 1000 || order[0] != 0 || order[999] != 999 {
		t.Errorf("%d ran, Run: %v", len(order), err)
	}
	if l.Post(func() { t.Error("ran after the end") }) {
		t.Error("Post after the end = true")
	}
}

// TestPostBeforeRun: what is posted before Run runs after start.
func TestPostBeforeRun(t *testing.T) {
	l := NewLoop(LoopConfig{})
	var got []string
	l.Post(func() { got = append(got, "posted") })
	if _, err := l.Run(context.Background(), func() error { got = append(got, "start"); return nil }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != "[start posted]" {
		t.Error(got)
	}
}

// TestReleaseWakes: the release of the last reference ends a loop that waits.
func TestReleaseWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLoop(LoopConfig{})
		var wg sync.WaitGroup
		_, err := l.Run(context.Background(), func() error {
			release := l.Ref()
			wg.Go(func() {
				time.Sleep(time.Minute) // synctest's clock: the loop waits meanwhile
				release()
			})
			return nil
		})
		wg.Wait()
		if err != nil {
			t.Error(err)
		}
	})
}

func TestLoopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := NewLoop(LoopConfig{})
		testGlobals(l, &out)
		start := time.Now()
		_, err := l.Run(context.Background(), func() error {
			_, err := l.Runtime().RunString(`
				let n = 0;
				const t = setInterval(() => { console.log('i', ++n); if (n === 3) clearInterval(t); }, 1000);
				setTimeout(() => console.log('after'), 2500);
				setTimeout(() => console.log('overflow'), 2 ** 31);`)
			l.After(5*time.Second, func() { out.WriteString("go\n") })
			cancel := l.After(time.Second, func() { t.Error("cancelled") })
			cancel()
			return err
		})
		if want := "overflow\ni 1\ni 2\nafter\ni 3\ngo\n"; err != nil || out.String() != want || time.Since(start) != 5*time.Second {
			t.Errorf("after %v, %v:\n%swant\n%s", time.Since(start), err, out.String(), want)
		}
	})
}

func TestLoopContext(t *testing.T) {
	for _, src := range []string{`for (;;);`, `setTimeout(() => {}, 1e9)`, `(function f() { Promise.resolve().then(f) })()`, `try { for (;;); } finally { for (;;); }`} {
		l := NewLoop(LoopConfig{})
		Globals(l.Runtime(), GlobalsConfig{Loop: l})
		l.OnExit(func(int) { t.Error("exit hook ran") })
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		exit, err := l.Run(ctx, func() error {
			_, err := l.Runtime().RunString(src)
			return err
		})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || exit.Err != nil {
			t.Errorf("%s: Run = %+v, %v", src, exit, err)
		}
		if v, err := l.Runtime().RunString("1 + 1"); err != nil || v.ToInteger() != 2 {
			t.Errorf("%s: the runtime is still interrupted: %v", src, err)
		}
	}
}

func TestLoopFailures(t *testing.T) {
	broken := errors.New("no such file")
	l := NewLoop(LoopConfig{})
	if exit, err := l.Run(context.Background(), func() error { return broken }); !errors.Is(err, broken) || exit.Code != 1 {
		t.Errorf("error of start: %+v, %v", exit, err)
	}

	l = NewLoop(LoopConfig{})
	_ = l.Runtime().Set("f", func(goja.FunctionCall) goja.Value { panic("oh") })
	var fault *PanicError
	if _, err := l.Run(context.Background(), func() error { _, err := l.Runtime().RunString("f()"); return err }); !errors.As(err, &fault) {
		t.Errorf("panic of a host function: %v", err)
	}

	l = NewLoop(LoopConfig{MaxStack: 200})
	exit, err := l.Run(context.Background(), func() error {
		_, err := l.Runtime().RunScript("deep.js", "function f() { f() }\nf()")
		return err
	})
	if err != nil || exit.Code != 1 || exit.Err == nil {
		t.Fatalf("stack overflow: %+v, %v", exit, err)
	}
	stack := exit.Err.Value.(*goja.Object).Get("stack").String()
	if want := "RangeError: Maximum call stack size exceeded\n    at f (deep.js:1:17)\n"; !strings.HasPrefix(stack, want) {
		t.Errorf("stack overflow:\n%s\nwant\n%s", stack, want)
	}

	seen := 0
	l = NewLoop(LoopConfig{Uncaught: func(e UncaughtError) bool { seen++; return e.Value.ToInteger() < 3 }})
	Globals(l.Runtime(), GlobalsConfig{Loop: l})
	exit, err = l.Run(context.Background(), func() error {
		_, err := l.Runtime().RunString("let n = 0; setInterval(() => { throw ++n }, 1)")
		return err
	})
	if err != nil || seen != 3 || exit.Err.Value.ToInteger() != 3 || exit.Err.Origin != "uncaughtException" {
		t.Errorf("Uncaught: seen %d, %+v, %v", seen, exit, err)
	}
}
