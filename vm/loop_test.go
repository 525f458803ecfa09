package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script runs src as a script with print, exit, on and process.nextTick, and returns what it printed.
func script(t testing.TB, src string, setup ...func(*Loop)) (string, Exit, error) {
	t.Helper()
	var out bytes.Buffer
	l := NewLoop(LoopConfig{MaxStack: 500})
	testGlobals(l, &out)
	for _, f := range setup {
		f(l)
	}
	p, err := Compile("script.js", src, false)
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	exit, err := l.Run(ctx, func() error {
		_, err := l.Runtime().RunProgram(p)
		return err
	})
	return out.String(), exit, err
}

func testGlobals(l *Loop, out *bytes.Buffer) {
	rt := l.Runtime()
	Globals(rt, GlobalsConfig{Loop: l})
	log := func(call goja.FunctionCall) goja.Value {
		for i, a := range call.Arguments {
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(a.String())
		}
		out.WriteByte('\n')
		return goja.Undefined()
	}
	console := rt.NewObject()
	_ = console.Set("log", log)
	_ = rt.Set("console", console)
	process := rt.NewObject()
	_ = process.Set("nextTick", func(call goja.FunctionCall) goja.Value {
		fn, _ := goja.AssertFunction(call.Argument(0))
		l.NextTick(func() { l.Call(fn, nil) })
		return nil
	})
	_ = process.Set("exit", func(call goja.FunctionCall) goja.Value {
		l.Exit(int(call.Argument(0).ToInteger()))
		return nil
	})
	_ = process.Set("on", func(call goja.FunctionCall) goja.Value {
		fn, _ := goja.AssertFunction(call.Argument(1))
		invoke := func(args ...goja.Value) bool {
			if _, err := fn(nil, args...); err != nil {
				l.Report(err)
			}
			return true
		}
		switch call.Argument(0).String() {
		case "exit":
			l.OnExit(func(code int) { invoke(rt.ToValue(code)) })
		case "beforeExit":
			l.OnBeforeExit(func() { invoke(rt.ToValue(0)) })
		case "uncaughtException":
			l.OnUncaught(func(v goja.Value, origin string) bool { return invoke(v, rt.ToValue(origin)) })
		case "unhandledRejection":
			l.OnUnhandledRejection(func(v goja.Value, p *goja.Promise) bool { return invoke(v, rt.ToValue(p)) })
		case "rejectionHandled":
			l.OnRejectionHandled(func(p *goja.Promise) { invoke(rt.ToValue(p)) })
		}
		return nil
	})
	_ = rt.Set("process", process)
}

// node runs src under node and returns stdout and the exit status; ok is false where there is no node.
func node(t testing.TB, src string) (out string, code int, ok bool) {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		return "", 0, false
	}
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader(src)
	b, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		t.Fatalf("node: %v", err)
	}
	return string(b), code, true
}

// loopCases are compared with node where it is present: the wanted text is what node 20 prints.
var loopCases = []struct {
	name, src, want string
	code            int
}{
	{"ticks come before promise jobs", `
		Promise.resolve().then(() => console.log('job'));
		process.nextTick(() => console.log('tick'));
		console.log('sync');`, "sync\ntick\njob\n", 0},
	{"ticks of ticks come before jobs, jobs of jobs before ticks of jobs", `
		process.nextTick(() => { console.log('t1'); process.nextTick(() => console.log('t2')); });
		Promise.resolve().then(() => { console.log('j1'); process.nextTick(() => console.log('t3'));
			Promise.resolve().then(() => console.log('j2')); });`, "t1\nt2\nj1\nj2\nt3\n", 0},
	{"queueMicrotask is among the promise jobs", `
		Promise.resolve().then(() => console.log(1));
		queueMicrotask(() => console.log(2));
		Promise.resolve().then(() => console.log(3));`, "1\n2\n3\n", 0},
	{"each timer is followed by its ticks and jobs", `
		setTimeout(() => { console.log('a'); Promise.resolve().then(() => console.log('aj')); process.nextTick(() => console.log('at')); }, 1);
		setTimeout(() => { console.log('b'); Promise.resolve().then(() => console.log('bj')); process.nextTick(() => console.log('bt')); }, 1);`,
		"a\nat\naj\nb\nbt\nbj\n", 0},
	{"timers of one delay keep their order, zero is one", `
		setTimeout(() => console.log(1), 1); setTimeout(() => console.log(2), 0); setTimeout(() => console.log(3), 1); setTimeout(() => console.log(4), -5);`,
		"1\n2\n3\n4\n", 0},
	{"arguments reach the callback, this is the timer", `
		const t = setTimeout(function (a, b) { console.log(a, b, this === t); }, 1, 'x', 'y');`, "x y true\n", 0},
	{"immediates run after timers that are set in one of them", `
		setImmediate(() => { setTimeout(() => console.log('timeout'), 0); setImmediate(() => console.log('immediate 2')); console.log('immediate 1');
		const end = Date.now() + 5; while (Date.now() < end); });`,
		"immediate 1\ntimeout\nimmediate 2\n", 0},
	{"each immediate is followed by its ticks and jobs", `
		setImmediate((v) => { console.log(v); process.nextTick(() => console.log('t')); Promise.resolve().then(() => console.log('j')); }, 'i1');
		setImmediate(() => console.log('i2'));`, "i1\nt\nj\ni2\n", 0},
	{"an immediate that another one clears does not run", `
		setImmediate(() => { console.log(1); clearImmediate(b); }); const b = setImmediate(() => console.log(2));`, "1\n", 0},
	{"intervals stop when they are cleared", `
		let n = 0; const t = setInterval(() => { console.log(++n); if (n === 3) clearInterval(t); }, 1);`, "1\n2\n3\n", 0},
	{"a timer is cleared by its number, as number and as text", `
		const a = setTimeout(() => console.log('a'), 1), b = setTimeout(() => console.log('b'), 1);
		clearTimeout(+a); clearTimeout(String(+b)); clearTimeout(undefined); clearTimeout(null); clearTimeout({}); clearTimeout('x');
		console.log(+a > 0);`, "true\n", 0},
	{"an unreferenced timer does not keep the loop", `
		const t = setTimeout(() => console.log('never'), 60_000); console.log(t.hasRef(), t.unref() === t, t.hasRef());`, "true true false\n", 0},
	{"a referenced timer does", `setTimeout(() => console.log('x'), 5).unref().ref();`, "x\n", 0},
	{"refresh starts a timer anew, even one that has fired", `
		let n = 0; const t = setTimeout(() => { console.log(++n); if (n < 3) t.refresh(); }, 1);`, "1\n2\n3\n", 0},
	{"close ends a timer", `setTimeout(() => console.log('never'), 1).close(); console.log('end');`, "end\n", 0},
	{"the class of a timer has its name", `
		console.log(setTimeout(() => {}, 1).constructor.name, setImmediate(() => {}).constructor.name);`, "Timeout Immediate\n", 0},
	{"a callback that is none is refused", `
		for (const f of [setTimeout, setInterval, setImmediate, queueMicrotask]) for (const v of [undefined, 'x', {}, [], null, 4, true, class A {}.prototype])
			try { f(v); console.log('no error'); } catch (e) { console.log(e.name, e.code, e.message); }`, "", 0},
	{"await is as fast as node's", `
		const log = (s) => console.log(s);
		(async () => { log(1); await null; log(3); await new Promise((r) => setTimeout(r, 1)); log(6); })();
		(async () => { log(2); await undefined; log(4); await Promise.resolve(); log(5); })();`, "1\n2\n3\n4\n5\n6\n", 0},
	{"a throw ends the process with 1, exit listeners run", `
		process.on('exit', (c) => console.log('exit', c)); setTimeout(() => console.log('never'), 1); throw new Error('x');`, "exit 1\n", 1},
	{"a throw in a timer too", `process.on('exit', (c) => console.log('exit', c)); setTimeout(() => { throw 1; }, 1);`, "exit 1\n", 1},
	{"a throw in a microtask is an exception, not a rejection", `
		process.on('uncaughtException', (e, o) => console.log(e.message, o)); queueMicrotask(() => { throw new Error('m'); });
		Promise.resolve().then(() => console.log('next'));`, "m uncaughtException\nnext\n", 0},
	{"uncaughtException keeps the process", `
		process.on('uncaughtException', (e, o) => console.log('caught', e.message, o));
		setTimeout(() => console.log('later'), 40); setTimeout(() => { throw new Error('a'); }, 1);`, "caught a uncaughtException\nlater\n", 0},
	{"unhandled rejection ends the process with 1", `
		process.on('exit', (c) => console.log('exit', c)); Promise.reject(new Error('r')); setTimeout(() => console.log('never'), 1);`, "exit 1\n", 1},
	{"unhandledRejection handles it", `
		process.on('unhandledRejection', (r, p) => console.log(r, p instanceof Promise)); Promise.reject('why'); setTimeout(() => console.log('on'), 1);`,
		"why true\non\n", 0},
	{"a rejection goes to uncaughtException if there is no other listener", `
		process.on('uncaughtException', (e, o) => console.log(e.name, e.code, e.message, o)); Promise.reject('why'); Promise.reject(undefined); Promise.reject(Symbol('s')); `, "", 0},
	{"handled within the same turn is handled", `
		const p = Promise.reject(new Error('x')); process.nextTick(() => p.catch(() => console.log('ok')));`, "ok\n", 0},
	{"handled in a job is handled", `
		const p = Promise.reject(new Error('x')); Promise.resolve().then(() => 1).then(() => p.catch(() => console.log('ok')));`, "ok\n", 0},
	{"handled too late is told", `
		process.on('unhandledRejection', () => console.log('unhandled')); process.on('rejectionHandled', (q) => console.log('handled', p === q));
		const p = Promise.reject(1); setTimeout(() => p.catch(() => console.log('caught')), 1);`, "unhandled\ncaught\nhandled true\n", 0},
	{"exit stops at once", `
		process.on('exit', (c) => console.log('exit', c));
		try { process.exit(3); console.log('a'); } catch { console.log('b'); } finally { console.log('c'); }`, "exit 3\n", 3},
	{"exit in an exit listener changes the code", `process.on('exit', () => process.exit(5)); process.exit(2);`, "", 5},
	{"exit in a job, in a timer's job, in an async function", `
		setTimeout(async () => { await null; try { await process.exit(7); } finally { console.log('finally'); } }, 1);`, "", 7},
	{"what exit listeners start does not run, but for promise jobs at the natural end", `
		process.on('exit', () => { console.log('e'); setTimeout(() => console.log(1)); setImmediate(() => console.log(2)); process.nextTick(() => console.log(3)); Promise.resolve().then(() => console.log(4)); });`,
		"e\n4\n", 0},
	{"after exit() not even those", `
		process.on('exit', () => { console.log('e'); process.nextTick(() => console.log(3)); Promise.resolve().then(() => console.log(4)); }); process.exit(0)`,
		"e\n", 0},
	{"beforeExit may go on", `
		let n = 0; process.on('beforeExit', () => { console.log('before', ++n); if (n < 3) setTimeout(() => console.log('work'), 1); }); process.on('exit', () => console.log('exit'));`,
		"before 1\nwork\nbefore 2\nwork\nbefore 3\nexit\n", 0},
	{"beforeExit is not for exit()", `process.on('beforeExit', () => console.log('before')); process.exit(0);`, "", 0},
	{"a tick that throws leaves the other ticks", `
		process.on('uncaughtException', (e) => console.log('caught', e.message));
		process.nextTick(() => { throw new Error('1'); }); process.nextTick(() => console.log('second'));`, "caught 1\nsecond\n", 0},
	{"an interval that throws goes on", `
		let n = 0; process.on('uncaughtException', (e) => console.log('caught', e)); const t = setInterval(() => { if (++n === 3) clearInterval(t); throw n; }, 1);`,
		"caught 1\ncaught 2\ncaught 3\n", 0},
	{"a thenable takes its extra jobs", `
		const log = (s) => console.log(s);
		Promise.resolve({ then(r) { log('then'); r('v'); } }).then(log);
		Promise.resolve().then(() => log('a')).then(() => log('b')).then(() => log('c'));`, "then\na\nv\nb\nc\n", 0},
}

func TestLoopOrder(t *testing.T) {
	for _, c := range loopCases {
		t.Run(c.name, func(t *testing.T) {
			got, exit, err := script(t, c.src)
			if err != nil {
				t.Fatalf("Run: %v", err)
			}
			if c.want != "" && got != c.want {
				t.Errorf("printed\n%swant\n%s", got, c.want)
			}
			if exit.Code != c.code {
				t.Errorf("exit code %d, want %d", exit.Code, c.code)
			}
		})
	}
}

// TestLoopOrderAsNode runs all cases in one node each, which is slow; -short leaves it out.
func TestLoopOrderAsNode(t *testing.T) {
	if testing.Short() {
		t.Skip("runs node once a case")
	}
	for _, c := range loopCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want, code, ok := node(t, c.src)
			if !ok {
				t.Skip("no node here")
			}
			got, exit, err := script(t, c.src)
			if err != nil {
				t.Fatalf("Run: %v", err)
			}
			if got != want || exit.Code != code {
				t.Errorf("printed\n%sexit code %d; node prints\n%sexit code %d", got, exit.Code, want, code)
			}
		})
	}
}

func ExampleLoop() {
	l := NewLoop(LoopConfig{})
	Globals(l.Runtime(), GlobalsConfig{Loop: l})
	exit, err := l.Run(context.Background(), func() error {
		_, err := l.Runtime().RunString(`setTimeout(() => { throw new Error('late') }, 10)`)
		return err
	})
	fmt.Println(exit.Code, exit.Err.Value, err)
	// Output: 1 Error: late <nil>
}

// TestBreak: what runs ends, the loop and what comes after it do not.
func TestBreak(t *testing.T) {
	l := NewLoop(LoopConfig{})
	l.Break() // nothing runs: nothing ends
	entered := make(chan struct{})
	_ = l.Runtime().Set("entered", func() { close(entered) })
	go func() {
		<-entered
		l.Break()
	}()
	after := false
	_, err := l.Run(context.Background(), func() error {
		l.Post(func() { after = true })
		_, err := l.Runtime().RunString("entered(); for (;;);")
		return err
	})
	if err != nil || !after {
		t.Errorf("Run after Break: %v, and what was posted ran: %v", err, after)
	}
}
