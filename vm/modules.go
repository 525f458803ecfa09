package vm

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"supercluster/js"
)

// modules loads js modules into one runtime, each once.
type modules struct {
	rt      *goja.Runtime
	binding func(rt *goja.Runtime, name string) *goja.Object // may be nil, and may return nil
	loaded  map[string]*goja.Object                          // the module objects, those under way included: cycles see what is there
	require *goja.Object
}

func newModules(rt *goja.Runtime, binding func(*goja.Runtime, string) *goja.Object) *modules {
	return &modules{rt: rt, binding: binding}
}

// load returns the exports of the js module name.
func (m *modules) load(name string) (goja.Value, error) {
	if mod, ok := m.loaded[name]; ok {
		return mod.Get("exports"), nil
	}
	p, ok := Builtin(name)
	if !ok {
		return nil, fmt.Errorf("no builtin module %q", name)
	}
	body, err := m.rt.RunProgram(p)
	if err != nil {
		return nil, err
	}
	call, _ := goja.AssertFunction(body)
	mod := m.rt.NewObject()
	exports := m.rt.NewObject()
	_ = mod.Set("exports", exports)
	if m.loaded == nil {
		m.loaded = make(map[string]*goja.Object)
	}
	m.loaded[name] = mod
	if _, err := call(nil, exports, m.requireFunction(), mod, m.native(name)); err != nil {
		delete(m.loaded, name)
		return nil, err
	}
	return mod.Get("exports"), nil
}

func (m *modules) native(name string) goja.Value {
	if m.binding != nil {
		if o := m.binding(m.rt, name); o != nil {
			return o
		}
	}
	return goja.Undefined()
}

// requireFunction is the require that js modules see; it finds all of them.
func (m *modules) requireFunction() *goja.Object {
	if m.require == nil {
		m.require = nativeFunction(m.rt, "require", 1, func(call goja.FunctionCall) goja.Value {
			return m.mustLoad(strings.TrimPrefix(call.Argument(0).String(), "node:"))
		})
	}
	return m.require
}

// mustLoad is load for native functions: an error is thrown.
func (m *modules) mustLoad(name string) goja.Value {
	v, err := m.load(name)
	if err == nil {
		return v
	}
	if _, ok := js.Source(name); !ok {
		panic(newError(m.rt, "Error", fmt.Sprintf("Cannot find module '%s'", name), "MODULE_NOT_FOUND"))
	}
	panic(rethrow(m.rt, err))
}

// rethrow returns what a native function has to panic with so that its caller sees err as it was.
func rethrow(rt *goja.Runtime, err error) any {
	switch err := err.(type) {
	case *goja.InterruptedError, *goja.StackOverflowError, *goja.Exception:
		return err
	}
	return Thrown(rt, err)
}
