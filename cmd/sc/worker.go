package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/net/trust"
)

func workerCommand() *command {
	return &command{
		name:  "worker",
		short: "lend this machine's cores to masters",
		long: `Examples:

  sc worker                        a slot for each core, found by broadcast
  sc worker --slots=2              two tasks at once
  sc worker --tracker=10.0.0.5     found through a tracker, from any network
  sc worker --data='{"gpu":true}'  what masters may select by
  sc worker --resources=gpu=2,memory=16GB
                                   what tasks may ask for by name

SIGINT or SIGTERM drains it: it takes no more tasks, hands back those that
have not begun, ends when those that run have, or after --grace, and exits
with 0. A second signal ends it at once, with 130 or 143.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			permissionFlags(fs, s)
			limitFlags(fs, s)
			fs.Var(rangeFlag{&s.slots, 1, 10000}, "slots", "run this `number` of tasks at once (default: a slot for each core)")
			fs.StringVar(&s.data, "data", s.data, "`JSON` to announce, for masters to select by")
			fs.Var(&s.resources, "resources", "let tasks ask for these, `name=amount`,… (default: a cpu for each core)")
			fs.StringVar(&s.isolation, "isolation", s.isolation,
				"`how` tasks run: in child processes (process), or in this one (vm), for trusted masters only")
			fs.StringVar(&s.engine, "engine", s.engine, "what runs functions: `engine` goja, node, or auto, which moves heavy ones to node (default auto)")
			fs.DurationVar(&s.grace, "grace", drainGrace, "`duration` that tasks have to end when the worker is told to")
			packageFlags(fs, s)
			metricsFlags(fs, s)
		},
		run: runWorker,
	}
}

func runWorker(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("'sc run' runs a script", "worker: unexpected argument %q", rest[0])
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	settings := s.session(env)
	settings.Greet = true
	session := jsapi.NewSession(settings)
	metrics, err := listenMetrics(env, &s, session)
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return metrics.run(gctx) })
	opened := make(chan *cluster.Worker, 1)
	g.Go(func() error { return session.Run(gctx) })
	g.Go(func() error { drainOnSignal(gctx, env, signals, opened, s.grace, end); return nil })
	g.Go(func() error {
		env.say("%s", allowanceLine(s.allow))
		w, addr, err := session.OpenWorker(s.data, workerHooks(env))
		if err != nil {
			return configError("worker", err)
		}
		opened <- w
		env.say("worker %s listens on %s; Ctrl-C ends it", w.ID()[:7], addr)
		return nil
	})
	err = g.Wait()
	var killed *exitError
	if err == nil && errors.As(context.Cause(ctx), &killed) {
		return killed
	}
	return err
}

// drainGrace is how long running tasks have to end when their worker is told
// to (SPEC §8).
const drainGrace = 30 * time.Second

// drainOnSignal empties the worker at the first signal and then ends all; at
// the second one it ends all at once, with the signal's exit code.
func drainOnSignal(ctx context.Context, env *environment, signals <-chan os.Signal, opened <-chan *cluster.Worker, grace time.Duration, end context.CancelCauseFunc) {
	var w *cluster.Worker
	select {
	case <-ctx.Done():
		return
	case <-signals:
	}
	select {
	case w = <-opened:
	default:
		end(nil) // there is nothing to empty
		return
	}
	draining, stop := context.WithTimeout(ctx, grace)
	defer stop()
	drained := make(chan int, 1)
	go func() {
		running, _ := w.Drain(draining) // an error says that there was not enough time
		drained <- running
	}()
	if n := len(w.Running()); n > 0 {
		env.say("waits up to %v for %d tasks to end; a second signal ends them at once", grace, n)
	}
	select {
	case n := <-drained:
		if n > 0 {
			env.say("%d tasks did not end within %v", n, grace)
		}
		end(nil)
	case sig := <-signals:
		stop()
		<-drained
		code := 128
		if s, ok := sig.(syscall.Signal); ok {
			code += int(s)
		}
		end(&exitError{code: code})
	}
}

// workerHooks say on stderr who comes and goes.
func workerHooks(env *environment) jsapi.WorkerHooks {
	return jsapi.WorkerHooks{
		OnConfined: func(lines []string) {
			for _, line := range confinementLines(lines) {
				env.say("%s", line)
			}
		},
		OnMaster: func(e cluster.PeerEvent) {
			if e.Up {
				env.say("master %s came from %s", e.Peer.ID[:7], e.Peer.Addr)
			} else {
				env.say("master %s left: %s", e.Peer.ID[:7], e.Reason)
			}
		},
	}
}

// configError is an error of a setting, such as a port in use, or of trust.
func configError(command string, err error) error {
	if r, ok := trust.AsRefusal(err); ok {
		return &exitError{code: exitTrust, err: fmt.Errorf("%s: %s: %w", command, r.Code, err), hint: r.Hint()}
	}
	return &exitError{code: exitConfig, err: fmt.Errorf("%s: %w", command, err)}
}
