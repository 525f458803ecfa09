package vm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/sync/errgroup"
)

func TestTaskEach(t *testing.T) {
	e := NewEngine(EngineConfig{MaxStack: 800})
	for _, c := range []struct{ name, fn, args, want string }{
		{"values", `(x) => x * 2`, `[1, 2, 3]`, `[[2,4,6],[]]`},
		{"nothing to do", `(x) => x`, `[]`, `[[],[]]`},
		{"holes are undefined", `(x) => x`, `[1, , 3]`, `[[1,undefined,3],[]]`},
		{"further arguments", `(x, f, k) => f(x) + k`, `[1, 2], (x) => x * 10, 5`, `[[15,25],[]]`},
		{"async", `async (x) => { await new Promise((r) => setTimeout(r, 1)); return x }`, `['a', 'b']`, `[["a","b"],[]]`},
		{"one throws", `(x) => { if (x === 2) throw new RangeError('two'); return x }`, `[1, 2, 3]`, `[[1,undefined,3],[[1,RangeError: two]]]`},
		{"one throws what is no error", `(x) => { if (x) throw x }`, `[0, 7]`, `[[undefined,undefined],[[1,Error: 7]]]`},
		{"one throws in a timer", `(x) => x === 2 ? new Promise(() => setTimeout(() => { throw new Error('late') }, 1)) : x`, `[1, 2, 3]`, `[[1,undefined,3],[[1,Error: late]]]`},
		{"one leaves a rejection", `(x) => { if (x === 2) Promise.reject(new Error('lost')); return x }`, `[1, 2, 3]`, `[[1,undefined,3],[[1,Error: lost]]]`},
		{"one never settles", `(x) => x === 2 ? new Promise(() => {}) : x`, `[1, 2, 3]`,
			`[[1,undefined,3],[[1,Error: the promise that the function returned can never settle: nothing is pending]]]`},
		{"one cannot be sent", `(x) => x === 2 ? { s: Symbol('a') } : x`, `[1, 2, 3]`, `[[1,undefined,3],[[1,TypeError: result[1].s: a symbol cannot be sent]]]`},
		{"one overflows the stack", `function f(x) { return x === 2 ? f(x) + 1 : x }`, `[1, 2, 3]`, `[[1,undefined,3],[[1,RangeError: Maximum call stack size exceeded]]]`},
		{"one leaves a throw for later", `(x) => { if (x === 1) setTimeout(() => { throw new Error('later') }, 5); return x === 2 ? new Promise((r) => setTimeout(r, 1000, x)) : x }`, `[1, 2, 3]`, `[[1,undefined,3],[[1,Error: later]]]`},
		{"one leaves a throw for between", `(x) => { if (x === 1) setImmediate(() => { throw new Error('between') }); return x }`, `[1, 2]`, `[[undefined,2],[[0,Error: between]]]`},
		{"the last one leaves a throw", `(x) => { setImmediate(() => { throw new Error('never') }); return x }`, `[1]`, `[[1],[]]`},
		{"no array", `(x) => x`, `1`, `TypeError [ERR_TASK_ARGS]: the first argument is no array to go through`},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := taskOf(t, c.fn, c.args)
			task.Each = true
			if got := run(t, e, task, nil); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestTaskDeadline: each of these would run for ever.
func TestTaskDeadline(t *testing.T) {
	e := NewEngine(EngineConfig{MaxStack: 800})
	for _, c := range []struct{ name, fn string }{
		{"loop", `() => { for (;;); }`},
		{"loop that catches all", `() => { for (;;) try { for (;;); } catch {} finally { for (;;); } }`},
		{"promise jobs", `() => new Promise(() => { const f = () => Promise.resolve().then(f); f() })`},
		{"microtasks", `() => new Promise(() => { const f = () => queueMicrotask(f); f() })`},
		{"awaits", `async () => { for (;;) await null }`},
		{"immediates", `() => new Promise(() => { const f = () => setImmediate(f); f() })`},
		{"a timer", `() => new Promise((r) => setTimeout(r, 1e9))`},
		{"an interval", `() => new Promise(() => setInterval(() => {}, 1))`},
		{"a callback of sort", `() => [1, 2].sort(() => { for (;;); })`},
		{"while the result is encoded", `() => ({ get a() { for (;;); } })`},
		{"after it has settled", `() => new Promise((r) => { r({ get a() { for (;;); } }) })`},
		{"while the error is encoded", `() => { throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;); } }) }`},
		{"in a thenable", `() => ({ get then() { for (;;); } })`},
		{"in the abort handler", `() => new Promise((r) => { task.signal.addEventListener('abort', () => { for (;;); }) ; setTimeout(r, 1e9) })`},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := taskOf(t, c.fn, "")
			task.Timeout = 30 * time.Millisecond
			start := time.Now()
			got := run(t, e, task, nil)
			if want := `Error [ERR_TASK_TIMEOUT]: the task took longer than 30ms`; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

func TestTaskCancel(t *testing.T) {
	e := NewEngine(EngineConfig{Grace: 10 * time.Second})
	for _, c := range []struct {
		name, fn, want, heard string
		cause                 error
	}{
		{"without notice", `() => { console.log('up'); return new Promise((r) => setTimeout(r, 1e9)) }`, `Error [ERR_CANCELLED]: the task was cancelled`, "stdout: up\n", nil},
		{"with a reason", `() => { console.log('up'); return new Promise((r) => setTimeout(r, 1e9)) }`, `Error [ERR_CANCELLED]: the task was cancelled: not wanted`, "stdout: up\n", errors.New("not wanted")},
		{"the signal has its say", `() => new Promise((r, no) => { task.signal.onabort = () => { console.log('down', task.signal.aborted); no(task.signal.reason) }; console.log('up'); setTimeout(r, 1e9) })`,
			`Error [ERR_CANCELLED]: the task was cancelled`, "stdout: up\nstdout: down true\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			h := &stopper{stop: func() { cancel(c.cause) }}
			got := showResult(t, e.Run(ctx, taskOf(t, c.fn, ""), h))
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if h.String() != c.heard {
				t.Errorf("heard %q, want %q", h.String(), c.heard)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := showResult(t, e.Run(ctx, taskOf(t, `() => 1`, ""), new(recorder))); !strings.Contains(got, "ERR_CANCELLED") {
		t.Errorf("cancelled before it began: %s", got)
	}
}

// stopper stops the task when it logs for the first time.
type stopper struct {
	recorder
	stop func()
}

func (h *stopper) Log(stream, text string) {
	h.recorder.Log(stream, text)
	h.stop()
}

func TestTaskHost(t *testing.T) {
	e := NewEngine(EngineConfig{})
	for _, c := range []struct{ name, fn, want string }{
		{"console", `() => { console.log('a'); console.error('b'); console.warn('c'); console.info('d\ne'); console.debug() }`,
			"stdout: a\nstderr: b\nstderr: c\nstdout: d\ne\nstdout: \n"},
		{"format", `() => console.log('%s is %d%%', 'x', 5, { a: [1, 'two'] })`, "stdout: x is 5% { a: [ 1, 'two' ] }\n"},
		{"groups and counts", `() => { console.group('g'); console.count(); console.count(); console.log('x\ny'); console.groupEnd(); console.countReset(); console.count() }`,
			"stdout: g\nstdout:   default: 1\nstdout:   default: 2\nstdout:   x\n  y\nstdout: default: 1\n"},
		{"assert", `() => { console.assert(true, 'no'); console.assert(false); console.assert(0, 'is %s', 'zero') }`, "stderr: Assertion failed\nstderr: Assertion failed: is zero\n"},
		{"table", `() => console.table([{ a: 1, b: 'x' }, { a: 2, c: true }])`,
			"stdout: ┌─────────┬───┬─────┬──────┐\n│ (index) │ a │ b   │ c    │\n├─────────┼───┼─────┼──────┤\n│ 0       │ 1 │ 'x' │      │\n│ 1       │ 2 │     │ true │\n└─────────┴───┴─────┴──────┘\n"},
		{"promises, proxies and errors", `() => console.log(Promise.resolve(4), new Proxy({ a: 1 }, {}), Promise.reject(1).catch(() => {}) && 0, Object.assign(new Error('x'), { stack: 'Error: x\n\tat f (a.js:1:2(3))\n' }))`,
			"stdout: Promise { 4 } { a: 1 } 0 Error: x\n    at f (a.js:1:2)\n"},
		{"trace", `function outer() { console.trace('at', 1) }`, "stderr: Trace: at 1\n    at outer (task.js:1:41)\n"},
		{"time without start", `() => console.timeEnd('t')`, "stderr: Warning: No such label 't' for console.timeEnd()\n"},
		{"progress", `() => { task.setProgress(0.5); worker.setProgress(1); task.setProgress(7); task.setProgress(-1) }`, "progress 0.5\nprogress 1\nprogress 1\nprogress 0\n"},
		{"posts", `async () => { await worker.sendTo(null, 'a', 1); await task.sendTo({ n: { $gt: 1 } }, 'b'); task.sendToAll('c', null); worker.bus.emit('d.e', 2);
			task.sendTo(['x'], 'refused').then(null, (e) => console.log(e.code)); task.sendTo('x', 'refused'); }`,
			"post 1 null a 1\npost 1 {\"n\":{\"$gt\":1}} b value at byte 3: undefined has no JSON\npost 2  c null\npost 3  d.e 2\n" +
				"post 1 [\"x\"] refused value at byte 3: undefined has no JSON\npost 1 \"x\" refused value at byte 3: undefined has no JSON\n" +
				"stdout: ERR_NO_WORKER\n"},
		{"messages", `() => { task.sendToMaster('ev', { a: [1, null] }); worker.sendToMaster('none') }`, "send ev {\"a\":[1,null]}\nsend none value at byte 3: undefined has no JSON\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := new(recorder)
			if got := run(t, e, taskOf(t, c.fn, ""), h); got != "undefined" {
				t.Fatal(got)
			}
			if h.String() != c.want {
				t.Errorf("host heard\n%swant\n%s", h, c.want)
			}
		})
	}
	for _, c := range []struct{ fn, want string }{
		{`() => task.setProgress('x')`, `TypeError [ERR_INVALID_ARG_TYPE]: The "fraction" argument must be a number from 0 to 1. Received type string ('x')`},
		{`() => task.setProgress(NaN)`, `TypeError [ERR_INVALID_ARG_TYPE]: The "fraction" argument must be a number from 0 to 1. Received type number (NaN)`},
		{`() => task.sendToMaster(1)`, `TypeError [ERR_INVALID_ARG_TYPE]: The "event" argument must be of type string. Received type number (1)`},
		{`() => task.sendToMaster('a', { f() {} })`, `TypeError [ERR_NOT_SENDABLE]: data.f: a function cannot be sent here, only in arguments`},
	} {
		if got := run(t, e, taskOf(t, c.fn, ""), nil); got != c.want {
			t.Errorf("%s: %s, want %s", c.fn, got, c.want)
		}
	}
}

// TestTaskIsolation: what one task does to its world is unknown to the next.
func TestTaskIsolation(t *testing.T) {
	e := NewEngine(EngineConfig{})
	pollute := `() => {
		Object.prototype.polluted = 1; Array.prototype.map = () => 'mine'; JSON.stringify = () => 'mine'; Promise.prototype.then = null;
		globalThis.left = 1; Function.prototype.toString = () => 'mine'; String.prototype.split = null; Math.random = () => 4;
		Object.getPrototypeOf(globalThis).more = 1; console.log = null; task.left = 1; require('path').join = null; Error.prototype.name = 'Mine';
		Symbol.prototype.x = 1; setTimeout.left = 1; Object.getPrototypeOf(setTimeout(() => {}, 1)).unref = null; (function () {}).constructor.prototype.call = null;
	}`
	look := `() => [typeof ({}).polluted, [1].map((x) => x)[0], JSON.stringify(1), typeof Promise.prototype.then, typeof left, String(() => 1), 'a'.split('').length,
		Math.random() === 4, typeof more, typeof console.log, typeof task.left, typeof require('path').join, new Error('').name, setTimeout.left, typeof setTimeout(() => {}, 1).unref, typeof (() => 1).call]`
	want := run(t, e, taskOf(t, look, ""), nil)
	if got := run(t, e, taskOf(t, pollute, ""), nil); got != "undefined" {
		t.Fatalf("pollute: %s", got)
	}
	if got := run(t, e, taskOf(t, look, ""), nil); got != want || strings.Contains(got, "mine") {
		t.Errorf("after: %s, before: %s", got, want)
	}
}

// TestTaskOwnPollution: a task that breaks its own world still gets its answer out.
func TestTaskOwnPollution(t *testing.T) {
	e := NewEngine(EngineConfig{})
	got := run(t, e, taskOf(t, `() => {
		for (const c of [Object, Array, Promise, Function, Map, Set, Error, Symbol, String, Number]) for (const k of Object.getOwnPropertyNames(c.prototype))
			if (k !== 'constructor') try { c.prototype[k] = null } catch {}
		for (const k of Object.getOwnPropertyNames(globalThis)) try { if (k !== 'Map') globalThis[k] = null } catch {}
		return new Map([[1, [2, { a: 3 }]]]);
	}`, ""), nil)
	if !strings.Contains(got, "Map") && got != "{}" {
		t.Log(got)
	}
	if strings.Contains(got, "INTERNAL") {
		t.Error(got)
	}
}

func TestTaskConcurrently(t *testing.T) {
	e := NewEngine(EngineConfig{Programs: 3})
	var g errgroup.Group
	for i := range 8 {
		task := taskOf(t, fmt.Sprintf(`async (n) => { let s = 0; for (let i = 0; i < n; i++) s += await new Promise((r) => setImmediate(r, %d)); console.log(s); return s }`, i), "20")
		g.Go(func() error {
			for range 5 {
				if got, want := run(t, e, task, nil), fmt.Sprint(20*i); got != want {
					return fmt.Errorf("%s, want %s", got, want)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if n := e.programs.order.Len(); n > 3 {
		t.Errorf("%d programs kept, limit 3", n)
	}
}

func TestTaskHostileBytes(t *testing.T) {
	e := NewEngine(EngineConfig{})
	good := taskOf(t, `(x) => x`, "1")
	for _, c := range []struct {
		name       string
		code, args []byte
		want       string
	}{
		{"no code", nil, good.Args, codeSyntax},
		{"code that is none", []byte("hello"), good.Args, codeSyntax},
		{"code that does not compile", (&Function{Source: "x =>"}).Encode(), good.Args, codeSyntax},
		{"code that kills the parser", (&Function{Source: `() => '\u{10FFFF}'`}).Encode(), good.Args, codeSyntax},
		{"code that is no function", (&Function{Source: "1"}).Encode(), good.Args, codeSyntax},
		{"code that breaks out of its glue", (&Function{Source: "1) + (2"}).Encode(), good.Args, codeSyntax},
		{"captures that are none", (&Function{Source: "() => a", Names: []string{"a"}}).Encode(), good.Args, codeSyntax},
		{"captured names that are none", (&Function{Source: "() => 1", Names: []string{"a){}"}}).Encode(), good.Args, codeSyntax},
		{"arguments that are none", good.Code, []byte{0xc1}, codeArgs},
		{"arguments cut off", good.Code, []byte{0x92, 1}, codeArgs},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, e, Task{Code: c.code, Args: c.args}, nil)
			if !strings.Contains(got, c.want) {
				t.Errorf("%s, want code %s", got, c.want)
			}
		})
	}
}

// TestTaskErrorPlace: the stack of an error is in the coordinates of the file that the function came from.
func TestTaskErrorPlace(t *testing.T) {
	rt := newRuntime(500)
	src := "\n\n  async (x) => {\n    await null;\n    inner();\n    function inner() { throw new Error('here') }\n  }"
	v, err := rt.RunString("(" + src + ")")
	if err != nil {
		t.Fatal(err)
	}
	f, err := FunctionOf(rt, v, func(string) Position { return Position{"/app/m.js", 3, 2} })
	if err != nil {
		t.Fatal(err)
	}
	f.Name = "work"
	res := NewEngine(EngineConfig{}).Run(context.Background(), Task{Code: f.Encode()}, new(recorder))
	back, err := Decode(rt, res.Err, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := "Error: here\n    at inner (/app/m.js:6:30)\n    at work (/app/m.js:5:10)"
	if got := back.(*goja.Object).Get("stack").String(); got != want {
		t.Errorf("stack\n%s\nwant\n%s", got, want)
	}
}
