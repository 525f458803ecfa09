package executor

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"supercluster/pkg/proc"
	"supercluster/vm"
	"supercluster/vm/value"
)

// Codes of the errors that this package makes. The message names the task, the limit and the amount.
const (
	codeTimeout   = "ERR_TASK_TIMEOUT"
	codeCancelled = "ERR_CANCELLED"
	codeMemory    = "ERR_TASK_MEMORY"
	codeStack     = "ERR_TASK_STACK"
	codeOutput    = "ERR_TASK_OUTPUT"
	codeKilled    = "ERR_TASK_KILLED"
)

// errEnded is why a task is not run once the Pool's Run has been told to end.
var errEnded = errors.New("its worker is shutting down")

// failed is the result of a task that ended with code, for the reason that the rest formats.
func failed(t vm.Task, code, format string, args ...any) vm.Result {
	return failure(t, code, "", fmt.Sprintf(format, args...))
}

func failure(t vm.Task, code, stack, message string) vm.Result {
	e := value.Error{Name: "Error", Message: "task " + label(t) + ": " + message, Code: code, Stack: stack}
	return vm.Result{Err: e.Encode()}
}

// label names t for people.
func label(t vm.Task) string {
	switch {
	case t.ID == "":
		return t.Name
	case t.Name == "":
		return t.ID
	}
	return t.ID + " (" + t.Name + ")"
}

// notRun is the result of a task that got no child, because of err.
func notRun(ctx context.Context, t vm.Task, err error) vm.Result {
	if ctx.Err() != nil {
		return failed(t, codeCancelled, "cancelled before it started: %v", context.Cause(ctx))
	}
	if err == errEnded {
		return failed(t, codeCancelled, "not started: %v", err)
	}
	return failed(t, codeKilled, "not started: %v", err)
}

// cause is why a task was told to stop.
type cause struct {
	code string
	text string // what happened, with amount and limit
}

func timedOut(limit time.Duration) *cause {
	return &cause{codeTimeout, fmt.Sprintf("still running after its timeout of %v", limit)}
}

func cancelled(ctx context.Context) *cause {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &cause{codeTimeout, "still running at its deadline"}
	}
	return &cause{codeCancelled, fmt.Sprintf("cancelled: %v", err)}
}

func outOfMemory(used, limit int64) *cause {
	return &cause{codeMemory, fmt.Sprintf("out of memory: %d bytes in use, limit %d", used, limit)}
}

// What the Go runtime says on stderr before it gives up, on one line each.
var (
	stackText  = regexp.MustCompile(`goroutine stack exceeds (\d+)-byte limit|fatal error: stack overflow`)
	memoryText = regexp.MustCompile(`out of memory|cannot allocate memory|cannot allocate heap metadata|failed to (?:create new OS thread|reserve)`)
	memorySize = regexp.MustCompile(`cannot allocate (\d+)-byte block \((\d+) in use\)`)
	lastWords  = regexp.MustCompile(`(?m)^(?:fatal error|panic|runtime|SIG[A-Z]+): .*$`)
)

// diagnose says why the child that ran a task died; known is false if neither its stderr nor its state tells, so that
// somebody else must have killed it.
func diagnose(st proc.State, stderr string, limit int64) (c cause, known bool) {
	switch {
	case stackText.MatchString(stderr):
		text := "stack overflow"
		if m := stackText.FindStringSubmatch(stderr); m[1] != "" {
			text += ": its native stack reached the limit of " + m[1] + " bytes"
		}
		return cause{codeStack, text}, true
	case st.OOM:
		return cause{codeMemory, fmt.Sprintf("out of memory: the system had none left, limit %d", limit)}, true
	case memoryText.MatchString(stderr):
		text := fmt.Sprintf("out of memory: more than its limit of %d bytes", limit)
		if m := memorySize.FindStringSubmatch(stderr); m != nil {
			text = fmt.Sprintf("out of memory: wanted %s bytes more with %s in use, limit %d", m[1], m[2], limit)
		}
		return cause{codeMemory, text}, true
	}
	text := "its executor " + st.String()
	if line := lastWords.FindString(stderr); line != "" {
		return cause{codeKilled, text + ": " + strings.TrimSpace(line)}, true
	}
	return cause{codeKilled, text}, st.Signal == ""
}

// stoppedAt is the result of a task that gave up because of why: the error says that, and where the task was.
func stoppedAt(t vm.Task, why *cause, res vm.Result) vm.Result {
	stack := ""
	if e, ok := value.DecodeError(res.Err); ok {
		stack = e.Stack
	}
	out := failure(t, why.code, stack, why.text)
	out.Run = res.Run
	return out
}
