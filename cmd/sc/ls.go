package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/net/trust"
)

func lsCommand() *command {
	return &command{
		name:  "ls",
		usage: "[workers | masters | tasks | runs]",
		short: "list who is there and what runs",
		long: `Examples:

  sc ls                            a table
  sc ls workers --json             one JSON object a line
  sc ls tasks                      what runs and what waits
  sc ls runs                       what 'sc run --record' kept here
  sc ls --tracker=10.0.0.5         the nodes that a tracker lists
  sc ls --wait=10s                 look longer, as large clusters need

PATH is "direct" for a node that answers, "relay" for one that does so through
a tracker, since it and this host cannot reach each other (ADDRESS is then the
tracker's), and "none" for one that was found and does not. SLOTS are those in
use and those there are; "off" stands for a worker that takes no tasks now.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			fs.BoolVar(&s.json, "json", s.json, "print one JSON object a line")
			fs.BoolVar(&s.all, "all", s.all, "of tasks, also list those that ended lately")
			fs.DurationVar(&s.time, "wait", lookTime, "`duration` of the look")
		},
		run: runLs,
	}
}

// lookTime is a little longer than the time between two announcements.
const lookTime = 2 * time.Second

func runLs(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 1 && rest[0] == "tasks":
		return listTasks(ctx, env, c, &s)
	case len(rest) == 1 && rest[0] == "runs":
		return listRuns(env, &s)
	}
	role, err := listRole(rest)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	nodes, refusal, err := look(ctx, env, &s)
	if err != nil {
		return err
	}
	nodes = slices.DeleteFunc(nodes, func(n listed) bool { return role != "" && n.Role != role })
	if refusal != nil && !slices.ContainsFunc(nodes, func(n listed) bool { return n.Path != "none" }) {
		return errors.Join(printNodes(env.stdout, nodes, s.json), configError("ls", refusal))
	}
	if len(nodes) == 0 && !s.json {
		fmt.Fprintf(env.stderr, "sc: nobody was found within %v\n", s.time)
		return nil
	}
	return printNodes(env.stdout, nodes, s.json)
}

func printNodes(w io.Writer, nodes []listed, lines bool) error {
	switch {
	case lines:
		return printLines(w, nodes)
	case len(nodes) == 0:
		return nil
	}
	return printTable(w, nodes)
}

// listRole is the role of the nodes to list; "" means all.
func listRole(words []string) (string, error) {
	switch {
	case len(words) > 1:
		return "", usageError("", "ls: unexpected argument %q", words[1])
	case len(words) == 0:
		return "", nil
	case words[0] == "workers" || words[0] == "masters":
		return strings.TrimSuffix(words[0], "s"), nil
	}
	return "", usageError("there are 'sc ls', 'sc ls workers', 'sc ls masters', 'sc ls tasks' and 'sc ls runs'", "ls: unknown list %q", words[0])
}

// look joins for as long as it should take and returns who was found, and why
// somebody was not let in, or did not let us in.
func look(ctx context.Context, env *environment, s *settings) ([]listed, *trust.Refusal, error) {
	session := jsapi.NewSession(s.session(env))
	g, gctx := errgroup.WithContext(ctx)
	sessionCtx, end := context.WithCancel(gctx)
	g.Go(func() error { return session.Run(sessionCtx) })
	var nodes []listed
	g.Go(func() error {
		defer end()
		o, err := session.OpenObserver(gctx)
		if err != nil {
			return configError("ls", err)
		}
		select {
		case <-gctx.Done():
			return gctx.Err()
		case <-time.After(s.time):
		}
		nodes, err = everyone(gctx, o)
		remember(s, seenWorkers(o.Linked()), seenWorker)
		if why := o.TrackerErr(); err == nil && why != nil && len(nodes) == 0 {
			if strings.Contains(why.Error(), trust.CodeKeyRequired) {
				return &exitError{code: exitTrust, err: fmt.Errorf("ls: %w", why), hint: trust.Hint(trust.CodeKeyRequired)}
			}
			return &exitError{
				code: exitTracker,
				err:  fmt.Errorf("ls: no tracker answers: %s", strings.ReplaceAll(why.Error(), "\n", "; ")),
				hint: "see that 'sc tracker' runs there, and that TCP port 44201 is let through",
			}
		}
		return err
	})
	err := g.Wait()
	return nodes, session.Refusal(), err
}

// listed is a node as ls prints it.
type listed struct {
	V         int             `json:"v"`
	ID        string          `json:"id"`
	Role      string          `json:"role"`
	Addr      string          `json:"addr"`
	Path      string          `json:"path"` // "direct", "relay" or "none"
	Version   string          `json:"version,omitempty"`
	PID       int             `json:"pid,omitempty"`
	Available bool            `json:"available"`
	Slots     int             `json:"slots"`
	Running   int             `json:"running"`
	Data      json.RawMessage `json:"data"`
	Host      json.RawMessage `json:"host,omitempty"`
}

// everyone lists who an observer sees: masters first, then by address.
func everyone(ctx context.Context, o *jsapi.Observer) ([]listed, error) {
	unlinked, err := o.Unlinked(ctx)
	if err != nil {
		return nil, err
	}
	var nodes []listed
	for _, p := range o.Linked() {
		nodes = append(nodes, listedPeer(p))
	}
	for _, n := range unlinked {
		nodes = append(nodes, listed{V: 1, ID: n.ID, Role: n.Role, Addr: n.Addr.String(), Path: "none", Data: n.Data})
	}
	slices.SortFunc(nodes, func(a, b listed) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.ID, b.ID))
	})
	for i := range nodes {
		if nodes[i].Data == nil {
			nodes[i].Data = json.RawMessage("{}")
		}
	}
	return nodes, nil
}

func listedPeer(p cluster.Peer) listed {
	path := "direct"
	if p.Relayed {
		path = "relay"
	}
	return listed{
		V: 1, ID: p.ID, Role: p.Role, Addr: p.Addr.String(), Path: path, Version: p.Version, PID: p.Pid,
		Available: p.Available, Slots: p.Slots, Running: p.Running, Data: p.Data, Host: p.Host,
	}
}

func printLines(w io.Writer, nodes []listed) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, n := range nodes {
		if err := out.Encode(n); err != nil {
			return err
		}
	}
	return nil
}

func printTable(w io.Writer, nodes []listed) error {
	t := tabwriter.NewWriter(narrow(w), 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tROLE\tADDRESS\tPATH\tSLOTS\tVERSION\tDATA")
	for _, n := range nodes {
		slots := "-"
		if n.Role == cluster.RoleWorker && n.Path != "none" {
			slots = fmt.Sprintf("%d/%d", n.Running, n.Slots)
			if !n.Available {
				slots += " off"
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", visible(n.ID, 7), n.Role, n.Addr, n.Path, slots, cmp.Or(visible(n.Version, 20), "-"), visible(string(n.Data), 60))
	}
	return t.Flush()
}

// visible makes what a stranger sent fit for a terminal: nothing but visible
// characters, and at most n of them.
func visible(text string, n int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, text))
	if len(runes) > n && n > 7 {
		return string(runes[:n-1]) + "…"
	}
	return string(runes[:min(len(runes), n)])
}
