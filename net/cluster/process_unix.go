//go:build unix

package cluster

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processUsage asks the system. What it does not tell is 0.
func processUsage() usage {
	u := usage{goroutines: runtime.NumGoroutine()}
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		u.cpu = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	// Linux: the second number counts pages in memory, proc(5).
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(b)); len(f) > 1 {
			pages, _ := strconv.ParseInt(f[1], 10, 64) // 0 if it is none
			u.memory = pages * int64(os.Getpagesize())
		}
	}
	if u.memory == 0 {
		u.memory = goMemory()
	}
	return u
}
