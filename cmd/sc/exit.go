package main

import (
	"errors"
	"fmt"
	"os"
)

// Exit codes of sc, stable for scripts that call it (SPEC §1). process.exit(n)
// in a script wins over all of them.
const (
	exitOK       = 0
	exitThrew    = 1  // the script threw
	exitUsage    = 2  // the command line is wrong
	exitConfig   = 3  // a setting is wrong
	exitNoWorker = 4  // no worker in time
	exitTasks    = 5  // some tasks failed
	exitTimeout  = 6  // the time given was not enough
	exitTrust    = 77 // the other side refused us, or we it
	exitTracker  = 8  // no tracker could be reached
	exitVersion  = 9  // the other side speaks no version of ours
	exitBug      = 10 // a fault of our own
)

// An exitError ends sc with code. Its error is printed unless it is nil, its
// hint, the way out, on a line of its own below.
type exitError struct {
	code   int
	err    error
	hint   string
	signal os.Signal // that ended the script; nil if none did
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usageError(hint, format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// exitCode is the status for err: its own if it brings one, else 1.
func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	default:
		return exitThrew
	}
}
