package node

import (
	"context"
	"net"
	"os"
	"sync"

	"github.com/dop251/goja"
)

// backlog is how many accepted connections may wait for the script.
const backlog = 128

// listener accepts connections and gives them to owner.onconnection(number of the stream).
type listener struct {
	owner
	activity
	id     int64
	ln     net.Listener
	room   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// shut is of handle.
func (l *listener) shut() {
	l.once.Do(func() {
		close(l.closed)
		_ = l.ln.Close() // nobody is left to tell
	})
}

// listenNet(owner, {path | host, port}) → [number, address] or [undefined, fault]
func (n *Node) listenNet(call goja.FunctionCall) goja.Value {
	opts := call.Argument(1).ToObject(n.rt)
	var ln net.Listener
	var err error
	if fd := opts.Get("fd"); fd != nil && !goja.IsUndefined(fd) {
		ln, err = listenFile(int(fd.ToInteger()))
	} else if path := opts.Get("path"); path != nil && !goja.IsUndefined(path) {
		ln, err = net.Listen("unix", path.String())
	} else {
		cfg := net.ListenConfig{KeepAlive: -1}
		network := "tcp"
		if only := opts.Get("ipv6Only"); only != nil && only.ToBoolean() {
			network = "tcp6"
		}
		host := opts.Get("host").String()
		if ip := net.ParseIP(host); ip != nil && ip.To4() != nil {
			network = "tcp4" // 0.0.0.0 is not both families
		}
		ln, err = cfg.Listen(context.Background(), network, net.JoinHostPort(host, opts.Get("port").String()))
	}
	if err != nil {
		return n.rt.NewArray(goja.Undefined(), n.fault(err))
	}
	l := n.newListener(ln, call.Argument(0).ToObject(n.rt))
	return n.rt.NewArray(l.id, n.addr(ln.Addr()))
}

// listenFile listens on a descriptor that this process was given.
func listenFile(fd int) (net.Listener, error) {
	f := os.NewFile(uintptr(fd), "listener")
	if f == nil {
		return nil, os.ErrInvalid
	}
	defer f.Close() // FileListener has a copy
	return net.FileListener(f)
}

func (n *Node) newListener(ln net.Listener, o *goja.Object) *listener {
	l := &listener{
		owner: owner{n, o}, activity: activity{loop: n.loop}, ln: ln,
		room: make(chan struct{}, backlog), closed: make(chan struct{}),
	}
	l.id = n.handles.add(l)
	l.add(1)
	n.loop.Start(l.accept)
	return l
}

func (l *listener) accept(context.Context) {
	for {
		select {
		case l.room <- struct{}{}:
		case <-l.closed:
			return
		}
		conn, err := l.ln.Accept()
		posted := l.loop.Post(func() { l.give(conn, err) })
		if !posted && conn != nil {
			_ = conn.Close() // nobody is left to tell
		}
		if err != nil {
			return
		}
	}
}

// give hands one connection to the script.
func (l *listener) give(conn net.Conn, err error) {
	<-l.room
	select {
	case <-l.closed:
		if conn != nil {
			_ = conn.Close() // the server was closed meanwhile
		}
		return
	default:
	}
	if err != nil {
		l.tell("onconnection", goja.Undefined(), l.n.fault(err))
		return
	}
	l.tell("onconnection", l.n.rt.ToValue(l.n.newStream(conn).id))
}

// closeListener(number) stops accepting; owner.onclose() tells.
func (n *Node) closeListener(call goja.FunctionCall) goja.Value {
	l, ok := n.handles.get(call.Argument(0).ToInteger()).(*listener)
	if !ok {
		return goja.Undefined()
	}
	n.handles.remove(l.id)
	l.shut()
	l.add(-1)
	release := n.loop.Ref()
	n.loop.Post(func() {
		release()
		l.tell("onclose")
	})
	return goja.Undefined()
}

func (n *Node) refListener(call goja.FunctionCall) goja.Value {
	if l, ok := n.handles.get(call.Argument(0).ToInteger()).(*listener); ok {
		l.setRef(call.Argument(1).ToBoolean())
	}
	return goja.Undefined()
}
