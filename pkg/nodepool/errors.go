package nodepool

import (
	"errors"
	"fmt"
	"strings"

	"context"
	"time"

	"supercluster/vm/value"
)

// Codes of the errors that this package makes: those of package executor, for the same failures.
const (
	codeTimeout   = "ERR_TASK_TIMEOUT"
	codeCancelled = "ERR_CANCELLED"
	codeMemory    = "ERR_TASK_MEMORY"
	codeOutput    = "ERR_TASK_OUTPUT"
	codeCPU       = "ERR_TASK_CPU"
	codeKilled    = "ERR_TASK_KILLED"
	codeInternal  = "ERR_INTERNAL"
)

// errEnded is why a task is not run once Run has been told to end.
var errEnded = errors.New("its worker is shutting down")

// A StartError says why no node process could be started: the host is at fault, and no task.
type StartError struct{ Err error }

// Error says what failed.
func (e *StartError) Error() string { return "engine 'node': " + e.Err.Error() }

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// cause is why a task was told to stop.
type cause struct {
	code  string
	text  string // what happened, with amount and limit
	blame bool   // the task did it
}

func timedOut(limit time.Duration) *cause {
	return &cause{codeTimeout, fmt.Sprintf("still running after its timeout of %v", limit), true}
}

func cancelled(ctx context.Context) *cause {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &cause{codeTimeout, "not done at its deadline", true}
	}
	return &cause{codeCancelled, fmt.Sprintf("cancelled: %v", err), false}
}

// failed is the result of a task that ended with code, for the reason that the rest formats.
func failed(t *Task, code, format string, args ...any) Result {
	text := mend("task " + t.label() + ": " + fmt.Sprintf(format, args...))
	return Result{Err: value.Error{Message: text, Code: code}.Encode()}
}

// label names the task for people.
func (t *Task) label() string {
	switch {
	case t.ID == "":
		return t.Name
	case t.Name == "":
		return t.ID
	}
	return t.ID + " (" + t.Name + ")"
}

// mend makes UTF-8 of text from elsewhere.
func mend(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
