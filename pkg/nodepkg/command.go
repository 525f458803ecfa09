package nodepkg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"supercluster/pkg/proc"
)

// tailLines is how many of the last lines of a program's output an error carries, tailBytes how many bytes of its
// beginning and of its end are kept for that.
const (
	tailLines = 20
	tailBytes = 16 << 10
)

// maxAnswer is how many bytes of output of git and node are read as data.
const maxAnswer = 16 << 20

// A command is a program that is to run for a task, in its folder.
type command struct {
	r     *Runner
	place *folder
	phase string
	path  string
	args  []string
	env   []string // beside that of all children
	dir   string
	out   io.Writer // gets stdout as it comes; nil: nobody
	err   io.Writer // gets stderr
	tree  bool      // it may leave processes behind that are not of its group
}

// command makes one whose program is path; a script of node's is run by node.
func (r *Runner) command(place *folder, phase, path string, args ...string) *command {
	if strings.HasSuffix(path, ".js") {
		path, args = r.tools[Node], append([]string{path}, args...)
	}
	return &command{r: r, place: place, phase: phase, path: path, args: args, dir: place.path}
}

// environment is what every child gets, and no more.
func (r *Runner) environment(place *folder) []string {
	env := []string{
		"HOME=" + place.join("home"),
		"LANG=C.UTF-8",
		"PATH=" + r.path,
		"TMPDIR=" + place.join("tmp"),
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SystemRoot="+r.systemRoot, "TEMP="+place.join("tmp"), "TMP="+place.join("tmp"), "USERPROFILE="+place.join("home"))
	}
	return env
}

// exited is how a program ended that did not do what it was asked for.
type exited struct {
	state  proc.State
	output string // the last lines of what it printed
}

func (e *exited) Error() string {
	if e.output == "" {
		return e.state.String()
	}
	return e.state.String() + "\n" + e.output
}

// run runs the command to its end, and then sees to it that nothing is left of its process tree. The error is an
// *exited, or says that it could not be started, or is ctx's cause.
func (c *command) run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	tail := proc.NewTail(tailBytes)
	both := &lockedWriter{w: tail}
	p, err := proc.Start(proc.Config{
		Path: c.path, Args: c.args, Dir: c.dir, Env: append(c.r.environment(c.place), c.env...),
		Stdout: tee(both, c.out), Stderr: tee(both, c.err), Tail: 1,
	})
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
	}
	state := p.Wait()
	if c.tree || state.Killed {
		endProcesses(c.place.path)
	}
	if state.Killed && ctx.Err() != nil {
		return &cut{context.Cause(ctx), lastLines(tail.String(), tailLines)}
	}
	if state.Code != 0 || state.Signal != "" || state.Err != nil {
		return &exited{state, lastLines(tail.String(), tailLines)}
	}
	return nil
}

// output is run that returns what was printed to stdout.
func (c *command) output(ctx context.Context) (string, error) {
	var b limitedBuffer
	c.out = tee(&b, c.out)
	err := c.run(ctx)
	return b.String(), err
}

// cut is the end of a task from outside, and what the program printed that ran then.
type cut struct {
	cause  error
	output string
}

func (c *cut) Error() string { return c.cause.Error() }
func (c *cut) Unwrap() error { return c.cause }

// failed makes an Error of what a command gave, unless it is one already.
func failed(code, phase, what string, err error) error {
	var is *Error
	var ex *exited
	var end *cut
	switch {
	case errors.As(err, &is):
		return err
	case errors.As(err, &end):
		return &Error{Phase: phase, Output: end.output, Err: end.cause} // the Runner says why
	case errors.As(err, &ex):
		e := &Error{Code: code, Phase: phase, Message: what + " " + ex.state.String(), Output: ex.output, Err: err}
		e.Exit, e.Exited, e.Signal = ex.state.Code, ex.state.Signal == "" && ex.state.Err == nil, ex.state.Signal
		return e
	}
	return &Error{Code: code, Phase: phase, Message: fmt.Sprintf("%s: %v", what, err), Err: err}
}

// tee writes to both; nil is left out.
func tee(a, b io.Writer) io.Writer {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return io.MultiWriter(a, b)
}

// lockedWriter lets two goroutines write.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// limitedBuffer keeps the first maxAnswer bytes.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), maxAnswer-b.Len())])
	return len(p), nil
}
