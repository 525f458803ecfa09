package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

func logsCommand() *command {
	return &command{
		name:  "logs",
		usage: "[TASK]",
		short: "what tasks print",
		long: `Examples:

  sc logs                    the last that tasks of this cluster printed
  sc logs -f                 and what they print from now on
  sc logs -f 9f3c2a1b        of one task, until it has ended
  sc logs -f --worker=rgnl   of all tasks of one worker

Workers keep the end of what each task printed, 4 KB, of those that run and
of some that ended lately. The first characters of an id will do.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			lookFlags(fs, s)
			fs.BoolVar(&s.follow, "f", s.follow, "follow: go on with what is printed from now on")
			fs.BoolVar(&s.follow, "follow", s.follow, "the same")
			fs.StringVar(&s.worker, "worker", s.worker, "of tasks of the worker with this `id` only")
		},
		run: runLogs,
	}
}

func runLogs(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 1:
		return usageError("", "logs: unexpected argument %q", rest[1])
	case len(rest) == 1:
		if err := c.checkTask(rest[0]); err != nil {
			return err
		}
	}
	p := &logPrinter{env: env, json: s.json, printer: newTaskPrinter(env.stdout)}
	err = observe(ctx, env, c, &s, func(ctx context.Context, o *jsapi.Observer) error {
		if len(rest) == 1 {
			row, err := c.findTask(ctx, o, &s, rest[0])
			if err != nil {
				return err
			}
			return c.taskLogs(ctx, o, &s, p, row)
		}
		return c.allLogs(ctx, o, &s, p)
	})
	if s.follow && errors.Is(err, context.Canceled) {
		return &exitError{code: exitOK} // Ctrl-C is how following ends
	}
	return err
}

// taskLogs prints what one task printed, and follows it if it lives.
func (c *command) taskLogs(ctx context.Context, o *jsapi.Observer, s *settings, p *logPrinter, row cluster.TaskRow) error {
	node := row.Node
	if row.Worker != "" && node != row.Worker { // it has the text, too, from before we came
		linked, err := every(ctx, s.time, func() bool {
			return slices.ContainsFunc(o.Linked(), func(p cluster.Peer) bool { return p.ID == row.Worker })
		})
		if err != nil {
			return err
		}
		if linked {
			node = row.Worker
		}
	}
	if s.follow && row.Live() {
		err := o.Console(node).Logs(ctx, row.ID, p.line)
		return c.loglessError(err)
	}
	list, err := o.Console(node).Tasks(ctx, cluster.TaskQuery{Prefix: row.ID, Log: true, Recent: true})
	if err != nil {
		return c.loglessError(err)
	}
	for _, r := range list.Tasks {
		p.row(node, r)
	}
	return nil
}

func (c *command) loglessError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return consoleError(c, err)
}

// allLogs prints what all workers know, then follows those that are there and
// those that come.
func (c *command) allLogs(ctx context.Context, o *jsapi.Observer, s *settings, p *logPrinter) error {
	followed := make(map[string]bool)
	var g errgroup.Group
	defer func() { _ = g.Wait() }() // its functions give no error
	look := time.NewTimer(s.time)
	defer look.Stop()
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		for _, w := range o.Linked() {
			if w.Role != cluster.RoleWorker || followed[w.ID] || !strings.HasPrefix(w.ID, s.worker) {
				continue
			}
			followed[w.ID] = true
			g.Go(func() error { c.workerLogs(ctx, o, s, p, w.ID); return nil })
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-look.C:
			if len(followed) == 0 {
				return c.noLogs(ctx, o, s)
			}
			if !s.follow {
				return nil
			}
		}
	}
}

// noLogs is the error that no worker was found whose tasks print.
func (c *command) noLogs(ctx context.Context, o *jsapi.Observer, s *settings) error {
	if s.worker == "" && len(o.Linked()) > 0 {
		return &exitError{code: exitNoWorker, err: fmt.Errorf("logs: no worker was found within %v", s.time), hint: "'sc worker' starts one; tasks print where they run"}
	}
	return c.nobody(ctx, o, s, "the name of worker "+s.worker)
}

func (c *command) workerLogs(ctx context.Context, o *jsapi.Observer, s *settings, p *logPrinter, worker string) {
	list, err := o.Console(worker).Tasks(ctx, cluster.TaskQuery{Log: true, Recent: true})
	for _, r := range list.Tasks {
		p.row(worker, r)
	}
	if err == nil && s.follow {
		err = o.Console(worker).Logs(ctx, "", p.line)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(p.env.stderr, "sc: logs: worker %s: %v\n", shortWorker(worker), err)
	}
}

// A logPrinter prints what tasks print; any goroutine may call it.
type logPrinter struct {
	env     *environment
	json    bool
	printer *taskPrinter
	mu      sync.Mutex // of a line of JSON
}

// row prints the end of what a task printed before.
func (p *logPrinter) row(worker string, r cluster.TaskRow) {
	if r.Log != "" {
		p.line(cluster.LogLine{Task: r.ID, Name: r.Name, Worker: worker, Text: r.Log})
	}
}

func (p *logPrinter) line(l cluster.LogLine) {
	if l.Dropped > 0 {
		fmt.Fprintf(p.env.stderr, "sc: logs: %d texts were left out, as they came too fast\n", l.Dropped)
	}
	if l.Text == "" {
		return
	}
	if !p.json {
		p.printer.print(jsapi.TaskLog{Worker: padded(l.Worker, sureWorker), Task: padded(l.Task, 4), Name: l.Name, Stream: l.Stream, Text: l.Text})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = printJSON(p.env, struct { // a reader that is gone ends us by a signal
		V      int    `json:"v"`
		Worker string `json:"worker"`
		Task   string `json:"task"`
		Name   string `json:"name"`
		Stream string `json:"stream"`
		Text   string `json:"text"`
	}{1, l.Worker, l.Task, l.Name, l.Stream, l.Text})
}

// padded is an id of at least n characters, from a node that may send less.
func padded(id string, n int) string { return visible(id, 64) + strings.Repeat("-", max(0, n-len(id))) }
