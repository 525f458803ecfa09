// Package errno names the errors of operating systems as libuv does, and so Node.js: codes, numbers and sentences.
//
// A script sees them in err.code, err.errno and err.message, whichever system it runs on. The numbers are the negative
// ones of the system, on Windows libuv's own.
package errno

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Unknown is libuv's UV_UNKNOWN.
const Unknown = -4094

// Text holds libuv's sentence for each code, which node's messages begin with.
var Text = map[string]string{
	"E2BIG": "argument list too long", "EACCES": "permission denied", "EADDRINUSE": "address already in use",
	"EADDRNOTAVAIL": "address not available", "EAFNOSUPPORT": "address family not supported",
	"EAGAIN": "resource temporarily unavailable", "EALREADY": "connection already in progress",
	"EBADF": "bad file descriptor", "EBUSY": "resource busy or locked", "ECANCELED": "operation canceled",
	"ECONNABORTED": "software caused connection abort", "ECONNREFUSED": "connection refused",
	"ECONNRESET": "connection reset by peer", "EDESTADDRREQ": "destination address required",
	"EEXIST": "file already exists", "EFAULT": "bad address in system call argument", "EFBIG": "file too large",
	"EHOSTUNREACH": "host is unreachable", "EINTR": "interrupted system call", "EINVAL": "invalid argument",
	"EIO": "i/o error", "EISCONN": "socket is already connected", "EISDIR": "illegal operation on a directory",
	"ELOOP": "too many symbolic links encountered", "EMFILE": "too many open files", "EMSGSIZE": "message too long",
	"ENAMETOOLONG": "name too long", "ENETDOWN": "network is down", "ENETUNREACH": "network is unreachable",
	"ENFILE": "file table overflow", "ENOBUFS": "no buffer space available", "ENODEV": "no such device",
	"ENOENT": "no such file or directory", "ENOMEM": "not enough memory", "ENOSPC": "no space left on device",
	"ENOSYS": "function not implemented", "ENOTCONN": "socket is not connected", "ENOTDIR": "not a directory",
	"ENOTEMPTY": "directory not empty", "ENOTSUP": "operation not supported on socket",
	"EPERM": "operation not permitted", "EPIPE": "broken pipe", "ERANGE": "result too large",
	"EROFS": "read-only file system", "ESPIPE": "invalid seek", "ESRCH": "no such process",
	"ETIMEDOUT": "connection timed out", "ETXTBSY": "text file is busy", "EXDEV": "cross-device link not permitted",
	"EMLINK": "too many links", "ENXIO": "no such device or address", "ENOTTY": "inappropriate ioctl for device",
	"EILSEQ": "illegal byte sequence", "EOF": "end of file", "UNKNOWN": "unknown error",
}

// Code finds node's code and number for err; UNKNOWN and Unknown if it is no error of a system.
func Code(err error) (code string, number int) {
	if code, number, ok := Platform(err); ok {
		return code, number
	}
	for code, target := range map[string]error{
		"ENOENT": fs.ErrNotExist, "EEXIST": fs.ErrExist, "EPERM": fs.ErrPermission, "EBADF": fs.ErrClosed,
		"EINVAL": fs.ErrInvalid, "ECANCELED": context.Canceled, "ETIMEDOUT": os.ErrDeadlineExceeded,
	} {
		if errors.Is(err, target) {
			return code, NumberOf(code)
		}
	}
	return "UNKNOWN", Unknown
}

// NumberOf is libuv's number of a code, or that of UNKNOWN.
func NumberOf(code string) int {
	if n, ok := Number(code); ok {
		return n
	}
	return Unknown
}
