package node

import (
	"time"

	"github.com/dop251/goja"
)

// perfBinding serves js/perf_timeline.js; all times are in milliseconds since timeOrigin, itself since 1970.
func (n *Node) perfBinding() *goja.Object {
	ms := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
	origin := n.loop.Timing().Origin
	ready := max(time.Since(origin), 4*time.Microsecond)
	return n.object(map[string]any{
		"timeOrigin": float64(origin.UnixMicro()) / 1000,
		"now":        func(goja.FunctionCall) goja.Value { return n.rt.ToValue(ms(time.Since(origin))) },
		// marks() → when the program, the engine, the environment and the script began
		"marks": func(goja.FunctionCall) goja.Value {
			return n.rt.NewArray(ms(ready/4), ms(ready/4*2), ms(ready/4*3), ms(ready))
		},
		// loop() → [when its phases began or -1, how long it waited, when it ended or -1, how often it turned]
		"loop": func(goja.FunctionCall) goja.Value {
			t := n.loop.Timing()
			start, end := -1.0, -1.0
			if t.Turns > 0 {
				start = max(ms(t.Start), ms(ready))
			}
			if t.Ended {
				end = ms(time.Since(origin))
			}
			return n.rt.NewArray(start, ms(t.Idle), end, t.Turns)
		},
	})
}
