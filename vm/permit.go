package vm

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// Grants says of which kinds a task may reach something outside; what exactly, its Asker decides.
type Grants uint8

// The kinds of what a task may reach, and what its refusals say.
const (
	GrantRead Grants = 1 << iota
	GrantWrite
	GrantNet
	GrantEnv
	GrantRun
	// KeyRequired is alone: the task is a guest's, whom the worker allows nothing.
	KeyRequired
)

// Asker is the Host of a task with Grants. Ask carries out a request, a value of package grant, and returns the
// answer. Any goroutine may call it, a few hundred at once; it returns an error when ctx ends.
type Asker interface {
	Ask(ctx context.Context, request []byte) (answer []byte, err error)
}

// maxAsync is how many requests of a task are under way at once; others wait.
const maxAsync = 250

// An outsideModule is one that a task may require if it has one of the grants.
type outsideModule struct {
	needs Grants
	flags string // that would give it
	file  string // the js file
}

var outsideModules = map[string]outsideModule{
	"fs":            {GrantRead | GrantWrite, "--allow-read or --allow-write", "fs"},
	"fs/promises":   {GrantRead | GrantWrite, "--allow-read or --allow-write", "fs_promises"},
	"process":       {anything, "--allow-env", "prelude_process"},
	"child_process": {GrantRun, "--allow-run", "prelude_child_process"},
	"net":           {GrantNet, "--allow-net", "prelude_net"},
	"tls":           {GrantNet, "--allow-net", "prelude_tls"},
	"dns":           {GrantNet, "--allow-net", "prelude_dns"},
	"dns/promises":  {GrantNet, "--allow-net", "prelude_dns"},
	"http":          {GrantNet, "--allow-net", "prelude_http"},
	"https":         {GrantNet, "--allow-net", "prelude_http"},
	"stream":        {anything, "one of the --allow flags", "stream"},
}

const anything = GrantRead | GrantWrite | GrantNet | GrantEnv | GrantRun

// webGlobals are those of fetch, which are always there: a call without the permission says so.
var webGlobals = []string{"fetch", "Headers", "Request", "Response"}

// outside returns the module, if there is one of that name. A task without the permission gets an error that says
// which flag would give it.
func (r *taskRun) outside(name string) (v goja.Value, ok bool) {
	m, ok := outsideModules[name]
	if !ok {
		return nil, false
	}
	if r.t.Grants&m.needs == 0 || !r.granted() {
		panic(r.denied(kindsOf(m.needs), "", fmt.Sprintf("use the module %q", name), m.flags))
	}
	r.g.addSymbols() // streams are async iterables
	v = r.mods.mustLoad(m.file)
	if export := outsideExports[name]; export != "" {
		v = v.(*goja.Object).Get(export)
	}
	return v, true
}

// outsideExports are the modules that are a part of their js file.
var outsideExports = map[string]string{"https": "https", "dns/promises": "promises"}

// denied is the error of a task that lacks a permission, for a target or to do something.
func (r *taskRun) denied(kind, target, purpose, flag string) *goja.Object {
	if target != "" {
		purpose = fmt.Sprintf("%q", target)
	}
	if r.t.Grants&KeyRequired != 0 {
		return newError(r.l.rt, "Error", fmt.Sprintf("Requires membership of the cluster, for %s access to %s: give this task's master the key of its worker's cluster",
			kind, purpose), "ERR_KEY_REQUIRED")
	}
	e := newError(r.l.rt, "Error", fmt.Sprintf("Requires %s access to %s: start the worker with %s", kind, purpose, flag), "ERR_ACCESS_DENIED")
	_ = e.Set("permission", kind)
	if target != "" {
		_ = e.Set("resource", target)
	}
	return e
}

// check(kind, target) throws if the task may ask for nothing; else the worker says whether it may reach the target.
func (r *taskRun) check(call goja.FunctionCall) goja.Value {
	if !r.granted() {
		kind, target := call.Argument(0).String(), call.Argument(1).String()
		panic(r.denied(kind, target, "", "--allow-"+kind+"="+target))
	}
	return nil
}

// kindsOf names the kinds in words.
func kindsOf(g Grants) string {
	if g&GrantEnv != 0 {
		return "env"
	}
	var words []string
	for i, word := range []string{"read", "write", "net", "env", "run"} {
		if g&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, " or ")
}

// granted reports whether the task may reach anything.
func (r *taskRun) granted() bool {
	return r.ask != nil && r.t.Grants != 0 && r.t.Grants&KeyRequired == 0
}

// outsideBinding is the native half of the modules by which a task asks.
func (r *taskRun) outsideBinding(name string) *goja.Object {
	switch name {
	case "prelude_fetch":
		return objectOf(r.l.rt, map[string]func(goja.FunctionCall) goja.Value{"check": r.check})
	case "prelude_ask":
		return objectOf(r.l.rt, map[string]func(goja.FunctionCall) goja.Value{"ask": r.askNow, "askLater": r.askLater})
	case "fs_native":
		return r.mods.mustLoad("prelude_fs").(*goja.Object)
	case "prelude_process":
		o := objectOf(r.l.rt, map[string]func(goja.FunctionCall) goja.Value{
			"now": func(goja.FunctionCall) goja.Value { return r.l.rt.ToValue(r.g.now()) },
			"nextTick": func(call goja.FunctionCall) goja.Value {
				if fn, ok := goja.AssertFunction(call.Argument(0)); ok {
					r.l.NextTick(func() { r.l.Call(fn, nil) })
				}
				return nil
			},
			"write": func(call goja.FunctionCall) goja.Value {
				r.h.Log(call.Argument(0).String(), call.Argument(1).String())
				return nil
			},
		})
		_ = o.Set("os", runtime.GOOS)
		_ = o.Set("arch", runtime.GOARCH)
		return o
	}
	return nil
}

// askNow carries out a request while the task waits.
func (r *taskRun) askNow(call goja.FunctionCall) goja.Value {
	answer, err := r.ask(r.ctx(), r.request(call.Arguments))
	if err != nil {
		panic(newError(r.l.rt, "Error", err.Error(), codeCancelled))
	}
	v, thrown := r.readAnswer(answer)
	if thrown != nil {
		panic(thrown)
	}
	return v
}

// askLater carries out a request beside the task, and returns a promise of what comes of it.
func (r *taskRun) askLater(call goja.FunctionCall) goja.Value {
	request := r.request(call.Arguments)
	return r.l.Async(func(ctx context.Context) func() (goja.Value, error) {
		answer, err := r.ask(ctx, request)
		return func() (goja.Value, error) {
			if err != nil {
				return nil, err
			}
			v, thrown := r.readAnswer(answer)
			if thrown != nil {
				return nil, Throw(thrown)
			}
			return v, nil
		}
	})
}

// request encodes what a task asks.
func (r *taskRun) request(args []goja.Value) []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(len(args))
	for _, v := range args {
		r.writePlain(w, v, 3)
	}
	return w.Bytes()
}

// writePlain writes texts, numbers, booleans, bytes and arrays of these, so deep; all else is null.
func (r *taskRun) writePlain(w *value.Writer, v goja.Value, depth int) {
	if o, ok := v.(*goja.Object); ok {
		if b, ok := arrayBytes(o); ok {
			w.Bin(b)
		} else if list := arrayElements(o); list != nil && depth > 0 {
			w.ArrayLen(len(list))
			for _, one := range list {
				r.writePlain(w, one, depth-1)
			}
		} else {
			w.Nil()
		}
		return
	}
	switch x := v.Export().(type) {
	case string:
		w.Str(strings.ToValidUTF8(x, "\uFFFD"))
	case bool:
		w.Bool(x)
	case int64:
		w.Int(x)
	case float64:
		w.Number(x)
	default:
		w.Nil()
	}
}

// readAnswer decodes an answer: a value, or an error to throw.
func (r *taskRun) readAnswer(answer []byte) (v goja.Value, thrown *goja.Object) {
	in := value.NewReader(answer, value.Limits{MaxDepth: 8})
	in.ArrayLen()
	if in.Bool() {
		v = r.readPlain(in)
		if in.End() == nil {
			return v, nil
		}
	}
	message := in.Str()
	e := newError(r.l.rt, "Error", message, "")
	for n := in.ArrayLen(); n >= 2 && in.Err() == nil; n -= 2 {
		_ = e.Set(in.Str(), r.readPlain(in))
	}
	if err := in.Err(); err != nil {
		return nil, newError(r.l.rt, "Error", "answer of the worker: "+err.Error(), codeInternal)
	}
	return nil, e
}

func (r *taskRun) readPlain(in *value.Reader) goja.Value {
	rt := r.l.rt
	switch in.Type() {
	case value.Bool:
		return rt.ToValue(in.Bool())
	case value.Int, value.Uint, value.Float:
		return rt.ToValue(in.Number())
	case value.Str:
		return rt.ToValue(in.Str())
	case value.Bin:
		return bytesToArray(rt, slices.Clone(in.Bin()))
	case value.Array:
		n := in.ArrayLen()
		list := make([]any, 0, n)
		for range n {
			list = append(list, r.readPlain(in))
		}
		return rt.NewArray(list...)
	}
	in.Skip()
	return goja.Null()
}
