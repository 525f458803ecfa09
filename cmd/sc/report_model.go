package main

import (
	"cmp"
	"math"
	"slices"
)

// Bounds of a report, so that its page stays one that a browser opens at once.
const (
	maxBoxes     = 20_000
	maxLanes     = 400
	maxFailures  = 200
	maxFunctions = 100
	curvePoints  = 60 // of a function's progress
)

// A report is what a page shows of a run. Times are milliseconds since it
// began.
type report struct {
	run       recordedRun
	took      float64
	tasks     int
	calls     int
	failed    int // calls
	functions []reportFunction
	workers   []reportWorker
	lanes     []reportLane
	unlaned   int // workers that the stream has no room for
	boxes     int // in all lanes
	merged    bool
	failures  []recordTask
	failedAll int // tasks with a failure, also those for which there is no room
}

// A reportFunction is what became of the tasks of one function.
type reportFunction struct {
	name                 string
	tasks, calls, failed int
	first, last          float64
	runs                 []float64 // sorted
	curve                []int     // calls that had ended at curvePoints times
}

// A reportWorker is what one worker did.
type reportWorker struct {
	id, addr      string
	tasks, failed int
	busy          float64
	slots         int // that were seen in use at once
}

// A reportLane is a slot of a worker, as far as a master can tell them apart.
type reportLane struct {
	worker int // index of reportWorker
	boxes  []reportBox
}

// A reportBox is a task, or several that follow one another.
type reportBox struct {
	from, to float64
	function int // index of reportFunction
	count    int
	failed   int
	id       string // of the task if it is one
}

// newReport makes a report of a record.
func newReport(run recordedRun, tasks []recordTask) *report {
	r := &report{run: run, tasks: len(tasks)}
	for _, t := range tasks {
		r.took = max(r.took, t.Ended)
		r.calls += t.Calls
		r.failed += t.Failed
		if t.Failed > 0 || t.Code != "" {
			r.failedAll++
			if len(r.failures) < maxFailures {
				r.failures = append(r.failures, t)
			}
		}
	}
	if e := run.end; e != nil {
		r.took, r.tasks, r.calls, r.failed = max(r.took, e.Ended), e.Tasks, e.Calls, e.Failed
	}
	functionOf := r.countFunctions(tasks)
	r.countWorkers(tasks, functionOf)
	r.mergeBoxes()
	return r
}

// countFunctions fills functions, those with the most calls first, and returns
// the index of each name.
func (r *report) countFunctions(tasks []recordTask) map[string]int {
	by := make(map[string]*reportFunction)
	for _, t := range tasks {
		f := by[t.Name]
		if f == nil {
			f = &reportFunction{name: t.Name, first: t.Asked, curve: make([]int, curvePoints)}
			by[t.Name] = f
		}
		f.tasks++
		f.calls += t.Calls
		f.failed += t.Failed
		f.first, f.last = min(f.first, t.Asked), max(f.last, t.Ended)
		if t.Began != nil {
			f.runs = append(f.runs, t.Ended-*t.Began)
		}
		f.curve[min(int(t.Ended/max(r.took, 0.001)*curvePoints), curvePoints-1)] += t.Calls
	}
	for _, f := range by {
		slices.Sort(f.runs)
		for i := 1; i < len(f.curve); i++ {
			f.curve[i] += f.curve[i-1]
		}
		r.functions = append(r.functions, *f)
	}
	slices.SortFunc(r.functions, func(a, b reportFunction) int {
		return cmp.Or(cmp.Compare(b.calls, a.calls), cmp.Compare(a.name, b.name))
	})
	index := make(map[string]int)
	for i, f := range r.functions {
		index[f.name] = i
	}
	return index
}

// quantile is the run time below which that part of the runs is; 0 without
// any.
func (f *reportFunction) quantile(part float64) float64 {
	if len(f.runs) == 0 {
		return 0
	}
	return f.runs[min(int(part*float64(len(f.runs))), len(f.runs)-1)]
}

// sameSlot is by how much two runs may overlap and yet count as one after the
// other, in milliseconds: a master hears of ends and beginnings with a delay.
const sameSlot = 3.0

// countWorkers fills workers, those that came first first, and their lanes.
func (r *report) countWorkers(tasks []recordTask, functionOf map[string]int) {
	ran := slices.DeleteFunc(slices.Clone(tasks), func(t recordTask) bool { return t.Began == nil || t.Worker == "" })
	slices.SortStableFunc(ran, func(a, b recordTask) int { return cmp.Compare(*a.Began, *b.Began) })
	index := make(map[string]int)
	lanesOf := make(map[int][]int) // lanes by worker
	for _, t := range ran {
		w, ok := index[t.Worker]
		if !ok {
			w = len(r.workers)
			index[t.Worker] = w
			r.workers = append(r.workers, reportWorker{id: t.Worker, addr: t.Addr})
		}
		r.workers[w].tasks++
		r.workers[w].busy += t.Ended - *t.Began
		if t.Failed > 0 {
			r.workers[w].failed++
		}
		box := reportBox{from: *t.Began, to: t.Ended, function: functionOf[t.Name], count: 1, id: t.ID}
		if t.Failed > 0 {
			box.failed = 1
		}
		lane := r.freeLane(lanesOf[w], box.from)
		if lane < 0 {
			if len(r.lanes) >= maxLanes {
				if _, told := lanesOf[w]; !told {
					r.unlaned++
					lanesOf[w] = nil
				}
				continue
			}
			lane = len(r.lanes)
			r.lanes = append(r.lanes, reportLane{worker: w})
			lanesOf[w] = append(lanesOf[w], lane)
			r.workers[w].slots++
		}
		r.lanes[lane].boxes = append(r.lanes[lane].boxes, box)
		r.boxes++
	}
	slices.SortStableFunc(r.lanes, func(a, b reportLane) int { return cmp.Compare(a.worker, b.worker) })
}

// freeLane is the lane that has been free for the shortest time, -1 if all are
// in use.
func (r *report) freeLane(lanes []int, from float64) int {
	best, at := -1, math.Inf(-1)
	for _, l := range lanes {
		last := r.lanes[l].boxes[len(r.lanes[l].boxes)-1]
		overlap := min(sameSlot, (last.to-last.from)/2)
		if end := last.to - overlap; end <= from && end > at {
			best, at = l, end
		}
	}
	return best
}

// mergeBoxes makes one box of several that follow one another closely, closer
// and closer, and then of different functions, until there are few enough.
func (r *report) mergeBoxes() {
	for gap := max(r.took, 1) / 4000; r.boxes > maxBoxes; gap *= 2 {
		r.merged = true
		r.boxes = 0
		for i := range r.lanes {
			l := &r.lanes[i]
			kept := l.boxes[:1]
			for _, b := range l.boxes[1:] {
				last := &kept[len(kept)-1]
				// One that is wide enough to be seen stays on its own until gaps of its size are closed.
				narrow := b.to-b.from < gap && last.to-last.from < 8*gap
				if b.from-last.to < gap && narrow && (b.function == last.function || gap > r.took/500) {
					last.to, last.id = max(last.to, b.to), ""
					last.count += b.count
					last.failed += b.failed
					continue
				}
				kept = append(kept, b)
			}
			l.boxes = kept
			r.boxes += len(kept)
		}
	}
}
