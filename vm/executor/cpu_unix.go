//go:build unix

package executor

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the processor time that this process has taken, 0 if the system does not tell.
func cpuTime() time.Duration {
	var use unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
