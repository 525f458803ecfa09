package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

// listTasks is sc ls tasks: all that runs and waits, as the nodes that are
// linked tell.
func listTasks(ctx context.Context, env *environment, c *command, s *settings) error {
	return observe(ctx, env, c, s, func(ctx context.Context, o *jsapi.Observer) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.time):
		}
		rows, missed := o.Find(ctx, "")
		remember(s, append(seenTasks(rows), seenWorkers(o.Linked())...), seenTask)
		rows = slices.DeleteFunc(rows, func(r cluster.TaskRow) bool { return !r.Live() && !s.all })
		if missed != nil {
			fmt.Fprintf(env.stderr, "sc: ls: not all nodes answered: %v\n", missed)
		}
		if s.json {
			for _, r := range rows {
				if err := printJSON(env, newTaskJSON(r)); err != nil {
					return err
				}
			}
			return nil
		}
		if len(rows) == 0 {
			fmt.Fprintln(env.stderr, "sc: no task runs or waits; 'sc ls tasks --all' lists those that ended lately")
			return nil
		}
		return printTasks(env.stdout, rows)
	})
}

func printTasks(w io.Writer, rows []cluster.TaskRow) error {
	t := tabwriter.NewWriter(narrow(w), 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "TASK\tFUNCTION\tSTATE\tMASTER\tWORKER\tAGE\tRUNS")
	for _, r := range rows {
		state := visible(r.State, 10)
		if r.Code != "" {
			state = visible(r.Code, 24)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", shortTask(r.ID), cmp.Or(visible(r.Name, 24), "-"), state,
			shortWorker(r.Master), shortWorker(r.Worker), shortDuration(r.Age), shortDuration(r.Run))
	}
	return t.Flush()
}

// shortTask is a task's id as people see it.
func shortTask(id string) string { return visible(id[:min(len(id), sureTask)], sureTask) }
