package beacon

import (
	"net/netip"
	"os"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// share lets other sockets have the same port.
func share(fd uintptr) error {
	return os.NewSyscallError("setsockopt SO_REUSEADDR", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
}

// fasten makes the socket send through the interface with that name, which matters where two have one network. The
// kernel may refuse it to us, and then routes as it likes.
func fasten(fd uintptr, name string) error {
	_ = unix.BindToDevice(int(fd), name)
	return nil
}

// loopbackTarget is where announcements to the processes of this host go: Linux broadcasts on loopback, even where no
// interface is up.
func loopbackTarget(p netip.Prefix) netip.Addr { return directed(p) }

// join has nothing to do: loopback broadcasts.
func (b *Beacon) join(*ipv4.PacketConn) {}

// isBridge reports whether the interface with that name is a bridge, as docker's.
func isBridge(name string) bool {
	_, err := os.Stat("/sys/class/net/" + name + "/bridge")
	return err == nil
}
