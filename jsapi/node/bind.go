package node

import (
	"os"

	"github.com/dop251/goja"
)

// Bind says what native half the js file name gets when it is loaded: an embedded module that is not one of Node's,
// built by another package. To be called before Load.
func (n *Node) Bind(name string, make func() *goja.Object) { n.bindings[name] = make }

// Load returns the exports of the js file name ("supercluster"), which is run when it is first asked for.
func (n *Node) Load(name string) (goja.Value, error) { return n.load(name) }

// Listening reports whether the script listens to sig, so that it must not have its default action. Any goroutine may
// call it.
func (n *Node) Listening(sig os.Signal) bool { return n.signals.listening(sig) }
