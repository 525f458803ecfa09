package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// Receiver says whom a task's message is for.
type Receiver byte

const (
	ToWorkers    Receiver = iota + 1 // the workers that Message.Target selects, but for the task's own
	ToAllWorkers                     // all workers but the task's own
	ToBus                            // all nodes: the event bus
)

// Message is what a task sends to others than its master.
type Message struct {
	To     Receiver
	Target []byte // of ToWorkers, as JSON: null (any one), an id, an array of ids, or a query
	Event  string
	Data   []byte // as Encode made it
}

// PostError says why a message was not sent.
type PostError struct{ Code, Message string }

// Error returns the message.
func (e *PostError) Error() string { return e.Message }

// ReservedEvents are the events that the library itself emits on masters, workers and trackers; no message may have such
// a name.
func ReservedEvents() []string {
	return []string{
		"error", "newListener", "removeListener",
		"workerAvailable", "workerUnavailable", "masterAvailable", "masterUnavailable",
		"workerTaskReceived", "workerTaskConfigComplete", "workerProgress", "workerTaskComplete",
		"taskReceived", "taskLog",
	}
}

// eventArgument returns the argument of call at a position from 1 that names an event.
func (r *taskRun) eventArgument(name string, call goja.FunctionCall, position int) string {
	v := call.Argument(position - 1)
	s, ok := v.(goja.String)
	if !ok {
		panic(argumentError(r.l.rt, "event", "of type string", v))
	}
	event := s.String()
	switch {
	case event == "":
		panic(newError(r.l.rt, "TypeError", fmt.Sprintf("%s: argument %d (event) must not be empty", name, position), "ERR_INVALID_ARG_VALUE"))
	case slices.Contains(ReservedEvents(), event):
		panic(newError(r.l.rt, "Error", fmt.Sprintf("%s: %q is emitted by the library itself; choose another name for the message", name, event),
			"ERR_RESERVED_EVENT"))
	}
	return event
}

func (r *taskRun) dataArgument(v goja.Value) []byte {
	data, err := Encode(r.l.rt, v, EncodeOptions{Path: "data"})
	if bad := (*ValueError)(nil); errors.As(err, &bad) {
		panic(newError(r.l.rt, "TypeError", bad.Error(), "ERR_NOT_SENDABLE"))
	} else if err != nil {
		panic(rethrow(r.l.rt, err))
	}
	return data
}

// sendToMaster is task.sendToMaster.
func (r *taskRun) sendToMaster(call goja.FunctionCall) goja.Value {
	event := r.eventArgument("sendToMaster", call, 1)
	r.h.Send(event, r.dataArgument(call.Argument(1)))
	return nil
}

// sendTo is task.sendTo.
func (r *taskRun) sendTo(call goja.FunctionCall) goja.Value {
	event := r.eventArgument("sendTo", call, 2)
	target := r.targetArgument(call.Argument(0))
	return r.post(Message{To: ToWorkers, Target: target, Event: event, Data: r.dataArgument(call.Argument(2))})
}

// sendToAll is task.sendToAll.
func (r *taskRun) sendToAll(call goja.FunctionCall) goja.Value {
	event := r.eventArgument("sendToAll", call, 1)
	return r.post(Message{To: ToAllWorkers, Event: event, Data: r.dataArgument(call.Argument(1))})
}

// busEmit is task.bus.emit.
func (r *taskRun) busEmit(call goja.FunctionCall) goja.Value {
	v, ok := call.Argument(0).(goja.String)
	if !ok {
		panic(argumentError(r.l.rt, "event", "of type string", call.Argument(0)))
	}
	event := v.String()
	for part := range strings.SplitSeq(event, ".") {
		if part == "" || strings.Contains(part, "*") {
			panic(newError(r.l.rt, "TypeError", fmt.Sprintf("bus.emit: %q is no event: parts between dots must not be empty and contain no *", event),
				"ERR_INVALID_ARG_VALUE"))
		}
	}
	return r.post(Message{To: ToBus, Event: event, Data: r.dataArgument(call.Argument(1))})
}

// post sends m and returns a promise of that, whose rejection need not be handled. It waits itself, so that a slow receiver
// slows the task.
func (r *taskRun) post(m Message) goja.Value {
	promise, resolve, reject := r.l.rt.NewPromise()
	err := r.h.Post(m)
	if err == nil {
		_ = resolve(goja.Undefined())
		return r.l.rt.ToValue(promise)
	}
	code := ""
	if e := (*PostError)(nil); errors.As(err, &e) {
		code = e.Code
	}
	keep := r.l.rejections.ignore
	r.l.rejections.ignore = promise
	_ = reject(newError(r.l.rt, "Error", err.Error(), code))
	r.l.rejections.ignore = keep
	return r.l.rt.ToValue(promise)
}

// targetArgument returns the JSON of what sendTo was given to choose workers by. Other workers are not known in a task, so
// nothing can be asked about them here.
func (r *taskRun) targetArgument(v goja.Value) []byte {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return []byte("null")
	}
	o, isObject := v.(*goja.Object)
	_, isText := v.(goja.String)
	if isObject {
		if _, isFn := goja.AssertFunction(o); isFn {
			panic(newError(r.l.rt, "TypeError", "sendTo: a predicate cannot be asked inside a task, where the workers are not known; "+
				"use a query such as { gpu: true }", "ERR_INVALID_ARG_TYPE"))
		}
		if o.ClassName() == "Array" {
			ids := []any{}
			for _, e := range arrayElements(v) {
				ids = append(ids, r.workerID(e))
			}
			o = r.l.rt.NewArray(ids...)
		} else if isWorkerObject(o) {
			return quoted(o.Get("id"))
		}
	}
	if !isObject && !isText {
		panic(argumentError(r.l.rt, "target", "a worker, an id, an array of these, or a query", v))
	}
	if isText {
		return quoted(v)
	}
	b, err := o.MarshalJSON()
	if err != nil {
		panic(rethrow(r.l.rt, err))
	}
	return b
}

// isWorkerObject tells a worker, which an event or an argument has brought, from a query: by what a master sees of one.
func isWorkerObject(o *goja.Object) bool {
	id, ok := o.Get("id").(goja.String)
	return ok && id.Length() > 0 && o.Get("role") != nil && o.Get("port") != nil
}

func (r *taskRun) workerID(v goja.Value) goja.Value {
	if o, ok := v.(*goja.Object); ok && isWorkerObject(o) {
		return o.Get("id")
	}
	if _, ok := v.(goja.String); !ok {
		panic(argumentError(r.l.rt, "target", "an array of workers or ids", v))
	}
	return v
}

// busObject makes task.bus. A task ends before anything could reach it, so it can only emit.
func (r *taskRun) busObject() goja.Value {
	rt := r.l.rt
	o := rt.NewObject()
	_ = o.Set("emit", nativeFunction(rt, "emit", 2, r.busEmit))
	for _, name := range []string{"on", "once", "off"} {
		_ = o.Set(name, nativeFunction(rt, name, 2, func(goja.FunctionCall) goja.Value {
			panic(newError(rt, "Error", "bus."+name+": a task can emit on the event bus, and not listen; listen in a script, and give the task "+
				"what it needs as arguments", "ERR_NOT_IN_TASK"))
		}))
	}
	return o
}

// quoted is a string as JSON.
func quoted(v goja.Value) []byte {
	b, err := json.Marshal(v.String())
	if err != nil {
		panic(err) // a string is always JSON
	}
	return b
}
