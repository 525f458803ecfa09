package node

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// systemMemory is the RAM of this host, and what of it programs could get, in bytes.
func systemMemory() (total, free uint64) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kilobytes, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "MemTotal:":
			total = kilobytes << 10
		case "MemAvailable:":
			free = kilobytes << 10
		}
	}
	return total, free
}

func systemUptime() float64 {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	seconds, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return seconds
}

func loadAverages() (load [3]float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return load
	}
	for i, field := range strings.Fields(string(text)) {
		if i == len(load) {
			break
		}
		if v, err := strconv.ParseFloat(field, 64); err == nil {
			load[i] = v
		}
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

// tickMillis is how long one unit of /proc/stat is: USER_HZ is 100 everywhere.
const tickMillis = 10

// systemCPUs reads /proc/stat and /proc/cpuinfo.
func systemCPUs() []cpu {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil
	}
	var cpus []cpu
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 8 || !strings.HasPrefix(fields[0], "cpu") || fields[0] == "cpu" {
			continue
		}
		at := func(i int) int64 { v, _ := strconv.ParseInt(fields[i], 10, 64); return v * tickMillis }
		cpus = append(cpus, cpu{model: "unknown", user: at(1), nice: at(2), sys: at(3), idle: at(4), irq: at(6)})
	}
	nameCPUs(cpus)
	return cpus
}

func nameCPUs(cpus []cpu) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return
	}
	at := -1
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key = strings.TrimSpace(key); {
		case key == "processor":
			at++
		case at < 0 || at >= len(cpus):
			continue
		case key == "model name":
			cpus[at].model = value
		case key == "cpu MHz":
			if mhz, err := strconv.ParseFloat(value, 64); err == nil {
				cpus[at].speed = int64(mhz)
			}
		}
	}
}
