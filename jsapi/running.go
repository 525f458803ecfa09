package jsapi

import "supercluster/net/cluster"

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

// Drain has the script's masters refuse new tasks, and cancels those that no
// worker has begun; the others go on. It returns how many were cancelled. Loop
// goroutine only.
func (s *Script) Drain(reason string) int {
	s.draining = reason
	return s.cancel(reason, func(t RunningTask) bool { return !t.Started })
}

// CancelTasks cancels the tasks of the script's masters that are not done, and
// returns how many there were. Loop goroutine only.
func (s *Script) CancelTasks(reason string) int {
	return s.cancel(reason, func(RunningTask) bool { return true })
}

func (s *Script) cancel(reason string, which func(RunningTask) bool) int {
	n := 0
	for t, cancel := range s.running {
		if which(t.describe()) && cancel(reason) {
			n++
		}
	}
	return n
}

// OnIdle has f called, on the loop, whenever the last task that was not done
// is. Nil ends that. Loop goroutine only.
func (s *Script) OnIdle(f func()) { s.idle = f }

// taskEnded forgets a task.
func (s *Script) taskEnded(t *scriptTask) {
	delete(s.running, t)
	if len(s.running) == 0 && s.idle != nil {
		s.idle()
	}
}
