//go:build unix

package grant

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// signals are those that a task may send to its programs.
var signals = func() map[string]syscall.Signal {
	all := make(map[string]syscall.Signal)
	for n := syscall.Signal(1); n < 32; n++ {
		if name := unix.SignalName(n); name != "" {
			all[name] = n
		}
	}
	return all
}()

// signalName is the name of a signal in node, SIGKILL, of the one that Go gives.
func signalName(text string) string {
	for name, n := range signals {
		if n.String() == text {
			return name
		}
	}
	return text
}

// systemVariables are what no program can do without.
var systemVariables []string
