//go:build unix && !linux

package executor

// limitProcess cannot bound the memory here, as RLIMIT_DATA does not count what Go maps: the watch alone does that.
func limitProcess(setup) error { return limitFiles() }
