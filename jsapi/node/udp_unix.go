//go:build unix

package node

import (
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const errNoDevice = syscall.ENODEV

// prepareUDP sets what a new socket needs before it is bound. Package net has turned broadcasting on, which a script
// has to ask for.
func prepareUDP(fd uintptr, reuseAddr, reusePort bool) error {
	if err := setBroadcast(fd, false); err != nil {
		return err
	}
	if reuseAddr {
		option := unix.SO_REUSEADDR
		if runtime.GOOS == "darwin" {
			option = unix.SO_REUSEPORT // what SO_REUSEADDR does on Linux
		}
		if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if reusePort {
		return os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	}
	return nil
}

func setBroadcast(fd uintptr, on bool) error {
	value := 0
	if on {
		value = 1
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BROADCAST, value))
}

// bufferSize is what the system keeps for a socket, in bytes.
func bufferSize(fd uintptr, receive bool) (int, error) {
	option := unix.SO_SNDBUF
	if receive {
		option = unix.SO_RCVBUF
	}
	size, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, option)
	return size, os.NewSyscallError("getsockopt", err)
}

// connectUDP has the socket send to one address, and hear from that alone.
func connectUDP(fd uintptr, to netip.AddrPort) error {
	local, err := unix.Getsockname(int(fd))
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	if _, four := local.(*unix.SockaddrInet4); four {
		return os.NewSyscallError("connect", unix.Connect(int(fd), &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}))
	}
	sa := &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if zone := to.Addr().Zone(); zone != "" {
		ifi, err := zoneOf(to.Addr())
		if err != nil {
			return err
		}
		if ifi != nil {
			sa.ZoneId = uint32(ifi.Index) //nolint:gosec // indexes are small
		}
	}
	return os.NewSyscallError("connect", unix.Connect(int(fd), sa))
}

// disconnectUDP ends what connectUDP did: an address of no family.
func disconnectUDP(fd uintptr) error {
	none := unix.RawSockaddrAny{} // AF_UNSPEC is 0 everywhere
	_, _, e := unix.Syscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet6)
	if e != 0 && e != unix.EAFNOSUPPORT { // macOS says so, and has done it
		return os.NewSyscallError("connect", e)
	}
	return nil
}
