package executor

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rule allows a system call whose argument arg, masked, equals want; with a zero mask, whatever its arguments. Only the
// low 32 bits of an argument are looked at.
type rule struct {
	nr         uint32
	arg        uint32
	mask, want uint32
}

// Offsets into struct seccomp_data (seccomp(2)).
const (
	offsetNr   = 0
	offsetArch = 4
	offsetArgs = 16
)

// setVMA is prctl's PR_SET_VMA, with which Go names its mappings.
const setVMA = 0x53564d41

// manyNamespaces are the clone flags that make new namespaces.
const manyNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET

// plainCalls are what an executor needs on every architecture, the frequent ones first: to use the descriptors that it
// has, memory, its threads, the clock. Nothing among them opens, connects, executes or names another process.
var plainCalls = []uint32{
	unix.SYS_FUTEX, unix.SYS_READ, unix.SYS_WRITE, unix.SYS_EPOLL_PWAIT, unix.SYS_NANOSLEEP, unix.SYS_SCHED_YIELD,
	unix.SYS_MADVISE, unix.SYS_MUNMAP, unix.SYS_WRITEV, unix.SYS_READV, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY,
	unix.SYS_CLOCK_NANOSLEEP, unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN,
	unix.SYS_SIGALTSTACK, unix.SYS_RT_SIGACTION, unix.SYS_GETRUSAGE, unix.SYS_GETRANDOM, unix.SYS_CLOSE, unix.SYS_EPOLL_CTL,
	unix.SYS_MREMAP, unix.SYS_MINCORE, unix.SYS_BRK, unix.SYS_PREAD64, unix.SYS_LSEEK, unix.SYS_FSTAT, unix.SYS_PPOLL,
	unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_SET_TID_ADDRESS, unix.SYS_GETUID,
	unix.SYS_GETEUID, unix.SYS_GETGID, unix.SYS_GETEGID, unix.SYS_GETPPID, unix.SYS_UNAME, unix.SYS_RESTART_SYSCALL,
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}

// callRules are all the rules of the process pid.
func callRules(pid int) []rule {
	var rules []rule
	for _, list := range [][]uint32{plainCalls, archCalls} {
		for _, nr := range list {
			rules = append(rules, rule{nr: nr})
		}
	}
	rules = append(rules,
		rule{nr: unix.SYS_MMAP, arg: 2, mask: unix.PROT_EXEC},
		rule{nr: unix.SYS_MPROTECT, arg: 2, mask: unix.PROT_EXEC},
		rule{nr: unix.SYS_CLONE, arg: 0, mask: unix.CLONE_THREAD | manyNamespaces, want: unix.CLONE_THREAD},
		rule{nr: unix.SYS_TGKILL, arg: 0, mask: ^uint32(0), want: uint32(pid)},
		rule{nr: unix.SYS_KILL, arg: 0, mask: ^uint32(0), want: uint32(pid)},
		rule{nr: unix.SYS_PRCTL, arg: 0, mask: ^uint32(0), want: setVMA},
	)
	for _, command := range []uint32{unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL} { // not F_SETOWN, which can signal
		rules = append(rules, rule{nr: unix.SYS_FCNTL, arg: 1, mask: ^uint32(0), want: command})
	}
	return rules
}

// filterOf assembles a filter: calls by another architecture's numbers end the process, those without a rule get
// EPERM, and clone3, whose flags a filter cannot see, ENOSYS, upon which the C library uses clone.
func filterOf(rules []rule) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	equals := func(k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	give := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }

	f := []unix.SockFilter{load(offsetArch), equals(auditArch, 1, 0), give(unix.SECCOMP_RET_KILL_PROCESS), load(offsetNr)}
	for _, r := range rules {
		if r.mask == 0 {
			f = append(f, equals(r.nr, 0, 1), give(unix.SECCOMP_RET_ALLOW))
			continue
		}
		f = append(f, equals(r.nr, 0, 5),
			load(offsetArgs+8*r.arg), // both architectures are little-endian
			unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: r.mask},
			equals(r.want, 0, 1), give(unix.SECCOMP_RET_ALLOW),
			load(offsetNr))
	}
	return append(f, equals(unix.SYS_CLONE3, 0, 1), give(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)),
		give(unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM)))
}

// forbidCalls puts the filter over all threads for good, and with it no_new_privs: no program that is executed may
// give rights.
func forbidCalls() error {
	if auditArch == 0 {
		return fmt.Errorf("no list of system calls for %s", runtime.GOARCH)
	}
	f := filterOf(callRules(os.Getpid()))
	runtime.LockOSThread() // the attribute and the filter must come from one thread
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	// The thread's number is what the kernel returns for a thread that could not take the filter.
	thread, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(f)
	switch {
	case errno != 0:
		return fmt.Errorf("seccomp: %w", errno)
	case thread != 0:
		return fmt.Errorf("seccomp: thread %d has a filter of its own", thread)
	}
	return nil
}
