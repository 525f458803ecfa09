package executor

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
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
	codeCPU       = "ERR_TASK_CPU"
	codeKilled    = "ERR_TASK_KILLED"
	codeTooLarge  = "ERR_TOO_LARGE"
	codeRefused   = "ERR_TASK_QUARANTINED"
)

// errEnded is why a task is not run once the Pool's Run has been told to end.
var errEnded = errors.New("its worker is shutting down")

// failed is the result of a task that ended with code, for the reason that the rest formats.
func failed(t vm.Task, code, format string, args ...any) vm.Result {
	return failure(t, code, "", fmt.Sprintf(format, args...))
}

// failure is failed with the place where the task was: the lines of a stack without its first.
func failure(t vm.Task, code, frames, message string) vm.Result {
	e := value.Error{Message: clean("task " + label(t) + ": " + message), Code: code}
	if frames != "" {
		e.Stack = "Error: " + e.Message + "\n" + clean(frames)
	}
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
		why := cancelled(ctx)
		return failed(t, why.code, "%s, before it started", why.text)
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
	hard bool   // the child is killed at once, without a grace
}

func timedOut(limit time.Duration) *cause {
	return &cause{code: codeTimeout, text: fmt.Sprintf("still running after its timeout of %v", limit)}
}

func cancelled(ctx context.Context) *cause {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &cause{code: codeTimeout, text: "not done at its deadline"}
	}
	return &cause{code: codeCancelled, text: fmt.Sprintf("cancelled: %v", err)}
}

// exceeded is what an alarm of the child means.
func exceeded(rep *report, t vm.Task, cfg *Config) *cause {
	if rep.cpu {
		took := time.Duration(rep.used).Round(time.Millisecond)
		return &cause{code: codeCPU, text: fmt.Sprintf("took %v of processor time, limit %v", took, least(t.CPU, cfg.Limits.CPU))}
	}
	return &cause{code: codeMemory, text: fmt.Sprintf("out of memory: %d bytes in use, limit %d", rep.used, least(t.Memory, cfg.Limits.Memory))}
}

// tooMuch is about logs and events; results have their own limit.
func tooMuch(said, limit int64) *cause {
	return &cause{code: codeOutput, text: fmt.Sprintf("logged and sent %d bytes, limit %d", said, limit)}
}

// What the Go runtime says on stderr before it gives up, on one line each.
var (
	stackText  = regexp.MustCompile(`goroutine stack exceeds (\d+)-byte limit|fatal error: stack overflow`)
	memoryText = regexp.MustCompile(`out of memory|cannot allocate memory|cannot allocate heap metadata|failed to (?:create new OS thread|reserve)`)
	memorySize = regexp.MustCompile(`cannot allocate (\d+)-byte block|\bruntime\.mallocgc\((0x[0-9a-f]+),`) // the call that failed
	// Where the runtime does not check what the system refused, its collector faults: no other fault begins on
	// goroutine 0 in a program without foreign code.
	faultText = regexp.MustCompile(`SIG(?:SEGV|BUS): [^\n]*\nPC=[^\n]*\n\ngoroutine 0 [^\n]*\nruntime\.`)
	lastWords = regexp.MustCompile(`(?m)^(?:fatal error|panic|runtime|SIG[A-Z]+): .*$`)
)

// diagnose says why the child that ran a task died.
func diagnose(st proc.State, stderr string, limit int64) cause {
	switch {
	case stackText.MatchString(stderr):
		text := "stack overflow"
		if m := stackText.FindStringSubmatch(stderr); m[1] != "" {
			text += ": its native stack reached the limit of " + m[1] + " bytes"
		}
		return cause{code: codeStack, text: text}
	case st.OOM:
		return cause{code: codeMemory, text: fmt.Sprintf("out of memory: the system had none left, limit %d", limit)}
	case memoryText.MatchString(stderr) || faultText.MatchString(stderr):
		return cause{code: codeMemory, text: fmt.Sprintf("out of memory%s, limit %d", wanted(stderr), limit)}
	}
	text := "its executor " + st.String()
	if line := lastWords.FindString(stderr); line != "" {
		text += ": " + strings.TrimSpace(line)
	}
	return cause{code: codeKilled, text: text}
}

// wanted says how much the allocation asked for at which a Go process died, if its stderr tells.
func wanted(stderr string) string {
	m := memorySize.FindStringSubmatch(stderr)
	if m == nil {
		return ""
	}
	n, err := strconv.ParseUint(m[1]+m[2], 0, 64)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(": wanted %d bytes more", n)
}

// stoppedAt is the result of a task that gave up because of why: the error says that, and where the task was.
func stoppedAt(t vm.Task, why *cause, res vm.Result) vm.Result {
	frames := ""
	if e, ok := value.DecodeError(res.Err); ok {
		if i := strings.Index(e.Stack, "\n    at "); i >= 0 {
			frames = e.Stack[i+1:]
		}
	}
	out := failure(t, why.code, frames, why.text)
	out.Run, out.Busy = res.Run, res.Busy
	return out
}
