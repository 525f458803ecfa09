package nodepkg

import (
	"fmt"
	"strings"

	"supercluster/vm/value"
)

// Codes of the errors of package tasks. Their meaning never changes.
const (
	CodeTool     = "ERR_PACKAGE_TOOL"    // git, npm or node is missing here
	CodeURL      = "ERR_PACKAGE_URL"     // the repository's URL is refused
	CodeRef      = "ERR_PACKAGE_REF"     // there is no such branch, tag or commit, or its name is refused
	CodeClone    = "ERR_PACKAGE_CLONE"   // git failed
	CodeManifest = "ERR_PACKAGE_JSON"    // a package.json or a lockfile is not what it must be
	CodePath     = "ERR_PACKAGE_PATH"    // a path leads out of the task's folder
	CodeInstall  = "ERR_PACKAGE_INSTALL" // npm failed
	CodeScripts  = "ERR_PACKAGE_SCRIPTS" // a package wants to run a script when it is installed, which is forbidden here
	CodeFile     = "ERR_PACKAGE_FILE"    // the file to run is not there
	CodeDisk     = "ERR_PACKAGE_DISK"    // the worker cannot write
	CodeExit     = "ERR_TASK_EXIT"       // the process exited with another code than 0
	CodeKilled   = "ERR_TASK_KILLED"     // a signal ended it
	CodeTimeout  = "ERR_TASK_TIMEOUT"
	CodeCancel   = "ERR_CANCELLED"
	CodeResult   = "ERR_TASK_RESULT" // it did not say what it should
	CodeInternal = "ERR_INTERNAL"
)

// Error is why a package task failed.
type Error struct {
	Code    string
	Phase   string // "clone", "install", "run", "pre", "cmd" or "post"; "" before all of them
	Message string
	Output  string // the last lines that the process at fault printed
	Exit    int    // its exit code, if Exited
	Exited  bool
	Signal  string  // that ended it; "" if none
	Result  *Result // what it printed, where that is asked for
	Path    string  // of the folder, if it was kept
	Err     error   // the cause; may be nil
	Cause   []byte  // an encoded Error that the task threw; may be empty
}

// Error returns the message with the phase before it and the output below.
func (e *Error) Error() string {
	text := e.Message
	if e.Phase != "" {
		text = e.Phase + ": " + text
	}
	if e.Output != "" {
		text += "\n" + e.Output
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func failf(code, phase, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Phase: phase, Message: err.Error(), Err: err}
}

// Encode returns the error as a JavaScript Error: with code, phase, exitCode, signal and what was printed.
func (e *Error) Encode() []byte {
	w := value.NewWriter(nil)
	w.Begin(value.KindError, 5)
	w.Str("Error")
	w.Str(mend(e.Error()))
	w.Nil()
	if len(e.Cause) > 0 {
		w.MapLen(1)
		w.Str("cause")
		w.Raw(e.Cause)
	} else {
		w.MapLen(0)
	}
	props := [][2]any{{"code", e.Code}}
	add := func(name string, v any, there bool) {
		if there {
			props = append(props, [2]any{name, v})
		}
	}
	add("phase", e.Phase, e.Phase != "")
	add("exitCode", e.Exit, e.Exited)
	add("signal", e.Signal, e.Signal != "")
	add("path", e.Path, e.Path != "")
	if e.Result != nil {
		add("stdout", e.Result.Stdout, true)
		add("stderr", e.Result.Stderr, true)
	}
	w.MapLen(len(props))
	for _, p := range props {
		w.Str(p[0].(string))
		switch v := p[1].(type) {
		case string:
			w.Str(mend(v))
		case int:
			w.Int(int64(v))
		}
	}
	return w.Bytes()
}

// mend makes UTF-8 of text from elsewhere.
func mend(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// lastLines returns the end of what a program printed: at most n lines, without those that are empty.
func lastLines(text string, n int) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "\n")
}
