package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"supercluster/net/wire"
)

// What may be asked of a node.
const (
	askTasks   = "tasks"   // taskQuery -> TaskList
	askFigures = "figures" // nothing -> Figures
	askExplain = "explain" // taskQuestion -> Explanation
	askLogs    = "logs"    // taskQuestion, whose id may be empty for all tasks -> LogLine, and more of them
	askCancel  = "cancel"  // taskQuestion -> TaskRow, as it was before
	askDrain   = "drain"   // drainQuestion -> Figures; a worker's alone
	askStop    = "stop"    // stopQuestion: no more answers to that question; not answered itself
)

// maxFollows is how many nodes and questions may follow the logs of a node at once.
const maxFollows = 64

type taskQuestion struct {
	Task   string `json:"task"`
	Reason string `json:"reason,omitempty"`
}

type drainQuestion struct {
	On bool `json:"on"`
}

type stopQuestion struct {
	Seq uint64 `json:"seq"`
}

// informant is the state machine of a node, as far as it tells of itself to those who ask.
type informant interface {
	list(q TaskQuery, now time.Time) TaskList
	figures() Figures
	explain(id wire.TaskID, now time.Time) (Explanation, bool)
	cancelAsked(id wire.TaskID, reason string, now time.Time) (TaskRow, bool)
	drain(on bool, now time.Time) error
}

// follow is a question for logs that goes on being answered.
type follow struct {
	s       *session
	seq     uint64
	task    wire.TaskID // zero for all
	dropped int
}

// control answers what other nodes ask, and takes the answers to what was asked of them. It belongs to whoever holds the
// desk's mutex.
type control struct {
	*effects
	of      informant
	born    time.Time
	follows []*follow
	seq     uint64
	asked   map[uint64]question
	// following says whether follows has any, for who does not hold the mutex.
	following atomic.Bool
}

// question is one of ours that was not answered, or not in full. got is called as an effect, in order.
type question struct {
	s   *session
	got func(*wire.Answer, error)
}

func newControl(e *effects, of informant) *control {
	return &control{effects: e, of: of, born: time.Now(), asked: make(map[uint64]question)}
}

// takes reports whether a message is for control, and takes it.
func (c *control) takes(s *session, m wire.Message, use *usage, now time.Time) bool {
	switch m := m.(type) {
	case *wire.Ask:
		c.question(s, m, use, now)
	case *wire.Answer:
		c.answered(s, m)
	default:
		return false
	}
	return true
}

// usageFor measures the process if that is asked for: with no lock held.
func usageFor(m wire.Message) *usage {
	if a, ok := m.(*wire.Ask); ok && (a.What == askFigures || a.What == askDrain) {
		u := processUsage()
		return &u
	}
	return nil
}

// question answers.
func (c *control) question(s *session, m *wire.Ask, use *usage, now time.Time) {
	if !s.peer.mayControl() {
		c.refuse(s, m.Seq, CodeKeyRequired, "only who holds the cluster's key may ask for its tasks, or change them")
		return
	}
	var err error
	switch m.What {
	case askTasks:
		var q TaskQuery
		if err = readParams(m, &q); err == nil {
			c.answer(s, m.Seq, c.of.list(q, now), false)
		}
	case askFigures:
		c.answer(s, m.Seq, c.figures(use, now), false)
	case askDrain:
		var q drainQuestion
		if err = readParams(m, &q); err == nil {
			err = c.of.drain(q.On, now)
		}
		if err == nil {
			c.answer(s, m.Seq, c.figures(use, now), false)
		}
	case askStop:
		var q stopQuestion
		if err = readParams(m, &q); err == nil {
			c.unfollow(func(f *follow) bool { return f.s == s && f.seq == q.Seq })
		}
	case askExplain, askCancel, askLogs:
		err = c.taskQuestion(s, m, now)
	default:
		err = &Error{CodeUnsupported, fmt.Sprintf("this node's version knows no question %q", clip(m.What))}
	}
	if err != nil {
		c.refuse(s, m.Seq, errorCode(err), err.Error())
	}
}

// taskQuestion answers a question about one task.
func (c *control) taskQuestion(s *session, m *wire.Ask, now time.Time) error {
	var q taskQuestion
	if err := readParams(m, &q); err != nil {
		return err
	}
	if m.What == askLogs && q.Task == "" {
		return c.follow(s, m.Seq, wire.TaskID{})
	}
	id, err := wire.ParseTaskID(q.Task)
	if err != nil {
		return &Error{CodeBadName, err.Error()}
	}
	switch m.What {
	case askExplain:
		if x, ok := c.of.explain(id, now); ok {
			c.answer(s, m.Seq, x, false)
			return nil
		}
	case askCancel:
		if row, ok := c.of.cancelAsked(id, q.Reason, now); ok {
			c.answer(s, m.Seq, row, false)
			return nil
		}
	case askLogs:
		list := c.of.list(TaskQuery{Prefix: q.Task, Log: true, Recent: true}, now).Tasks
		if len(list) > 0 {
			return c.followTask(s, m.Seq, id, list[0])
		}
	}
	return &Error{CodeNoTask, fmt.Sprintf("no task %s is here", q.Task)}
}

// followTask begins with what the task has printed.
func (c *control) followTask(s *session, seq uint64, id wire.TaskID, row TaskRow) error {
	line := LogLine{Task: row.ID, Name: row.Name, Worker: row.Worker, Text: row.Log}
	if !row.Live() {
		c.answer(s, seq, line, false)
		return nil
	}
	if err := c.follow(s, seq, id); err != nil {
		return err
	}
	c.answer(s, seq, line, true)
	return nil
}

func (c *control) follow(s *session, seq uint64, id wire.TaskID) error {
	if len(c.follows) >= maxFollows {
		return &Error{CodeBackPressure, fmt.Sprintf("%d follow the logs of this node already", maxFollows)}
	}
	c.follows = append(c.follows, &follow{s: s, seq: seq, task: id})
	c.following.Store(true)
	return nil
}

// unfollow drops those for which gone holds.
func (c *control) unfollow(gone func(*follow) bool) {
	c.follows = slices.DeleteFunc(c.follows, gone)
	c.following.Store(len(c.follows) > 0)
}

// printed passes on what a task printed to those who follow it.
func (c *control) printed(id wire.TaskID, line LogLine) {
	for _, f := range c.follows {
		if !f.task.IsZero() && f.task != id {
			continue
		}
		if f.s.box.full() {
			f.dropped++
			continue
		}
		l := line
		l.Task, l.Dropped = id.String(), f.dropped
		f.dropped = 0
		c.answer(f.s, f.seq, l, true)
	}
}

// over ends the answers to those who follow a task that has ended.
func (c *control) over(id wire.TaskID) {
	if len(c.follows) == 0 {
		return
	}
	c.unfollow(func(f *follow) bool {
		if f.task != id || id.IsZero() {
			return false
		}
		c.answer(f.s, f.seq, nil, false)
		return true
	})
}

// down takes note that a session has no link any more.
func (c *control) down(s *session) {
	c.unfollow(func(f *follow) bool { return f.s == s })
	for seq, q := range c.asked {
		if q.s == s {
			delete(c.asked, seq)
			err := &Error{CodeNodeLost, fmt.Sprintf("%s %s was lost before it answered", s.peer.Role, s.peer.ID)}
			c.emit(effect{kind: effectPosted, posted: func(error) { q.got(nil, err) }})
		}
	}
}

func (c *control) figures(use *usage, now time.Time) Figures {
	f := c.of.figures()
	f.Up = now.Sub(c.born)
	if use != nil {
		f.CPU, f.Memory, f.Goroutines = use.cpu, use.memory, use.goroutines
	}
	return f
}

func (c *control) answer(s *session, seq uint64, v any, more bool) {
	m := &wire.Answer{Seq: seq, More: more}
	if v != nil {
		m.Data = encoded(v)
	}
	c.send(s, m)
}

func (c *control) refuse(s *session, seq uint64, code, why string) {
	c.send(s, &wire.Answer{Seq: seq, Code: code, Text: why})
}

// ask asks s; got hears of each part of the answer, and of the loss of s.
func (c *control) ask(s *session, what string, params any, got func(*wire.Answer, error)) (seq uint64) {
	c.seq++
	c.asked[c.seq] = question{s, got}
	c.send(s, &wire.Ask{Seq: c.seq, What: what, Params: encoded(params)})
	return c.seq
}

// answered passes an answer on. One that nobody waits for any more is dropped.
func (c *control) answered(s *session, m *wire.Answer) {
	q, ok := c.asked[m.Seq]
	if !ok || q.s != s {
		return
	}
	if !m.More {
		delete(c.asked, m.Seq)
	}
	c.emit(effect{kind: effectPosted, posted: func(error) { q.got(m, nil) }})
}

// forget lets a question of ours be; if it is for logs the other side hears of that.
func (c *control) forget(seq uint64, what string) {
	q, ok := c.asked[seq]
	if !ok {
		return
	}
	delete(c.asked, seq)
	if what == askLogs {
		c.send(q.s, &wire.Ask{Seq: seq, What: askStop, Params: encoded(stopQuestion{seq})})
	}
}

// readParams reads what is asked for.
func readParams(m *wire.Ask, to any) error {
	if len(m.Params) == 0 {
		return nil
	}
	if err := json.Unmarshal(m.Params, to); err != nil {
		return &Error{CodeBadName, fmt.Sprintf("question %q: %v", clip(m.What), err)}
	}
	return nil
}

// errorCode is the code of an error of this package.
func errorCode(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Code
	}
	return CodeUnsupported
}
