//go:build unix

package node

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTimes is what this process has used so far.
func cpuTimes() (user, system time.Duration) {
	return usageOf(unix.RUSAGE_SELF)
}

// threadTimes is what the system's thread of the caller has used so far.
func threadTimes() (user, system time.Duration) { return usageOf(rusageThread) }

func usageOf(who int) (user, system time.Duration) {
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}

func sendSignal(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }

func abortProcess() error { return syscall.Kill(syscall.Getpid(), syscall.SIGABRT) }

// signalTable lists the signals by name.
func signalTable() map[string]any {
	table := map[string]any{}
	for sig := syscall.Signal(1); sig < 32; sig++ {
		if name := unix.SignalName(sig); name != "" {
			table[name] = int(sig)
		}
	}
	return table
}
