package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/net/wire"
)

// askTime is how long an answer may take if the caller sets no time.
const askTime = 5 * time.Second

// maxUnread is how many log lines wait for a slow reader of Console.Logs.
const maxUnread = 1024

// Console asks another node what it runs, and tells it to cancel or to drain. The node answers members of its cluster
// only. Each call takes at most 5 s unless its ctx says otherwise. Errors are of type *Error, with the codes
// ERR_NO_NODE, ERR_NODE_LOST, ERR_NO_TASK, ERR_KEY_REQUIRED, ERR_UNSUPPORTED of an older node; or ctx's.
type Console struct {
	master *Master
	node   string
}

// Console returns one for the node with that id, which must be linked; see Mesh.Reach.
func (m *Master) Console(node string) *Console { return &Console{m, node} }

// Tasks lists the node's tasks.
func (c *Console) Tasks(ctx context.Context, q TaskQuery) (TaskList, error) {
	var list TaskList
	err := c.ask(ctx, askTasks, q, &list)
	role := c.role()
	for i := range list.Tasks {
		list.Tasks[i].Node, list.Tasks[i].Role = c.node, role
	}
	return list, err
}

// Figures tells how the node is doing.
func (c *Console) Figures(ctx context.Context) (Figures, error) {
	var f Figures
	return f, c.ask(ctx, askFigures, nil, &f)
}

// Explain says why the task with that whole id is where it is.
func (c *Console) Explain(ctx context.Context, task string) (Explanation, error) {
	var x Explanation
	err := c.ask(ctx, askExplain, taskQuestion{Task: task}, &x)
	x.Task.Node, x.Task.Role = c.node, c.role()
	return x, err
}

// Cancel ends the task with that whole id with ERR_CANCELLED, and returns what it was before. At a master that is as if
// its sender did it; at a worker it ends the attempt that is there.
func (c *Console) Cancel(ctx context.Context, task, reason string) (TaskRow, error) {
	var row TaskRow
	err := c.ask(ctx, askCancel, taskQuestion{Task: task, Reason: clipTo(reason, 1024)}, &row)
	row.Node, row.Role = c.node, c.role()
	return row, err
}

// Drain empties a worker: it takes no more tasks and hands back those that have not begun; what runs ends as it would.
// With on false it takes tasks again.
func (c *Console) Drain(ctx context.Context, on bool) (Figures, error) {
	var f Figures
	return f, c.ask(ctx, askDrain, drainQuestion{on}, &f)
}

// Logs calls say, one call at a time, with what the task with that whole id printed, at first the end of what it printed
// before, until the task has ended (then it returns nil) or ctx is done. An empty id means all tasks of the node, from now
// on. What a slow say misses is counted in Dropped.
func (c *Console) Logs(ctx context.Context, task string, say func(LogLine)) error {
	parts := make(chan *wire.Answer, maxUnread)
	failed := make(chan error, 1)
	var mu sync.Mutex
	dropped := 0 // guarded by mu
	got := func(a *wire.Answer, err error) {
		if err != nil {
			failed <- err
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if len(parts) >= maxUnread-1 && a.More { // the last place is for the end
			dropped++
			return
		}
		parts <- a
	}
	seq, err := c.begin(askLogs, taskQuestion{Task: task}, got)
	if err != nil {
		return err
	}
	defer c.end(seq, askLogs)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			return err
		case a := <-parts:
			var line LogLine
			if err := read(a, &line); err != nil {
				return err
			}
			mu.Lock()
			line.Dropped, dropped = line.Dropped+dropped, 0
			mu.Unlock()
			if line.Text != "" || line.Dropped > 0 {
				say(line)
			}
			if !a.More {
				return nil
			}
		}
	}
}

// ask asks, and reads the one answer into to.
func (c *Console) ask(ctx context.Context, what string, params, to any) error {
	type reply struct {
		answer *wire.Answer
		err    error
	}
	replies := make(chan reply, 1)
	seq, err := c.begin(what, params, func(a *wire.Answer, err error) {
		select {
		case replies <- reply{a, err}:
		default: // a second part, which nobody asked for
		}
	})
	if err != nil {
		return err
	}
	defer c.end(seq, what)
	timer := time.NewTimer(askTime)
	defer timer.Stop()
	expired := timer.C
	if _, ok := ctx.Deadline(); ok {
		expired = nil
	}
	select {
	case r := <-replies:
		if r.err != nil {
			return r.err
		}
		return read(r.answer, to)
	case <-expired:
		return &Error{CodeNodeLost, fmt.Sprintf("node %s has not answered within %v", c.node, askTime)}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin sends a question.
func (c *Console) begin(what string, params any, got func(*wire.Answer, error)) (uint64, error) {
	m := c.master
	m.mu.Lock()
	defer m.finishStep()
	s := m.peers.all[c.node]
	if s == nil || !s.linked() {
		return 0, &Error{CodeNoNode, fmt.Sprintf("no node %q is here", c.node)}
	}
	return m.control.ask(s, what, params, got), nil
}

// end lets a question be.
func (c *Console) end(seq uint64, what string) {
	c.master.mu.Lock()
	c.master.control.forget(seq, what)
	c.master.finishStep()
}

// role is that of the node, or "".
func (c *Console) role() string {
	c.master.mu.Lock()
	defer c.master.mu.Unlock()
	if s := c.master.peers.all[c.node]; s != nil {
		return s.peer.Role
	}
	return ""
}

// read reads one part of an answer. A part without data leaves to as it is.
func read(a *wire.Answer, to any) error {
	switch {
	case a.Code != "":
		return &Error{a.Code, a.Text}
	case len(a.Data) == 0:
		return nil
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		return &Error{CodeUnsupported, fmt.Sprintf("answer that is none: %v", err)}
	}
	return nil
}

// Find asks all nodes that are linked for tasks whose id begins so, and returns a row for each task: its master's, or if
// none has it that of the worker with its last attempt. Tasks that ended a short while ago are among them; live ones come
// first. err joins what nodes could not answer; rows may be there all the same.
func (m *Master) Find(ctx context.Context, prefix string) (rows []TaskRow, err error) {
	peers := m.Peers()
	lists := make([][]TaskRow, len(peers))
	errs := make([]error, len(peers))
	var g errgroup.Group
	g.SetLimit(64)
	for i, p := range peers {
		if p.Role == RoleTracker {
			continue
		}
		g.Go(func() error {
			list, err := m.Console(p.ID).Tasks(ctx, TaskQuery{Prefix: prefix, Recent: true})
			if err != nil {
				errs[i] = fmt.Errorf("%s %s: %w", p.Role, p.ID, err)
			}
			lists[i] = list.Tasks
			return nil
		})
	}
	_ = g.Wait() // each has its own error
	best := make(map[string]TaskRow)
	for _, r := range slices.Concat(lists...) {
		if old, ok := best[r.ID]; !ok || r.better(old) {
			best[r.ID] = r
		}
	}
	for _, r := range best {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b TaskRow) int {
		if a.Live() != b.Live() {
			return map[bool]int{true: -1, false: 1}[a.Live()]
		}
		return cmp.Or(cmp.Compare(a.Age, b.Age), strings.Compare(a.ID, b.ID))
	})
	return rows, errors.Join(errs...)
}

// better reports whether r says more of the same task than old.
func (r *TaskRow) better(old TaskRow) bool {
	if (r.Role == RoleMaster) != (old.Role == RoleMaster) {
		return r.Role == RoleMaster
	}
	return r.Attempt > old.Attempt
}

// clipTo shortens text to n bytes.
func clipTo(text string, n int) string { return strings.ToValidUTF8(text[:min(len(text), n)], "") }
