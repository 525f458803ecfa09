package executor

import "path/filepath"

// baseline is what an idle child has committed, in bytes, and what its runtime may take beyond a task's memory.
const baseline = 256 << 20

func rootDir(program string) string { return filepath.VolumeName(program) + `\` }

// commitLimit is the limit that the parent sets on the child's job, in bytes.
func commitLimit(memory int64) int64 { return memory + baseline }

// limitProcess does nothing: the parent's job object holds the limits.
func limitProcess(setup) error { return nil }
