package cluster

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// maxCounted bounds how many functions are told apart in NodeStats; tasks of those that come after are counted under
// OtherFunctions, so that a script that makes names up cannot fill a database of metrics.
const maxCounted = 50

// OtherFunctions is the name under which NodeStats counts the tasks of functions beyond the first 50.
const OtherFunctions = "(other)"

// RunBounds are the upper bounds of NodeStats.Runs: round numbers from what a round trip takes to an hour.
var RunBounds = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, time.Second,
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour,
}

// Durations counts lengths of time.
type Durations struct {
	// Counts holds how many were up to each of RunBounds and above the one before, and at the end those above all.
	Counts [len(RunBounds) + 1]uint64
	// Sum is all of them added up.
	Sum time.Duration
}

func (d *Durations) add(length time.Duration) {
	i, _ := slices.BinarySearch(RunBounds[:], length)
	d.Counts[i]++
	d.Sum += length
}

// Add adds what o counted.
func (d *Durations) Add(o Durations) {
	for i, n := range o.Counts {
		d.Counts[i] += n
	}
	d.Sum += o.Sum
}

// FunctionStats counts the tasks of one function.
type FunctionStats struct {
	Name string
	// Live counts those that have not ended, by the words of TaskRow.State.
	Live map[string]int
	// Done counts those that ended since the node began, Failed those of them that ended with an error.
	Done, Failed uint64
}

// NodeStats is what a node of this process counted, for metrics.
type NodeStats struct {
	// Role is that of the node; Private that it is for this process alone.
	Role    string
	Private bool
	// Figures are as those that others are told, but for Up, CPU, Memory and Goroutines, which are 0.
	Figures Figures
	// Functions are at most 50, by name, and OtherFunctions.
	Functions []FunctionStats
	// Runs counts how long tasks ran that had a slot.
	Runs Durations
}

// MeshStats is what a mesh counted, for metrics.
type MeshStats struct {
	// Nodes are those of this process that have joined.
	Nodes []NodeStats
	// Peers are the nodes of other processes that are linked, each once; Unlinked counts those by role that were found and
	// are not.
	Peers    []Peer
	Unlinked map[string]int
	// Announced counts the announcements that were given out, one for each node and time, Heard those that came in.
	Announced, Heard uint64
}

// Stats counts.
func (m *Mesh) Stats(ctx context.Context) (MeshStats, error) {
	result := make(chan MeshStats, 1)
	err := m.do(ctx, func(_ context.Context, l *loop) { result <- l.stats() })
	if err != nil {
		return MeshStats{}, err
	}
	return <-result, nil
}

func (l *loop) stats() MeshStats {
	st := MeshStats{Unlinked: make(map[string]int), Announced: l.mesh.seq.Load(), Heard: l.mesh.heard.Load()}
	seen := make(map[string]bool)
	for _, mem := range l.members {
		seen[mem.node.ID()] = true
	}
	for _, mem := range l.members {
		n, peers := mem.node.stats()
		n.Role, n.Private = mem.role, mem.node.private()
		st.Nodes = append(st.Nodes, n)
		for _, p := range peers {
			if !seen[p.ID] {
				seen[p.ID] = true
				st.Peers = append(st.Peers, p)
			}
		}
	}
	for _, n := range l.table.Nodes() {
		if _, stranger := strangerRole(n.ID); !stranger && n.Cluster == l.mesh.cfg.Cluster && !n.Bye && !seen[n.ID] {
			st.Unlinked[n.Role]++
		}
	}
	return st
}

// tally counts tasks that ended by function.
type tally struct {
	byName map[string]*FunctionStats
	runs   Durations
}

// of is what is counted under a name.
func (t *tally) of(name string) *FunctionStats {
	f := t.byName[name]
	if f != nil {
		return f
	}
	if len(t.byName) >= maxCounted {
		name = OtherFunctions
		if f = t.byName[name]; f != nil {
			return f
		}
	}
	if t.byName == nil {
		t.byName = make(map[string]*FunctionStats)
	}
	f = &FunctionStats{Name: name}
	t.byName[name] = f
	return f
}

func (t *tally) ended(name string, run time.Duration, failed bool) {
	f := t.of(name)
	f.Done++
	if failed {
		f.Failed++
	}
	if run > 0 {
		t.runs.add(run)
	}
}

// live begins to count anew what has not ended.
func (t *tally) live(count func(add func(name, state string))) {
	for _, f := range t.byName {
		f.Live = nil
	}
	count(func(name, state string) {
		f := t.of(name)
		if f.Live == nil {
			f.Live = make(map[string]int)
		}
		f.Live[state]++
	})
}

// functions are copies, by name.
func (t *tally) functions() []FunctionStats {
	var list []FunctionStats
	for _, f := range t.byName {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b FunctionStats) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (m *Master) stats() (NodeStats, []Peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &m.scheduler.recent.tally
	t.live(func(add func(name, state string)) {
		for _, task := range m.scheduler.tasks {
			if task.state != Done {
				add(task.spec.Name, task.state.String())
			}
		}
	})
	return NodeStats{Figures: m.scheduler.figures(), Functions: t.functions(), Runs: t.runs}, m.peers.peers("")
}

func (w *Worker) stats() (NodeStats, []Peer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &w.intake.recent.tally
	t.live(func(add func(name, state string)) {
		for _, o := range w.intake.owners {
			for _, j := range o.jobs {
				if j.state < jobOver {
					add(j.task.Name, j.state.String())
				}
			}
		}
	})
	return NodeStats{Figures: w.intake.figures(), Functions: t.functions(), Runs: t.runs}, w.peers.peers("")
}

func (t *Tracker) stats() (NodeStats, []Peer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return NodeStats{}, t.peers.peers("")
}

// ProcessStats is what this process takes of its machine; 0 where the system does not tell. Executors are processes of
// their own.
type ProcessStats struct {
	CPU        time.Duration
	Memory     int64 // bytes
	Goroutines int
}

// Process asks the system.
func Process() ProcessStats {
	u := processUsage()
	return ProcessStats{u.cpu, u.memory, u.goroutines}
}
