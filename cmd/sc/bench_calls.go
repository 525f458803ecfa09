package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"supercluster/net/cluster"
	"supercluster/net/rawecho"
	"supercluster/vm/value"
)

// What calls are measured against.
const rawEcho = "raw QUIC echo"

// vmWorker and processWorker are workers of one slot.
var (
	vmWorker      = []string{"--slots=1", "--isolation=vm"}
	processWorker = []string{"--slots=1"}
)

// calls measures one worker in both isolations against the raw echo.
func (s *suite) calls(ctx context.Context) error {
	for _, w := range []struct {
		name             string
		flags            []string
		trip, rate, bulk [2]float64 // goals
	}{
		{"isolation vm", vmWorker, [2]float64{1.10, 1.02}, [2]float64{0.6, 0.8}, [2]float64{0.85, 0.97}},
		{"executor", processWorker, [2]float64{1.6, 1.3}, [2]float64{0.25, 0.4}, [2]float64{}},
	} {
		err := s.cluster(ctx, 1, w.flags, func(ctx context.Context, c *benchCluster) error {
			raw, stop, err := s.echo(ctx)
			if err != nil {
				return err
			}
			defer stop()
			if err := s.trips(ctx, c, raw, w.name, w.trip); err != nil {
				return err
			}
			for _, inFlight := range []int{64, 1000} {
				goals := [2]float64{}
				if inFlight == 1000 {
					goals = w.rate
				}
				if err := s.rate(ctx, c, raw, w.name, inFlight, goals); err != nil {
					return err
				}
			}
			if err := s.bulk(ctx, c, raw, w.name, 1, 4, w.bulk); err != nil {
				return err
			}
			return s.bulk(ctx, c, raw, w.name, 100, 1, [2]float64{})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// crowds measures eight workers.
func (s *suite) crowds(ctx context.Context) error {
	return s.cluster(ctx, 8, processWorker, func(ctx context.Context, c *benchCluster) error {
		raw, stop, err := s.echo(ctx)
		if err != nil {
			return err
		}
		defer stop()
		for _, inFlight := range []int{64, 1000} {
			if err := s.rate(ctx, c, raw, "8 workers, executors", inFlight, [2]float64{}); err != nil {
				return err
			}
		}
		return nil
	})
}

var addCode = benchCode(`(a, b) => a + b`)

func addArgs() []byte {
	return benchArgs(func(w *value.Writer) { w.ArrayLen(2); w.Int(1); w.Int(2) })
}

// trips measures round trips of a warm function, one at a time.
func (s *suite) trips(ctx context.Context, c *benchCluster, raw *rawecho.Client, name string, goals [2]float64) error {
	args := addArgs()
	var p50, p99, raw50, raw99 []float64
	for range s.runs + 1 { // the first warms up
		base, err := raw.Trips(args, s.time)
		if err != nil {
			return err
		}
		ours, err := c.flood(ctx, addCode, args, 1, s.time)
		if err != nil {
			return err
		}
		slices.Sort(base)
		slices.Sort(ours)
		p50, p99 = append(p50, micros(percentile(ours, .5))), append(p99, micros(percentile(ours, .99)))
		raw50, raw99 = append(raw50, micros(percentile(base, .5))), append(raw99, micros(percentile(base, .99)))
	}
	if err := s.figure("round trip p50, "+name, "µs", p50[1:], raw50[1:], against(rawEcho, goals[0], goals[1])); err != nil {
		return err
	}
	return s.figure("round trip p99, "+name, "µs", p99[1:], raw99[1:], against(rawEcho, 0, 0))
}

// rate measures tasks a second.
func (s *suite) rate(ctx context.Context, c *benchCluster, raw *rawecho.Client, name string, inFlight int, goals [2]float64) error {
	args := addArgs()
	var ours, base []float64
	for range s.runs + 1 {
		echoes, err := raw.Flood(args, inFlight, s.time)
		if err != nil {
			return err
		}
		begin := time.Now()
		trips, err := c.flood(ctx, addCode, args, inFlight, s.time)
		if err != nil {
			return err
		}
		ours, base = append(ours, float64(len(trips))/time.Since(begin).Seconds()), append(base, echoes)
	}
	return s.figure(fmt.Sprintf("%d in flight, %s", inFlight, name), "tasks/s", ours[1:], base[1:], against(rawEcho, goals[0], goals[1]))
}

// bulk measures payloads of so many MiB there and back.
func (s *suite) bulk(ctx context.Context, c *benchCluster, raw *rawecho.Client, name string, mib, inFlight int, goals [2]float64) error {
	payload := make([]byte, mib<<20)
	args := benchArgs(func(w *value.Writer) { w.ArrayLen(1); w.Bin(payload) })
	code := benchCode(`(bytes) => bytes`)
	echoes := func() (float64, error) { return raw.Flood(payload, inFlight, s.time) }
	d := s.time
	if mib > 10 { // each takes long enough for a run
		d = 0
		echoes = func() (float64, error) {
			begin := time.Now()
			err := raw.Call(payload)
			return 1 / time.Since(begin).Seconds(), err
		}
	}
	var ours, base []float64
	for range s.runs {
		rate, err := echoes()
		if err != nil {
			return err
		}
		begin := time.Now()
		trips, err := c.flood(ctx, code, args, inFlight, d)
		if err != nil {
			return err
		}
		ours = append(ours, float64(mib*len(trips))/time.Since(begin).Seconds())
		base = append(base, float64(mib)*rate)
	}
	return s.figure(fmt.Sprintf("%d MiB there and back, %s", mib, name), "MiB/s", ours, base, against(rawEcho, goals[0], goals[1]))
}

// fanOuts measures one call on each of many workers at once.
func (s *suite) fanOuts(ctx context.Context) error {
	counts := []int{20, 50}
	if s.quick {
		counts = []int{5}
	}
	for _, n := range counts {
		err := s.cluster(ctx, n, vmWorker, func(ctx context.Context, c *benchCluster) error {
			var took []float64
			for range 4 * s.runs {
				d, err := c.fanOut(ctx)
				if err != nil {
					return err
				}
				took = append(took, micros(d)/1000)
			}
			return s.figure(fmt.Sprintf("one call on each of %d workers, until all are back", n), "ms", took[s.runs:], nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fanOut calls a function on all workers and waits for all.
func (c *benchCluster) fanOut(ctx context.Context) (time.Duration, error) {
	workers := c.master.Workers()
	done := make(chan []byte, len(workers))
	args := addArgs()
	begin := time.Now()
	for _, w := range workers {
		c.master.Submit(cluster.Spec{Name: "bench", Code: addCode, Args: args, Worker: w.ID, OnDone: func(o cluster.Outcome) { done <- o.Err }})
	}
	for range workers {
		select {
		case err := <-done:
			if err != nil {
				return 0, taskError(err)
			}
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	return time.Since(begin), nil
}
