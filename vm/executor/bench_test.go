package executor

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"supercluster/vm"
)

// BenchmarkNothing is the cost of the way to a child and back, over that of a call: no engine runs.
func BenchmarkNothing(b *testing.B) {
	type executor interface {
		Execute(context.Context, vm.Task, vm.Host) vm.Result
	}
	for _, bb := range []struct {
		name string
		of   func() executor
	}{
		{"child", func() executor { return newPool(b, "fake", Config{}) }},
		{"inprocess", func() executor { return NewInProcess(fake{}) }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			p := bb.of()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			t := vm.Task{ID: "0123456789abcdef0123456789abcdef", Name: "args", Code: make([]byte, 300), Args: make([]byte, 100), Timeout: time.Hour}
			p.Execute(ctx, t, quiet)
			b.ReportAllocs()
			for b.Loop() {
				if res := p.Execute(ctx, t, quiet); res.Err != nil {
					b.Fatal(string(res.Err))
				}
			}
		})
	}
}

// BenchmarkPayload is the rate at which arguments go to a child and come back as its result.
func BenchmarkPayload(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size>>10, "KiB"), func(b *testing.B) {
			p := newPool(b, "fake", Config{})
			t := vm.Task{Name: "args", Args: make([]byte, size)}
			b.SetBytes(2 * int64(size))
			for b.Loop() {
				if res := p.Execute(context.Background(), t, quiet); len(res.Value) != size {
					b.Fatal(string(res.Err))
				}
			}
		})
	}
}

// BenchmarkParallel is the rate of tasks that do nothing over two children.
func BenchmarkParallel(b *testing.B) {
	p := newPool(b, "fake", Config{Size: 2})
	t := vm.Task{ID: "0123456789abcdef", Name: "args", Code: make([]byte, 300), Args: make([]byte, 100), Timeout: time.Hour}
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if res := p.Execute(context.Background(), t, quiet); res.Err != nil {
				b.Error(string(res.Err))
			}
		}
	})
}

// BenchmarkLog is the cost of one line that a task logs.
func BenchmarkLog(b *testing.B) {
	p := newPool(b, "fake", Config{})
	const lines = 10_000
	for b.Loop() {
		p.Execute(context.Background(), vm.Task{Name: "log", Args: []byte("10000")}, quiet)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
}

// BenchmarkRespawn is the time from a child's death to the end of the next task.
func BenchmarkRespawn(b *testing.B) {
	p := newPool(b, "fake", Config{})
	for b.Loop() {
		p.Execute(context.Background(), vm.Task{Name: "exit"}, quiet)
		if res := p.Execute(context.Background(), vm.Task{Name: "args"}, quiet); res.Err != nil {
			b.Fatal(string(res.Err))
		}
	}
}

// BenchmarkStart is the time until a child is ready.
func BenchmarkStart(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cfg := New(Config{Command: []string{exe, "fake"}}).cfg
	b.Run("plain", func(b *testing.B) { benchStart(b, &cfg, false) })
	b.Run("isolated", func(b *testing.B) { benchStart(b, &cfg, true) })
}

func benchStart(b *testing.B, cfg *Config, isolate bool) {
	for b.Loop() {
		c, err := startChild(context.Background(), cfg, isolate)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		c.close()
		c.proc.Wait()
		c.proc.Conn().Close()
		b.StartTimer()
	}
}
