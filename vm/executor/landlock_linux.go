package executor

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rights are what a Landlock ruleset governs (landlock(7)). Scope is left out: signals between the threads of one
// process would need each thread to be in the same domain.
type rights struct{ files, net uint64 }

// rightsOf are all rights that version abi of Landlock knows.
func rightsOf(abi int) rights {
	r := rights{files: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1} // the thirteen of version 1
	for _, later := range []struct {
		abi   int
		right uint64
	}{{2, unix.LANDLOCK_ACCESS_FS_REFER}, {3, unix.LANDLOCK_ACCESS_FS_TRUNCATE}, {5, unix.LANDLOCK_ACCESS_FS_IOCTL_DEV}} {
		if abi >= later.abi {
			r.files |= later.right
		}
	}
	if abi >= 4 {
		r.net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	return r
}

// forbidFiles denies all threads every file and, where the kernel can, TCP, by a ruleset without a rule. It returns
// the kernel's version of Landlock.
func forbidFiles() (abi int, err error) {
	n, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, fmt.Errorf("landlock: %w", errno)
	}
	abi = int(n)
	r := rightsOf(abi)
	size := unsafe.Sizeof(r)
	if r.net == 0 {
		size = unsafe.Sizeof(r.files) // what older kernels know of it
	}
	fd, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&r)), size, 0)
	if errno != 0 {
		return 0, fmt.Errorf("landlock ruleset: %w", errno)
	}
	defer unix.Close(int(fd))
	if _, _, errno = syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno == 0 {
		_, _, errno = syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0)
	}
	switch {
	case errors.Is(errno, syscall.ENOTSUP):
		return 0, errors.New("landlock: not in a build with cgo, which may have threads of its own")
	case errno != 0:
		return 0, fmt.Errorf("landlock: %w", errno)
	}
	return abi, nil
}
