package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

func drainCommand() *command {
	return &command{
		name:  "drain",
		usage: "WORKER",
		short: "empty a worker, or fill it again",
		long: `Examples:

  sc drain q7c2abc                 the first characters of an id, or an address
  sc drain q7c2abc --wait=5m       return when nothing runs there any more
  sc drain q7c2abc --undo          let it take tasks again

The worker takes no tasks any more and hands back those that have not begun;
other workers run them. What runs ends as it would. With --wait sc exits with
6 if the time was not enough. A worker that is restarted is not drained.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			lookFlags(fs, s)
			fs.BoolVar(&s.undo, "undo", s.undo, "let it take tasks again")
			fs.DurationVar(&s.wait, "wait", 0, "`duration` to wait until it is empty (default: do not wait)")
		},
		run: runDrain,
	}
}

func runDrain(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	name, err := c.parseOne(env, &s, "worker", args)
	if err != nil {
		return err
	}
	return observe(ctx, env, c, &s, func(ctx context.Context, o *jsapi.Observer) error {
		w, err := c.findWorker(ctx, o, &s, name)
		if err != nil {
			return err
		}
		f, err := o.Console(w.ID).Drain(ctx, !s.undo)
		if err != nil {
			return consoleError(c, err)
		}
		empty := f.Running == 0
		if !s.undo && s.wait > 0 {
			var last error
			empty, err = every(ctx, s.wait, func() bool {
				if f, last = o.Console(w.ID).Figures(ctx); last != nil {
					return isGone(last) // which empties it, too
				}
				return f.Running == 0
			})
			if err != nil {
				return err
			}
		}
		return reportDrain(env, &s, w, f, empty)
	})
}

// isGone reports whether an error says that the node is not there any more.
func isGone(err error) bool {
	var e *cluster.Error
	return errors.As(err, &e) && (e.Code == cluster.CodeNodeLost || e.Code == cluster.CodeNoNode)
}

func reportDrain(env *environment, s *settings, w cluster.Peer, f cluster.Figures, empty bool) error {
	if s.json {
		err := printJSON(env, struct {
			V        int    `json:"v"`
			Worker   string `json:"worker"`
			Draining bool   `json:"draining"`
			Running  int    `json:"running"`
			Queued   int    `json:"queued"`
		}{1, w.ID, !s.undo, f.Running, f.Queued})
		if err == nil && s.wait > 0 && !empty {
			err = &exitError{code: exitTimeout}
		}
		return err
	}
	switch {
	case s.undo:
		fmt.Fprintf(env.stdout, "worker %s takes tasks again\n", shortWorker(w.ID))
	case empty:
		fmt.Fprintf(env.stdout, "worker %s is empty and takes no tasks\n", shortWorker(w.ID))
	case s.wait > 0:
		return &exitError{
			code: exitTimeout,
			err:  fmt.Errorf("drain: worker %s still runs %d tasks after %v", shortWorker(w.ID), f.Running, s.wait),
			hint: "it takes none any more; 'sc ls tasks' lists what it runs, 'sc cancel' ends one",
		}
	default:
		fmt.Fprintf(env.stdout, "worker %s takes no tasks; %d still run\n", shortWorker(w.ID), f.Running)
	}
	return nil
}

// consoleError gives what a node answered its exit code.
func consoleError(c *command, err error) error {
	var e *cluster.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &exitError{code: exitThrew, err: fmt.Errorf("%s: %w", c.name, err)}
	switch e.Code {
	case cluster.CodeKeyRequired:
		out.code = exitTrust
		out.hint = "give this host the cluster's key with 'sc join'"
	case cluster.CodeUnsupported:
		out.code = exitVersion
		out.hint = "that node may need an update: 'sc ls' shows versions"
	case cluster.CodeNodeLost, cluster.CodeNoNode:
		out.code = exitNoWorker
	}
	return out
}
