package beacon

import (
	"os"
	"strings"

	"golang.org/x/sys/windows"
)

// share lets other sockets have the same port.
func share(fd uintptr) error {
	err := windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
}

// isBridge reports whether the interface with that name is one of Hyper-V's virtual switches.
func isBridge(name string) bool { return strings.HasPrefix(name, "vEthernet") }
