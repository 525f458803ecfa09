package executor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/vm/value"
)

// bombs are functions that would end or block a process that runs them: each was measured against goja. Those
// that an engine can refuse by itself may throw; the others must meet the limit that is named.
var bombs = []string{
	// What an interrupt stops.
	"() => { for (;;); }",
	"() => { for (;;) try { for (;;); } finally { continue } }",
	"() => { const f = () => Promise.resolve().then(f); return f() }",
	"async () => { for (;;) await null }",
	"() => [3, 1, 2].sort(() => { for (;;); })",
	"() => [1].forEach(() => { for (;;); })",
	"() => { const s = new Set([0]); s.forEach(x => s.add(x + Math.random())) }",
	"() => { const a = []; for (;;) a.push({}) }",
	"() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)) }",
	"() => { const o = {}; for (let i = 0;; i++) o['k' + i] = i }",
	"() => { const m = new Map(); for (let i = 0;; i++) m.set(i, {}) }",
	"() => { function* g() { for (;;) yield {} } return [...g()] }",
	"() => { let s = 'x'; for (;;) s += s }",
	"() => { let s = 'x'; for (;;) s = `${s}${s}` }",
	"() => { let n = 3n; for (;;) n *= n }",
	"() => /(a+)+$/.test('a'.repeat(50000) + 'b') || (() => { for (;;); })()",
	"() => { const f = () => f(); f() }",
	"() => { const f = () => [1].map(f); return f() }",
	"() => { const o = { toString() { return String(o) } }; return String(o) }",
	"() => { const p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x }",
	// What one native call asks for at once.
	"() => 'x'.repeat(1 << 29)",
	"() => 'a'.repeat(2 ** 40)",
	"() => 'a'['rep' + 'eat'](2 ** 40)", // past the guard
	"() => 'a'.padStart(2 ** 30)",
	"() => new Uint8Array(1e11)",
	"() => new globalThis['Uint8' + 'Array'](1e11)",
	"() => new ArrayBuffer(8e9)",
	"() => new ArrayBuffer(1e15)",
	"() => new Uint8Array(new ArrayBuffer(4e9)).fill(1)",
	"() => Math.max.apply(null, {length: 1e9})",
	"() => Math.max['app' + 'ly'](null, {length: 1e9})",
	// What one native call grows until it is killed.
	"() => Array.from({length: 1e9})",
	"() => Array['fr' + 'om']({length: 1e9})",
	"() => Uint8Array.from({length: 4e9})",
	"() => new Array(1e9).join()",
	"() => new Array(2 ** 32 - 1).join()",
	"() => new Array(1e8).fill({})",
	"() => [].concat.call([], Object.assign({length: 4e9}, {[Symbol.isConcatSpreadable]: true}))",
	"() => [].splice.call({length: 4e9}, 0, 4e9)",
	"() => String.raw({raw: {length: 1e9}})",
	"() => String.fromCharCode.apply(null, {length: 1e9})",
	"() => 'a'.repeat(1e6).replace(/a/g, 'b'.repeat(1e6))",
	"() => 'a'.repeat(1e6).replaceAll('a', 'b'.repeat(1e6))",
	"() => 'ab'.repeat(2 ** 26).split('')",
	"() => { let a = {}; for (let i = 0; i < 40; i++) a = {x: a, y: a}; return JSON.stringify(a) }",
	"() => { const a = []; a[4294967294] = 1; a.fill(0) }",
	"() => new Function('x'.repeat(1e7))",
	"() => 'é'.repeat(1e7).normalize('NFKD').split('')",
	// What one native call computes for ever.
	"() => [].indexOf.call({length: 2 ** 53 - 1}, 1)",
	"() => [].includes.call({length: 2 ** 53 - 1}, 1)",
	"() => [].reverse.call({length: 2 ** 53 - 1})",
	"() => [].forEach.call({length: 2 ** 53 - 1}, () => 0)",
	"() => { let n = 30n; return 2n ** (2n ** n) }",
	"() => 2n ** (2n ** 30n)", // the same to the compiler, which folds constants
	"() => 2n ** (2n ** 40n)",
	"() => { let n = 30000000n; return 3n ** n }",
	"() => 1n << 2n ** 34n",
	"() => (7n ** 3000000n).toString()",
	"() => /^(?=(a+)+$)(a+)+$/.test('a'.repeat(40) + 'b')",
	"() => /(a+)+\\1$/.test('a'.repeat(40) + 'b')",
	// Deep data, which native code walks by recursion.
	"() => JSON.parse('['.repeat(5e6))",
	"() => JSON.parse('['.repeat(3e6) + ']'.repeat(3e6))",
	"() => eval('('.repeat(2e6) + ')'.repeat(2e6))",
	"() => eval('1+'.repeat(1e6) + '1')",
	"() => { let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a.flat(Infinity) }",
	"() => { let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a }",
	"() => { let a = []; for (let i = 0; i < 2e5; i++) a = [a]; return JSON.stringify(a) }",
	"() => { let a = []; for (let i = 0; i < 2e5; i++) a = [a]; return String(a) }",
	"() => { let f = () => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); return f() }",
	// What a task says, and how it ends.
	"() => new Promise(() => {})",
	"() => { for (;;) console.log('x'.repeat(1000)) }",
	"() => { for (;;) console.log('x'.repeat(1e7)) }",
	"() => { while (true) task.setProgress(Math.random()) }",
	"() => { for (;;) task.sendToMaster('e', 'x'.repeat(1e6)) }",
	"() => 'x'.repeat(100e6)",
	"() => { throw new Error('x'.repeat(50e6)) }",
	"() => { const e = new Error('x'); for (let i = 0; i < 1e5; i++) e['p' + i] = 'y'.repeat(100); throw e }",
	"() => { setInterval(() => {}, 1); return new Promise(() => {}) }",
	"() => { setTimeout(() => { throw new Error('late') }); return new Promise(() => {}) }",
	"() => { Promise.reject(new Error('nobody')); return new Promise(() => {}) }",
}

// TestBombs checks that each ends by its deadline with an error, that the pool serves on after it, that the results
// of a neighbour are right all along, and that the children stay within their memory.
func TestBombs(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes half a minute, and more memory with the race detector")
	}
	const memory = 256 << 20
	p := newPool(t, "engine", Config{Size: 3, Limits: Limits{Memory: memory, Output: 16 << 20, Result: 64 << 20}})
	n := startNeighbour(t, p)
	alone := n.pause(300)
	var g errgroup.Group
	g.SetLimit(2)
	for _, source := range bombs {
		g.Go(func() error {
			task := jsTask(t, source)
			task.Timeout = 300 * time.Millisecond
			began := time.Now()
			res := p.Execute(context.Background(), task, quiet)
			within(t, source, began, task.Timeout+second)
			e, ok := value.DecodeError(res.Err)
			if !ok || e.Code == codeKilled || e.Code == codeCancelled || e.Code == codeRefused {
				t.Errorf("%s: value %.40q, error %s %v", source, res.Value, e.Code, e)
			}
			t.Logf("%6v %-62.90s %s %.90s", time.Since(began).Round(time.Millisecond), source, e.Code, e.Message)
			res = p.Execute(context.Background(), jsTask(t, "() => 1"), quiet)
			if res.Err != nil {
				t.Errorf("after %s: %v", source, errorOf(t, source, res))
			}
			return nil
		})
	}
	_ = g.Wait() // each has said what was wrong
	tasks, p99, rss := n.end()
	t.Logf("the neighbour: %d tasks, p99 %v, alone %v; largest executor %d MiB", tasks, p99, alone, rss>>20)
	if limit := int64(memory + headroom + 64<<20); rss > limit {
		t.Errorf("an executor had %d bytes resident, want less than %d", rss, limit)
	}
	if tasks < 100 {
		t.Errorf("the neighbour got %d tasks done", tasks)
	}
}

// neighbour runs honest tasks in a pool, one after the other, and watches the memory of its children.
type neighbour struct {
	stop  chan struct{}
	done  sync.WaitGroup
	count atomic.Int64

	mu   sync.Mutex // guards what follows
	took []time.Duration
	rss  int64
}

func startNeighbour(t *testing.T, p *Pool) *neighbour {
	n := &neighbour{stop: make(chan struct{})}
	n.done.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-n.stop:
				return
			default:
			}
			began := time.Now()
			res := p.Execute(context.Background(), jsTask(t, "n => ({ n, twice: [n, n * 2] })", i), quiet)
			took := time.Since(began)
			if got, want := jsValue(t, res), fmt.Sprintf(`{"n":%d,"twice":[%d,%d]}`, i, i, 2*i); got != want {
				t.Errorf("the neighbour's task gave %s, want %s", got, want)
			}
			n.count.Add(1)
			n.mu.Lock()
			n.took = append(n.took, took)
			for pid := range aliveOf(p) {
				n.rss = max(n.rss, rssOf(pid))
			}
			n.mu.Unlock()
		}
	})
	return n
}

// pause waits for so many tasks and returns the p99 of the time that they took; the count begins anew.
func (n *neighbour) pause(tasks int64) time.Duration {
	for n.count.Load() < tasks {
		yield()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p99 := percentile(n.took)
	n.took = nil
	return p99
}

func (n *neighbour) end() (tasks int, p99 time.Duration, rss int64) {
	close(n.stop)
	n.done.Wait()
	return len(n.took), percentile(n.took), n.rss
}

// percentile is the 99th.
func percentile(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)*99/100]
}
