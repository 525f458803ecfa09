//go:build !linux

package jsapi

// hostMemory is not known here.
func hostMemory() uint64 { return 0 }
