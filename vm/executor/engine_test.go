package executor

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/sync/errgroup"

	"supercluster/vm"
	"supercluster/vm/value"
)

// jsTask makes a task of a JavaScript function and its arguments, as a master does. The function is not compiled here:
// what the compiler makes of it is the child's to bear.
func jsTask(t testing.TB, source string, args ...any) vm.Task {
	t.Helper()
	f := vm.Function{Source: source}
	rt := goja.New()
	b, err := vm.Encode(rt, rt.NewArray(args...), vm.EncodeOptions{Path: "args"})
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return vm.Task{ID: "js", Code: f.Encode(), Args: b, Hash: f.Hash()}
}

// value decodes the result of a task for comparison: the form in which JSON has it.
func jsValue(t testing.TB, res vm.Result) string {
	t.Helper()
	if res.Err != nil {
		t.Fatal(errorOf(t, "task", res))
	}
	rt := goja.New()
	v, err := vm.Decode(rt, res.Value, vm.DecodeOptions{})
	if err != nil {
		t.Fatalf("%x: %v", res.Value, err)
	}
	rt.Set("v", v)
	s, err := rt.RunString("JSON.stringify(v)")
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestEngineInChild(t *testing.T) {
	p := newPool(t, "engine", Config{Size: 2})
	for _, tt := range []struct {
		source string
		args   []any
		want   string
	}{
		{"() => 1 + 1", nil, "2"},
		{"(a, b) => a + b", []any{"x", 1}, `"x1"`},
		{"async n => { await null; return {n} }", []any{5}, `{"n":5}`},
		{"function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) }", []any{15}, "610"},
		{"() => new Promise(done => setTimeout(done, 5, [1]))", nil, "[1]"},
	} {
		for range 2 { // the second time the child has the code
			res := p.Execute(context.Background(), jsTask(t, tt.source, tt.args...), quiet)
			if got := jsValue(t, res); got != tt.want {
				t.Errorf("%s of %v: %s, want %s", tt.source, tt.args, got, tt.want)
			}
		}
	}
	res := p.Execute(context.Background(), jsTask(t, "() => { null.x }"), quiet)
	if e := errorOf(t, "throw", res); e.Name != "TypeError" {
		t.Errorf("threw %v, want a TypeError", e)
	}
	var r recorder
	p.Execute(context.Background(), jsTask(t, "() => { console.log('a', 1); console.error('b') }"), &r)
	if got, want := strings.Join(r.lines, ""), "stdout: a 1\nstderr: b\n"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// TestEach checks that a frame with many calls comes back as as many results.
func TestEach(t *testing.T) {
	p := newPool(t, "engine", Config{})
	task := jsTask(t, "n => { if (n === 2) throw new RangeError('two'); return n * 10 }", []any{1, 2, 3})
	task.Each = true
	if got := jsValue(t, p.Execute(context.Background(), task, quiet)); !strings.HasPrefix(got, "[[true,10],[false,") || !strings.HasSuffix(got, ",[true,30]]") {
		t.Errorf("results %s", got)
	}
}

// bombs are functions that would end or block a process that runs them: research measured each against goja. Those
// that an engine can refuse by itself may throw; the others must meet the limit that is named.
var bombs = []string{
	"() => { for (;;); }",
	"() => { for (;;) try { for (;;); } finally { continue } }",
	"() => { const f = () => Promise.resolve().then(f); return f() }",
	"async () => { for (;;) await null }",
	"() => { const a = []; for (;;) a.push({}) }",
	"() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)) }",
	"() => { let s = 'x'; for (;;) s += s }",
	"() => { let n = 3n; for (;;) n *= n }",
	"() => 'x'.repeat(1 << 29)",
	"() => 'a'.repeat(2 ** 40)",
	"() => 'a'.padStart(2 ** 30)",
	"() => Array.from({length: 1e9})",
	"() => new Array(1e9).join()",
	"() => new Array(1e8).fill({})",
	"() => new Uint8Array(1e11)",
	"() => new ArrayBuffer(8e9)",
	"() => new Uint8Array(new ArrayBuffer(4e9)).fill(1)",
	"() => Math.max.apply(null, {length: 1e9})",
	"() => [].indexOf.call({length: 2 ** 53 - 1}, 1)",
	"() => { let n = 30n; return 2n ** (2n ** n) }",
	"() => 2n ** (2n ** 30n)", // the same to the compiler, which folds constants
	"() => { let n = 30000000n; return 3n ** n }",
	"() => 1n << 2n ** 34n",
	"() => /^(?=(a+)+$)(a+)+$/.test('a'.repeat(40) + 'b')",
	"() => /(a+)+\\1$/.test('a'.repeat(40) + 'b')",
	"() => JSON.parse('['.repeat(5e6))",
	"() => JSON.parse('['.repeat(3e6) + ']'.repeat(3e6))",
	"() => eval('('.repeat(2e6) + ')'.repeat(2e6))",
	"() => eval('1+'.repeat(1e6) + '1')",
	"() => { let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a.flat(Infinity) }",
	"() => { let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a }",
	"() => { let a = {}; for (let i = 0; i < 40; i++) a = {x: a, y: a}; return JSON.stringify(a) }",
	"() => { const f = () => f(); f() }",
	"() => { const f = () => [1].map(f); return f() }",
	"() => { const a = []; a[4294967294] = 1; a.fill(0) }",
	"() => new Function('x'.repeat(1e7))",
	"() => 'é'.repeat(1e7).normalize('NFKD').split('')",
	"() => new Promise(() => {})",
	"() => { for (;;) console.log('x'.repeat(1000)) }",
	"() => { while (true) task.setProgress(Math.random()) }",
}

// TestBombs checks that each ends by its deadline with an error, and that the pool serves on after it.
func TestBombs(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes ten seconds, and more memory with the race detector")
	}
	p := newPool(t, "engine", Config{Size: 2, MemoryLimit: 256 << 20})
	var g errgroup.Group
	g.SetLimit(2)
	for _, source := range bombs {
		g.Go(func() error {
			task := jsTask(t, source)
			task.Timeout = 300 * time.Millisecond
			began := time.Now()
			res := p.Execute(context.Background(), task, quiet)
			within(t, source, began, task.Timeout+DefaultGrace)
			e, ok := value.DecodeError(res.Err)
			if !ok || e.Code == codeKilled || e.Code == codeCancelled {
				t.Errorf("%s: value %.40q, error %s %v", source, res.Value, e.Code, e)
			}
			t.Logf("%6v %-62s %s", time.Since(began).Round(time.Millisecond), source, e.Code)
			res = p.Execute(context.Background(), jsTask(t, "() => 1"), quiet)
			if res.Err != nil {
				t.Errorf("after %s: %v", source, errorOf(t, source, res))
			}
			return nil
		})
	}
	_ = g.Wait() // each has said what was wrong
}

// BenchmarkCall is the cost of a small JavaScript function in a child and in this process.
func BenchmarkCall(b *testing.B) {
	type executor interface {
		Execute(context.Context, vm.Task, vm.Host) vm.Result
	}
	for name, p := range map[string]executor{
		"child": newPool(b, "engine", Config{}), "inprocess": NewInProcess(vm.NewEngine(vm.EngineConfig{})),
	} {
		for _, source := range []string{"() => 1", "a => a.map(x => x * 2).join()"} {
			b.Run(fmt.Sprintf("%s/%s", name, source), func(b *testing.B) {
				t := jsTask(b, source, []any{1, 2, 3})
				t.Timeout = time.Hour
				b.ReportAllocs()
				for b.Loop() {
					if res := p.Execute(context.Background(), t, quiet); res.Err != nil {
						b.Fatal(errorOf(b, source, res))
					}
				}
			})
		}
	}
}
