package node

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// residentBytes is the memory of this process that is in RAM; zero if it cannot be told.
func residentBytes() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// rusageThread asks for the calling thread only.
const rusageThread = unix.RUSAGE_THREAD
