package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/vm"
	"supercluster/vm/value"
)

func benchCommand() *command {
	return &command{
		name:  "bench",
		short: "measure round trips, tasks and bytes a second",
		long: `Examples:

  sc bench --local=1           one slot of this machine, through an executor
  sc bench                     the workers of this network
  sc bench --json              one JSON object a line
  sc bench --all               every figure, with workers of its own
  sc bench --all --quick       the same in a minute, to see that all work

Each figure takes about as long as --time says. A task is a call of a small
function with two numbers, from a master without a script.

--all needs no cluster: it starts workers on this machine, measures each
figure five times in turn with what it is compared with (a raw QUIC echo
between two processes, or node) and prints the median, the range and the
median of the ratios, with the project's goals. It takes some minutes, and
the figures mean something on a machine that does nothing else. With --json,
each line says "schema":1.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			fs.Var(&s.local, "local", "add `slots` of this machine (without a number: a slot for each core)")
			fs.StringVar(&s.isolation, "isolation", s.isolation, "`how` --local runs tasks: in a child process (process), or in this one (vm)")
			fs.BoolVar(&s.json, "json", s.json, "print one JSON object a line")
			fs.DurationVar(&s.time, "time", time.Second, "`duration` of each measurement")
			fs.BoolVar(&s.all, "all", s.all, "measure all figures, with workers of its own on this machine")
			fs.BoolVar(&s.quick, "quick", s.quick, "with --all: few and short measurements")
		},
		run: runBench,
	}
}

// benchWait is how long bench waits for a first worker.
const benchWait = 5 * time.Second

func runBench(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	if rest, err := c.parse(env, &s, args); err != nil {
		return err
	} else if len(rest) > 0 {
		return usageError("", "bench: unexpected argument %q", rest[0])
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if s.all {
		return runSuite(ctx, env, &s)
	}
	if s.quick {
		return usageError("", "bench: --quick goes with --all")
	}
	session := jsapi.NewSession(s.session(env))
	g, gctx := errgroup.WithContext(ctx)
	sessionCtx, end := context.WithCancel(gctx)
	g.Go(func() error { return session.Run(sessionCtx) })
	g.Go(func() error {
		defer end()
		m, err := session.OpenMaster()
		if err != nil {
			return configError("bench", err)
		}
		if err := awaitWorker(gctx, m); err != nil {
			return err
		}
		b := bench{env: env, master: m, json: s.json, time: s.time}
		return b.all(gctx)
	})
	return g.Wait()
}

func awaitWorker(ctx context.Context, m *cluster.Master) error {
	deadline := time.After(benchWait)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(m.Workers()) == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return &exitError{
				code: exitNoWorker,
				err:  fmt.Errorf("bench: no worker within %v", benchWait),
				hint: "start one with 'sc worker', or add --local",
			}
		}
	}
	return nil
}

// A bench measures one cluster through one master.
type bench struct {
	env    *environment
	master *cluster.Master
	json   bool
	time   time.Duration
}

// A figure is one line of what bench prints.
type figure struct {
	V     int     `json:"v"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

func (b *bench) all(ctx context.Context) error {
	add := benchCode(`(a, b) => a + b`)
	args := benchArgs(func(w *value.Writer) { w.ArrayLen(2); w.Int(1); w.Int(2) })
	if _, err := b.flood(ctx, add, args, 1, 200*time.Millisecond); err != nil { // warm
		return err
	}
	trips, err := b.flood(ctx, add, args, 1, b.time)
	if err != nil {
		return err
	}
	slices.Sort(trips)
	b.print(figure{1, "round trip p50", micros(percentile(trips, 0.50)), "µs"})
	b.print(figure{1, "round trip p99", micros(percentile(trips, 0.99)), "µs"})
	for _, inFlight := range []int{1, 64, 1000} {
		begin := time.Now()
		trips, err := b.flood(ctx, add, args, inFlight, b.time)
		if err != nil {
			return err
		}
		rate := float64(len(trips)) / time.Since(begin).Seconds()
		b.print(figure{1, fmt.Sprintf("%d in flight", inFlight), rate, "tasks/s"})
	}
	payload := benchArgs(func(w *value.Writer) { w.ArrayLen(1); w.Bin(make([]byte, 1<<20)) })
	begin := time.Now()
	if trips, err = b.flood(ctx, benchCode(`(bytes) => bytes`), payload, 4, b.time); err != nil {
		return err
	}
	b.print(figure{1, "1 MiB there and back", float64(len(trips)) / time.Since(begin).Seconds(), "MiB/s"})
	return nil
}

// flood keeps a number of tasks in flight for d and returns how long each
// took, those included that ended after d.
func (b *bench) flood(ctx context.Context, code, args []byte, inFlight int, d time.Duration) ([]time.Duration, error) {
	done := make(chan outcome, inFlight)
	send := func() {
		begin := time.Now()
		b.master.Submit(cluster.Spec{Name: "bench", Code: code, Args: args, OnDone: func(o cluster.Outcome) {
			done <- outcome{time.Since(begin), o.Err}
		}})
	}
	for range inFlight {
		send()
	}
	var trips []time.Duration
	deadline := time.Now().Add(d)
	for inFlight > 0 {
		select {
		case o := <-done:
			if o.err != nil {
				return nil, taskError(o.err)
			}
			trips = append(trips, o.took)
			if time.Now().Before(deadline) {
				send()
			} else {
				inFlight--
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return trips, nil
}

type outcome struct {
	took time.Duration
	err  []byte
}

func taskError(encoded []byte) error {
	e, ok := value.DecodeError(encoded)
	if !ok {
		return errors.New("bench: a task failed with an error that cannot be read")
	}
	return &exitError{code: exitTasks, err: fmt.Errorf("bench: %s: %s", e.Name, e.Message)}
}

func benchCode(source string) []byte {
	f := vm.Function{Source: source, Name: "bench", Pos: vm.Position{File: "bench.js", Line: 1}}
	return f.Encode()
}

func benchArgs(write func(*value.Writer)) []byte {
	w := value.NewWriter(nil)
	write(w)
	return w.Bytes()
}

// percentile is the value below which a share p of the sorted list lies.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(p*float64(len(sorted)-1))]
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (b *bench) print(f figure) {
	if b.json {
		line, err := json.Marshal(f)
		if err == nil {
			fmt.Fprintf(b.env.stdout, "%s\n", line)
		}
		return
	}
	fmt.Fprintf(b.env.stdout, "%-22s %12.1f %s\n", f.Name, f.Value, f.Unit)
}
