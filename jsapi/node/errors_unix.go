//go:build unix

package node

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// platformCode names the errno in err's chain; numbers are negative, as libuv's.
func platformCode(err error) (code string, errno int, ok bool) {
	var e syscall.Errno
	if !errors.As(err, &e) {
		return "", 0, false
	}
	name := unix.ErrnoName(e)
	if name == "EWOULDBLOCK" {
		name = "EAGAIN"
	}
	if name == "EOPNOTSUPP" {
		name = "ENOTSUP"
	}
	if name == "" {
		name = "UNKNOWN"
	}
	return name, -int(e), true
}

// numberOf is libuv's number of a code that no errno stands behind.
func numberOf(code string) int {
	switch code {
	case "ENOENT":
		return -int(unix.ENOENT)
	case "EEXIST":
		return -int(unix.EEXIST)
	case "EPERM":
		return -int(unix.EPERM)
	case "EBADF":
		return -int(unix.EBADF)
	case "EINVAL":
		return -int(unix.EINVAL)
	case "ETIMEDOUT":
		return -int(unix.ETIMEDOUT)
	case "ECANCELED":
		return -int(unix.ECANCELED)
	}
	return -4094
}
