package node

import (
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// An environment holds the variables of process.env, in the order in which they came. Threads may share one.
type environment struct {
	mu     sync.Mutex
	names  []string
	values map[string]string
}

func newEnvironment(entries []string) *environment {
	e := &environment{values: map[string]string{}}
	for _, entry := range entries {
		// Windows keeps variables such as "=C:"; the name begins after the first character.
		if i := strings.IndexByte(entry[min(1, len(entry)):], '='); i >= 0 && entry != "" {
			e.set(entry[:i+1], entry[i+2:])
		}
	}
	return e
}

func (e *environment) set(name, value string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.values[name]; !ok {
		e.names = append(e.names, name)
	}
	e.values[name] = value
}

func (e *environment) get(name string) (string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v, ok := e.values[name]
	return v, ok
}

func (e *environment) remove(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.values[name]; ok {
		delete(e.values, name)
		e.names = slices.DeleteFunc(e.names, func(n string) bool { return n == name })
	}
}

func (e *environment) list() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.names)
}

// environmentObject serves js/process_env.js.
func (n *Node) environmentObject() *goja.Object {
	e := n.environment
	return n.object(map[string]any{
		"get": func(call goja.FunctionCall) goja.Value {
			if v, ok := e.get(call.Argument(0).String()); ok {
				return n.rt.ToValue(v)
			}
			return goja.Undefined()
		},
		"set": func(call goja.FunctionCall) goja.Value {
			e.set(call.Argument(0).String(), call.Argument(1).String())
			return goja.Undefined()
		},
		"remove": func(call goja.FunctionCall) goja.Value { e.remove(call.Argument(0).String()); return goja.Undefined() },
		// is(proxy) says which object stands for the variables.
		"is": func(call goja.FunctionCall) goja.Value {
			n.env = call.Argument(0).ToObject(n.rt)
			return goja.Undefined()
		},
		"names": func(goja.FunctionCall) goja.Value { return n.stringArray(e.list()) },
	})
}
