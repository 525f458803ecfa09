package nodepool

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What node may read: its libraries, the time zone and what its random numbers and its own configuration are made of.
var readable = []string{
	"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/timezone",
	"/usr/share/zoneinfo", "/dev/null", "/dev/urandom", "/dev/random", "/etc/ssl/openssl.cnf",
}

// ruleset is the part of landlock_ruleset_attr that governs files (landlock(7)).
type ruleset struct{ files uint64 }

// beneath is landlock_path_beneath_attr without the padding that the kernel's is without, too.
type beneath struct {
	access uint64
	parent int32
}

// filesOf are all rights to files that version abi of Landlock knows.
func filesOf(abi int) uint64 {
	r := uint64(unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1) // the thirteen of version 1
	for _, later := range []struct {
		abi   int
		right uint64
	}{{2, unix.LANDLOCK_ACCESS_FS_REFER}, {3, unix.LANDLOCK_ACCESS_FS_TRUNCATE}, {5, unix.LANDLOCK_ACCESS_FS_IOCTL_DEV}} {
		if abi >= later.abi {
			r |= later.right
		}
	}
	return r
}

// forbidFiles leaves this thread, and what it executes, the files that node itself needs: to execute node and its
// loader, and to read libraries. It returns the kernel's version of Landlock.
func forbidFiles(program string) (abi int, err error) {
	n, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, fmt.Errorf("landlock: %w", errno)
	}
	abi = int(n)
	r := ruleset{filesOf(abi)}
	fd, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&r)), unsafe.Sizeof(r), 0)
	if errno != 0 {
		return 0, fmt.Errorf("landlock ruleset: %w", errno)
	}
	defer unix.Close(int(fd))
	const read = unix.LANDLOCK_ACCESS_FS_READ_FILE
	executable := []string{program}
	if loader := loaderOf(program); loader != "" {
		executable = append(executable, loader)
	}
	for _, path := range executable {
		if err := allow(int(fd), path, read|unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil {
			return 0, fmt.Errorf("landlock: %s: %w", path, err)
		}
	}
	for _, path := range append([]string{filepath.Join(filepath.Dir(filepath.Dir(program)), "lib")}, readable...) {
		if err := allow(int(fd), path, read|unix.LANDLOCK_ACCESS_FS_READ_DIR); err != nil && !os.IsNotExist(err) {
			return 0, fmt.Errorf("landlock: %s: %w", path, err)
		}
	}
	if _, _, errno = syscall.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return 0, fmt.Errorf("landlock: %w", errno)
	}
	return abi, nil
}

// allow adds rights to a file, or to what is below a folder.
func allow(set int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &^= unix.LANDLOCK_ACCESS_FS_READ_DIR // a right to folders alone
	}
	rule := beneath{access, int32(fd)}
	_, _, errno := syscall.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(set), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// loaderOf is the file that the kernel has load a program and its libraries; "" if it does that itself.
func loaderOf(program string) string {
	f, err := elf.Open(program)
	if err != nil {
		return ""
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz == 0 || p.Filesz > unix.PathMax {
			continue
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); err != nil {
			return ""
		}
		real, err := filepath.EvalSymlinks(string(b[:len(b)-1]))
		if err != nil {
			return ""
		}
		return real
	}
	return ""
}
