package node

import (
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX of kernel32.
type memoryStatus struct {
	length, load                                        uint32
	total, free, pageTotal, pageFree, virtual, vfree, x uint64
}

// systemMemory is the RAM of this host, and what of it is free, in bytes.
func systemMemory() (total, free uint64) {
	status := memoryStatus{}
	status.length = uint32(unsafe.Sizeof(status))
	ok, _, _ := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx").Call(uintptr(unsafe.Pointer(&status)))
	if ok == 0 {
		return 0, 0
	}
	return status.total, status.free
}

func systemUptime() float64 { return windows.DurationSinceBoot().Truncate(time.Millisecond).Seconds() }

// loadAverages: Windows keeps none.
func loadAverages() (load [3]float64) { return load }

// uname returns sysname, release, version and machine.
func uname() (names [4]string) {
	v := windows.RtlGetVersion()
	release := fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
	machine := "x86_64"
	if runtime.GOARCH == "arm64" {
		machine = "arm64"
	}
	return [4]string{"Windows_NT", release, "Windows", machine}
}

// systemCPUs knows the cores by name, not what they did.
func systemCPUs() []cpu {
	cpus := make([]cpu, runtime.NumCPU())
	for i := range cpus {
		cpus[i].model = os.Getenv("PROCESSOR_IDENTIFIER")
	}
	return cpus
}
