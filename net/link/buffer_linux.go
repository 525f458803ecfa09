package link

import "golang.org/x/sys/unix"

// forceBuffer sets a socket's buffer to what bytes asks, which the kernel's limits allow to root only; else it does nothing.
func forceBuffer(fd uintptr, bytes int, receive bool) {
	get, force := unix.SO_SNDBUF, unix.SO_SNDBUFFORCE
	if receive {
		get, force = unix.SO_RCVBUF, unix.SO_RCVBUFFORCE
	}
	if have, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, get); err == nil && have < bytes {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, force, bytes)
	}
}
