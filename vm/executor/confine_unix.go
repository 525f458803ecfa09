//go:build unix

package executor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// maxFiles is the number of descriptors a child may open: its three, the connection and the poller's.
const maxFiles = 32

// filesLine says what limitFiles is for.
const filesLine = "limits: no file grows, no core dump, 32 descriptors"

func rootDir(string) string { return "/" }

// commitLimit is the limit that the parent sets, in bytes; here the child sets its own.
func commitLimit(int64) int64 { return 0 }

// setLimit lowers a resource limit for good.
func setLimit(name string, resource int, n uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return fmt.Errorf("getrlimit %s: %w", name, err)
	}
	n = min(n, now.Max)
	if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: n, Max: n}); err != nil {
		return fmt.Errorf("setrlimit %s to %d: %w", name, n, err)
	}
	return nil
}

// limitFiles forbids core dumps and writing to files.
func limitFiles() error {
	if err := setLimit("core", unix.RLIMIT_CORE, 0); err != nil {
		return err
	}
	if err := setLimit("nofile", unix.RLIMIT_NOFILE, maxFiles); err != nil {
		return err
	}
	return setLimit("fsize", unix.RLIMIT_FSIZE, 0)
}
