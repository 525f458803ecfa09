package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/dop251/goja"
)

// unknownErrno is libuv's UV_UNKNOWN.
const unknownErrno = -4094

// errnoText holds libuv's sentence for each code, which node's messages begin with.
var errnoText = map[string]string{
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

// opError is an error of the operating system in an operation of node's: what the script sees as syscall and path.
type opError struct {
	err        error
	syscall    string
	path, dest *string
}

func (e *opError) Error() string { return e.syscall + ": " + e.err.Error() }

func (e *opError) Unwrap() error { return e.err }

// failed wraps err, nil included, for an operation on paths: none, one, or source and destination.
func failed(err error, syscall string, paths ...string) error {
	if err == nil {
		return nil
	}
	e := &opError{err: err, syscall: syscall}
	if len(paths) > 0 {
		e.path = &paths[0]
	}
	if len(paths) > 1 {
		e.dest = &paths[1]
	}
	return e
}

// codeOf finds node's code and number for err.
func codeOf(err error) (code string, errno int) {
	if code, errno, ok := platformCode(err); ok {
		return code, errno
	}
	for code, target := range map[string]error{
		"ENOENT": fs.ErrNotExist, "EEXIST": fs.ErrExist, "EPERM": fs.ErrPermission, "EBADF": fs.ErrClosed,
		"EINVAL": fs.ErrInvalid, "ECANCELED": context.Canceled, "ETIMEDOUT": os.ErrDeadlineExceeded,
	} {
		if errors.Is(err, target) {
			return code, numberOf(code)
		}
	}
	return "UNKNOWN", unknownErrno
}

// systemError is node's Error for err in the operation syscall: "ENOENT: no such file or directory, open 'x'" with
// errno, code, syscall, path and dest. Goroutine of rt only.
func systemError(rt *goja.Runtime, err error, syscall string) *goja.Object {
	var op *opError
	if !errors.As(err, &op) {
		op = &opError{err: err, syscall: syscall}
	}
	code, errno := codeOf(op.err)
	text := errnoText[code]
	if code == "UNKNOWN" {
		text = op.err.Error()
	}
	message := fmt.Sprintf("%s: %s, %s", code, text, op.syscall)
	if op.path != nil {
		message += " '" + *op.path + "'"
	}
	if op.dest != nil {
		message += " -> '" + *op.dest + "'"
	}
	e, newErr := rt.New(rt.Get("Error"), rt.ToValue(message))
	if newErr != nil {
		return rt.NewTypeError("%s", message)
	}
	set := func(name string, v any) { _ = e.Set(name, v) } // a new Error of ours refuses nothing
	set("errno", errno)
	set("code", code)
	set("syscall", op.syscall)
	if op.path != nil {
		set("path", *op.path)
	}
	if op.dest != nil {
		set("dest", *op.dest)
	}
	return e
}

// withoutFrames cuts the stack of an error that was made outside any call to its first line, as node has it.
func withoutFrames(rt *goja.Runtime, e *goja.Object) *goja.Object {
	line := rt.ToValue(e.Get("name").String() + ": " + e.Get("message").String())
	_ = e.DefineDataProperty("stack", line, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is configurable
	return e
}
