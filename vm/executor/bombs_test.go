package executor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/vm/value"
)

// A bomb is a function that would end or block a process that runs it, and the row of the design that it is of.
type bomb struct{ row, source string }

// rowsOfDesign are those of the design's two tables, by what testdata/bombs.txt calls them.
var rowsOfDesign = []string{
	"1.1 loops, also with a finally that would swallow their end", "1.1 microtasks without end", "1.1 callbacks of natives that loop or grow",
	"1.1 arrays, objects, maps and generators that grow", "1.1 strings and templates that double", "1.1 bigints that square",
	"1.1 a pattern that takes linear time here", "1.1 f calls f", "1.1 recursion through natives",
	"1.2 one allocation that ends the process at once", "1.2 strings that one call makes long", "1.2 arrays that one call fills",
	"1.2 Array.from and Uint8Array.from of a length", "1.2 join of what is not there", "1.2 String.raw and fromCharCode of a length",
	"1.2 replacements by much", "1.2 a long string split", "1.2 JSON of data that is shared", "1.2 source of megabytes",
	"1.2 natives over 2**53 elements", "1.2 concat and splice of 4e9 elements", "1.2 powers and shifts of bigints",
	"1.2 a long bigint as text", "1.2 a long string normalized", "1.2 patterns that track back",
	"1.2 buffers that no machine has, or that grow when they are touched", "1.3 deep data, which native code walks by recursion",
}

// readBombs reads testdata/bombs.txt.
func readBombs(t *testing.T) []bomb {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bombs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []bomb
	row := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			row = strings.Trim(line, "[]")
		default:
			all = append(all, bomb{row, line})
		}
	}
	return all
}

// TestBombsAreOfEachRow: no row of the design is without one.
func TestBombsAreOfEachRow(t *testing.T) {
	bombs := readBombs(t)
	for _, row := range rowsOfDesign {
		if !slices.ContainsFunc(bombs, func(b bomb) bool { return b.row == row }) {
			t.Errorf("there is no bomb of the row %q", row)
		}
	}
}

// TestBombs checks that each ends by its deadline with an error, that the pool serves on after it, that the results
// of a neighbour are right all along, and that the children stay within their memory.
func TestBombs(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes half a minute, and more memory with the race detector")
	}
	const memory = 256 << 20
	p := newPool(t, "engine", Config{Size: 3, Limits: Limits{Memory: memory, Output: 16 << 20, Result: 64 << 20}})
	most := dataLimitOf(t, p, memory)
	n := startNeighbour(t, p)
	n.pause(300)
	var g errgroup.Group
	g.SetLimit(2)
	for _, b := range readBombs(t) {
		source := b.source
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
	t.Logf("the neighbour: %d tasks, p99 %v; largest executor %d MiB", tasks, p99, rss>>20)
	if limit := most + 64<<20; rss > limit { // and what is no data: the program itself
		t.Errorf("an executor had %d bytes resident, want less than %d", rss, limit)
	}
	if tasks < 100 {
		t.Errorf("the neighbour got %d tasks done", tasks)
	}
}

// BenchmarkNeighbour is what bombs beside it do to the time of an honest task, as the ratio of its p99 beside them to that beside
// tasks that are as busy and harm nobody, on as many children as there are processors and one more. It is a ratio, so that it means
// something on a machine that has other work.
func BenchmarkNeighbour(b *testing.B) {
	const each = 400
	p := newPool(b, "engine", Config{Size: 2, Limits: Limits{Memory: 128 << 20, Output: 16 << 20, Result: 64 << 20}})
	beside := func(source string) time.Duration {
		ctx, cancel := context.WithCancel(context.Background())
		var g sync.WaitGroup
		defer func() { cancel(); g.Wait() }()
		g.Go(func() {
			for ctx.Err() == nil {
				task := jsTask(b, source)
				task.Timeout = 300 * time.Millisecond
				p.Execute(ctx, task, quiet)
			}
		})
		took := make([]time.Duration, 0, each)
		for i := range each {
			began := time.Now()
			if res := p.Execute(context.Background(), jsTask(b, "n => n", i), quiet); res.Err != nil {
				b.Fatal(errorOf(b, "the neighbour", res))
			}
			took = append(took, time.Since(began))
		}
		return percentile(took)
	}
	for _, bb := range []struct{ name, source string }{
		{"memory", "() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)) }"},
		{"once", "() => Math.max['app' + 'ly'](null, {length: 1e9})"},
		{"native", "() => [].indexOf.call({length: 2 ** 53 - 1}, 1)"},
		{"output", "() => { for (;;) console.log('x'.repeat(1000)) }"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var alone, beneath time.Duration
			for b.Loop() {
				alone += beside("() => { for (;;); }")
				beneath += beside(bb.source)
			}
			b.ReportMetric(float64(alone.Microseconds())/float64(b.N), "alone-µs")
			b.ReportMetric(float64(beneath.Microseconds())/float64(b.N), "beside-µs")
			b.ReportMetric(float64(beneath)/float64(alone), "ratio")
		})
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
