package jsapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"supercluster/jsapi/node"
	"supercluster/net/cluster"
	"supercluster/net/trust"
	"supercluster/vm"
)

// Roles of a node, in the words of the API and the wire.
const (
	roleMaster  = cluster.RoleMaster
	roleWorker  = cluster.RoleWorker
	roleTracker = "tracker"
)

// A Script is one script's view of a Session. It belongs to the script's loop
// and is used on its goroutine only.
type Script struct {
	session *Session
	loop    *vm.Loop
	rt      *goja.Runtime
	node    *node.Node
	source  Source

	running  map[*scriptTask]func(reason string) bool // tasks that are not done, and how to cancel them
	draining string                                   // why no task is taken any more; empty while they are
	idle     func()                                   // of OnIdle

	functions []*FunctionProgress

	blobs      blobTable
	references *goja.Object // the prototype of what put returns; nil before the first
}

// Source is what a script's loader knows of the texts that functions and
// stacks come from.
type Source interface {
	// Locate finds where a function's text stands in a loaded program; near
	// is where it was used.
	Locate(source string, near vm.Position) vm.Position
	// MapStack turns compiled positions in a stack into the user's own.
	MapStack(stack string) string
	// Bundle makes one file for a real node of the file at path and all that
	// it requires, and returns the name that it should have. main says that
	// it is the main module there.
	Bundle(path string, main bool) (name string, text []byte, err error)
}

// NewScript returns the API for the script that runs on loop and has the
// builtin modules of n. SetSource must be called before the script runs.
// It must be made before the script runs.
func (s *Session) NewScript(loop *vm.Loop, n *node.Node) (*Script, error) {
	script := &Script{session: s, loop: loop, rt: loop.Runtime(), node: n, running: map[*scriptTask]func(string) bool{}}
	n.Bind("supercluster", script.makeBinding)
	n.Bind("supercluster_node", func() *goja.Object {
		return script.object(map[string]any{"reserved": vm.ReservedEvents()})
	})
	return script, vm.KeepRealm(script.rt)
}

// SetSource says who knows the script's texts.
func (s *Script) SetSource(source Source) { s.source = source }

// Builtin returns the builtin module name, of this package or of node: what a
// loader asks for. The name of the project, the one its founding document
// used, and both with "sc:" before them mean this package.
func (s *Script) Builtin(name string) (goja.Value, bool, error) {
	if bare := strings.TrimPrefix(name, "sc:"); bare == "supercluster" || bare == "nnet" {
		v, err := s.node.Load("supercluster")
		return v, true, err
	}
	return s.node.Builtin(name)
}

// makeBinding is the native half that the embedded modules build on.
func (s *Script) makeBinding() *goja.Object {
	return s.object(map[string]any{
		"version": s.session.settings.Version,
		"open": func(call goja.FunctionCall) goja.Value {
			role := call.Argument(0).String()
			conf, err := s.session.readConf(s.rt, role, call.Argument(1))
			if err != nil {
				s.throw(err)
			}
			n, err := s.openNode(role, conf, call.Argument(2).ToObject(s.rt))
			if err != nil {
				s.throw(fmt.Errorf("create%s: %w", strings.ToUpper(role[:1])+role[1:], err))
			}
			return n
		},
	})
}

// object makes an object of Go functions and plain data.
func (s *Script) object(members map[string]any) *goja.Object {
	obj := s.rt.NewObject()
	for name, member := range members {
		if err := obj.Set(name, member); err != nil {
			panic(err) // a new object refuses no property
		}
	}
	return obj
}

// throw throws err as JavaScript would: an exception as it is, a fault of
// what the script gave as a TypeError, all else as an Error with a code.
func (s *Script) throw(err error) {
	panic(s.toError(err))
}

func (s *Script) toError(err error) goja.Value {
	var thrown *goja.Exception
	var option *optionError
	var value *vm.ValueError
	var coded *cluster.Error
	class, code, hint := "Error", "", ""
	switch {
	case errors.As(err, &thrown):
		return thrown.Value()
	case errors.As(err, &option):
		class, code = "TypeError", option.code
	case errors.As(err, &value):
		class, code = "TypeError", "ERR_NOT_SENDABLE"
	case errors.As(err, &coded):
		code = coded.Code
	default:
		if r, ok := trust.AsRefusal(err); ok {
			code, hint = r.Code, r.Hint()
		}
	}
	obj, newErr := s.rt.New(s.rt.Get(class), s.rt.ToValue(err.Error()))
	if newErr != nil {
		return s.rt.NewGoError(err)
	}
	if hint != "" {
		obj.Set("hint", hint)
	}
	if code != "" {
		obj.Set("code", code) // a new Error refuses no property
	}
	return obj
}
