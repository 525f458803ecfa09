package node

import (
	"github.com/dop251/goja"
)

// threadUsage() → [user, system] in microseconds. Goroutines have no times of their own, so it is what the thread of the
// system that runs this one has used, which may have run others.
func (n *Node) threadUsage(goja.FunctionCall) goja.Value {
	user, system := threadTimes()
	n.threadUser, n.threadSystem = max(n.threadUser, user), max(n.threadSystem, system) // it may be another thread than last time
	return n.rt.NewArray(n.threadUser.Microseconds(), n.threadSystem.Microseconds())
}

// activeResources() → names of what keeps the loop alive, as node calls them
func (n *Node) activeResources(goja.FunctionCall) goja.Value {
	var names []string
	for range n.loop.Timers() {
		names = append(names, "Timeout")
	}
	for range n.loop.Immediates() {
		names = append(names, "Immediate")
	}
	n.handles.mu.Lock()
	defer n.handles.mu.Unlock()
	for _, h := range n.handles.open {
		switch h.(type) {
		case *port:
			names = append(names, "MessagePort")
		case *runningThread:
			names = append(names, "Worker")
		case *listener:
			names = append(names, "TCPServerWrap")
		case *stream:
			names = append(names, "TCPSocketWrap")
		}
	}
	return n.stringArray(names)
}
