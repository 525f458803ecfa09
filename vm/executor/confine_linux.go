package executor

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// oomScore makes the kernel's out-of-memory killer take a child before any worker; 1000 is the most (proc(5)).
const oomScore = "900"

// nobody is the user and group that a child of root becomes: the kernel's own name for nobody (user_namespaces(7)).
const nobody = 65534

// limitProcess takes from this process, in this order, memory, files, threads, the rights of root, and all system calls
// but what a runtime needs. RLIMIT_CPU is not among it: it counts what a process took in its life, which is that of
// many tasks, and who may not raise it again cannot set it for each; the watch keeps the limit of a task, and the parent
// kills at the deadline.
func limitProcess(s setup) (inForce []string, err error) {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(oomScore), 0) // a favour to the worker, not a promise
	if err := limitMemory(s); err != nil {
		return nil, err
	}
	if err := limitFiles(); err != nil {
		return nil, err
	}
	inForce = []string{memoryLine(s, "by a watch and RLIMIT_DATA"), filesLine}
	if ownUsers() {
		inForce = append(inForce, measure(fmt.Sprintf("threads: %d", maxThreads), setLimit("nproc", unix.RLIMIT_NPROC, maxThreads)))
	}
	if os.Geteuid() == 0 {
		inForce = append(inForce, measure("user: nobody, no rights of root", dropRoot()))
	}
	abi, err := forbidFiles()
	inForce = append(inForce, measure(fmt.Sprintf("landlock: no file, version %d", abi), err))
	return append(inForce, measure("seccomp: no open, socket, exec, process; no new privileges", forbidCalls())), nil
}

// ownUsers reports whether RLIMIT_NPROC counts this process's threads alone. It counts all of a user, so it would be met by those of
// other executors, and of everybody else who is nobody, but that since Linux 5.14 each user namespace has a count of its own. The first
// process of a process namespace is in a user namespace of its own, too: that is how children are isolated. Elsewhere the filter
// forbids processes, and the runtime counts its threads.
func ownUsers() bool {
	var name unix.Utsname
	if os.Getpid() != 1 || unix.Uname(&name) != nil {
		return false
	}
	var major, minor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > 5 || major == 5 && minor >= 14
}

// limitMemory bounds memory by RLIMIT_DATA, which counts private writable pages (getrlimit(2)). RLIMIT_AS would count
// the address space that Go reserves and never touches.
func limitMemory(s setup) error {
	data, err := dataSize()
	if err != nil {
		return err
	}
	return setLimit("data", unix.RLIMIT_DATA, uint64(data+s.memory+headroom))
}

// dropRoot makes root's child nobody's, which takes its capabilities too.
func dropRoot() error {
	err := syscall.Setgroups(nil)
	if err == nil {
		err = syscall.Setresgid(nobody, nobody, nobody)
	}
	if err == nil {
		err = syscall.Setresuid(nobody, nobody, nobody)
	}
	if err != nil {
		return fmt.Errorf("another user: %w", err)
	}
	return nil
}

// dataSize is the VmData of this process, in bytes.
func dataSize() (int64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(b, []byte("\nVmData:"))
	text, _, found := bytes.Cut(rest, []byte(" kB\n"))
	kib, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if !found || err != nil {
		return 0, fmt.Errorf("no VmData in /proc/self/status")
	}
	return kib << 10, nil
}

// isolationLine says whether children have namespaces of their own.
func isolationLine(refused error) string {
	if refused != nil {
		return fmt.Sprintf("without namespaces: %v", refused)
	}
	return "namespaces: no network, no other process"
}
