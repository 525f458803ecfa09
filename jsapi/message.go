package jsapi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/vm"
)

// maxUnsent is how many bytes of messages of one node may wait for their receivers before the script must wait, too.
// It is less than what package cluster refuses for a single receiver.
const maxUnsent = 8 << 20

// settling is how long after it has joined a node looks for others before it takes those that it found for all.
const settling = 500 * time.Millisecond

// A messenger is a node that sends messages.
type messenger interface {
	cluster.Node
	Post(id, event string, data []byte, sent func(error))
	Publish(event string, data []byte, sent func(error))
	Siblings() []cluster.Peer
}

// An outbound message, or several with the same data, whose promise is settled when all are on their way.
type outbound struct {
	script          *Script
	release         func() // of the loop: what was sent leaves before the process ends
	bytes           int
	resolve, reject func(any) error

	mu   sync.Mutex
	left int   // guarded by mu
	err  error // the first; guarded by mu
}

// sent takes note that one of the messages is on its way, or cannot be. It is called from any goroutine.
func (o *outbound) sent(m *membership) func(error) {
	return func(err error) {
		o.mu.Lock()
		if o.err == nil {
			o.err = err
		}
		o.left--
		last, err := o.left == 0, o.err
		o.mu.Unlock()
		if !last {
			return
		}
		o.script.loop.Post(func() {
			m.unsent -= o.bytes
			o.release()
			if err != nil {
				_ = o.reject(o.script.toError(err))
			} else {
				_ = o.resolve(goja.Undefined())
			}
		})
	}
}

// outbound begins to send n messages with these data. A script that does not wait for what it has sent is told so by
// an exception: that is what bounds the memory for what slow receivers have not taken.
func (m *membership) outbound(event string, n, size int) (*outbound, goja.Value) {
	s := m.script
	if m.unsent > maxUnsent {
		s.throw(&cluster.Error{Code: cluster.CodeBackPressure, Message: fmt.Sprintf(
			"message %q: %d bytes wait for their receivers already; await what the calls before returned", event, m.unsent)})
	}
	promise, resolve, reject := s.rt.NewPromise()
	o := &outbound{script: s, release: s.loop.Ref(), bytes: n * (size + 100), resolve: resolve, reject: reject, left: n}
	m.unsent += o.bytes
	return o, s.rt.ToValue(promise)
}

// data is native.wrap(value): the data of a message as they travel. Functions in them would be of no use.
func (m *membership) data(call goja.FunctionCall) goja.Value {
	data, err := vm.Encode(m.script.rt, call.Argument(0), vm.EncodeOptions{Path: "data"})
	if err != nil {
		m.script.throw(err)
	}
	return m.script.rt.ToValue(&packedData{data})
}

// packedData is what JavaScript holds between native.wrap and native.send.
type packedData struct{ bytes []byte }

// send is native.send(ids, event, data) → promise: of a message to each of the nodes.
func (m *membership) send(call goja.FunctionCall) goja.Value {
	var ids []string
	if err := m.script.rt.ExportTo(call.Argument(0), &ids); err != nil {
		m.script.throw(err)
	}
	event, data := call.Argument(1).String(), call.Argument(2).Export().(*packedData).bytes
	err := m.left()
	if err == nil && len(ids) == 0 {
		err = &cluster.Error{Code: cluster.CodeNoNode, Message: fmt.Sprintf("message %q: no node is there to take it", event)}
	}
	if err != nil {
		o, promise := m.outbound(event, 1, 0)
		o.sent(m)(err)
		return promise
	}
	o, promise := m.outbound(event, len(ids), len(data))
	for _, id := range ids {
		m.messenger.Post(id, event, data, o.sent(m))
	}
	return promise
}

// left returns the error that says that the node has left, if it has.
func (m *membership) left() error {
	if m.joined || !m.hadJoined {
		return nil
	}
	return &cluster.Error{Code: cluster.CodeLeft, Message: "the node has left the cluster"}
}

// publish is native.publish(event, data) → promise.
func (m *membership) publish(call goja.FunctionCall) goja.Value {
	event, data := call.Argument(0).String(), call.Argument(1).Export().(*packedData).bytes
	o, promise := m.outbound(event, 1, len(data))
	if err := m.left(); err != nil {
		o.sent(m)(err)
	} else {
		m.messenger.Publish(event, data, o.sent(m))
	}
	return promise
}

// reach is native.reach() → promise: of the links to nodes of all roles that were found.
func (m *membership) reach(goja.FunctionCall) goja.Value { return m.reachAfter(nil) }

// reachAfter is reach for a node that is still joining, of which joined tells the end if it is not nil.
func (m *membership) reachAfter(joined <-chan error) goja.Value {
	since := m.since
	return m.script.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		if joined != nil {
			<-joined // an error says that it has joined before
		}
		select {
		case <-time.After(time.Until(since.Add(settling))):
		case <-ctx.Done():
		}
		_ = m.network.mesh.Reach(ctx, m.messenger) // who cannot be reached does not hear of it
		return func() (goja.Value, error) { return goja.Undefined(), nil }
	})
}

// siblings is native.siblings() → the linked nodes of this one's role.
func (m *membership) siblings(goja.FunctionCall) goja.Value {
	list := m.messenger.Siblings()
	peers := make([]any, len(list))
	for i, p := range list {
		peers[i] = m.script.peerObject(p)
	}
	return m.script.rt.ToValue(m.script.rt.NewArray(peers...))
}

// refused is native.refused(id, event): notes a message with a name that it must not have.
func (m *membership) refused(call goja.FunctionCall) goja.Value {
	m.script.session.settings.Logger.Warn("message with a reserved name refused",
		"node", call.Argument(0).String(), "event", call.Argument(1).String())
	return goja.Undefined()
}

// messaged posts a message to the script.
func (h hooks) messaged(m cluster.Message) {
	hook := h.message
	if m.Bus {
		hook = h.bus
	}
	posted := h.script.loop.Post(func() {
		defer m.Done()
		data, err := h.script.decode(m.Data, func() string { return "" })
		if err != nil {
			h.script.session.settings.Logger.Warn("message dropped", "node", m.From.ID, "event", m.Name, "err", err)
			return
		}
		sender := func(goja.FunctionCall) goja.Value { return h.script.peerObject(m.From) }
		rt := h.script.rt
		h.script.loop.Call(hook, goja.Undefined(), rt.ToValue(m.From.ID), rt.ToValue(m.Name), data, rt.ToValue(sender))
	})
	if !posted {
		m.Done()
	}
}
