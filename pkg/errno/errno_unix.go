//go:build unix

package errno

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// Platform names the errno in err's chain; numbers are negative, as libuv's.
func Platform(err error) (code string, number int, ok bool) {
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

// maxErrno is above the number of every error of the systems we know.
const maxErrno = 200

// Number finds libuv's number of a code: the negative of the system's.
func Number(code string) (int, bool) {
	for e := syscall.Errno(1); e < maxErrno; e++ {
		if name, number, ok := Platform(e); ok && name == code {
			return number, true
		}
	}
	return 0, false
}
