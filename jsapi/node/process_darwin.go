package node

import "golang.org/x/sys/unix"

// residentBytes is zero: there is no way to it without cgo.
func residentBytes() uint64 { return 0 }

// rusageThread is the process: the system does not tell of one thread this way.
const rusageThread = unix.RUSAGE_SELF
