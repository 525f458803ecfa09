//go:build unix

package link

import "syscall"

// softErrors are those of sendmsg that tell of the network's state, not of the socket's. EINVAL is what Linux says to a packet
// whose source address the host has just lost, or to segments larger than a route's MTU has just become.
var softErrors = [...]syscall.Errno{
	syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL, syscall.EPERM,
	syscall.EACCES, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EAGAIN, syscall.EINVAL,
}
