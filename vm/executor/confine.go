package executor

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// maxThreads is the number of threads of a child; Go needs about five. More is a fault, which ends the child.
const maxThreads = 64

// confine gives up all that a task has no use for, and returns a list for people of what is in force; what the
// system refuses is there too, beginning with "without". The working directory, the environment and the namespaces
// are the parent's doing; the environment is cleared here too, as a wrapper may have set one.
func confine(s setup) (inForce []string, err error) {
	_, _ = time.Now().Zone() // the local time zone is read from a file at first need, and then none can be opened
	os.Clearenv()
	runtime.GOMAXPROCS(max(s.procs, 1))
	debug.SetMaxStack(s.stack)
	debug.SetMaxThreads(maxThreads)
	debug.SetMemoryLimit(s.memory / 10 * 8) // collects harder beyond; it forbids nothing
	return limitProcess(s)
}

// measure is the line of what was asked for: the text, or why it is not in force.
func measure(text string, err error) string {
	if err != nil {
		return "without " + err.Error()
	}
	return text
}

// memoryLine is the first line of the list.
func memoryLine(s setup, how string) string {
	return fmt.Sprintf("memory: %d MiB a task, %s", s.memory>>20, how)
}
