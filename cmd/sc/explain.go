package main

import (
	"cmp"
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

func explainCommand() *command {
	return &command{
		name:  "explain",
		usage: "TASK",
		short: "say why a task is where it is",
		long: `Examples:

  sc explain 9f3c2a1b              the first characters of an id will do
  sc explain 9f3c2a1b --json

A line says where the task is and why, and a table gives, for each worker, the
first reason why it does not run there.
`,
		flags: lookFlags,
		run:   runExplain,
	}
}

func runExplain(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	prefix, err := c.parseOne(env, &s, "task", args)
	if err != nil {
		return err
	}
	if err := c.checkTask(prefix); err != nil {
		return err
	}
	return observe(ctx, env, c, &s, func(ctx context.Context, o *jsapi.Observer) error {
		row, err := c.findTask(ctx, o, &s, prefix)
		if err != nil {
			return err
		}
		x, err := o.Console(row.Node).Explain(ctx, row.ID)
		if err != nil {
			return consoleError(c, err)
		}
		askWorker(ctx, o, &s, &x)
		if s.json {
			return printJSON(env, newExplanationJSON(x))
		}
		return printExplanation(env, x)
	})
}

// askWorker adds what the worker that has the task says of it, once that is
// found; that it cannot be asked is no error.
func askWorker(ctx context.Context, o *jsapi.Observer, s *settings, x *cluster.Explanation) {
	if !x.Task.Live() || x.Task.Worker == "" || x.Task.Node == x.Task.Worker {
		return
	}
	var there cluster.Explanation
	asked, err := every(ctx, s.time, func() bool {
		var err error
		there, err = o.Console(x.Task.Worker).Explain(ctx, x.Task.ID)
		return !isGone(err)
	})
	if !asked || err != nil || !there.Task.Live() {
		return
	}
	x.Task.Engine = there.Task.Engine
	for i := range x.Workers {
		if w := &x.Workers[i]; w.Here {
			w.Reason += ": " + there.Summary
		}
	}
}

type explanationJSON struct {
	taskJSON
	Summary string                 `json:"summary"`
	Workers []cluster.WorkerReason `json:"workers"`
}

func newExplanationJSON(x cluster.Explanation) explanationJSON {
	if x.Workers == nil {
		x.Workers = []cluster.WorkerReason{}
	}
	return explanationJSON{newTaskJSON(x.Task), x.Summary, x.Workers}
}

func printExplanation(env *environment, x cluster.Explanation) error {
	r := x.Task
	fmt.Fprintln(env.stdout, fold(env.stdout, 0, 2, fmt.Sprintf("%s of master %s: %s", taskTitle(r), shortWorker(r.Master), printable(x.Summary))))
	fmt.Fprintf(env.stdout, "state %s, attempt %d, priority %d, submitted %v ago\n", r.State, r.Attempt, r.Priority, r.Age.Round(time.Millisecond))
	if r.Engine != "" {
		fmt.Fprintf(env.stdout, "engine %s\n", printable(r.Engine))
	}
	if len(x.Workers) == 0 {
		return nil
	}
	addr := len("ADDRESS")
	for _, w := range x.Workers {
		addr = max(addr, utf8.RuneCountInString(visible(w.Addr, 50)))
	}
	why := sureWorker + 2 + addr + 2
	fmt.Fprintf(env.stdout, "\n%-*s  %-*s  WHY\n", sureWorker, "WORKER", addr, "ADDRESS")
	for _, w := range x.Workers {
		fmt.Fprintf(env.stdout, "%-*s  %-*s  %s\n", sureWorker, shortWorker(w.Worker), addr, cmp.Or(visible(w.Addr, 50), "-"), fold(env.stdout, why, why, printable(w.Reason)))
	}
	return nil
}
