package nodepool

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// oomScore makes the kernel's out-of-memory killer take a node process before any worker; 1000 is the most (proc(5)).
	oomScore = "900"
	// nobody is the user and group that root's process becomes (user_namespaces(7)).
	nobody = 65534
	// headroom is what node takes beside a task's memory, in bytes, as RLIMIT_DATA counts it: the stacks of its threads,
	// code and V8's young generation. An idle node 20 has 140 MiB of VmData.
	headroom = 320 << 20
	// maxFiles is the number of descriptors that node may open: about 25 are its own.
	maxFiles = 64
	// maxStack is that of each thread, in bytes; libuv and V8 make threads with the limit's size.
	maxStack = 4 << 20
)

// Launch is all that the launcher does: it gives up what node and a task in it have no use for, says on the connection
// (descriptor 3) what is in force, and becomes node. It returns only with an error.
func Launch(args []string) error {
	l, err := parseLaunch(args)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // what this thread gives up the program has not that it executes
	lines, err := confine(l)
	if err != nil {
		return err
	}
	if err := writeFrame(connection{}, confinedMessage(lines)); err != nil {
		return err
	}
	// Last, as the Go runtime needs memory of its own, at times that it chooses.
	if err := setLimit("data", unix.RLIMIT_DATA, uint64(l.memory+headroom)); err != nil {
		return err
	}
	// Descriptors of the Go runtime are closed by the execution. The environment is empty.
	return fmt.Errorf("execute %s: %w", l.argv[0], unix.Exec(l.argv[0], l.argv, nil))
}

// connection writes to descriptor 3 without a poller.
type connection struct{}

func (connection) Write(p []byte) (int, error) { return unix.Write(3, p) }

// confine takes memory, files, the rights of root, and the system calls of networks, processes and administration.
func confine(l launch) (lines []string, err error) {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(oomScore), 0) // a favour to the worker, not a promise
	for _, limit := range []struct {
		name     string
		resource int
		n        uint64
	}{
		{"core", unix.RLIMIT_CORE, 0}, {"fsize", unix.RLIMIT_FSIZE, 0},
		{"nofile", unix.RLIMIT_NOFILE, maxFiles}, {"stack", unix.RLIMIT_STACK, maxStack},
	} {
		if err := setLimit(limit.name, limit.resource, limit.n); err != nil {
			return nil, err
		}
	}
	lines = append(lines, fmt.Sprintf("memory: %d MiB a task, by V8 and RLIMIT_DATA", l.memory>>20))
	if os.Geteuid() == 0 {
		lines = append(lines, measure("user: nobody, no rights of root", dropRoot(l.argv[0])))
	}
	// A change of user takes the signal away that ends this process with its parent (PR_SET_PDEATHSIG(2const)).
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0); err != nil {
		return nil, fmt.Errorf("parent-death signal: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("no_new_privs: %w", err)
	}
	if l.files {
		abi, err := forbidFiles(l.argv[0])
		lines = append(lines, measure(fmt.Sprintf("landlock: node's own files only, version %d", abi), err))
	} else {
		lines = append(lines, "without landlock: node did not start with it")
	}
	return append(lines, measure("seccomp: no socket, no process, nothing of an administrator's", forbidCalls())), nil
}

// measure is the line of what was asked for: the text, or why it is not in force.
func measure(text string, err error) string {
	if err != nil {
		return "without " + err.Error()
	}
	return text
}

func setLimit(name string, resource int, n uint64) error {
	var now unix.Rlimit
	err := unix.Getrlimit(resource, &now)
	if err == nil {
		n = min(n, now.Max)
		err = unix.Setrlimit(resource, &unix.Rlimit{Cur: n, Max: n})
	}
	if err != nil {
		return fmt.Errorf("setrlimit %s to %d: %w", name, n, err)
	}
	return nil
}

// dropRoot makes root's process nobody's, which takes its capabilities too, if nobody may execute the program.
func dropRoot(program string) error {
	err := syscall.Setgroups(nil)
	if err == nil {
		err = syscall.Setresgid(-1, nobody, -1)
	}
	if err == nil {
		err = syscall.Setresuid(-1, nobody, -1)
	}
	if err == nil {
		if err = unix.Faccessat(unix.AT_FDCWD, program, unix.X_OK, unix.AT_EACCESS); err != nil {
			return fmt.Errorf("another user: %s as nobody: %w", program, errors.Join(err, syscall.Setresuid(-1, 0, -1), syscall.Setresgid(-1, 0, -1)))
		}
		err = syscall.Setresuid(-1, 0, -1)
	}
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

// launched reports whether node is started through the launcher.
const launched = true

// plainLines say what keeps a task in node from this host before the launcher has.
func plainLines() []string { return nil }
