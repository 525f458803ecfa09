package jsapi

import "golang.org/x/sys/unix"

// hostMemory is the machine's memory in bytes.
func hostMemory() uint64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}
