//go:build unix && !linux

package executor

import (
	"errors"
	"runtime"
)

// limitProcesses is RLIMIT_NPROC of macOS, which does not count threads there.
const limitProcesses = 7

// limitProcess cannot bound the memory here, as RLIMIT_DATA does not count what Go maps: the watch alone does that.
// Nor can a process give up files and sockets without foreign code.
func limitProcess(s setup) (inForce []string, err error) {
	if err := limitFiles(); err != nil {
		return nil, err
	}
	inForce = []string{memoryLine(s, "by a watch"), filesLine}
	if runtime.GOOS == "darwin" {
		inForce = append(inForce, measure("processes: none can be started", setLimit("nproc", limitProcesses, 0)))
	}
	return append(inForce, measure("", errors.New("a filter of system calls: this system has none that we use"))), nil
}

func isolationLine(error) string { return "without namespaces: this system has none" }
