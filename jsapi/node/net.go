package node

import (
	"context"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/dop251/goja"
)

// netBinding serves js/net_native.js: connections by number, see stream and listener for what they tell their owners.
func (n *Node) netBinding() *goja.Object {
	on := func(do func(s *stream, call goja.FunctionCall) goja.Value) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value {
			s := n.stream(call.Argument(0))
			if s == nil {
				return goja.Undefined()
			}
			if v := do(s, call); v != nil {
				return v
			}
			return goja.Undefined()
		}
	}
	return n.object(map[string]any{
		"open": n.openStream, "connect": n.connect, "listen": n.listenNet, "closeListener": n.closeListener, "refListener": n.refListener,
		"adopt":     on(func(s *stream, call goja.FunctionCall) goja.Value { s.o = call.Argument(1).ToObject(n.rt); return nil }),
		"readStart": on(func(s *stream, _ goja.FunctionCall) goja.Value { s.readStart(); return nil }),
		"readStop":  on(func(s *stream, _ goja.FunctionCall) goja.Value { s.readStop(); return nil }),
		"write":     n.writeStream, "writeNow": n.writeNow,
		"shutdown": on(func(s *stream, _ goja.FunctionCall) goja.Value { s.shutdown(); return nil }),
		"close":    on(func(s *stream, _ goja.FunctionCall) goja.Value { s.close(); return nil }),
		"reset":    on(func(s *stream, _ goja.FunctionCall) goja.Value { s.reset(); return nil }),
		"ref":      on(func(s *stream, call goja.FunctionCall) goja.Value { s.setRef(call.Argument(1).ToBoolean()); return nil }),
		"noDelay":  on(noDelay), "keepAlive": on(keepAlive),
		"names": on(func(s *stream, _ goja.FunctionCall) goja.Value { return n.names(s.conn) }),
	})
}

// writeStream(id, [chunk, encoding, …]) joins the chunks and writes them; see stream.write.
func (n *Node) writeStream(call goja.FunctionCall) goja.Value {
	s := n.stream(call.Argument(0))
	if s == nil {
		return n.fault(net.ErrClosed)
	}
	args := arguments{values: call.Arguments}
	if len(call.Arguments) == 3 {
		return s.write(text(args.at(1), args.at(2).String()))
	}
	list := args.at(1).ToObject(n.rt)
	size := int(list.Get("length").ToInteger())
	var data []byte
	for i := 0; i+1 < size; i += 2 {
		data = append(data, text(list.Get(strconv.Itoa(i)), list.Get(strconv.Itoa(i+1)).String())...)
	}
	return s.write(data)
}

// writeNow(id, chunk, encoding) writes what the system takes at once and gives the memory that is left; undefined if
// nothing is. It is for a stream that writes nothing else meanwhile.
func (n *Node) writeNow(call goja.FunctionCall) goja.Value {
	data := text(call.Argument(1), call.Argument(2).String())
	if s := n.stream(call.Argument(0)); s != nil && s.writing == 0 {
		if k, err := tryWrite(s.conn, data); err == nil { // else the next write fails as well, and tells
			data = data[k:]
		}
	}
	if len(data) == 0 {
		return goja.Undefined()
	}
	return n.rt.ToValue(n.rt.NewArrayBuffer(data))
}

// text is the bytes of a chunk: memory as it is, copied, or text in UTF-8 or latin1.
func text(v goja.Value, encoding string) []byte {
	if !goja.IsString(v) {
		return append([]byte(nil), arguments{values: []goja.Value{v}}.memory(0)...)
	}
	s := v.String()
	if encoding != "latin1" {
		return []byte(s)
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func noDelay(s *stream, call goja.FunctionCall) goja.Value {
	if tcp, ok := below(s.conn).(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(call.Argument(1).ToBoolean()) // as node, which does not tell
	}
	return nil
}

// keepAlive(id, on, seconds)
func keepAlive(s *stream, call goja.FunctionCall) goja.Value {
	if tcp, ok := below(s.conn).(*net.TCPConn); ok {
		cfg := net.KeepAliveConfig{Enable: call.Argument(1).ToBoolean(), Idle: time.Duration(call.Argument(2).ToInteger()) * time.Second}
		_ = tcp.SetKeepAliveConfig(cfg) // as node, which does not tell
	}
	return nil
}

// names gives [[address, port, family] of this side, the same of the other]; the path alone for pipes.
func (n *Node) names(conn io.ReadWriteCloser) goja.Value {
	c, ok := conn.(interface {
		LocalAddr() net.Addr
		RemoteAddr() net.Addr
	})
	if !ok {
		return goja.Undefined()
	}
	return n.rt.NewArray(n.addr(c.LocalAddr()), n.addr(c.RemoteAddr()))
}

func (n *Node) addr(a net.Addr) goja.Value {
	var ip net.IP
	var zone string
	var port int
	switch a := a.(type) {
	case *net.TCPAddr:
		ip, zone, port = a.IP, a.Zone, a.Port
	case *net.UDPAddr:
		ip, zone, port = a.IP, a.Zone, a.Port
	case *net.UnixAddr:
		return n.rt.ToValue(a.Name)
	default:
		return goja.Undefined()
	}
	family := "IPv6"
	if ip.To4() != nil {
		family = "IPv4"
	}
	text := ip.String()
	if zone != "" {
		text += "%" + zone
	}
	return n.rt.NewArray(text, port, family)
}

// connect(owner, {path | host, port, localAddress, localPort}) starts to connect and returns a number; it ends with
// owner.onconnect(fault), after which the number is that of a stream.
func (n *Node) connect(call goja.FunctionCall) goja.Value {
	opts := call.Argument(1).ToObject(n.rt)
	str := func(name string) string {
		if v := opts.Get(name); v != nil && !goja.IsUndefined(v) && !goja.IsNull(v) {
			return v.String()
		}
		return ""
	}
	s := n.newStream(nopConn{})
	s.o = call.Argument(0).ToObject(n.rt)
	network, address := "tcp", net.JoinHostPort(str("host"), str("port"))
	dialer := net.Dialer{KeepAlive: -1}
	if path := str("path"); path != "" {
		network, address = "unix", path
	} else if str("localAddress") != "" || str("localPort") != "" {
		port, _ := strconv.Atoi(str("localPort")) // checked by js/net_connect.js
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(str("localAddress")), Port: port}
	}
	s.add(1)
	dialing, cancel := context.WithCancel(context.Background())
	s.abort = cancel
	s.loop.Start(func(ctx context.Context) {
		defer cancel()
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
		conn, err := dialer.DialContext(dialing, network, address)
		posted := s.loop.Post(func() { s.connected(conn, err) })
		if !posted && conn != nil {
			_ = conn.Close() // nobody is left to tell
		}
	})
	return n.rt.ToValue(s.id)
}

func (s *stream) connected(conn net.Conn, err error) {
	s.add(-1)
	if conn != nil && !s.replace(conn) {
		_ = conn.Close() // destroyed meanwhile
		return
	}
	s.tell("onconnect", s.n.fault(err))
}

// openStream(fd) gives the number of a stream over a descriptor of this process: a socket or a pipe; or the fault.
func (n *Node) openStream(call goja.FunctionCall) goja.Value {
	fd := int(call.Argument(0).ToInteger())
	conn, err := connOf(fd)
	if err != nil {
		return n.fault(err)
	}
	return n.rt.ToValue(n.newStream(conn).id)
}

// connOf takes over a descriptor: as a connection if it is a socket, as a pipe otherwise.
func connOf(fd int) (io.ReadWriteCloser, error) {
	f := os.NewFile(uintptr(fd), "fd")
	if f == nil {
		return nil, os.ErrInvalid
	}
	conn, err := net.FileConn(f)
	if err == nil {
		return conn, f.Close() // FileConn has a copy
	}
	return pipeEnd{f}, nil
}

// nopConn stands where there is no connection yet.
type nopConn struct{}

func (nopConn) Read([]byte) (int, error)  { return 0, os.ErrClosed }
func (nopConn) Write([]byte) (int, error) { return 0, os.ErrClosed }
func (nopConn) Close() error              { return nil }
