package node

import (
	"math"
	"runtime/debug"
	"runtime/metrics"

	"github.com/dop251/goja"
)

// heapBinding serves js/v8.js: heap() → [in use, held, limit, other memory of the runtime, resident], in bytes. The
// limit is GOMEMLIMIT, or the memory of the machine if there is none.
func (n *Node) heapBinding() *goja.Object {
	return n.object(map[string]any{
		"heap": func(goja.FunctionCall) goja.Value {
			samples := []metrics.Sample{
				{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"},
				{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
				{Name: "/memory/classes/total:bytes"},
			}
			metrics.Read(samples)
			bytes := func(i int) uint64 { return samples[i].Value.Uint64() }
			held := bytes(0) + bytes(1) + bytes(2)
			limit := float64(debug.SetMemoryLimit(-1))
			if limit >= math.MaxInt64 {
				total, _ := systemMemory()
				limit = float64(total)
			}
			resident := residentBytes()
			if resident == 0 {
				resident = held
			}
			return n.rt.NewArray(bytes(0), held, limit, bytes(4)-held-bytes(3), resident)
		},
	})
}
