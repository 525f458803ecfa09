//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package beacon

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// share lets other sockets have the same port. On these systems a broadcast reaches all of them only if each has both
// options.
func share(fd uintptr) error {
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	return os.NewSyscallError("setsockopt SO_REUSEPORT", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
}

// isBridge reports whether the interface with that name is a bridge, as those of virtual machines.
func isBridge(name string) bool {
	return strings.HasPrefix(name, "bridge") || strings.HasPrefix(name, "vmenet")
}
