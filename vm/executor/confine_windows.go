package executor

import (
	"errors"
	"path/filepath"
)

// baseline is what an idle child has committed, in bytes, and what its runtime may take beyond a task's memory.
const baseline = 256 << 20

func rootDir(program string) string { return filepath.VolumeName(program) + `\` }

// commitLimit is the limit that the parent sets on the child's job, in bytes.
func commitLimit(memory int64) int64 { return memory + baseline }

// limitProcess does nothing: the parent's job object holds the limits.
func limitProcess(s setup) (inForce []string, err error) {
	return []string{
		memoryLine(s, "by a watch and its job object"),
		measure("", errors.New("a filter of system calls: this system has none that we use")),
	}, nil
}

func isolationLine(refused error) string {
	if refused != nil {
		return "without a limit of processes: " + refused.Error()
	}
	return "processes: none can be started, by its job object"
}
