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

// maxErrno is above the number of every error of the systems we know.
const maxErrno = 200

// errnoNumber finds libuv's number of a code: the negative of the system's.
func errnoNumber(code string) (int, bool) {
	for e := syscall.Errno(1); e < maxErrno; e++ {
		if name, number, ok := platformCode(e); ok && name == code {
			return number, true
		}
	}
	return 0, false
}

// numberOf is libuv's number of a code, or that of UNKNOWN.
func numberOf(code string) int {
	if n, ok := errnoNumber(code); ok {
		return n
	}
	return unknownErrno
}
