package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

const (
	// askAgain is how often nodes are asked while one is looked for.
	askAgain = 200 * time.Millisecond
	// sureTask and sureWorker are how many characters of an id are taken for
	// it as soon as one fits: as many as sc prints. With fewer the look goes
	// on, for another that fits.
	sureTask, sureWorker = 8, 7
)

// lookFlags are those of commands that look for a task or a worker.
func lookFlags(fs *flag.FlagSet, s *settings) {
	networkFlags(fs, s)
	fs.BoolVar(&s.json, "json", s.json, "print one JSON object")
	fs.DurationVar(&s.time, "look", lookTime, "`duration` of the look for it")
}

// oneArgument is what the command is about.
func (c *command) oneArgument(what string, args []string) (string, error) {
	switch {
	case len(args) == 0:
		return "", usageError(fmt.Sprintf("sc %s %s", c.name, c.usage), "%s: no %s was named", c.name, what)
	case len(args) > 1:
		return "", usageError("", "%s: unexpected argument %q", c.name, args[1])
	}
	return args[0], nil
}

// parseOne reads flags that stand before or behind the one argument.
func (c *command) parseOne(env *environment, s *settings, what string, args []string) (string, error) {
	rest, err := c.parse(env, s, args)
	if err != nil {
		return "", err
	}
	if len(rest) > 1 && strings.HasPrefix(rest[1], "-") {
		more, err := c.parseMore(s, rest[1:])
		if err != nil {
			return "", err
		}
		rest = append(rest[:1], more...)
	}
	return c.oneArgument(what, rest)
}

// parseMore reads flags behind an argument; what those before it said stays.
func (c *command) parseMore(s *settings, args []string) ([]string, error) {
	before := *s
	later := *s
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c.flags(fs, &later)
	later.time, later.wait = before.time, before.wait // which flags declares with defaults of its own
	if err := fs.Parse(args); err != nil {
		return nil, flagError(c, fs, err)
	}
	*s = later
	return fs.Args(), nil
}

// observe joins as an observer for as long as f runs.
func observe(ctx context.Context, env *environment, c *command, s *settings, f func(context.Context, *jsapi.Observer) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	session := jsapi.NewSession(s.session(env))
	g, gctx := errgroup.WithContext(ctx)
	sessionCtx, end := context.WithCancel(gctx)
	g.Go(func() error { return session.Run(sessionCtx) })
	g.Go(func() error {
		defer end()
		o, err := session.OpenObserver(gctx)
		if err != nil {
			return configError(c.name, err)
		}
		return f(gctx, o)
	})
	return g.Wait()
}

// every calls f at once and then again and again until it is satisfied, wait
// is over (then it reports false), or ctx is done.
func every(ctx context.Context, wait time.Duration, f func() bool) (bool, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		if f() {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-deadline.C:
			return f(), nil
		case <-ticker.C:
		}
	}
}

// checkTask refuses what is no beginning of a task's id.
func (c *command) checkTask(text string) error {
	if strings.Trim(text, "0123456789abcdef") != "" || text == "" || len(text) > 32 {
		return usageError("'sc ls tasks' lists them; the first characters of an id will do",
			"%s: %q is no task's id, which is made of 0-9 and a-f", c.name, text)
	}
	return nil
}

// findTask looks for the one task whose id begins so.
func (c *command) findTask(ctx context.Context, o *jsapi.Observer, s *settings, prefix string) (cluster.TaskRow, error) {
	var rows []cluster.TaskRow
	var missed error
	_, err := every(ctx, s.time, func() bool {
		rows, missed = o.Find(ctx, prefix)
		// Its worker alone may have been found so far: the master knows more.
		return len(rows) == 1 && len(prefix) >= sureTask && rows[0].Node != rows[0].Worker
	})
	if err != nil {
		return cluster.TaskRow{}, err
	}
	live := slices.DeleteFunc(slices.Clone(rows), func(r cluster.TaskRow) bool { return !r.Live() })
	if len(live) > 0 {
		rows = live
	}
	switch {
	case len(rows) == 1:
		return rows[0], nil
	case len(rows) > 1:
		return cluster.TaskRow{}, usageError("type more of it", "%s: %d tasks begin with %q: %s", c.name, len(rows), prefix, someTasks(rows))
	case missed != nil:
		return cluster.TaskRow{}, &exitError{code: exitThrew, err: fmt.Errorf("%s: no task %s was found, and not all nodes answered: %w", c.name, prefix, missed)}
	}
	return cluster.TaskRow{}, c.nobody(ctx, o, s, "task "+prefix)
}

// nobody is the error that no node knows what was looked for.
func (c *command) nobody(ctx context.Context, o *jsapi.Observer, s *settings, what string) error {
	linked := len(o.Linked())
	unlinked, err := o.Unlinked(ctx)
	if err != nil {
		return err
	}
	e := &exitError{code: exitThrew, err: fmt.Errorf("%s: none of the %d nodes that were found within %v has %s", c.name, linked, s.time, what)}
	switch {
	case linked == 0 && len(unlinked) == 0:
		e.code, e.err = exitNoWorker, fmt.Errorf("%s: no node was found within %v", c.name, s.time)
		e.hint = "'sc ls' shows who is in the cluster; --cluster and --tracker say which one to look in"
	case len(unlinked) > 0:
		e.hint = fmt.Sprintf("%d nodes were found that do not answer", len(unlinked))
	}
	return e
}

func someTasks(rows []cluster.TaskRow) string {
	var names []string
	for _, r := range rows[:min(len(rows), 5)] {
		names = append(names, strings.TrimSpace(visible(r.ID, 12)+" "+visible(r.Name, 20)))
	}
	if len(rows) > 5 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// findWorker looks for the one worker whose id begins so, or that has that
// address.
func (c *command) findWorker(ctx context.Context, o *jsapi.Observer, s *settings, name string) (cluster.Peer, error) {
	var fits []cluster.Peer
	_, err := every(ctx, s.time, func() bool {
		fits = nil
		for _, p := range o.Linked() {
			if p.Role == cluster.RoleWorker && (strings.HasPrefix(p.ID, name) || p.Addr.String() == name) {
				fits = append(fits, p)
			}
		}
		return len(fits) == 1 && len(name) >= sureWorker
	})
	switch {
	case err != nil:
		return cluster.Peer{}, err
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) == 0:
		return cluster.Peer{}, c.nobody(ctx, o, s, "the name of worker "+name)
	}
	var names []string
	for _, p := range fits[:min(len(fits), 5)] {
		names = append(names, visible(p.ID, 12))
	}
	return cluster.Peer{}, usageError("type more of it", "%s: %d workers begin with %q: %s", c.name, len(fits), name, strings.Join(names, ", "))
}

// taskJSON is a task as --json prints it. Times are milliseconds.
type taskJSON struct {
	V        int    `json:"v"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Code     string `json:"code,omitempty"`
	Master   string `json:"master,omitempty"`
	Worker   string `json:"worker,omitempty"`
	Attempts int    `json:"attempts"`
	Priority int    `json:"priority"`
	Age      int64  `json:"ageMs"`
	Wait     int64  `json:"waitMs"`
	Run      int64  `json:"runMs"`
	Engine   string `json:"engine,omitempty"`
}

func newTaskJSON(r cluster.TaskRow) taskJSON {
	return taskJSON{
		V: 1, ID: r.ID, Name: r.Name, State: r.State, Code: r.Code, Master: r.Master, Worker: r.Worker, Attempts: r.Attempt,
		Priority: r.Priority, Age: r.Age.Milliseconds(), Wait: r.Wait.Milliseconds(), Run: r.Run.Milliseconds(), Engine: r.Engine,
	}
}

// taskTitle names a task for people.
func taskTitle(r cluster.TaskRow) string {
	title := "task " + visible(r.ID[:min(len(r.ID), sureTask)], sureTask)
	if r.Name != "" {
		title += " (" + visible(r.Name, 40) + ")"
	}
	return title
}

// printJSON prints one object on a line.
func printJSON(env *environment, v any) error {
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// shortWorker is a worker's id as people see it.
func shortWorker(id string) string { return cmp.Or(visible(id, sureWorker), "-") }
