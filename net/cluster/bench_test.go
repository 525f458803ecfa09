package cluster

import (
	"fmt"
	"testing"
)

// BenchmarkTasks runs no-op tasks through a master and a worker over a Pipe.
func BenchmarkTasks(b *testing.B) {
	for _, inFlight := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			mesh := runMesh(b, MeshConfig{})
			m := newTestMaster(b)
			join(b, mesh, m, newTestWorker(b, 4, echo))
			args := []byte("[]")
			code := []byte("code")
			b.ReportAllocs()
			tokens := make(chan struct{}, inFlight)
			spec := Spec{Code: code, Args: args, OnDone: func(o Outcome) {
				if o.Err != nil {
					b.Errorf("outcome: %q", o.Err)
				}
				<-tokens
			}}
			for b.Loop() {
				tokens <- struct{}{}
				m.Submit(spec)
			}
			for range inFlight {
				tokens <- struct{}{}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}
