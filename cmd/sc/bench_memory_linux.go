package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// residentKiB is the memory of a process that is in RAM, shared pages included,
// in KiB.
func residentKiB(pid int) (float64, error) {
	return sumLines(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:")
}

// childPrivateKiB is the memory that only one child of the process uses, in
// KiB: the mean over its children.
func childPrivateKiB(pid int) (float64, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0
	for _, file := range files {
		list, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(list)) {
			kib, err := sumLines("/proc/"+child+"/smaps_rollup", "Private_Clean:", "Private_Dirty:")
			if err != nil {
				return 0, err
			}
			sum, n = sum+kib, n+1
		}
	}
	if n == 0 {
		return 0, errors.New("bench: the worker has no executor")
	}
	return sum / float64(n), nil
}

// sumLines adds up the numbers behind those words in a file of /proc.
func sumLines(file string, words ...string) (sum float64, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		for _, w := range words {
			if len(fields) > 1 && fields[0] == w {
				kib, err := strconv.ParseFloat(fields[1], 64)
				if err != nil {
					return 0, err
				}
				sum += kib
			}
		}
	}
	return sum, nil
}
