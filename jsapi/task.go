package jsapi

import (
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/vm/value"
)

// A scriptTask tells a script what becomes of one task. Its on… methods are
// called in order, on the master's goroutine, all others on the loop's.
//
// Most tasks are over before a script could make anything of their states, so
// these are kept until somebody watches.
type scriptTask struct {
	script    *Script
	id, name  string
	sentFrom  []goja.StackFrame
	release   func() // of the loop
	on        struct{ state, phase, log, progress, done goja.Callable }
	run       *goja.Object // the TaskRun that they are methods of
	isPackage bool
	over      bool
	dropped   bool // it was cancelled by Drain: the script is not told
	calls     int  // of the function
	each      bool // its result tells of each call
	asked     time.Time
	function  *FunctionProgress

	mu      sync.Mutex
	watched bool        // guarded by mu, as is all that follows
	steps   []taskState // that the script was not told of
	last    taskState
	began   time.Time // when the last attempt got a slot
}

// taskState is a state in the words of the API, and the worker's id.
type taskState struct{ name, peer string }

// maxSteps bounds what is kept for a script that may watch later: a task that
// is tried again and again keeps its latest states.
const maxSteps = 16

func (s *Script) newTask(code *packedCode, run *goja.Object) *scriptTask {
	t := &scriptTask{
		script: s, name: code.name, sentFrom: code.sentFrom, release: s.loop.Ref(), run: run,
		last: taskState{name: cluster.Queued.String()}, asked: time.Now(),
	}
	t.on.state, _ = goja.AssertFunction(run.Get("state"))
	t.on.phase, _ = goja.AssertFunction(run.Get("phase"))
	t.on.log, _ = goja.AssertFunction(run.Get("log"))
	t.on.progress, _ = goja.AssertFunction(run.Get("progress"))
	t.on.done, _ = goja.AssertFunction(run.Get("done"))
	return t
}

// taskMethods are the native functions that take what submit returned.
func taskMethods(rt *goja.Runtime) map[string]any {
	with := func(f func(*scriptTask) any) any {
		return func(call goja.FunctionCall) goja.Value {
			return rt.ToValue(f(call.Argument(0).Export().(*scriptTask)))
		}
	}
	return map[string]any{
		"taskId":    with(func(t *scriptTask) any { return t.id }),
		"taskState": with(func(t *scriptTask) any { return t.now().name }),
		"taskPeer":  with(func(t *scriptTask) any { return t.now().peer }),
		"watch":     with(func(t *scriptTask) any { t.watch(); return nil }),
	}
}

func (t *scriptTask) now() taskState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// watch has the script told of all states from now on, and of those it missed.
func (t *scriptTask) watch() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.watched && len(t.steps) > 0 {
		t.script.loop.Post(t.tellSteps)
	}
	t.watched = true
}

// tellWatched is tellSteps if somebody watches: what is told next comes after the states before it, also when watching
// began while it was on its way to the loop.
func (t *scriptTask) tellWatched() {
	t.mu.Lock()
	watched := t.watched
	t.mu.Unlock()
	if watched {
		t.tellSteps()
	}
}

// tellSteps tells the script of the states that it was not told of.
func (t *scriptTask) tellSteps() {
	t.mu.Lock()
	steps := t.steps
	t.steps = nil
	t.mu.Unlock()
	if t.over {
		return
	}
	for _, s := range steps {
		t.call(t.on.state, s.name, s.peer)
	}
}

// call calls one of the TaskRun's methods.
func (t *scriptTask) call(method goja.Callable, args ...any) {
	values := make([]goja.Value, len(args))
	for i, a := range args {
		values[i] = t.script.rt.ToValue(a)
	}
	t.script.loop.Call(method, t.run, values...)
}

func (t *scriptTask) onState(state cluster.State, p cluster.Peer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch state {
	case cluster.Queued, cluster.Sent, cluster.Received:
		t.step(state.String(), p.ID)
	case cluster.Running:
		if t.last.name != "received" { // a worker with a free slot skips it
			t.step("received", p.ID)
		}
		t.began = time.Now()
		t.step("started", p.ID)
	}
	if t.watched {
		t.script.loop.Post(t.tellSteps)
	}
}

func (t *scriptTask) step(name, peer string) {
	t.last = taskState{name, peer}
	if len(t.steps) == maxSteps {
		t.steps = append(t.steps[:0], t.steps[1:]...)
	}
	t.steps = append(t.steps, t.last)
}

func (t *scriptTask) onLog(p cluster.Peer, stream, text string) {
	t.script.loop.Post(func() {
		t.script.session.settings.TaskLog(TaskLog{Worker: p.ID, Task: t.id, Name: t.name, Stream: stream, Text: text})
		t.tellWatched()
		t.call(t.on.log, p.ID, stream, text)
	})
}

func (t *scriptTask) onProgress(p cluster.Peer, fraction float64) {
	t.script.loop.Post(func() {
		t.tellWatched()
		t.call(t.on.progress, p.ID, fraction)
	})
}

func (t *scriptTask) onDone(o cluster.Outcome) {
	now := time.Now()
	t.script.loop.Post(func() {
		defer t.release()
		t.mu.Lock()
		t.last = taskState{"done", o.Peer.ID}
		t.mu.Unlock()
		t.tellWatched()
		t.over = true
		t.script.taskEnded(t, t.record(o, now))
		if t.dropped {
			return
		}
		failure, result := goja.Undefined(), goja.Undefined()
		if o.Err != nil {
			failure = t.failure(o)
		} else if t.isPackage {
			var err error
			if result, err = t.packageResult(o); err != nil {
				failure, result = t.script.toError(fmt.Errorf("result of task %s: %w", t.id, err)), goja.Undefined()
			}
		} else if v, err := t.script.decode(o.Value, func() string { return t.tail(o) }); err != nil {
			failure = t.script.toError(fmt.Errorf("result of task %s: %w", t.id, err))
		} else {
			result = v
		}
		t.call(t.on.done, o.Peer.ID, failure, result, float64(o.Run)/float64(time.Millisecond))
	})
}

// retryIf makes cluster.Spec.RetryIf of the option. A throw in it is an uncaught exception, and the end of the task.
func (t *scriptTask) retryIf(option goja.Callable) func(int, cluster.Outcome, func(bool)) {
	return func(attempt int, o cluster.Outcome, decide func(bool)) {
		posted := t.script.loop.Post(func() {
			again := false
			defer func() { decide(again) }()
			t.script.loop.Call(func(goja.Value, ...goja.Value) (goja.Value, error) {
				v, err := option(goja.Undefined(), t.failure(o), t.script.rt.ToValue(attempt))
				again = err == nil && v.ToBoolean()
				return v, err
			}, goja.Undefined())
		})
		if !posted {
			decide(false)
		}
	}
}

func (t *scriptTask) failure(o cluster.Outcome) goja.Value {
	v, err := t.script.decode(o.Err, func() string { return t.tail(o) })
	if err == nil {
		return v
	}
	if e, ok := value.DecodeError(o.Err); ok {
		err = fmt.Errorf("%s: %s", e.Name, e.Message)
	}
	return t.script.toError(err)
}

// tail is what stands below the stack of an error from this task.
func (t *scriptTask) tail(o cluster.Outcome) string {
	tail := t.script.sentFrom(t.sentFrom) + "\n    --- task " + t.id[:8]
	if o.Peer.ID != "" {
		tail += " on worker " + o.Peer.ID[:7]
	}
	return tail + " ---"
}
