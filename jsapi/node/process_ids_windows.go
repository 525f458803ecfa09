package node

import (
	"errors"

	"github.com/dop251/goja"
)

// unsupported is what only a system with users in its sense has; js/process.js does not ask for it here.
func (n *Node) unsupported(goja.FunctionCall) goja.Value {
	n.throw(failed(errors.ErrUnsupported, "setid"), "setid")
	return goja.Undefined()
}

func (n *Node) setID(call goja.FunctionCall) goja.Value      { return n.unsupported(call) }
func (n *Node) getGroups(call goja.FunctionCall) goja.Value  { return n.unsupported(call) }
func (n *Node) setGroups(call goja.FunctionCall) goja.Value  { return n.unsupported(call) }
func (n *Node) initGroups(call goja.FunctionCall) goja.Value { return n.unsupported(call) }
func (n *Node) execve(call goja.FunctionCall) goja.Value     { return n.unsupported(call) }

// resources() → [user, system, 0, …]; the system does not tell the rest in one call.
func (n *Node) resources(goja.FunctionCall) goja.Value {
	user, system := cpuTimes()
	return n.rt.NewArray(user.Microseconds(), system.Microseconds(), 0, 0, 0, 0, 0, 0, 0)
}
