package proc

import (
	"fmt"
	"time"
)

// State says how a process ended.
type State struct {
	Code   int           // exit code; -1 if a signal ended it or it is not known
	Signal string        // name of the signal that ended it ("killed"); "" if none did
	Killed bool          // Kill was called before the end
	OOM    bool          // a guess: the kernel's out-of-memory killer did it (Linux)
	CPU    time.Duration // user and system time of the process and what it waited for
	Err    error         // why the process could not be waited for; nil else
}

// String is a predicate to put after the name of the process: "exited with code 2".
func (s State) String() string {
	switch {
	case s.Err != nil:
		return "was lost: " + s.Err.Error()
	case s.OOM:
		return "was ended by the system, which ran out of memory"
	case s.Signal != "":
		return "was ended by signal " + s.Signal
	default:
		return fmt.Sprintf("exited with code %d", s.Code)
	}
}
