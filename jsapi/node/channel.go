package node

import (
	"bytes"
	"context"
	"net"
	"os"
	"sync"

	"github.com/dop251/goja"
)

// maxMessage is the longest message between parent and child, in bytes.
const maxMessage = 256 << 20

// channel is the connection between a parent and a forked child: one JSON text a line, as node's, so that either side
// may be node. Descriptors travel with the lines that announce them.
type channel struct {
	owner
	activity
	id     int64
	conn   *net.UnixConn
	closed chan struct{}
	once   sync.Once

	reading bool // loop goroutine only, as files
	files   []*os.File

	mu      sync.Mutex // guards what follows
	queue   []outgoing
	sending bool
}

type outgoing struct {
	text []byte
	file *os.File // goes with the text; closed then
	done func(error)
}

func (n *Node) newChannel(conn *net.UnixConn) *channel {
	c := &channel{owner: owner{n: n}, activity: activity{loop: n.loop}, conn: conn, closed: make(chan struct{})}
	c.id = n.handles.add(c)
	return c
}

// shut is of handle.
func (c *channel) shut() {
	c.once.Do(func() {
		close(c.closed)
		_ = c.conn.Close() // nobody is left to tell
	})
}

func (n *Node) channel(v goja.Value) *channel {
	c, _ := n.handles.get(v.ToInteger()).(*channel)
	return c
}

// openChannel(fd) → the number of the channel that this process was started with, or the fault.
func (n *Node) openChannel(call goja.FunctionCall) goja.Value {
	f := os.NewFile(uintptr(call.Argument(0).ToInteger()), "ipc")
	if f == nil {
		return n.fault(os.ErrInvalid)
	}
	conn, err := unixConn(f)
	if err != nil {
		return n.fault(err)
	}
	return n.rt.ToValue(n.newChannel(conn).id)
}

// readChannel(number, owner) begins to read: owner.onmessage(text) for each line, owner.onend() at the end.
func (n *Node) readChannel(call goja.FunctionCall) goja.Value {
	c := n.channel(call.Argument(0))
	if c == nil || c.reading {
		return goja.Undefined()
	}
	c.o = call.Argument(1).ToObject(n.rt)
	c.reading = true
	c.add(1)
	n.loop.Start(c.read)
	return goja.Undefined()
}

// read is the reader's goroutine. A script that is slow makes it wait: one batch of lines is under way at a time.
func (c *channel) read(context.Context) {
	var rest []byte
	buf := make([]byte, chunkSize)
	taken := make(chan struct{}, 1)
	for {
		k, files, err := receive(c.conn, buf)
		rest = append(rest, buf[:max(k, 0)]...)
		var lines [][]byte
		for {
			line, after, found := bytes.Cut(rest, []byte{'\n'})
			if !found {
				break
			}
			lines = append(lines, append([]byte(nil), line...))
			rest = after
		}
		ended := err != nil || len(rest) > maxMessage
		c.loop.Post(func() { c.deliver(lines, files, ended); taken <- struct{}{} })
		if ended {
			return
		}
		select {
		case <-taken:
		case <-c.closed:
			return
		}
	}
}

func (c *channel) deliver(lines [][]byte, files []*os.File, ended bool) {
	c.files = append(c.files, files...)
	for _, line := range lines {
		c.tell("onmessage", c.n.rt.ToValue(string(line)))
	}
	if ended {
		c.add(-c.count)
		c.tell("onend")
	}
}

// sendChannel(number, text, stream or listener, callback) sends a line; callback(fault) when it is written.
func (n *Node) sendChannel(call goja.FunctionCall) goja.Value {
	c := n.channel(call.Argument(0))
	callback, _ := goja.AssertFunction(call.Argument(3))
	done := func(err error) {
		if callback != nil {
			n.loop.Call(callback, goja.Undefined(), n.fault(err))
		}
	}
	if c == nil {
		return n.fault(net.ErrClosed)
	}
	var m outgoing
	if text := call.Argument(1).String(); text != "" { // else: only tell when all before it is written
		m.text = append([]byte(text), '\n')
	}
	if given := call.Argument(2); !goja.IsUndefined(given) && !goja.IsNull(given) {
		f, err := n.fileOf(given)
		if err != nil {
			return n.fault(err)
		}
		m.file = f
	}
	release := n.loop.Ref() // what is sent goes out before the process ends, though nobody listens any more
	m.done = func(err error) {
		release()
		done(err)
	}
	c.mu.Lock()
	c.queue = append(c.queue, m)
	start := !c.sending
	c.sending = true
	c.mu.Unlock()
	if start {
		n.loop.Start(c.send)
	}
	return goja.Undefined()
}

// send writes what is queued, in order.
func (c *channel) send(context.Context) {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.sending = false
			c.mu.Unlock()
			return
		}
		m := c.queue[0]
		c.queue = c.queue[1:]
		c.mu.Unlock()
		err := transmit(c.conn, m.text, m.file)
		if m.file != nil {
			_ = m.file.Close() // a copy
		}
		c.loop.Post(func() { m.done(err) })
	}
}

// takeHandle(number, kind, owner) makes a "stream", "listener", "udp4" or "udp6" of the next descriptor that came: its
// number, with the address for all but a stream; undefined if there is none.
func (n *Node) takeHandle(call goja.FunctionCall) goja.Value {
	c := n.channel(call.Argument(0))
	if c == nil || len(c.files) == 0 {
		return goja.Undefined()
	}
	f := c.files[0]
	c.files = c.files[1:]
	if network := call.Argument(1).String(); network == "udp4" || network == "udp6" {
		conn, err := udpOf(f)
		if err != nil {
			return n.fault(err)
		}
		d := n.newDatagrams(conn, network, call.Argument(2).ToObject(n.rt))
		return n.rt.NewArray(d.id, n.udpAddr(conn.LocalAddr()))
	}
	defer f.Close()
	if call.Argument(1).String() == "listener" {
		ln, err := net.FileListener(f)
		if err != nil {
			return n.fault(err)
		}
		l := n.newListener(ln, call.Argument(2).ToObject(n.rt))
		return n.rt.NewArray(l.id, n.addr(ln.Addr()))
	}
	conn, err := net.FileConn(f)
	if err != nil {
		return n.fault(err)
	}
	return n.rt.ToValue(n.newStream(conn).id)
}

// fileOf is a copy of the descriptor behind a stream or listener.
func (n *Node) fileOf(v goja.Value) (*os.File, error) {
	var of any
	switch h := n.handles.get(v.ToInteger()).(type) {
	case *stream:
		of = h.conn
	case *listener:
		of = h.ln
	case *datagrams:
		of = h.conn
	}
	if f, ok := of.(interface{ File() (*os.File, error) }); ok {
		return f.File()
	}
	return nil, os.ErrInvalid
}

func (n *Node) closeChannel(call goja.FunctionCall) goja.Value {
	c := n.channel(call.Argument(0))
	if c == nil {
		return goja.Undefined()
	}
	n.handles.remove(c.id)
	c.shut()
	c.add(-c.count)
	return goja.Undefined()
}

// refChannel(number, on)
func (n *Node) refChannel(call goja.FunctionCall) goja.Value {
	if c := n.channel(call.Argument(0)); c != nil {
		c.setRef(call.Argument(1).ToBoolean())
	}
	return goja.Undefined()
}
