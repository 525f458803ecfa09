package cluster

import (
	"context"
	"fmt"
	"testing"

	"supercluster/discovery"
)

// BenchmarkTasks runs no-op tasks through a master and a worker over a Pipe.
func BenchmarkTasks(b *testing.B) {
	for _, inFlight := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			mesh := runMesh(b, MeshConfig{})
			m := newTestMaster(b)
			join(b, mesh, m, newTestWorker(b, 4, echo))
			benchTasks(b, m, inFlight)
		})
	}
}

// BenchmarkTasksOverSockets runs them over QUIC on loopback.
func BenchmarkTasksOverSockets(b *testing.B) {
	for _, inFlight := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			air := newAir()
			here := runMesh(b, MeshConfig{Socket: listen(b), Sources: []discovery.Source{air.source()}})
			there := runMesh(b, MeshConfig{Socket: listen(b), Sources: []discovery.Source{air.source()}})
			m := newTestMaster(b)
			join(b, here, m)
			join(b, there, newTestWorker(b, 4, echo))
			benchTasks(b, m, inFlight)
		})
	}
}

func benchTasks(b *testing.B, m *Master, inFlight int) {
	b.ReportAllocs()
	tokens := make(chan struct{}, inFlight)
	spec := Spec{Code: []byte("code"), Args: []byte("[]"), OnDone: func(o Outcome) {
		if o.Err != nil {
			b.Errorf("outcome: %q", o.Err)
		}
		<-tokens
	}}
	tokens <- struct{}{}
	m.Submit(spec) // waits until there is a worker
	for range inFlight {
		tokens <- struct{}{}
	}
	for range inFlight {
		<-tokens
	}
	for b.Loop() {
		tokens <- struct{}{}
		m.Submit(spec)
	}
	for range inFlight {
		tokens <- struct{}{}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}

// BenchmarkMessages sends short messages from a master to a worker that consumes them at once.
func BenchmarkMessages(b *testing.B) {
	mesh := runMesh(b, MeshConfig{})
	m := newTestMaster(b)
	w := NewWorker(WorkerConfig{Identity: newIdentity(b), Executor: echo, OnMessage: Message.Done})
	join(b, mesh, m, w)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Send(context.Background(), w.ID(), "event", nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSubmit measures what a master does for a task whose worker is not there: the queue alone.
func BenchmarkSubmit(b *testing.B) {
	m := newTestMaster(b)
	spec := Spec{Code: []byte("code")}
	b.ReportAllocs()
	for b.Loop() {
		m.Cancel(m.Submit(spec), "")
	}
}
