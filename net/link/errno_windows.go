package link

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// softErrors are those of WSASendTo that tell of the network's state, not of the socket's.
var softErrors = [...]syscall.Errno{
	windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEHOSTDOWN, windows.WSAEADDRNOTAVAIL,
	windows.WSAEACCES, windows.WSAENOBUFS, windows.WSAECONNREFUSED, windows.WSAECONNRESET, windows.WSAENETRESET,
	windows.WSAEWOULDBLOCK, windows.WSAEINVAL,
}
