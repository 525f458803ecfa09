package executor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"supercluster/vm"
)

// attempts are system calls that no task may ever make its executor do; want is what they must fail with.
var attempts = []struct {
	name string
	nr   uintptr
	args [6]uintptr
	want syscall.Errno
}{
	{"open a file", unix.SYS_OPENAT, [6]uintptr{0: badDir, 1: path("/etc/passwd")}, unix.EPERM},
	{"open it the new way", unix.SYS_OPENAT2, [6]uintptr{0: badDir, 1: path("/etc/passwd")}, unix.EPERM},
	{"see whether a file is there", unix.SYS_NEWFSTATAT, [6]uintptr{0: badDir, 1: path("/etc/passwd")}, unix.EPERM},
	{"make a file in memory", unix.SYS_MEMFD_CREATE, [6]uintptr{0: path("x")}, unix.EPERM},
	{"remove a file", unix.SYS_UNLINKAT, [6]uintptr{0: badDir, 1: path("/tmp/none")}, unix.EPERM},
	{"change directory", unix.SYS_CHDIR, [6]uintptr{0: path("/tmp")}, unix.EPERM},
	{"open a socket", unix.SYS_SOCKET, [6]uintptr{unix.AF_INET, unix.SOCK_STREAM}, unix.EPERM},
	{"connect", unix.SYS_CONNECT, [6]uintptr{0: 3}, unix.EPERM},
	{"send a message", unix.SYS_SENDMSG, [6]uintptr{0: 3}, unix.EPERM},
	{"receive a descriptor", unix.SYS_RECVMSG, [6]uintptr{0: 3}, unix.EPERM},
	{"execute", unix.SYS_EXECVE, [6]uintptr{0: path("/bin/true")}, unix.EPERM},
	{"execute at", unix.SYS_EXECVEAT, [6]uintptr{0: badDir, 1: path("/bin/true")}, unix.EPERM},
	{"fork", unix.SYS_CLONE, [6]uintptr{0: uintptr(unix.SIGCHLD)}, unix.EPERM},
	{"a thread in new namespaces", unix.SYS_CLONE, [6]uintptr{0: unix.CLONE_THREAD | unix.CLONE_NEWUSER}, unix.EPERM},
	{"fork the new way", unix.SYS_CLONE3, [6]uintptr{}, unix.ENOSYS},
	{"trace its parent", unix.SYS_PTRACE, [6]uintptr{0: unix.PTRACE_ATTACH, 1: 1}, unix.EPERM},
	{"read another process", unix.SYS_PROCESS_VM_READV, [6]uintptr{0: 1}, unix.EPERM},
	{"ask whether process 1 lives", unix.SYS_KILL, [6]uintptr{0: 1}, unix.EPERM},
	{"signal a thread of process 1", unix.SYS_TGKILL, [6]uintptr{0: 1, 1: 1}, unix.EPERM},
	{"signal all processes", unix.SYS_KILL, [6]uintptr{0: ^uintptr(0)}, unix.EPERM},
	{"hold a process", unix.SYS_PIDFD_OPEN, [6]uintptr{0: 1}, unix.EPERM},
	{"mount", unix.SYS_MOUNT, [6]uintptr{0: path("none"), 1: path("/tmp"), 2: path("tmpfs")}, unix.EPERM},
	{"a namespace", unix.SYS_UNSHARE, [6]uintptr{0: unix.CLONE_NEWUSER}, unix.EPERM},
	{"load a program into the kernel", unix.SYS_BPF, [6]uintptr{}, unix.EPERM},
	{"io_uring", unix.SYS_IO_URING_SETUP, [6]uintptr{0: 1}, unix.EPERM},
	{"memory that executes", unix.SYS_MMAP, [6]uintptr{1: 4096, 2: unix.PROT_EXEC | unix.PROT_READ, 3: unix.MAP_ANON | unix.MAP_PRIVATE, 4: ^uintptr(0)}, unix.EPERM},
	{"raise its limits", unix.SYS_PRLIMIT64, [6]uintptr{}, unix.EPERM},
	{"have a descriptor send signals", unix.SYS_FCNTL, [6]uintptr{0: 3, 1: unix.F_SETOWN, 2: 1}, unix.EPERM},
	{"be root", unix.SYS_SETUID, [6]uintptr{}, unix.EPERM},
	{"another filter", unix.SYS_SECCOMP, [6]uintptr{0: unix.SECCOMP_SET_MODE_FILTER}, unix.EPERM},
	{"a device's control", unix.SYS_IOCTL, [6]uintptr{0: 2, 1: unix.TIOCSTI}, unix.EPERM},
	{"its own number, which it may", unix.SYS_GETPID, [6]uintptr{}, 0},
}

const badDir = ^uintptr(99) // AT_FDCWD, -100

// path is the address of a text for the kernel. The texts are constants, which do not move.
func path(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s + "\x00"))) }

// probe tells what came of the attempts in this process, a line each.
func probe() string {
	var b strings.Builder
	for _, a := range attempts {
		_, _, errno := syscall.Syscall6(a.nr, a.args[0], a.args[1], a.args[2], a.args[3], a.args[4], a.args[5])
		if errno != a.want {
			fmt.Fprintf(&b, "%s: %v, want %v\n", a.name, errno, a.want)
		}
	}
	return b.String()
}

// TestNothingIsAllowed checks that a child, whatever a task might make it do, gets nothing from the kernel.
func TestNothingIsAllowed(t *testing.T) {
	p := newPool(t, "fake", Config{})
	needSeccomp(t, p)
	if got := string(p.Execute(context.Background(), vm.Task{Name: "probe"}, quiet).Value); got != "" {
		t.Errorf("in an executor:\n%s", got)
	}
}

// rssOf is the memory that a process has resident, in bytes; 0 once it is gone.
func rssOf(pid int) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, resident int64
	fmt.Sscan(string(b), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// dataLimitOf is how many bytes of data a child may have by the kernel, of which a task may hold so many.
func dataLimitOf(t *testing.T, p *Pool, memory int64) int64 {
	t.Helper()
	p.Execute(context.Background(), jsTask(t, "() => 1"), quiet) // then there is a child
	var limit unix.Rlimit
	for pid := range aliveOf(p) {
		if err := unix.Prlimit(pid, unix.RLIMIT_DATA, nil, &limit); err != nil {
			t.Fatal(err)
		}
	}
	if int64(limit.Max) < memory+headroom || int64(limit.Max) > memory+headroom+256<<20 {
		t.Errorf("a child may have %d bytes of data, of which a task %d", limit.Max, memory)
	}
	return int64(limit.Max)
}

// needSeccomp skips the test where the kernel has no filters.
func needSeccomp(t *testing.T, p *Pool) {
	t.Helper()
	for _, line := range p.Confinement(context.Background()) {
		if strings.HasPrefix(line, "seccomp:") {
			return
		}
	}
	t.Skipf("no filter of system calls here: %q", p.Confinement(context.Background()))
}
