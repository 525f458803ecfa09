package jsapi

import (
	"slices"
	"time"

	"supercluster/net/cluster"
)

// RunningTask is a task of a script that is not done.
type RunningTask struct {
	ID, Name string
	Worker   string // its id; empty while the task waits at its master
	Started  bool   // it has a slot, or is about to get one
}

// Running lists the tasks of the script's masters that are not done, in no
// order. Loop goroutine only.
func (s *Script) Running() []RunningTask {
	list := make([]RunningTask, 0, len(s.running))
	for t := range s.running {
		list = append(list, t.describe())
	}
	return list
}

func (t *scriptTask) describe() RunningTask {
	now := t.now()
	started := now.name == "received" || now.name == "started"
	r := RunningTask{ID: t.id, Name: t.name, Started: started}
	if now.name != cluster.Queued.String() {
		r.Worker = now.peer
	}
	return r
}

// Drain has the script's masters send no more tasks and cancels those that no
// worker has begun; the others go on. The script hears nothing of tasks that
// were cancelled so, as it would take that for a failure and end what runs. It
// returns how many go on; OnIdle tells when they are done. Loop goroutine
// only.
func (s *Script) Drain(reason string) (left int) {
	s.draining = reason
	for t, cancel := range s.running {
		if t.describe().Started {
			left++
			continue
		}
		t.dropped = true
		cancel(reason)
	}
	return left
}

// CancelTasks cancels the tasks of the script's masters that are not done, and
// returns how many there were. Loop goroutine only.
func (s *Script) CancelTasks(reason string) int {
	n := 0
	for _, cancel := range s.running {
		if cancel(reason) {
			n++
		}
	}
	return n
}

// OnIdle has f called, on the loop, whenever the last task that was not done
// is. Nil ends that. Loop goroutine only.
func (s *Script) OnIdle(f func()) { s.idle = f }

// FunctionProgress counts the calls of one function that a script asked for:
// of a map one an item, else one a task.
type FunctionProgress struct {
	Name                         string
	Asked, Running, Done, Failed int
	Began                        time.Time // of the first
}

// Progress tells of each function that was sent, in the order in which they
// were first. Loop goroutine only.
func (s *Script) Progress() []FunctionProgress {
	list := make([]FunctionProgress, len(s.functions))
	for i, f := range s.functions {
		list[i] = *f
		list[i].Running = 0
	}
	for t := range s.running {
		if i := slices.Index(s.functions, t.function); i >= 0 && t.describe().Started {
			list[i].Running += t.calls
		}
	}
	return list
}

// maxFunctions bounds how many functions are told apart; what comes after is
// counted with the last.
const maxFunctions = 100

// taskBegun counts a task of so many calls.
func (s *Script) taskBegun(t *scriptTask, calls int) {
	t.calls = calls
	i := slices.IndexFunc(s.functions, func(f *FunctionProgress) bool { return f.Name == t.name })
	switch {
	case i >= 0:
		t.function = s.functions[i]
	case len(s.functions) == maxFunctions:
		t.function = s.functions[maxFunctions-1]
	default:
		t.function = &FunctionProgress{Name: t.name, Began: time.Now()}
		s.functions = append(s.functions, t.function)
	}
	t.function.Asked += calls
}

// taskEnded forgets a task, of which so many calls failed.
func (s *Script) taskEnded(t *scriptTask, failed int) {
	delete(s.running, t)
	if t.function != nil && !t.dropped {
		t.function.Done += t.calls
		t.function.Failed += failed
	}
	if len(s.running) == 0 && s.idle != nil {
		s.loop.Post(s.idle) // after what the script makes of the last result
	}
}
