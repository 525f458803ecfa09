package node

import (
	"os"
	"syscall"
	"time"
)

// cpuTimes is what this process has used so far.
func cpuTimes() (user, system time.Duration) {
	var created, exited, kernel, users syscall.Filetime
	h, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, 0
	}
	if err := syscall.GetProcessTimes(h, &created, &exited, &kernel, &users); err != nil {
		return 0, 0
	}
	ticks := func(f syscall.Filetime) time.Duration {
		return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
	}
	return ticks(users), ticks(kernel)
}

// sendSignal knows what Windows knows: to ask for a process (0) and to end it.
func sendSignal(pid int, sig syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer p.Release()
	if sig == 0 {
		return nil
	}
	return p.Kill()
}

func abortProcess() error { return sendSignal(os.Getpid(), syscall.SIGKILL) }

// signalTable lists the signals that libuv has on Windows.
func signalTable() map[string]any {
	return map[string]any{
		"SIGHUP": 1, "SIGINT": 2, "SIGILL": 4, "SIGABRT": 22, "SIGFPE": 8, "SIGKILL": 9, "SIGSEGV": 11, "SIGTERM": 15,
		"SIGBREAK": 21, "SIGWINCH": 28,
	}
}

func residentBytes() uint64 { return 0 }

// threadTimes is what this process has used so far: threads are not told apart here.
func threadTimes() (user, system time.Duration) { return cpuTimes() }
