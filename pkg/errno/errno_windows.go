package errno

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// libuv's own numbers, used where the system has no errno.
var numbers = map[string]int{
	"EACCES": -4092, "EBADF": -4083, "EBUSY": -4082, "ECANCELED": -4081, "EEXIST": -4075, "EINVAL": -4071, "EIO": -4070,
	"EISDIR": -4068, "EMFILE": -4066, "ENAMETOOLONG": -4064, "ENOENT": -4058, "ENOMEM": -4057, "ENOSPC": -4055,
	"ENOTDIR": -4052, "ENOTEMPTY": -4051, "EPERM": -4048, "EPIPE": -4047, "EROFS": -4043, "ESRCH": -4040,
	"ETIMEDOUT": -4039, "EXDEV": -4037,
}

var codes = map[syscall.Errno]string{
	windows.ERROR_FILE_NOT_FOUND: "ENOENT", windows.ERROR_PATH_NOT_FOUND: "ENOENT", windows.ERROR_INVALID_NAME: "ENOENT",
	windows.ERROR_BAD_PATHNAME: "ENOENT", windows.ERROR_MOD_NOT_FOUND: "ENOENT", windows.ERROR_INVALID_DRIVE: "ENOENT",
	windows.ERROR_ACCESS_DENIED: "EPERM", windows.ERROR_PRIVILEGE_NOT_HELD: "EPERM", windows.ERROR_NOACCESS: "EACCES",
	windows.ERROR_FILE_EXISTS: "EEXIST", windows.ERROR_ALREADY_EXISTS: "EEXIST",
	windows.ERROR_DIR_NOT_EMPTY: "ENOTEMPTY", windows.ERROR_DIRECTORY: "ENOTDIR", windows.ERROR_SHARING_VIOLATION: "EBUSY",
	windows.ERROR_LOCK_VIOLATION: "EBUSY", windows.ERROR_INVALID_HANDLE: "EBADF", windows.ERROR_DISK_FULL: "ENOSPC",
	windows.ERROR_NOT_ENOUGH_MEMORY: "ENOMEM", windows.ERROR_BROKEN_PIPE: "EPIPE", windows.ERROR_NO_DATA: "EPIPE",
	windows.ERROR_INVALID_PARAMETER: "EINVAL", windows.ERROR_NOT_SAME_DEVICE: "EXDEV",
	windows.ERROR_WRITE_PROTECT: "EROFS", windows.ERROR_FILENAME_EXCED_RANGE: "ENAMETOOLONG",
	windows.ERROR_TOO_MANY_OPEN_FILES: "EMFILE", syscall.EISDIR: "EISDIR",
	syscall.EINVAL: "EINVAL", syscall.EPIPE: "EPIPE",
}

// Platform names the error number in err's chain as libuv does; ok is false if there is none that libuv knows.
func Platform(err error) (code string, number int, ok bool) {
	var e syscall.Errno
	if !errors.As(err, &e) {
		return "", 0, false
	}
	code, ok = codes[e]
	return code, numbers[code], ok
}

// Number finds libuv's number of a code.
func Number(code string) (int, bool) {
	n, ok := numbers[code]
	return n, ok
}
