package nodepool

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// plainScript calls each kernel in node itself, as often as it is told, and prints the times in milliseconds.
const plainScript = `
const kernels = eval(require('fs').readFileSync('testdata/kernels.js', 'utf8'));
const out = {};
for (const [name, [fn, n]] of Object.entries(kernels)) {
  out[name] = [];
  for (let i = 0; i < 9; i++) { const t = performance.now(); fn(n); out[name].push(performance.now() - t); }
}
console.log(JSON.stringify(out));
`

func median(times []float64) float64 {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkKernels compares, in one run, functions in node itself, called again and again; through a Pool, each call in
// a context of its own; and on goja, without its executor. The figures are medians of nine calls, and one on goja; node-x
// is how many times a call in node itself one through the Pool takes, and over-ms by how much it is longer.
//
//	go test ./pkg/nodepool -run '^$' -bench Kernels -benchtime 1x
func BenchmarkKernels(b *testing.B) {
	p := newPool(b, Config{})
	var out bytes.Buffer
	cmd := exec.Command(p.cfg.Node, "-e", plainScript)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	plain := make(map[string][]float64)
	if err := json.Unmarshal(out.Bytes(), &plain); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile("testdata/kernels.js")
	if err != nil {
		b.Fatal(err)
	}
	rt := goja.New()
	kernels := eval(b, rt, string(text)).(*goja.Object)
	for _, name := range kernels.Keys() {
		b.Run(name, func(b *testing.B) {
			pair := kernels.Get(name).(*goja.Object)
			task := taskOfValue(b, rt, pair.Get("0"), rt.NewArray(pair.Get("1")))
			for range b.N {
				var node []float64
				for range 10 {
					began := time.Now()
					if r := execute(b, p, task, &recorder{}); r.Err != nil {
						b.Fatalf("%s", r.Err)
					}
					node = append(node, time.Since(began).Seconds()*1000)
					time.Sleep(10 * time.Millisecond) // as calls that come now and then: the next context is ready
				}
				began := time.Now()
				ours(b.Context(), task, &recorder{})
				own := time.Since(began).Seconds() * 1000
				inNode, inPool := median(plain[name]), median(node[1:]) // the first one of all starts a process
				b.ReportMetric(inNode, "plain-ms")
				b.ReportMetric(inPool, "pool-ms")
				b.ReportMetric(own, "goja-ms")
				b.ReportMetric(inPool/inNode, "node-x")
				b.ReportMetric(inPool-inNode, "over-ms")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
