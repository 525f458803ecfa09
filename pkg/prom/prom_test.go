package prom

import (
	"math"
	"testing"
)

func TestPage(t *testing.T) {
	var p Page
	p.Gauge("nodes", "Nodes that\nare \\ here.")
	p.Value(3)
	p.Value(0.5, "role", "a \"quoted\" \\ line\nand \xff", "state", "up")
	p.Value(math.Inf(1), "role", "")
	p.Counter("bytes_total", "Bytes.")
	p.Value(1e21)
	p.Histogram("run_seconds", "Runs.")
	p.Bucketed([]float64{0.001, 1}, []uint64{2, 0, 1}, 7.25, "role", "worker")
	want := `# HELP nodes Nodes that\nare \\ here.
# TYPE nodes gauge
nodes 3
nodes{role="a \"quoted\" \\ line\nand ` + "\uFFFD" + `",state="up"} 0.5
nodes{role=""} +Inf
# HELP bytes_total Bytes.
# TYPE bytes_total counter
bytes_total 1e+21
# HELP run_seconds Runs.
# TYPE run_seconds histogram
run_seconds_bucket{role="worker",le="0.001"} 2
run_seconds_bucket{role="worker",le="1"} 2
run_seconds_bucket{role="worker",le="+Inf"} 3
run_seconds_sum{role="worker"} 7.25
run_seconds_count{role="worker"} 3
`
	if got := string(p.Bytes()); got != want {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
}
