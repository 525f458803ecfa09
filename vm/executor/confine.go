package executor

import (
	"os"
	"runtime"
	"runtime/debug"
)

// confine gives up all that a task has no use for. The working directory and the environment are the parent's doing;
// the environment is cleared here too, as a wrapper may have set one.
func confine(s setup) error {
	os.Clearenv()
	runtime.GOMAXPROCS(max(s.procs, 1))
	debug.SetMaxStack(s.stack)
	debug.SetMemoryLimit(s.memory / 10 * 8) // collects harder beyond; it forbids nothing
	return limitProcess(s)
}
