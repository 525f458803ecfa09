package vm

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// recorder is a Host that keeps what it hears.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *recorder) add(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.text, format, args...)
}

func (h *recorder) Log(stream, text string)   { h.add("%s: %s", stream, text) }
func (h *recorder) Progress(fraction float64) { h.add("progress %v\n", fraction) }

func (h *recorder) Send(event string, data []byte) {
	text, err := value.ToJSON(data)
	if err != nil {
		text = fmt.Append(nil, err)
	}
	h.add("send %s %s\n", event, text)
}

func (h *recorder) Post(m Message) error {
	text, err := value.ToJSON(m.Data)
	if err != nil {
		text = fmt.Append(nil, err)
	}
	h.add("post %d %s %s %s\n", m.To, m.Target, m.Event, text)
	if m.Event == "refused" {
		return &PostError{Code: "ERR_NO_WORKER", Message: "nobody is there"}
	}
	return nil
}

func (h *recorder) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// taskOf makes a task of a function and its arguments, both JavaScript text.
func taskOf(t testing.TB, fn, args string) Task {
	t.Helper()
	rt := newRuntime(500)
	v, err := rt.RunString("(" + fn + ")")
	if err != nil {
		t.Fatalf("%s: %v", fn, err)
	}
	f, err := FunctionOf(rt, v, nil)
	if err != nil {
		t.Fatalf("%s: %v", fn, err)
	}
	list, err := rt.RunString("[" + args + "]")
	if err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	b, err := Encode(rt, list, EncodeOptions{Path: "args", Functions: true})
	if err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	return Task{ID: "t1", Name: "test", Code: f.Encode(), Args: b, WorkerID: "w1", WorkerData: []byte(`{"mem": 8}`)}
}

// run runs a task and shows its value, or its error with code.
func run(t testing.TB, e *Engine, task Task, h Host) string {
	t.Helper()
	if h == nil {
		h = new(recorder)
	}
	return showResult(t, e.Run(context.Background(), task, h))
}

func showResult(t testing.TB, res Result) string {
	t.Helper()
	if res.Err != nil {
		e, ok := value.DecodeError(res.Err)
		if !ok {
			t.Fatalf("error %x is none", res.Err)
		}
		return fmt.Sprintf("%s [%s]: %s", e.Name, e.Code, e.Message)
	}
	rt := newRuntime(500)
	v, err := Decode(rt, res.Value, DecodeOptions{})
	if err != nil {
		t.Fatalf("result %x: %v", res.Value, err)
	}
	show, _ := goja.AssertFunction(evaluate(t, rt, "show.js", readTestdata(t, "show.js")))
	s, err := show(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

var taskCases = []struct{ name, fn, args, want string }{
	{"value", `(a, b) => a + b`, `1, 2`, `3`},
	{"nothing", `() => {}`, ``, `undefined`},
	{"async", `async (a) => { await null; return a * 2 }`, `4`, `8`},
	{"timer", `(ms) => new Promise((r) => setTimeout(r, ms, 'late'))`, `2`, `"late"`},
	{"immediate and microtask", `() => new Promise((r) => setImmediate(() => queueMicrotask(() => r(1))))`, ``, `1`},
	{"thenable", `() => ({ then(r) { r('then') } })`, ``, `"then"`},
	{"method", `({ m(x) { return [x] } }).m`, `1`, `[1]`},
	{"values of all kinds", `(m, d, u) => [m.get('a'), d.getTime(), u, -0, NaN, 2n ** 70n, new Uint8Array([1])[0]]`,
		`new Map([['a', 1]]), new Date(5), undefined`, `[1,5,undefined,-0,NaN,1180591620717411303424n,1]`},
	{"a function as argument", `(f, x) => f(f(x))`, `(x) => x * (x + 1), 2`, `42`},
	{"throw", `() => { throw new RangeError('no') }`, ``, `RangeError []: no`},
	{"throw in async", `async () => { await null; throw Object.assign(new Error('no'), { code: 'E' }) }`, ``, `Error [E]: no`},
	{"throw what is no error", `() => { throw 'text' }`, ``, `Error [ERR_TASK_THROWN]: text`},
	{"reject with nothing", `() => Promise.reject()`, ``, `Error [ERR_TASK_THROWN]: undefined`},
	{"throw in a timer", `() => new Promise(() => setTimeout(() => { throw new Error('timer') }, 1))`, ``, `Error []: timer`},
	{"throw in a microtask", `() => new Promise((r) => { queueMicrotask(() => { throw new Error('micro') }); setTimeout(r, 50) })`, ``, `Error []: micro`},
	{"unhandled rejection", `() => { Promise.reject(new Error('lost')); return 1 }`, ``, `Error []: lost`},
	{"rejection handled in time", `() => { const p = Promise.reject(new Error('lost')); return new Promise((r) => queueMicrotask(() => p.catch(() => r('kept')))) }`, ``, `"kept"`},
	{"a promise that never settles", `() => new Promise(() => {})`, ``,
		`Error [ERR_TASK_UNSETTLED]: the promise that the function returned can never settle: nothing is pending`},
	{"one that does not, after a timer", `() => new Promise(() => setTimeout(() => {}, 1))`, ``,
		`Error [ERR_TASK_UNSETTLED]: the promise that the function returned can never settle: nothing is pending`},
	{"a forgotten interval does not hold the task", `() => { setInterval(() => {}, 1); return 'done' }`, ``, `"done"`},
	{"stack overflow", `function f() { return f() + 1 }`, ``, `RangeError [ERR_TASK_STACK]: Maximum call stack size exceeded`},
	{"generator", `function* () { yield 1 }`, ``, `TypeError [ERR_TASK_RESULT]: the function is a generator: its values are not sent one by one; return [...generator()] from an ordinary function`},
	{"a symbol in the result", `() => ({ a: [Symbol('s')] })`, ``, `TypeError [ERR_TASK_RESULT]: result.a[0]: a symbol cannot be sent`},
	{"a function in the result", `() => () => 1`, ``, `TypeError [ERR_TASK_RESULT]: result: a function cannot be sent here, only in arguments`},
	{"a getter that throws in the result", `() => ({ get a() { throw new EvalError('get') } })`, ``, `EvalError []: get`},
	{"long backtracking", `() => { const m = /(?=a)(a|b)*$/.exec('a'.repeat(30000)); return m && m[0].length }`, ``, `30000`},
	{"the code point that the parser dies of", `() => eval("'\\u{10FFFF}'")`, ``, ``},
	{"no process, no require of files", `() => [typeof process, typeof module, typeof __dirname]`, ``, `["undefined","undefined","undefined"]`},
	{"require of what is not allowed", `() => require('fs')`, ``, ``},
	{"require of what is", `() => [require('path').join('a', '..', 'b'), require('node:path') === require('path')]`, ``, `["b",true]`},
	{"internal modules are not for tasks", `() => { try { require('prelude_text') } catch (e) { return e.code } }`, ``, `"MODULE_NOT_FOUND"`},
	{"task object", `() => [task.id, task.name, task.worker.id, task.worker.data.mem, worker === task.worker, require('supercluster').task === task, require('nnet').worker === worker, require('sc:supercluster').task.id]`, ``,
		`["t1","test","w1",8,true,true,true,"t1"]`},
	{"globals can be replaced", `() => { setTimeout = 1; globalThis.URL = 2; return [setTimeout, URL, typeof clearTimeout, delete globalThis.setTimeout, typeof setTimeout] }`, ``, `[1,2,"function",true,"function"]`},
	{"unknown names are errors", `() => { try { unknown } catch (e) { return e.name } }`, ``, `"ReferenceError"`},
	{"names are looked up as in node", `() => ['setTimeout' in globalThis, 'nothing' in globalThis, typeof nothing, typeof globalThis.toString, global === globalThis]`, ``, `[true,false,"undefined","function",true]`},
	{"structuredClone", `() => { const a = { d: new Date(1), m: new Map([[1, new Set([2])]]) }; a.self = a; const b = structuredClone(a); return [b !== a, b.self === b, b.d.getTime(), [...b.m.get(1)]] }`, ``, `[true,true,1,[2]]`},
	{"structuredClone of a function", `() => { try { structuredClone(() => 1) } catch (e) { return [e.name, e.code, e instanceof DOMException, e instanceof Error] } }`, ``, `["DataCloneError",25,true,true]`},
	{"text", `() => { const b = new TextEncoder().encode('aß🙂'); return [b.length, new TextDecoder().decode(b), atob(btoa('hé'))] }`, ``, `[7,"aß🙂","hé"]`},
	{"url", `() => { const u = new URL('../x?a=1&b=2#h', 'http://example.org/p/q'); return [u.href, u.searchParams.get('b'), new URLSearchParams({ k: 'v w' }).toString()] }`, ``,
		`["http://example.org/x?a=1&b=2#h","2","k=v+w"]`},
	{"abort", `() => { const c = new AbortController(); let n = 0; c.signal.addEventListener('abort', () => n++); c.abort(); c.abort(); try { c.signal.throwIfAborted() } catch (e) { return [n, e.name, c.signal.aborted] } }`, ``, `[1,"AbortError",true]`},
	{"performance and crypto", `() => [performance.now() >= 0, performance.timeOrigin > 1e12, /^[0-9a-f-]{36}$/.test(crypto.randomUUID()), crypto.getRandomValues(new Uint32Array(4)).length]`, ``, `[true,true,true,4]`},
	{"newer members", `async () => [Object.groupBy([1, 2, 3], (x) => x % 2 ? 'odd' : 'even').odd, typeof Promise.withResolvers().resolve, [1, 2].values().map((x) => x * 2).toArray(), RegExp.escape('a.b'), await Promise.try((x) => x, 5), 'a\ud800'.isWellFormed(), 'a\ud800'.toWellFormed()]`, ``,
		`[[1,3],"function",[2,4],"\\x61\\.b",5,false,"a�"]`},
}

func TestTasks(t *testing.T) {
	e := NewEngine(EngineConfig{MaxStack: 800})
	for _, c := range taskCases {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, e, taskOf(t, c.fn, c.args), nil)
			if c.want != "" && got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			} else if c.want == "" {
				t.Log(got)
			}
		})
	}
}
