package node

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"

	"github.com/dop251/goja"
)

// datagramsAhead is how many datagrams may wait for the script; more stay with the system, which drops what it cannot
// keep, as UDP may.
const datagramsAhead = 64

// maxDatagram is more than the longest datagram there can be, in bytes.
const maxDatagram = 64 << 10

// datagrams is a UDP socket. A reader gives what comes to owner.onmessage(memory, address, port, family), or a failure
// to owner.onerror(fault); one sender at a time writes what is queued, in order. Loop goroutine only, but where a
// field says otherwise.
type datagrams struct {
	owner
	activity
	id      int64
	conn    *net.UDPConn
	network string // "udp4" or "udp6"
	started bool
	room    chan struct{}
	closed  chan struct{}
	once    sync.Once

	mu      sync.Mutex // guards what follows
	queue   []datagram
	queued  int // bytes in queue
	sending bool
}

// datagram is one that waits to be sent; to is not valid on a connected socket.
type datagram struct {
	data    []byte
	to      netip.AddrPort
	release func() // what is under way keeps the loop alive, an unref'd socket's too
	done    func(error)
}

// shut is of handle.
func (d *datagrams) shut() {
	d.once.Do(func() {
		close(d.closed)
		_ = d.conn.Close() // nobody is left to tell
	})
}

// udpBinding serves js/dgram_native.js. Functions with a socket's number first give undefined, or a fault.
func (n *Node) udpBinding() *goja.Object {
	on := func(do func(d *datagrams, args arguments) error) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value {
			d := n.datagrams(call.Argument(0))
			if d == nil {
				return n.fault(syscall.EBADF)
			}
			return n.fault(do(d, arguments{values: call.Arguments}))
		}
	}
	return n.object(map[string]any{
		"open": n.openUDP, "send": n.sendUDP, "queue": n.queueUDP, "getOption": n.udpOption,
		"start": on(func(d *datagrams, _ arguments) error { d.start(); return nil }),
		"close": on(func(d *datagrams, _ arguments) error { d.close(); return nil }),
		"ref":   on(func(d *datagrams, args arguments) error { d.setRef(args.at(1).ToBoolean()); return nil }),
		"connect": on(func(d *datagrams, args arguments) error {
			to, err := d.addrPort(args.str(1), int(args.at(2).ToInteger()))
			if err != nil {
				return err
			}
			return d.control(func(fd uintptr) error { return connectUDP(fd, to) })
		}),
		"disconnect": on(func(d *datagrams, _ arguments) error { return d.control(disconnectUDP) }),
		"setOption":  on(func(d *datagrams, args arguments) error { return d.setOption(args) }),
		"member": on(func(d *datagrams, args arguments) error {
			return d.member(args.str(1), args.str(2), args.str(3), args.str(4))
		}),
		"names": func(call goja.FunctionCall) goja.Value {
			d := n.datagrams(call.Argument(0))
			if d == nil {
				return goja.Undefined()
			}
			return n.udpAddr(d.conn.LocalAddr())
		},
	})
}

func (n *Node) datagrams(v goja.Value) *datagrams {
	d, _ := n.handles.get(v.ToInteger()).(*datagrams)
	return d
}

// openUDP(owner, type, host, port, reuseAddr, reusePort, ipv6Only, fd or undefined) → [number, [address, port,
// family]] or [undefined, fault]
func (n *Node) openUDP(call goja.FunctionCall) goja.Value {
	args := arguments{values: call.Arguments}
	want := udpRequest{
		network: args.str(1), host: args.str(2), port: int(args.at(3).ToInteger()),
		reuseAddr: args.at(4).ToBoolean(), reusePort: args.at(5).ToBoolean(), only6: args.at(6).ToBoolean(), fd: -1,
	}
	if fd := args.at(7); !goja.IsUndefined(fd) {
		want.fd = int(fd.ToInteger())
	}
	conn, err := want.listen()
	if err != nil {
		return n.rt.NewArray(goja.Undefined(), n.fault(err))
	}
	d := n.newDatagrams(conn, want.network, call.Argument(0).ToObject(n.rt))
	return n.rt.NewArray(d.id, n.udpAddr(conn.LocalAddr()))
}

func (n *Node) newDatagrams(conn *net.UDPConn, network string, o *goja.Object) *datagrams {
	d := &datagrams{
		owner: owner{n, o}, activity: activity{loop: n.loop}, conn: conn, network: network,
		room: make(chan struct{}, datagramsAhead), closed: make(chan struct{}),
	}
	d.id = n.handles.add(d)
	return d
}

// udpRequest says how a socket is to be bound.
type udpRequest struct {
	network, host               string
	port, fd                    int
	reuseAddr, reusePort, only6 bool
}

func (r udpRequest) listen() (*net.UDPConn, error) {
	if r.fd >= 0 {
		f := os.NewFile(uintptr(r.fd), "udp")
		if f == nil {
			return nil, syscall.EBADF
		}
		return udpOf(f)
	}
	network := r.network
	if ip, err := netip.ParseAddr(r.host); err == nil && ip == netip.IPv6Unspecified() && !r.only6 {
		network = "udp" // both families
	}
	cfg := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if controlErr := raw.Control(func(fd uintptr) { err = prepareUDP(fd, r.reuseAddr, r.reusePort) }); controlErr != nil {
			return controlErr
		}
		return err
	}}
	pc, err := cfg.ListenPacket(context.Background(), network, net.JoinHostPort(r.host, strconv.Itoa(r.port)))
	if err != nil {
		return nil, err
	}
	return pc.(*net.UDPConn), nil // what package net gives for udp
}

// udpOf makes a socket of f, which it closes.
func udpOf(f *os.File) (*net.UDPConn, error) {
	defer f.Close() // FilePacketConn has a copy
	pc, err := net.FilePacketConn(f)
	if err != nil {
		return nil, err
	}
	conn, ok := pc.(*net.UDPConn)
	if !ok {
		_ = pc.Close() // not of use here
		return nil, syscall.EINVAL
	}
	return conn, nil
}

// udpAddr is [address, port, family]; an IPv4 address on a socket of both families keeps its ::ffff: form.
func (n *Node) udpAddr(a net.Addr) goja.Value {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return goja.Undefined()
	}
	return n.rt.NewArray(n.udpName(u.AddrPort())...)
}

func (n *Node) udpName(a netip.AddrPort) []any {
	family := "IPv6"
	if a.Addr().Is4() {
		family = "IPv4"
	}
	return []any{a.Addr().String(), int(a.Port()), family}
}

// start begins to read.
func (d *datagrams) start() {
	if !d.started {
		d.started = true
		d.add(1)
		d.loop.Start(d.read)
	}
}

// read is the reader's goroutine.
func (d *datagrams) read(context.Context) {
	buf := make([]byte, maxDatagram)
	for {
		select {
		case d.room <- struct{}{}:
		case <-d.closed:
			return
		}
		k, from, err := d.conn.ReadFromUDPAddrPort(buf)
		var data []byte
		if err == nil {
			data = append([]byte{}, buf[:k]...)
		}
		d.loop.Post(func() { d.give(data, from, err) })
	}
}

// give hands one datagram, or why there is none, to the script.
func (d *datagrams) give(data []byte, from netip.AddrPort, err error) {
	<-d.room
	select {
	case <-d.closed:
		return
	default:
	}
	if err != nil {
		d.tell("onerror", d.n.fault(err))
		return
	}
	name := d.n.udpName(from)
	d.tell("onmessage", d.n.rt.ToValue(d.n.rt.NewArrayBuffer(data)), d.n.rt.ToValue(name[0]), d.n.rt.ToValue(name[1]), d.n.rt.ToValue(name[2]))
}

// close ends the socket; owner.onclose() tells.
func (d *datagrams) close() {
	d.n.handles.remove(d.id)
	d.shut()
	d.add(-d.count)
	release := d.loop.Ref()
	d.loop.Post(func() {
		release()
		d.tell("onclose")
	})
}

// control calls do with the descriptor.
func (d *datagrams) control(do func(fd uintptr) error) error {
	raw, err := d.conn.SyscallConn()
	if err != nil {
		return err
	}
	if controlErr := raw.Control(func(fd uintptr) { err = do(fd) }); controlErr != nil {
		return controlErr
	}
	return err
}

// addrPort is where a datagram goes: an address of the socket's family.
func (d *datagrams) addrPort(host string, port int) (netip.AddrPort, error) {
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Is4() != (d.network == "udp4") {
		return netip.AddrPort{}, syscall.EINVAL
	}
	return netip.AddrPortFrom(ip, uint16(port)), nil //nolint:gosec // dgram checks ports
}

// sendUDP(number, [chunk, …], host or "", port, callback) queues a datagram of the joined chunks; callback(fault,
// bytes) when it is sent. The fault is given at once if it cannot be queued.
func (n *Node) sendUDP(call goja.FunctionCall) goja.Value {
	args := arguments{values: call.Arguments}
	d := n.datagrams(args.at(0))
	if d == nil {
		return n.fault(syscall.EBADF)
	}
	var data []byte
	list := args.at(1).ToObject(n.rt)
	for i := range int(list.Get("length").ToInteger()) {
		data = append(data, arguments{values: []goja.Value{list.Get(strconv.Itoa(i))}}.memory(0)...)
	}
	m := datagram{data: data}
	if host := args.str(2); host != "" {
		to, err := d.addrPort(host, int(args.at(3).ToInteger()))
		if err != nil {
			return n.fault(err)
		}
		m.to = to
	}
	callback, _ := goja.AssertFunction(args.at(4))
	m.done = func(err error) {
		if callback != nil {
			n.loop.Call(callback, goja.Undefined(), n.fault(err), n.rt.ToValue(len(data)))
		}
	}
	m.release = n.loop.Ref()
	d.mu.Lock()
	d.queue = append(d.queue, m)
	d.queued += len(data)
	start := !d.sending
	d.sending = true
	d.mu.Unlock()
	if start {
		n.loop.Start(d.send)
	}
	return goja.Undefined()
}

// send writes what is queued, in order.
func (d *datagrams) send(context.Context) {
	for {
		d.mu.Lock()
		if len(d.queue) == 0 {
			d.sending = false
			d.mu.Unlock()
			return
		}
		m := d.queue[0]
		d.mu.Unlock()
		var err error
		if m.to.IsValid() {
			_, err = d.conn.WriteToUDPAddrPort(m.data, m.to)
		} else {
			_, err = d.conn.Write(m.data)
		}
		d.mu.Lock()
		d.queue = d.queue[1:]
		d.queued -= len(m.data)
		d.mu.Unlock()
		d.loop.Post(func() {
			m.release()
			m.done(err)
		})
	}
}

// queueUDP(number) → [bytes, datagrams] that are not sent yet.
func (n *Node) queueUDP(call goja.FunctionCall) goja.Value {
	d := n.datagrams(call.Argument(0))
	if d == nil {
		return n.rt.NewArray(0, 0)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return n.rt.NewArray(d.queued, len(d.queue))
}
