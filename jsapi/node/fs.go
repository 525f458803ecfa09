package node

import (
	"context"

	"github.com/dop251/goja"

	"supercluster/pkg/stat"
	"supercluster/vm"
)

// outcome makes the JavaScript value of an operation's result, on the loop; nil is undefined.
type outcome func(rt *goja.Runtime) goja.Value

// work is an operation on files with its arguments already taken from JavaScript. It touches no runtime and may run on
// any goroutine.
type work func() (outcome, error)

// operation takes its arguments from a call, on the loop.
type operation func(a arguments) work

// fsBinding serves js/fs_native.js: {sync: {open(…)}, async: {open(…)}} with the same arguments; the functions of
// async return promises.
func (n *Node) fsBinding() *goja.Object {
	f := &fileSystem{files: n.files}
	sync, async := n.rt.NewObject(), n.rt.NewObject()
	for name, op := range f.operations() {
		_ = sync.Set(name, n.syncCall(name, op)) // new plain objects refuse nothing
		_ = async.Set(name, n.asyncCall(name, op))
	}
	return n.object(map[string]any{"sync": sync, "async": async, "constants": stat.Constants()})
}

func (n *Node) syncCall(name string, op operation) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		out, err := op(arguments{call.Arguments, false})()
		if err != nil {
			panic(systemError(n.rt, err, name))
		}
		return settled(n.rt, out)
	}
}

func (n *Node) asyncCall(name string, op operation) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		do := op(arguments{call.Arguments, true})
		return n.loop.Async(func(context.Context) func() (goja.Value, error) {
			out, err := do()
			return func() (goja.Value, error) {
				if err != nil {
					return nil, vm.Throw(withoutFrames(n.rt, systemError(n.rt, err, name)))
				}
				return settled(n.rt, out), nil
			}
		})
	}
}

func settled(rt *goja.Runtime, out outcome) goja.Value {
	if out == nil {
		return goja.Undefined()
	}
	if v := out(rt); v != nil {
		return v
	}
	return goja.Undefined()
}

// arguments are those of a call of an operation. js/fs*.js has checked their types.
type arguments struct {
	values []goja.Value
	async  bool // the work runs beside the script, which may change its buffers meanwhile
}

func (a arguments) at(i int) goja.Value {
	if i < len(a.values) {
		return a.values[i]
	}
	return goja.Undefined()
}

func (a arguments) str(i int) string { return a.at(i).String() }

func (a arguments) num(i int) int64 { return a.at(i).ToInteger() }

func (a arguments) float(i int) float64 { return a.at(i).ToFloat() }

func (a arguments) truth(i int) bool { return a.at(i).ToBoolean() }

// memory is what a Uint8Array or ArrayBuffer holds, not copied; nil for anything else.
func (a arguments) memory(i int) []byte {
	switch b := a.at(i).Export().(type) {
	case []byte:
		return b
	case goja.ArrayBuffer:
		return b.Bytes()
	}
	return nil
}

// bytes are the contents of a Uint8Array, or the UTF-8 of a string, safe to read off the loop.
func (a arguments) bytes(i int) []byte {
	if goja.IsString(a.at(i)) {
		return []byte(a.str(i))
	}
	if a.async {
		return append([]byte(nil), a.memory(i)...)
	}
	return a.memory(i)
}
