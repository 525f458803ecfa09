//go:build !linux

package proc

import "os/exec"

// awaitExit returns false: here a process is not waited for without reaping it. These systems do not reuse the number
// of a group while it has members, so killing the group just after the reaping is safe enough.
func awaitExit(int) bool { return false }

// oomKills is always 0: the system keeps no such count.
func oomKills() int64 { return 0 }

// isolate does nothing: there are no namespaces here.
func isolate(*exec.Cmd) {}

// startBound starts the process: a job object ends it with this one on Windows, elsewhere nothing does.
func (p *Process) startBound() error { return p.cmd.Start() }
