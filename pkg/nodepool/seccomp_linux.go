//go:build amd64 || arm64

package nodepool

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets into struct seccomp_data (seccomp(2)).
const (
	offsetNr   = 0
	offsetArch = 4
	offsetArgs = 16
)

// denied are calls that node does without: sockets, other processes, namespaces, shared memory, what is for root, and
// what kernels had most faults in. The list is of what is refused, as what V8 and libuv call changes with their versions.
var denied = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_BIND, unix.SYS_CONNECT, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD,
	unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_EXECVEAT,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE,
	unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SWAPON,
	unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SEMGET, unix.SYS_MSGGET, unix.SYS_MQ_OPEN,
	unix.SYS_PERSONALITY, unix.SYS_SYSLOG, unix.SYS_VHANGUP, unix.SYS_SETPRIORITY,
}

// absent are calls that are answered as by a kernel without them, upon which libraries use others: the flags of clone3
// are out of a filter's sight, and io_uring goes past it.
var absent = []uint32{unix.SYS_CLONE3, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER}

// x32 is the first of the numbers of another set of calls of amd64; no other architecture has as many.
const x32 = 1 << 30

// filter refuses denied calls, processes that are no threads, and signals to others than the process pid.
func filter(pid int) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	jump := func(op uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	give := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	refuse := give(unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM))

	f := []unix.SockFilter{
		load(offsetArch), jump(unix.BPF_JEQ, auditArch, 1, 0), give(unix.SECCOMP_RET_KILL_PROCESS),
		load(offsetNr), jump(unix.BPF_JGE, x32, 0, 1), refuse,
	}
	for _, nr := range append(denied, archDenied...) {
		f = append(f, jump(unix.BPF_JEQ, nr, 0, 1), refuse)
	}
	for _, nr := range absent {
		f = append(f, jump(unix.BPF_JEQ, nr, 0, 1), give(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)))
	}
	f = append(f, jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 4), // threads, and nothing else
		load(offsetArgs), jump(unix.BPF_JSET, unix.CLONE_THREAD, 0, 1), give(unix.SECCOMP_RET_ALLOW), refuse)
	for _, nr := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL} {
		f = append(f, jump(unix.BPF_JEQ, nr, 0, 4),
			load(offsetArgs), jump(unix.BPF_JEQ, uint32(pid), 0, 1), give(unix.SECCOMP_RET_ALLOW), refuse)
	}
	return append(f, give(unix.SECCOMP_RET_ALLOW))
}

// forbidCalls puts the filter over this thread, and what it executes, for good.
func forbidCalls() error {
	f := filter(os.Getpid())
	prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	_, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(f)
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}
