package executor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"supercluster/vm"
)

// escapes are ways out of a runtime that have worked against others; want is what each gives here: nothing but the
// task's own. An error is shown as its code, or its name.
var escapes = []struct{ source, want string }{
	// Constructor chains.
	{"() => [].constructor.constructor('return typeof process + typeof module + typeof __filename')()", `"undefinedundefinedundefined"`},
	{"() => (async () => {}).constructor('return typeof process')().then(x => x)", `"undefined"`},
	{"() => (function*() {}).constructor('yield typeof process')().next().value", `"undefined"`},
	{"() => task.setProgress.constructor('return this === globalThis && typeof process')()", `"undefined"`},
	{"() => console.log.constructor('return typeof Deno + typeof Bun + typeof WebAssembly + typeof SharedArrayBuffer')()",
		`"undefinedundefinedundefinedundefined"`},
	{"() => Object.getPrototypeOf(task) === Object.prototype && Object.getPrototypeOf(require) === Function.prototype", "true"},
	{"() => (0, eval)('typeof require + typeof task')", `"functionobject"`},
	{"() => Object.keys(require) + Object.keys(task.setProgress)", `""`},
	// Modules.
	{"() => ['fs', 'net', 'http', 'https', 'dgram', 'child_process', 'process', 'os', 'vm', 'worker_threads', 'module', 'cluster'].filter(m => { try { require(m); return true } catch (e) { return e.code !== 'MODULE_NOT_FOUND' && e.code !== 'ERR_ACCESS_DENIED' } })", "[]"},
	{"() => ['prelude_url', 'errors', 'fs_native', 'stdio', '../etc/passwd', '/etc/passwd', './prelude_text', '__proto__', 'constructor'].filter(m => { try { require(m); return true } catch (e) { return e.code !== 'MODULE_NOT_FOUND' && e.code !== 'ERR_ACCESS_DENIED' } })", "[]"},
	{"() => require({ toString: () => 'fs' })", "ERR_INVALID_ARG_TYPE"},
	{"() => require('util').constructor.constructor('return typeof binding + typeof exports')()", `"undefinedundefined"`},
	{"() => require('events').toString().includes('binding') || require('buffer').Buffer.from.constructor('return typeof binding')()", `"undefined"`},
	// Frames of callers, and what an engine may leave on them.
	{"function f() { return String(f.caller) + String(f.arguments) }", `"undefinedundefined"`},
	{"() => { Error.prepareStackTrace = (e, frames) => frames; const s = new Error('x').stack; return typeof s }", `"string"`},
	{"() => { try { null.x } catch (e) { return /\\.go|\\/root|\\/home|\\/usr|\\/tmp|goja|goroutine/.test(e.stack) } }", "false"},
	{"() => { try { new URL('::') } catch (e) { return /\\.go|\\/root|\\/home|goja/.test(e.stack + Object.getOwnPropertyNames(e)) } }", "false"},
	{"() => { const f = () => f(); try { f() } catch (e) { return e.constructor.name } }", "ERR_TASK_STACK"},
	// Proxies and hooks on what the runtime looks at.
	{"() => new Proxy({}, { get() { return this } })", "ERR_TASK_RESULT"},
	{"() => new Proxy(() => 1, {})", "ERR_TASK_RESULT"},
	{"() => { const seen = []; const r = { get x() { seen.push(typeof this, Object.keys(this).join()); return seen } }; return r }", `{"x":["object","x"]}`},
	{"() => ({ toJSON() { return globalThis }, toString() { return 'no' } })", "ERR_TASK_RESULT"},
	{"() => { throw { toString() { throw 1 }, get name() { throw 2 }, get message() { throw 3 } } }", "ERR_TASK_THROWN"},
	{"() => { throw new Proxy(new Error('x'), { get() { throw new Error('hook') } }) }", "error"},
	{"() => ({ then(resolve) { resolve({ then(r) { r(arguments.length) } }) } })", "2"},
	{"() => { class E extends Error { get stack() { return arguments.callee.caller } } throw new E('own') }", "error"},
	{"() => { Object.defineProperty(Error.prototype, 'stack', { get() { return globalThis } }); throw new Error('x') }", "error"},
	{"() => globalThis", "{}"},
	{"() => task", "ERR_TASK_RESULT"},
	{"() => Symbol('x')", "ERR_TASK_RESULT"},
	{"() => { task.worker.id = 'other'; return typeof task.id }", `"string"`},
	// Poisoned before the runtime's own code runs.
	{`() => {
		const got = new Set();
		const spy = name => function (...args) { 'use strict'; for (const x of [this, ...args]) got.add(x === globalThis ? 'global' : typeof x); return undefined };
		for (const [o, names] of [[Object, ['keys', 'defineProperty', 'assign', 'hasOwn']], [Array.prototype, ['push', 'map', 'join']],
			[String.prototype, ['replace', 'split', 'slice']], [Reflect, ['apply', 'ownKeys']]])
			for (const name of names) o[name] = spy(name);
		try { console.log({ a: 1 }) } catch {}
		try { new URL('http://x/') } catch {}
		try { structuredClone({ a: [1] }) } catch {}
		return got.has('global');
	}`, "false"},
	{`() => {
		let handed = [];
		Object.defineProperty(Object.prototype, 'get', { set(v) { handed.push(v) }, get() { return undefined }, configurable: true });
		Object.defineProperty(Object.prototype, 'value', { set(v) { handed.push(v) }, configurable: true });
		try { new URLSearchParams('a=b'); new AbortController(); performance.now(); Buffer.from('x') } catch {}
		delete Object.prototype.get; delete Object.prototype.value;
		return handed.filter(x => typeof x === 'function' && !/^(class|function|\(|async|[a-z#*[])/.test(Function.prototype.toString.call(x))).length;
	}`, "0"},
	{"() => { Array.prototype[Symbol.iterator] = function () { throw new Error('mine') }; return [1, 2] }", "[1,2]"},
	{"() => { Promise.prototype.then = function () { return 'mine' }; return Promise.resolve(5) }", "ERR_TASK_UNSETTLED"},
	{"() => { globalThis.Object = globalThis.Array = globalThis.Error = globalThis.Map = null; return { a: [1] } }", `{"a":[1]}`},
	{"() => { Function.prototype.call = Function.prototype.apply = () => { throw 1 }; console.log('x'); return 1 }", "1"},
	{"() => { delete globalThis.task; delete globalThis.require; return typeof task + typeof require }", `"objectfunction"`},
}

// TestEscapes checks that none of them reaches anything of the host, or of the runtime's own code.
func TestEscapes(t *testing.T) {
	t.Setenv("SC_KEY", "a-secret-of-the-worker")
	p := newPool(t, "engine", Config{})
	for _, tt := range escapes {
		task := jsTask(t, tt.source)
		task.Timeout = 20 * second
		res := p.Execute(context.Background(), task, quiet)
		var got string
		if res.Err == nil {
			got = jsValue(t, res)
		} else {
			e := errorOf(t, tt.source, res)
			got = e.Code
			if tt.want == "error" {
				got = "error"
			}
			checkPrivate(t, tt.source, fmt.Sprint(e))
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s (%.300s)", tt.source, got, tt.want, res.Err)
		}
	}
}

// checkPrivate checks that a text holds nothing of this host.
func checkPrivate(t *testing.T, what, text string) {
	t.Helper()
	exe, _ := os.Executable()
	dir, _ := os.Getwd()
	for _, private := range []string{exe, dir, "a-secret-of-the-worker", "goroutine ", "goja", ".go:", os.Getenv("HOME") + "/"} {
		if private != "/" && strings.Contains(text, private) {
			t.Errorf("%s shows %q of the host: %.500q", what, private, text)
		}
	}
}

// walk goes through all that a task can reach and returns each text it finds, with what Go shows in goja's wrappers
// of Go values: those have methods that are no functions of the language.
const walk = `() => {
	const seen = new Set([globalThis, task, require, console, require('util'), require('crypto')]), texts = [];
	for (const name of ['URL', 'URLSearchParams', 'Buffer', 'AbortController', 'EventTarget', 'TextDecoder', 'performance', 'crypto',
		'structuredClone', 'setTimeout', 'WeakRef', 'SuppressedError'])
		if (typeof globalThis[name] === 'undefined') texts.push('missing ' + name);
		else seen.add(globalThis[name]);
	for (const o of seen) {
		for (let p = Object.getPrototypeOf(o); p; p = Object.getPrototypeOf(p)) seen.add(p);
		for (const key of Reflect.ownKeys(o)) {
			let d;
			try { d = Object.getOwnPropertyDescriptor(o, key) } catch { continue }
			if (typeof key === 'string') texts.push(key);
			for (let v of [d.value, d.get, d.set]) {
				if (d.get && v === d.get && o !== task.worker) try { v = o[key] } catch {}
				if (v !== null && (typeof v === 'object' || typeof v === 'function')) seen.add(v);
				else if (typeof v === 'string') texts.push(v);
			}
		}
		if (seen.size > 20000) break;
	}
	return [seen.size, [...new Set(texts)].join('\n')];
}`

// TestNothingOfTheHostIsReachable walks all objects that a task can get at.
func TestNothingOfTheHostIsReachable(t *testing.T) {
	t.Setenv("SC_KEY", "a-secret-of-the-worker")
	p := newPool(t, "engine", Config{})
	task := jsTask(t, walk)
	task.Timeout = 60 * second
	got := jsValue(t, p.Execute(context.Background(), task, quiet))
	var objects int
	fmt.Sscanf(got, "[%d,", &objects)
	if objects < 500 {
		t.Errorf("only %d objects are reachable: the walk is broken", objects)
	}
	checkPrivate(t, "the walk", got)
	if strings.Contains(got, "missing ") {
		t.Errorf("globals: %.2000s", got)
	}
	t.Logf("%d objects", objects)
}

// poison spoils every prototype and every global that a task can reach.
const poison = `() => {
	const names = Object.getOwnPropertyNames(globalThis);
	for (const name of names.concat('console', 'Buffer', 'URL', 'task', 'require', 'setTimeout', 'crypto', 'performance')) {
		let o;
		try { o = globalThis[name] } catch { continue }
		for (const target of [o, o && o.prototype]) {
			if (target === null || (typeof target !== 'object' && typeof target !== 'function')) continue;
			if (target === globalThis) continue;
			for (const key of Reflect.ownKeys(target)) {
				if (target === Reflect || key === 'ownKeys') continue;
				try { Object.defineProperty(target, key, { value: () => 'poison', configurable: true, writable: true }) } catch {}
				try { target[key] = () => 'poison' } catch {}
			}
			try { target.polluted = 'poison' } catch {}
		}
	}
	for (const name of names) try { globalThis[name] = 'poison' } catch {}
	globalThis.left = 'poison';
}`

// cleanWorld tells what the world looks like: the same for every task.
const cleanWorld = `() => {
	const lines = [];
	for (const name of ['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Promise', 'RegExp', 'Date', 'Error',
		'TypeError', 'Map', 'Set', 'WeakMap', 'ArrayBuffer', 'Uint8Array', 'Reflect', 'Proxy', 'JSON', 'Math', 'globalThis']) {
		const o = globalThis[name];
		for (const target of [o, o.prototype]) {
			if (!target) continue;
			lines.push(name, Reflect.ownKeys(target).map(String).join());
			if (typeof target.polluted !== 'undefined') lines.push('polluted');
		}
	}
	lines.push(typeof left, typeof task.id, typeof require, typeof console.log, [3, 1, 2].sort().map(x => x * 2).join(),
		JSON.stringify({ a: [1, 'x'] }), 'abc'.replace(/b/, 'x').padEnd(5, '-').repeat(2), Math.max(1, 2), String(new Date(0).getTime()),
		[...new Map([[1, 2]])].flat().join(), Object.entries({ a: 1 }).join(), new URL('http://a/b').pathname, parseInt('12'), typeof Number.isInteger);
	return Promise.resolve(lines.join('|'));
}`

// TestPoison checks that after a task which spoils all it can reach the next one, in the same child, finds the world as
// it was: a thousand times, for one child and for InProcess.
func TestPoison(t *testing.T) {
	rounds := 1000
	if testing.Short() || raceDetector {
		rounds = 20
	}
	type executor interface {
		Execute(context.Context, vm.Task, vm.Host) vm.Result
	}
	for name, p := range map[string]executor{
		"child": newPool(t, "engine", Config{}), "in process": NewInProcess(vm.NewEngine(vm.EngineConfig{})),
	} {
		bad, good := jsTask(t, poison), jsTask(t, cleanWorld)
		want := jsValue(t, p.Execute(context.Background(), good, quiet))
		if strings.Contains(want, "poison") || !strings.Contains(want, "1,2|a,1|/b|12|function") {
			t.Fatalf("%s: the clean world is %s", name, want)
		}
		for i := range rounds {
			if res := p.Execute(context.Background(), bad, quiet); res.Err != nil && i == 0 {
				t.Logf("the poisoner itself: %v", errorOf(t, "poison", res).Message)
			}
			if got := jsValue(t, p.Execute(context.Background(), good, quiet)); got != want {
				t.Fatalf("%s, round %d: %s, want %s", name, i, got, want)
			}
		}
	}
}
