package node

import (
	"encoding/binary"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// systemMemory is the RAM of this host, and what of it is free, in bytes.
func systemMemory() (total, free uint64) {
	total, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0
	}
	pages, err := unix.SysctlUint32("vm.page_free_count")
	if err != nil {
		return total, 0
	}
	return total, uint64(pages) * uint64(unix.Getpagesize())
}

func systemUptime() float64 {
	boot, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return 0
	}
	return time.Since(time.Unix(boot.Unix())).Seconds()
}

func loadAverages() (load [3]float64) {
	raw, err := unix.SysctlRaw("vm.loadavg")
	if err != nil || len(raw) < 24 {
		return load
	}
	scale := float64(binary.LittleEndian.Uint64(raw[16:]))
	for i := range load {
		load[i] = float64(binary.LittleEndian.Uint32(raw[4*i:])) / scale
	}
	return load
}

// uname returns sysname, release, version and machine.
func uname() (names [4]string) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return names
	}
	return [4]string{
		unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Version[:]),
		unix.ByteSliceToString(u.Machine[:]),
	}
}

// systemCPUs knows the cores, not what they did: that needs Mach calls, which need cgo.
func systemCPUs() []cpu {
	model, err := unix.Sysctl("machdep.cpu.brand_string")
	if err != nil {
		model = "unknown"
	}
	cpus := make([]cpu, runtime.NumCPU())
	for i := range cpus {
		cpus[i].model = model
	}
	return cpus
}
