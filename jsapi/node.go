package jsapi

import (
	"context"
	"fmt"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/net/trust"
)

// hooks are the functions by which a node's events reach its JavaScript half.
type hooks struct {
	script  *Script
	peer    goja.Callable // (snapshot, up)
	message goja.Callable // (peer id, event, data, sender)
	bus     goja.Callable // the same
	task    goja.Callable // (master id, task)
}

func (s *Script) readHooks(obj *goja.Object) hooks {
	h := hooks{script: s}
	for name, to := range map[string]*goja.Callable{"peer": &h.peer, "message": &h.message, "bus": &h.bus, "task": &h.task} {
		*to, _ = goja.AssertFunction(obj.Get(name))
	}
	return h
}

// openNode makes the native half of a node of that role. Only what cannot be
// had at all, such as a port in use, is an error here.
func (s *Script) openNode(role string, c nodeConf, on *goja.Object) (*goja.Object, error) {
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, err
	}
	h := s.readHooks(on)
	switch role {
	case roleMaster:
		return s.openMaster(id, c, h)
	case roleWorker:
		return s.openWorker(id, c, h)
	default:
		return s.openTracker(id, c, h)
	}
}

// A presence is what keeps the script's process alive for a node: joined and
// not told to unref.
type presence struct {
	script  *Script
	release func() // of the loop; nil while the node keeps nothing alive
	joined  bool
	unref   bool
}

func (p *presence) hold() {
	p.joined = true
	if p.release == nil && !p.unref {
		p.release = p.script.loop.Ref()
	}
}

func (p *presence) let() {
	p.joined = false
	p.drop()
}

func (p *presence) drop() {
	if p.release != nil {
		p.release()
		p.release = nil
	}
}

// ref says whether the node counts.
func (p *presence) ref(counts bool) {
	p.unref = !counts
	if p.unref {
		p.drop()
	} else if p.joined {
		p.hold()
	}
}

// A membership is a master's or worker's place in its network.
type membership struct {
	presence
	messenger
	network   *network
	since     time.Time // of the last joining
	hadJoined bool
	unsent    int // bytes of messages that are not on their way
}

// methods are the members that every node's native object has.
func (m *membership) methods(c nodeConf) map[string]any {
	data := fromJSON(m.script.rt, c.data)
	return map[string]any{
		"id":       m.messenger.ID(),
		"data":     data,
		"address":  m.address,
		"join":     m.join,
		"leave":    m.leave,
		"ref":      m.setRef,
		"wrap":     m.data,
		"send":     m.send,
		"publish":  m.publish,
		"reach":    m.reach,
		"siblings": m.siblings,
		"refused":  m.refused,
	}
}

func (m *membership) address(goja.FunctionCall) goja.Value {
	addr := m.network.socket.Addr()
	return m.script.object(map[string]any{"addr": addr.Addr().String(), "port": int(addr.Port())})
}

// join joins the network in the background; a node that could not join is an
// uncaught error, since nothing can come of it.
func (m *membership) join(goja.FunctionCall) goja.Value {
	if m.joined {
		return goja.Undefined()
	}
	m.hold()
	m.since, m.hadJoined = time.Now(), true
	return m.script.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		err := m.network.mesh.Join(ctx, m.messenger)
		return func() (goja.Value, error) {
			if err != nil && ctx.Err() == nil {
				return nil, fmt.Errorf("join: %w", err)
			}
			return goja.Undefined(), nil
		}
	})
}

// leave says goodbye and gives a promise of that.
func (m *membership) leave(goja.FunctionCall) goja.Value {
	joined := m.joined
	m.joined = false
	return m.script.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		var err error
		if joined {
			err = m.network.mesh.Leave(ctx, m.messenger)
		}
		return func() (goja.Value, error) {
			m.let()
			if err != nil && ctx.Err() == nil {
				return nil, fmt.Errorf("leave: %w", err)
			}
			return goja.Undefined(), nil
		}
	})
}

func (m *membership) setRef(call goja.FunctionCall) goja.Value {
	m.ref(call.Argument(0).ToBoolean())
	return goja.Undefined()
}

// peerChanged posts to the script that a node came or went.
func (h hooks) peerChanged(e cluster.PeerEvent) {
	h.script.loop.Post(func() {
		h.script.loop.Call(h.peer, goja.Undefined(), h.script.peerObject(e.Peer), h.script.rt.ToValue(e.Up))
	})
}

// peerObject is the snapshot of a node that scripts see.
func (s *Script) peerObject(p cluster.Peer) *goja.Object {
	obj := s.rt.NewObject()
	for _, member := range []struct {
		name  string
		value any
	}{
		{"id", p.ID},
		{"role", p.Role},
		{"addr", addrText(p)},
		{"port", int(p.Addr.Port())},
		{"data", fromJSON(s.rt, p.Data)},
		{"host", fromJSON(s.rt, p.Host)},
		{"member", p.Member},
		{"slots", p.Slots},
		{"running", p.Running},
		{"pid", p.Pid},
	} {
		if err := obj.Set(member.name, member.value); err != nil {
			panic(err) // a new object refuses no property
		}
	}
	return obj
}

// addrText is the address a node is seen at; nodes of one process see each
// other without one.
func addrText(p cluster.Peer) string {
	if !p.Addr.IsValid() {
		return "127.0.0.1"
	}
	return p.Addr.Addr().Unmap().String()
}

// fromJSON makes a value of JSON that another node sent; what is none, or
// missing, is undefined.
func fromJSON(rt *goja.Runtime, text []byte) goja.Value {
	if len(text) == 0 {
		return goja.Undefined()
	}
	parse, ok := goja.AssertFunction(rt.Get("JSON").ToObject(rt).Get("parse"))
	if !ok {
		return goja.Undefined()
	}
	v, err := parse(goja.Undefined(), rt.ToValue(string(text)))
	if err != nil {
		return goja.Undefined()
	}
	return v
}
