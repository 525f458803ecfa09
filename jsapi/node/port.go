package node

import (
	"sync"

	"github.com/dop251/goja"
)

// A portLink is the two ends of a message channel. Any goroutine may use an end; mu guards all of both.
type portLink struct {
	mu   sync.Mutex
	ends [2]*portEnd
}

// A portEnd is where messages of the other end arrive. It outlives the MessagePort objects that stand for it: a port that
// is transferred leaves its end, with what waits there, to a new object of another thread.
type portEnd struct {
	link   *portLink
	side   int
	queue  []*message
	closed bool
	wake   func() // tells the owner that there is something to look at; nil without one
}

func newLink() *portLink {
	l := &portLink{}
	for side := range l.ends {
		l.ends[side] = &portEnd{link: l, side: side}
	}
	return l
}

func (e *portEnd) peer() *portEnd { return e.link.ends[1-e.side] }

// post puts m before the other end; false if that is closed.
func (e *portEnd) post(m *message) bool {
	e.link.mu.Lock()
	peer := e.peer()
	open := !e.closed && !peer.closed
	var wake func()
	if open {
		peer.queue = append(peer.queue, m)
		wake = peer.wake
	}
	e.link.mu.Unlock()
	if wake != nil {
		wake()
	}
	return open
}

// take removes the first message; left says how many wait behind it.
func (e *portEnd) take() (m *message, left int, closed bool) {
	e.link.mu.Lock()
	defer e.link.mu.Unlock()
	if len(e.queue) > 0 {
		m = e.queue[0]
		e.queue = e.queue[1:]
	}
	return m, len(e.queue), e.closed
}

// own makes wake hear of what comes; nil leaves the end without an owner.
func (e *portEnd) own(wake func()) {
	e.link.mu.Lock()
	e.wake = wake
	pending := len(e.queue) > 0 || e.closed
	e.link.mu.Unlock()
	if wake != nil && pending {
		wake()
	}
}

// shut closes both ends. What has arrived may still be taken.
func (e *portEnd) shut() {
	e.link.mu.Lock()
	var wakes []func()
	for _, end := range e.link.ends {
		if !end.closed {
			end.closed = true
			wakes = append(wakes, end.wake)
		}
	}
	e.link.mu.Unlock()
	for _, wake := range wakes {
		if wake != nil {
			wake()
		}
	}
}

// A port is the native half of a MessagePort: an end, and the thread that owns it. All but shut belongs to the loop.
type port struct {
	n       *Node
	end     *portEnd
	owner   owner
	id      int64
	alive   activity
	started bool
	posted  bool // a look at the end is on its way; guarded by end.link.mu
}

// newPort makes the native half of a port whose JavaScript half, js, has the methods message(value), failed(error),
// released() and closed(). It hears nothing before start.
func (n *Node) newPort(end *portEnd, js *goja.Object) *port {
	p := &port{n: n, end: end, owner: owner{n, js}, alive: activity{loop: n.loop, count: 1, unrefd: true}}
	p.id = n.handles.add(p)
	end.own(p.wake)
	return p
}

// shut is of handle: the thread ends.
func (p *port) shut() { p.end.shut() }

// wake has the loop look at the end, from any goroutine.
func (p *port) wake() {
	p.end.link.mu.Lock()
	posted := p.posted
	p.posted = true
	p.end.link.mu.Unlock()
	if !posted {
		p.n.loop.Post(p.look)
	}
}

// look hands over one message, or says that the port is closed when none is left.
func (p *port) look() {
	p.end.link.mu.Lock()
	p.posted = false
	waiting, closed, mine := len(p.end.queue) > 0, p.end.closed, p.id != 0
	p.end.link.mu.Unlock()
	if !mine {
		return
	}
	if waiting && p.started {
		m, left, _ := p.end.take()
		if left > 0 || closed {
			p.wake()
		}
		p.deliver(m)
		return
	}
	if closed {
		p.release()
		p.owner.tell("released")
		p.n.loop.Post(func() { p.owner.tell("closed") }) // when the other end of this thread is released too
	}
}

func (p *port) deliver(m *message) {
	v, ports, err := p.n.decodeMessage(m)
	if err != nil {
		p.owner.tell("failed", p.n.messageError(err))
		return
	}
	p.owner.tell("message", v, ports)
}

// release lets go of the end.
func (p *port) release() {
	if p.id != 0 {
		p.n.handles.remove(p.id)
		p.id = 0
		p.alive.setRef(false)
	}
}

// detach takes the end from the port, to be owned by another.
func (p *port) detach() *portEnd {
	p.release()
	p.end.own(nil)
	return p.end
}

// portObject is what JavaScript calls for a port.
func (n *Node) portObject(p *port) *goja.Object {
	return n.object(map[string]any{
		"end": n.rt.ToValue(p.end),
		// post(value, transfer list) → false if the other end is closed
		"post": func(call goja.FunctionCall) goja.Value {
			m, err := n.encodeMessage(call.Argument(0), call.Argument(1))
			if err != nil {
				panic(n.messageError(err))
			}
			if m.carries(p.end.peer()) {
				p.end.shut() // the message and its port are lost
				return n.rt.ToValue("self")
			}
			return n.rt.ToValue(p.end.post(m))
		},
		// take() → [value, ports], or undefined if nothing waits
		"take": func(goja.FunctionCall) goja.Value {
			m, _, _ := p.end.take()
			if m == nil {
				return goja.Undefined()
			}
			v, ports, err := n.decodeMessage(m)
			if err != nil {
				panic(n.messageError(err))
			}
			return n.rt.NewArray(v, ports)
		},
		"start": func(goja.FunctionCall) goja.Value { p.started = true; p.wake(); return goja.Undefined() },
		"stop":  func(goja.FunctionCall) goja.Value { p.started = false; return goja.Undefined() },
		"ref": func(call goja.FunctionCall) goja.Value {
			p.alive.setRef(call.Argument(0).ToBoolean())
			return goja.Undefined()
		},
		"hasRef":  func(goja.FunctionCall) goja.Value { return n.rt.ToValue(p.alive.release != nil) },
		"close":   func(goja.FunctionCall) goja.Value { p.end.shut(); return goja.Undefined() },
		"detach":  func(goja.FunctionCall) goja.Value { p.detach(); return goja.Undefined() },
		"waiting": func(goja.FunctionCall) goja.Value { return n.rt.ToValue(len(p.end.queue)) },
	})
}

// messagingBinding serves js/messaging.js.
func (n *Node) messagingBinding() *goja.Object {
	return n.object(map[string]any{
		"kClone": n.keys.clone, "kMoved": n.keys.moved,
		// channel() → the two ends of a new channel
		"channel": func(goja.FunctionCall) goja.Value {
			l := newLink()
			return n.rt.NewArray(n.rt.ToValue(l.ends[0]), n.rt.ToValue(l.ends[1]))
		},
		// open(end, js) → the native half of a port that js stands for
		"open": func(call goja.FunctionCall) goja.Value {
			end, ok := call.Argument(0).Export().(*portEnd)
			if !ok {
				panic(n.rt.NewTypeError("open: no end of a channel"))
			}
			return n.portObject(n.newPort(end, call.Argument(1).ToObject(n.rt)))
		},
		// clone(value, transfer list) → what comes out of a channel
		"clone": func(call goja.FunctionCall) goja.Value {
			m, err := n.encodeMessage(call.Argument(0), call.Argument(1))
			if err != nil {
				panic(n.messageError(err))
			}
			v, _, err := n.decodeMessage(m)
			if err != nil {
				panic(n.messageError(err))
			}
			return v
		},
		"join": n.joinChannel,
	})
}
