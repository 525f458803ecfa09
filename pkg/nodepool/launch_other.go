//go:build !linux

package nodepool

import "runtime"

// Launch is the launcher, which this system does not need.
func Launch([]string) error { return errLaunch }

// launched reports whether node is started through the launcher: here it is not.
const launched = false

// plainLines say what keeps a task in node from this host.
func plainLines() []string {
	return []string{"memory: by V8", "without namespaces, landlock and seccomp: " + runtime.GOOS + " has none"}
}
