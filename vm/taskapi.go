package vm

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"supercluster/js"
	"supercluster/vm/value"
)

// taskModules are the modules that a task may require: they touch nothing outside the runtime.
var taskModules = []string{
	"assert", "assert/strict", "buffer", "console", "crypto", "events", "path", "path/posix", "path/win32", "punycode", "querystring",
	"string_decoder", "timers", "timers/promises", "url", "util", "util/types",
}

// binding returns the native half of a js module: what the caller gave, else what a task cannot do without.
func (r *taskRun) binding(rt *goja.Runtime, name string) *goja.Object {
	if r.e.cfg.Binding != nil {
		if o := r.e.cfg.Binding(rt, name); o != nil {
			return o
		}
	}
	switch name {
	case "prelude_console":
		return r.consoleBinding()
	case "inspect_error":
		return objectOf(rt, map[string]func(goja.FunctionCall) goja.Value{"mapStack": r.cleanStack})
	case "types":
		return objectOf(rt, map[string]func(goja.FunctionCall) goja.Value{
			"promiseDetails": r.promiseDetails, "proxyDetails": r.proxyDetails,
		})
	}
	if o := r.outsideBinding(name); o != nil {
		return o
	}
	return r.g.binding(rt, name)
}

func objectOf(rt *goja.Runtime, members map[string]func(goja.FunctionCall) goja.Value) *goja.Object {
	o := rt.NewObject()
	for name, fn := range members {
		_ = o.Set(name, hostFunction(rt, fn))
	}
	return o
}

func (r *taskRun) cleanStack(call goja.FunctionCall) goja.Value {
	return r.l.rt.ToValue(CleanStack(call.Argument(0).String()))
}

// promiseDetails is [state, result] of a promise, for inspect; undefined for anything else.
func (r *taskRun) promiseDetails(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok || o.ExportType() != reflect.TypeFor[*goja.Promise]() {
		return nil
	}
	p := o.Export().(*goja.Promise)
	states := map[goja.PromiseState]string{
		goja.PromiseStatePending: "pending", goja.PromiseStateFulfilled: "fulfilled", goja.PromiseStateRejected: "rejected",
	}
	result := p.Result()
	if result == nil {
		result = goja.Undefined()
	}
	return r.l.rt.NewArray(states[p.State()], result)
}

// proxyDetails is [target, handler] of a proxy, [null, null] of a revoked one; undefined for anything else.
func (r *taskRun) proxyDetails(call goja.FunctionCall) goja.Value {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok || o.ExportType() != reflect.TypeFor[goja.Proxy]() {
		return nil
	}
	p := o.Export().(goja.Proxy)
	if p.Target() == nil {
		return r.l.rt.NewArray(goja.Null(), goja.Null())
	}
	return r.l.rt.NewArray(p.Target(), p.Handler())
}

func (r *taskRun) module(name string) (goja.Value, error) { return r.mods.load(name) }

func (r *taskRun) consoleBinding() *goja.Object {
	return objectOf(r.l.rt, map[string]func(goja.FunctionCall) goja.Value{
		"write": func(call goja.FunctionCall) goja.Value {
			r.h.Log(call.Argument(0).String(), call.Argument(1).String())
			return nil
		},
		"now":        func(goja.FunctionCall) goja.Value { return r.l.rt.ToValue(r.g.now()) },
		"cleanStack": r.cleanStack,
	})
}

// require is the function that a task sees.
func (r *taskRun) require(call goja.FunctionCall) goja.Value {
	full, ok := call.Argument(0).(goja.String)
	if !ok {
		panic(argumentError(r.l.rt, "id", "of type string", call.Argument(0)))
	}
	name := strings.TrimPrefix(strings.TrimPrefix(full.String(), "node:"), "sc:")
	switch name {
	case "supercluster", "nnet":
		o := r.l.rt.NewObject()
		_ = o.Set("task", r.l.rt.GlobalObject().Get("task"))
		_ = o.Set("worker", r.l.rt.GlobalObject().Get("worker"))
		return o
	case "console":
		return r.l.rt.GlobalObject().Get("console")
	case "crypto":
		return r.mods.mustLoad("prelude_crypto")
	}
	if _, ok := js.Source(name); ok && slices.Contains(taskModules, name) {
		return r.mods.mustLoad(name)
	}
	if v, ok := r.outside(name); ok {
		return v
	}
	e := newError(r.l.rt, "Error", fmt.Sprintf("Cannot find module '%s': a task may require %s and supercluster",
		full, strings.Join(taskModules, ", ")), "MODULE_NOT_FOUND")
	panic(e)
}

// taskObject makes the object task, once: the global keeps it.
func (r *taskRun) taskObject() *goja.Object {
	if r.object != nil {
		return r.object
	}
	rt := r.l.rt
	o := rt.NewObject()
	_ = o.Set("id", r.t.ID)
	_ = o.Set("name", r.t.Name)
	_ = o.Set("setProgress", nativeFunction(rt, "setProgress", 1, r.setProgress))
	_ = o.Set("sendToMaster", nativeFunction(rt, "sendToMaster", 2, r.sendToMaster))
	_ = o.Set("sendTo", nativeFunction(rt, "sendTo", 3, r.sendTo))
	_ = o.Set("sendToAll", nativeFunction(rt, "sendToAll", 2, r.sendToAll))
	r.g.lazily(o, "bus", r.busObject)
	_ = o.Set("seed", nativeFunction(rt, "seed", 1, r.seed))
	r.g.lazily(o, "signal", r.signal)
	w := rt.NewObject()
	_ = w.Set("id", r.t.WorkerID)
	r.g.lazily(w, "data", r.workerData)
	for _, name := range []string{"setProgress", "sendToMaster", "sendTo", "sendToAll"} {
		_ = w.Set(name, o.Get(name))
	}
	r.g.lazily(w, "bus", func() goja.Value { return o.Get("bus") })
	_ = o.Set("worker", w)
	r.object = o
	return o
}

// signal makes the AbortSignal that is aborted when the task is cancelled or its time is over.
func (r *taskRun) signal() goja.Value {
	rt := r.l.rt
	class := r.mods.mustLoad("prelude_abort").(*goja.Object).Get("AbortController")
	controller, err := rt.New(class)
	if err != nil {
		panic(rethrow(rt, err))
	}
	abort, _ := goja.AssertFunction(controller.Get("abort"))
	r.abort = func() {
		if _, err := abort(controller); err != nil {
			r.l.Report(err)
		}
	}
	r.signalled.Store(true)
	return controller.Get("signal")
}

// seed is task.seed: from here on Math.random gives the same numbers for the same seed, on any worker. The seed is
// any value; its text counts.
func (r *taskRun) seed(call goja.FunctionCall) goja.Value {
	sum := sha256.Sum256([]byte(call.Argument(0).String()))
	r.l.rt.SetRandSource(rand.New(rand.NewChaCha8(sum)).Float64)
	return nil
}

func (r *taskRun) workerData() goja.Value {
	if len(r.t.WorkerData) == 0 {
		return r.l.rt.NewObject()
	}
	b, err := value.FromJSON(r.t.WorkerData)
	if err != nil {
		panic(rethrow(r.l.rt, fmt.Errorf("worker.data: %w", err)))
	}
	v, err := Decode(r.l.rt, b, DecodeOptions{})
	if err != nil {
		panic(rethrow(r.l.rt, err))
	}
	return v
}
