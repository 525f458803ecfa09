package executor

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// oomScore makes the kernel's out-of-memory killer take a child before any worker; 1000 is the most (proc(5)).
const oomScore = "900"

// limitProcess bounds memory by RLIMIT_DATA, which counts private writable pages (getrlimit(2)). RLIMIT_AS would count
// the address space that Go reserves and never touches.
func limitProcess(s setup) error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(oomScore), 0) // a favour to the worker, not a promise
	data, err := dataSize()
	if err != nil {
		return err
	}
	if err := setLimit("data", unix.RLIMIT_DATA, uint64(data+s.memory+headroom)); err != nil {
		return err
	}
	return limitFiles()
}

// dataSize is the VmData of this process, in bytes.
func dataSize() (int64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(b, []byte("\nVmData:"))
	text, _, found := bytes.Cut(rest, []byte(" kB\n"))
	kib, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if !found || err != nil {
		return 0, fmt.Errorf("no VmData in /proc/self/status")
	}
	return kib << 10, nil
}
