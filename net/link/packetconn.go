package link

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"

	"github.com/quic-go/quic-go"
)

// udpConn is what is used of a *net.UDPConn.
type udpConn interface {
	net.Conn
	quic.OOBCapablePacketConn
	SetWriteBuffer(bytes int) error
}

// A packetConn is a UDP socket for quic-go, which it serves in two ways.
//
// quic-go ends a connection for ever at the first error from sendmsg, such as that an interface is down just now. To a packetConn
// an error that may pass is the loss of a packet: QUIC sends it again, and if it does not pass, the connection falls silent
// and idles out. Other errors go through, as quic-go learns from them what a path can do: EMSGSIZE its MTU, EIO
// that it has no segmentation offload.
//
// quic-go warns on stderr of socket buffers that the system keeps small, which says nothing to users. It does so only if it can see
// their size. So SyscallConn refuses until quic-go has set both; then the socket is its own, with
// batched reads, segmentation offload and ECN.
type packetConn struct {
	udpConn
	sized atomic.Bool // quic-go has set both buffers
}

var errNotSized = errors.New("socket buffers are not set yet")

// SyscallConn returns the raw socket once the buffers are set.
func (c *packetConn) SyscallConn() (syscall.RawConn, error) {
	if !c.sized.Load() {
		return nil, errNotSized
	}
	return c.udpConn.SyscallConn()
}

// SetReadBuffer asks for a receive buffer, of which the system may grant less.
func (c *packetConn) SetReadBuffer(bytes int) error {
	err := c.udpConn.SetReadBuffer(bytes)
	c.force(bytes, true)
	return err
}

// SetWriteBuffer asks for a send buffer, of which the system may grant less. It is the last that quic-go sets.
func (c *packetConn) SetWriteBuffer(bytes int) error {
	err := c.udpConn.SetWriteBuffer(bytes)
	c.force(bytes, false)
	c.sized.Store(true)
	return err
}

// force sets a buffer beyond the system's limit, where that is allowed.
func (c *packetConn) force(bytes int, receive bool) {
	if raw, err := c.udpConn.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { forceBuffer(fd, bytes, receive) })
	}
}

// WriteMsgUDP sends a packet, or several of equal size by segmentation offload.
func (c *packetConn) WriteMsgUDP(b, oob []byte, addr *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = c.udpConn.WriteMsgUDP(b, oob, addr)
	if errors.Is(err, syscall.EPERM) {
		// Linux may refuse the first packet of a socket without cause (golang.org/issue/63322). If it is a firewall, this fails too.
		n, oobn, err = c.udpConn.WriteMsgUDP(b, oob, addr)
	}
	if passes(err) {
		return len(b), len(oob), nil
	}
	return n, oobn, err
}

// WriteTo sends a packet where there is no WriteMsgUDP.
func (c *packetConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	n, err := c.udpConn.WriteTo(b, addr)
	if passes(err) {
		return len(b), nil
	}
	return n, err
}

// passes reports whether a send error may go away by itself, so that the packet counts as lost.
func passes(err error) bool {
	if err == nil {
		return false
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return false
	}
	for _, soft := range softErrors {
		if errno == soft {
			return true
		}
	}
	return false
}
