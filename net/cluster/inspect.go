package cluster

import (
	"encoding/json"
	"time"

	"supercluster/net/wire"
)

// Bounds of what a node tells of its tasks.
const (
	maxRows   = 1000      // tasks in one list
	maxRowsOf = 768 << 10 // bytes of these, about
	maxRecent = 256       // tasks that have ended and that a node still tells of
	maxTail   = 4 << 10   // bytes of what a task printed last
	// maxEngineText bounds what is kept of what a worker says ran a task, in bytes.
	maxEngineText = 300
)

// TaskRow is a task as one node tells of it. Its times are lengths, in nanoseconds in JSON, since clocks of two machines
// differ.
type TaskRow struct {
	// ID is what wire.TaskID writes, Name that of the function.
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// State is one of the words of State at a master: "queued", "waiting", "sent", "received", "running", "done"; at a
	// worker "wants" (code or values that it asked for), "queued", "running", "ending" or "done".
	State string `json:"state"`
	// Code is that of the error that it ended with, or the error's name if it has no code; empty if it ended well, or has
	// not ended.
	Code string `json:"code,omitempty"`
	// Master and Worker are the ids of the nodes whose it is and where it is now, or was last.
	Master string `json:"master,omitempty"`
	Worker string `json:"worker,omitempty"`
	// Attempt is the number of the attempt that counts, or that this worker has; 0 if there was none.
	Attempt  int `json:"attempt"`
	Priority int `json:"priority,omitempty"`
	// Age is how long ago the node took it, Wait how long it waited until its last attempt began, or waits already.
	Age  time.Duration `json:"age"`
	Wait time.Duration `json:"wait"`
	// Run is for how long its last attempt runs, or ran; 0 if none began.
	Run time.Duration `json:"run"`
	// Ended is how long ago it ended; 0 if it has not.
	Ended time.Duration `json:"ended,omitempty"`
	// Engine is what runs it, or ran it last, and why, in words; a worker knows, and its master once the task has
	// ended; empty if that was our own engine from the first.
	Engine string `json:"engine,omitempty"`
	// Log is the end of what it printed, at most 4 KiB, if it was asked for.
	Log string `json:"log,omitempty"`
	// Node is the id of the node that tells, and Role its role. The asker fills them in.
	Node string `json:"-"`
	Role string `json:"-"`
}

// Live reports whether the task has not ended.
func (r *TaskRow) Live() bool { return r.State != Done.String() }

// TaskQuery selects tasks of a node.
type TaskQuery struct {
	// Prefix is that of their ids; empty means all.
	Prefix string `json:"prefix,omitempty"`
	// Max is how many are told at most; zero, or more, means 1000.
	Max int `json:"max,omitempty"`
	// Log asks for what they printed last, Recent for those that ended a short while ago, too.
	Log    bool `json:"log,omitempty"`
	Recent bool `json:"recent,omitempty"`
}

// TaskList is what a node tells of its tasks: those that run first, then in the order in which they will.
type TaskList struct {
	Tasks []TaskRow `json:"tasks"`
	// Total counts all that were asked for, including those for which there was no room.
	Total int `json:"total"`
}

// Figures is how a node is doing.
type Figures struct {
	// Slots is how many tasks a worker runs at once; 0 at a master. Running and Queued count its tasks, those of all
	// masters at a worker.
	Slots   int `json:"slots"`
	Running int `json:"running"`
	Queued  int `json:"queued"`
	// Done and Failed count the tasks that ended since the node began: at a worker its attempts. Cancelled ones, among
	// the failed, count in Failed.
	Done   uint64 `json:"done"`
	Failed uint64 `json:"failed"`
	// Busy is the time that slots were in use, all added up, for a worker.
	Busy time.Duration `json:"busy,omitempty"`
	// Available says that a worker takes tasks, Draining that it is being emptied.
	Available bool `json:"available"`
	Draining  bool `json:"draining,omitempty"`
	// Up is how long the node exists, CPU the processor time that its process took, Memory what that holds in bytes; 0
	// where the system does not tell. Executors are processes of their own.
	Up         time.Duration `json:"up"`
	CPU        time.Duration `json:"cpu"`
	Memory     int64         `json:"memory"`
	Goroutines int           `json:"goroutines"`
}

// LogLine is what a task printed: one or more lines.
type LogLine struct {
	Task   string `json:"task"`
	Name   string `json:"name,omitempty"`
	Worker string `json:"worker,omitempty"`
	Stream string `json:"stream"` // "stdout" or "stderr"; "" of text from before, of both
	Text   string `json:"text"`
	// Dropped counts the texts that came before this one and were left out, since the asker did not keep up.
	Dropped int `json:"dropped,omitempty"`
}

// Explanation says why a task is where it is.
type Explanation struct {
	Task TaskRow `json:"task"`
	// Summary says it in a sentence.
	Summary string `json:"summary"`
	// Workers holds, of each worker that is linked to the node that tells, the first reason why the task does not run
	// there; of one where it does, that.
	Workers []WorkerReason `json:"workers,omitempty"`
}

// WorkerReason is why a task does, or does not, run on a worker.
type WorkerReason struct {
	Worker string `json:"worker"`
	Addr   string `json:"addr,omitempty"`
	Here   bool   `json:"here,omitempty"` // it is there
	Reason string `json:"reason"`
}

// ended is what is remembered of a task that has ended.
type ended struct {
	id            wire.TaskID
	name          string
	code          string // of its error
	node          string // the other side
	attempt       uint32
	priority      int
	wait, run     time.Duration
	born, endedAt time.Time
	tail          *tail
	engine        string
}

// recent remembers the tasks that ended last.
type recent struct {
	ring         []ended
	next         int
	done, failed uint64
	tally        tally
}

func (r *recent) add(e ended, failed bool) {
	r.done++
	if failed {
		r.failed++
	}
	r.tally.ended(e.name, e.run, failed)
	if len(r.ring) < maxRecent {
		r.ring = append(r.ring, e)
		return
	}
	r.ring[r.next] = e
	r.next = (r.next + 1) % maxRecent
}

// rows are those that q asks for, the last one first.
func (r *recent) rows(q TaskQuery, now time.Time, row func(*ended) TaskRow) []TaskRow {
	var list []TaskRow
	if !q.Recent {
		return nil
	}
	for i := range r.ring {
		e := &r.ring[(r.next+len(r.ring)-1-i)%len(r.ring)]
		if !hasPrefix(e.id, q.Prefix) {
			continue
		}
		t := row(e)
		t.ID, t.Name, t.State, t.Code = e.id.String(), e.name, Done.String(), e.code
		t.Attempt, t.Priority, t.Engine = int(e.attempt), e.priority, e.engine
		t.Age, t.Wait, t.Run, t.Ended = now.Sub(e.born), e.wait, e.run, max(1, now.Sub(e.endedAt))
		if q.Log {
			t.Log = e.tail.text()
		}
		list = append(list, t)
	}
	return list
}

// hasPrefix reports whether a task's id begins so.
func hasPrefix(id wire.TaskID, prefix string) bool {
	return prefix == "" || len(prefix) <= 2*len(id) && id.String()[:len(prefix)] == prefix
}

// cutTo bounds a list, of which it says how long it was.
func cutTo(rows []TaskRow, q TaskQuery, total int) TaskList {
	limit := maxRows
	if q.Max > 0 {
		limit = min(limit, q.Max)
	}
	bytes := 0
	for i := range rows {
		if bytes += 400 + len(rows[i].Name) + 2*len(rows[i].Log); bytes > maxRowsOf {
			limit = min(limit, i)
		}
	}
	return TaskList{Tasks: rows[:min(limit, len(rows))], Total: total}
}

// encoded is v as JSON. What this package sends always can be.
func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return b
}
