package nodepool

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the processor time that a process took, by its own clock (clock_getcpuclockid(3)); false if there is none.
func cpuTime(pid int) (time.Duration, bool) {
	const processClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &ts); err != nil {
		return 0, false
	}
	return time.Duration(ts.Nano()), true
}
