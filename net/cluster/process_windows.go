package cluster

import (
	"runtime"
	"syscall"
	"time"
)

// processUsage asks the system. What it does not tell is 0.
func processUsage() usage {
	u := usage{goroutines: runtime.NumGoroutine(), memory: goMemory()}
	var created, exited, kernel, user syscall.Filetime
	if self, err := syscall.GetCurrentProcess(); err == nil &&
		syscall.GetProcessTimes(self, &created, &exited, &kernel, &user) == nil {
		u.cpu = ticks(kernel) + ticks(user)
	}
	return u
}

// ticks is a length of time in units of 100 ns.
func ticks(f syscall.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
}
