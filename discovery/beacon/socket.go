package beacon

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
)

// listen opens the socket that hears broadcasts. All processes of a host, of all users, share the port: on Linux by
// SO_REUSEADDR, for SO_REUSEPORT would keep other users out and give each packet to one process only. A socket that
// is bound to a unicast address hears no broadcast.
func listen(ctx context.Context, port int) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: control(share)}
	conn, err := lc.ListenPacket(ctx, "udp4", fmt.Sprintf("0.0.0.0:%d", port))
	if err != nil {
		return nil, err
	}
	udp := conn.(*net.UDPConn)
	_ = udp.SetReadBuffer(readBuffer) // what the system grants is enough for all but crowds
	return udp, nil
}

// readBuffer holds the packets of a crowd that starts at once, in bytes.
const readBuffer = 4 << 20

// dial opens a socket that sends to at's target.
func dial(at attachment) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: control(func(fd uintptr) error { return fasten(fd, at.name) })}
	pc, err := lc.ListenPacket(context.Background(), "udp4", netip.AddrPortFrom(at.addr, 0).String())
	if err != nil {
		return nil, err
	}
	conn := pc.(*net.UDPConn)
	p := ipv4.NewPacketConn(conn)
	_ = p.SetTTL(1) // some routers forward directed broadcasts
	if at.target.IsMulticast() {
		err = p.SetMulticastInterface(&net.Interface{Index: at.index, Name: at.name})
		if err == nil {
			err = p.SetMulticastLoopback(true)
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// control makes a function on a socket's descriptor what net.ListenConfig calls before it binds.
func control(f func(fd uintptr) error) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		if cerr := c.Control(func(fd uintptr) { err = f(fd) }); cerr != nil {
			return cerr
		}
		return err
	}
}
