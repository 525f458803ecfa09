package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

func cancelCommand() *command {
	return &command{
		name:  "cancel",
		usage: "TASK",
		short: "stop a task",
		long: `Examples:

  sc cancel 9f3c2a1b               the first characters of an id will do
  sc cancel 9f3c2a1b --reason='wrong input'

The task ends with ERR_CANCELLED at its master. If it runs, its abort signal
fires, and what is left of it after a moment is killed; sc waits for that, and
exits with 6 if it is not gone in time. It must be a task of this account, or
of who has the cluster's key.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			lookFlags(fs, s)
			fs.StringVar(&s.reason, "reason", s.reason, "`text` for the task's error")
			fs.DurationVar(&s.wait, "wait", 10*time.Second, "`duration` to wait until it is gone")
		},
		run: runCancel,
	}
}

func runCancel(ctx context.Context, env *environment, c *command, args []string) error {
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
		if !row.Live() {
			return &exitError{code: exitThrew, err: fmt.Errorf("cancel: %s has ended already, %v ago", taskTitle(row), row.Ended.Round(time.Millisecond))}
		}
		reason := s.reason
		if reason == "" {
			reason = "cancelled by sc cancel"
		}
		began := time.Now()
		before, err := o.Console(row.Node).Cancel(ctx, row.ID, reason)
		if err != nil {
			return consoleError(c, err)
		}
		gone, err := waitGone(ctx, o, before, s.wait)
		if err != nil {
			return err
		}
		return reportCancel(env, &s, before, gone, time.Since(began))
	})
}

// waitGone waits until the worker that had a task has nothing left of it. A
// worker that cannot be asked is taken to have.
func waitGone(ctx context.Context, o *jsapi.Observer, row cluster.TaskRow, wait time.Duration) (bool, error) {
	if row.Worker == "" {
		return true, nil
	}
	return every(ctx, wait, func() bool {
		list, err := o.Console(row.Worker).Tasks(ctx, cluster.TaskQuery{Prefix: row.ID})
		return err == nil && len(list.Tasks) == 0
	})
}

func reportCancel(env *environment, s *settings, row cluster.TaskRow, gone bool, took time.Duration) error {
	if s.json {
		err := printJSON(env, struct {
			taskJSON
			Gone bool  `json:"gone"`
			Took int64 `json:"tookMs"`
		}{newTaskJSON(row), gone, took.Milliseconds()})
		if err != nil || gone {
			return err
		}
		return &exitError{code: exitTimeout}
	}
	switch {
	case !gone:
		return &exitError{
			code: exitTimeout,
			err:  fmt.Errorf("cancel: %s is cancelled, but worker %s has not said within %v that it is gone", taskTitle(row), shortWorker(row.Worker), s.wait),
			hint: "the worker may be cut off, or busy; it ends the task when it hears of it",
		}
	case row.Worker == "":
		fmt.Fprintf(env.stdout, "cancelled %s, which was %s\n", taskTitle(row), row.State)
	default:
		fmt.Fprintf(env.stdout, "cancelled %s, which was %s on worker %s and is gone after %v\n",
			taskTitle(row), row.State, shortWorker(row.Worker), took.Round(time.Millisecond))
	}
	return nil
}
