package main

import (
	"cmp"
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

func topCommand() *command {
	return &command{
		name:  "top",
		short: "live: workers, slots, rates and tasks",
		long: `Examples:

  sc top                        until q
  sc top --sort=rate            workers by tasks a second
  sc top --once                 one screen, as text
  sc top --once --json          the same for programs

Keys: Tab between workers and tasks, ↑ ↓ to choose, s to sort, / to filter by
what a line holds, d to drain a worker and D to let it work again, c to cancel
a task, q to end.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			fs.BoolVar(&s.json, "json", s.json, "print one JSON object a line, with --once")
			fs.BoolVar(&s.once, "once", s.once, "print once and end")
			fs.DurationVar(&s.interval, "interval", time.Second, "`duration` between two looks")
			fs.StringVar(&s.sort, "sort", "id", "sort by `column`: id, slots, running, rate, cpu or memory")
			fs.StringVar(&s.filter, "filter", s.filter, "show lines with this `text` only")
		},
		run: runTop,
	}
}

// topSorts are the columns to sort workers by.
var topSorts = []string{"id", "slots", "running", "rate", "cpu", "memory"}

func runTop(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usageError("", "top: unexpected argument %q", rest[0])
	case !slices.Contains(topSorts, s.sort):
		return usageError("columns are "+strings.Join(topSorts, ", "), "top: no column is called %q", s.sort)
	case s.interval < 100*time.Millisecond:
		return usageError("", "top: --interval of %v, least 100ms", s.interval)
	case s.json && !s.once:
		return usageError("add --once", "top: --json prints once only")
	}
	live := !s.once && isTerminal(env.stdout) && isTerminal(env.stdin)
	err = observe(ctx, env, c, &s, func(ctx context.Context, o *jsapi.Observer) error {
		t := &top{o: o, c: c, sort: s.sort, filter: s.filter, color: env.useColor(env.stdout), before: make(map[string]sample)}
		if !live {
			return t.printOnce(ctx, env, &s)
		}
		return t.live(ctx, env, s.interval)
	})
	if live && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// A sample is what a worker told at a time.
type sample struct {
	at      time.Time
	figures cluster.Figures
}

// A topNode is a worker as top shows it.
type topNode struct {
	peer      cluster.Peer
	figures   cluster.Figures
	known     bool    // it has answered
	rate, cpu float64 // tasks a second; processors in use
}

// top is what is shown and how. It belongs to one goroutine.
type top struct {
	o            *jsapi.Observer
	c            *command
	sort, filter string
	color        bool
	before       map[string]sample

	nodes    []topNode
	tasks    []cluster.TaskRow
	masters  int
	now      time.Time
	onTasks  bool   // the lower table is of tasks
	chosen   string // id of the chosen line
	typing   bool   // the filter is typed
	message  string // of the last action
	rendered []string
	shown    [2]int // lines of rendered that are in sight, from and below
}

// askAtOnce bounds how many nodes are asked at a time.
const askAtOnce = 64

// look asks all workers how they are.
func (t *top) look(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	var mu sync.Mutex
	var nodes []topNode
	t.masters = 0
	var g errgroup.Group
	g.SetLimit(askAtOnce)
	for _, p := range t.o.Linked() {
		if p.Role == cluster.RoleMaster {
			t.masters++
		}
		if p.Role != cluster.RoleWorker {
			continue
		}
		g.Go(func() error {
			f, err := t.o.Console(p.ID).Figures(ctx)
			n := topNode{peer: p, figures: f, known: err == nil}
			if err != nil {
				n.figures = cluster.Figures{Slots: p.Slots, Running: p.Running, Queued: p.Queued, Available: p.Available}
			}
			mu.Lock()
			defer mu.Unlock()
			nodes = append(nodes, n)
			return nil
		})
	}
	_ = g.Wait() // a worker that does not answer is shown as linked
	t.tasks, _ = t.o.Find(ctx, "")
	t.take(nodes, time.Now())
}

// take computes rates against the look before.
func (t *top) take(nodes []topNode, now time.Time) {
	samples := make(map[string]sample, len(nodes))
	for i := range nodes {
		n := &nodes[i]
		if !n.known {
			continue
		}
		if old, ok := t.before[n.peer.ID]; ok {
			seconds := max(now.Sub(old.at).Seconds(), 0.001)
			n.rate = max(0, float64(n.figures.Done-old.figures.Done)+float64(n.figures.Failed-old.figures.Failed)) / seconds
			n.cpu = max(0, (n.figures.CPU-old.figures.CPU).Seconds()) / seconds
		}
		samples[n.peer.ID] = sample{now, n.figures}
	}
	t.before, t.now, t.nodes = samples, now, nodes
	t.arrange()
}

// arrange sorts what is shown.
func (t *top) arrange() {
	slices.SortFunc(t.nodes, func(a, b topNode) int {
		by := 0
		switch t.sort {
		case "slots":
			by = cmp.Compare(b.figures.Slots, a.figures.Slots)
		case "running":
			by = cmp.Compare(b.figures.Running, a.figures.Running)
		case "rate":
			by = cmp.Compare(b.rate, a.rate)
		case "cpu":
			by = cmp.Compare(b.cpu, a.cpu)
		case "memory":
			by = cmp.Compare(b.figures.Memory, a.figures.Memory)
		}
		return cmp.Or(by, cmp.Compare(a.peer.ID, b.peer.ID))
	})
}

// A functionRow counts the tasks of one function by state.
type functionRow struct {
	name                           string
	running, waiting, done, failed int
}

func (t *top) functions() []functionRow {
	by := make(map[string]*functionRow)
	for _, r := range t.tasks {
		f := by[r.Name]
		if f == nil {
			f = &functionRow{name: r.Name}
			by[r.Name] = f
		}
		switch {
		case !r.Live() && r.Code != "":
			f.failed++
		case !r.Live():
			f.done++
		case r.State == "running" || r.State == "ending":
			f.running++
		default:
			f.waiting++
		}
	}
	var list []functionRow
	for _, f := range by {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b functionRow) int {
		return cmp.Or(cmp.Compare(b.running+b.waiting, a.running+a.waiting), cmp.Compare(a.name, b.name))
	})
	return list
}

// printOnce looks twice, for rates, and prints one screen or JSON.
func (t *top) printOnce(ctx context.Context, env *environment, s *settings) error {
	for _, wait := range []time.Duration{lookTime, s.interval} {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		t.look(ctx)
	}
	if s.json {
		return t.printJSON(env)
	}
	width, _ := terminalSize(env.stdout)
	for _, line := range t.screen(width, 1<<20) {
		fmt.Fprintln(env.stdout, strings.TrimRight(line, " "))
	}
	return nil
}

func (t *top) printJSON(env *environment) error {
	for _, n := range t.nodes {
		f := n.figures
		err := printJSON(env, struct {
			V        int     `json:"v"`
			Kind     string  `json:"kind"`
			ID       string  `json:"id"`
			Slots    int     `json:"slots"`
			Running  int     `json:"running"`
			Queued   int     `json:"queued"`
			Done     uint64  `json:"done"`
			Failed   uint64  `json:"failed"`
			Rate     float64 `json:"rate"`
			CPU      float64 `json:"cpuSeconds"`
			Memory   int64   `json:"memory"`
			Draining bool    `json:"draining"`
		}{1, "worker", n.peer.ID, f.Slots, f.Running, f.Queued, f.Done, f.Failed, n.rate, f.CPU.Seconds(), f.Memory, f.Draining})
		if err != nil {
			return err
		}
	}
	for _, f := range t.functions() {
		err := printJSON(env, struct {
			V       int    `json:"v"`
			Kind    string `json:"kind"`
			Name    string `json:"name"`
			Running int    `json:"running"`
			Waiting int    `json:"waiting"`
			Done    int    `json:"done"`
			Failed  int    `json:"failed"`
		}{1, "function", f.name, f.running, f.waiting, f.done, f.failed})
		if err != nil {
			return err
		}
	}
	return nil
}
