package node

import (
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

const errNoDevice = syscall.ENODEV

// prepareUDP sets what a new socket needs before it is bound; reusePort is unknown here. Package net has turned
// broadcasting on, which a script has to ask for.
func prepareUDP(fd uintptr, reuseAddr, reusePort bool) error {
	if reusePort {
		return syscall.EINVAL
	}
	if err := setBroadcast(fd, false); err != nil {
		return err
	}
	if reuseAddr {
		return os.NewSyscallError("setsockopt", windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1))
	}
	return nil
}

func setBroadcast(fd uintptr, on bool) error {
	value := 0
	if on {
		value = 1
	}
	return os.NewSyscallError("setsockopt", windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_BROADCAST, value))
}

// bufferSize is what the system keeps for a socket, in bytes.
func bufferSize(fd uintptr, receive bool) (int, error) {
	option := windows.SO_SNDBUF
	if receive {
		option = windows.SO_RCVBUF
	}
	size, err := windows.GetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, option)
	return size, os.NewSyscallError("getsockopt", err)
}

// connectUDP has the socket send to one address, and hear from that alone.
func connectUDP(fd uintptr, to netip.AddrPort) error {
	var sa windows.Sockaddr = &windows.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if to.Addr().Is4() {
		sa = &windows.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	}
	return os.NewSyscallError("connect", windows.Connect(windows.Handle(fd), sa))
}

// disconnectUDP ends what connectUDP did: an address that is none.
func disconnectUDP(fd uintptr) error {
	local, err := windows.Getsockname(windows.Handle(fd))
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	if _, four := local.(*windows.SockaddrInet4); four {
		return os.NewSyscallError("connect", windows.Connect(windows.Handle(fd), &windows.SockaddrInet4{}))
	}
	return os.NewSyscallError("connect", windows.Connect(windows.Handle(fd), &windows.SockaddrInet6{}))
}
