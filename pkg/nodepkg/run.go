package nodepkg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"supercluster/pkg/proc"
	"supercluster/vm/value"
)

// thrown is an encoded error that the task's own code threw.
type thrown struct{ err []byte }

func (t *thrown) Error() string {
	e, _ := value.DecodeError(t.err)
	return e.Error()
}

// run runs what is to run in the task's folder, which is set up.
func (r *Runner) run(ctx context.Context, t Task, p *Package, place *folder, s Sink) (*Result, error) {
	root, err := os.OpenRoot(place.join("work"))
	if err != nil {
		return nil, diskError("run", err)
	}
	defer root.Close()
	dir, err := localPath("dir", p.Dir)
	if err != nil {
		return nil, err
	}
	cwd, err := localPath("run.cwd", p.Cwd)
	if err != nil {
		return nil, err
	}
	cwdPath, err := below(root, "run.cwd", join(dir, cwd), true)
	if err != nil {
		return nil, phased("run", err)
	}
	// Through a link the folder may have another name, which is the one that node gives it.
	if cwdPath, err = filepath.EvalSymlinks(cwdPath); err != nil {
		return nil, diskError("run", err)
	}
	s.Phase("run")
	out := newOutput(s, p.Output)
	defer out.flush()
	if p.Cmd != "" {
		return r.runCommands(ctx, p, place, cwdPath, out)
	}
	file := ""
	if p.File != "" {
		name, err := localPath("run.file", p.File)
		if err != nil {
			return nil, err
		}
		name = join(dir, name)
		if len(p.Bundle) > 0 {
			if err := writeBelow(root, name, p.Bundle); err != nil {
				return nil, failf(CodePath, "run", "run.file %q: %w", name, err)
			}
		}
		if file, err = below(root, "run.file", name, false); err != nil {
			return nil, phased("run", err)
		}
	}
	c := &child{r: r, t: t, p: p, place: place, dir: filepath.Join(root.Name(), filepath.FromSlash(dir)), cwd: cwdPath, file: file, s: s, out: out}
	return c.run(ctx)
}

// join joins two paths with slashes that localPath has cleaned.
func join(dir, name string) string {
	switch {
	case dir == ".":
		return name
	case name == ".":
		return dir
	}
	return dir + "/" + name
}

func phased(phase string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Phase == "" {
		e.Phase = phase
	}
	return err
}

// writeBelow writes a file and the folders that lead to it.
func writeBelow(root *os.Root, name string, text []byte) error {
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return replaceFile(root, name, text)
}

// lastWords is how long a process that has ended may still be heard of: longer only if something that it started lives on
// with its connection, and could not be ended.
const lastWords = 5 * time.Second

// child is a node process that runs a task.
type child struct {
	r         *Runner
	t         Task
	p         *Package
	place     *folder
	dir, cwd  string
	file      string // absolute; "" if there is none
	s         Sink
	out       *output
	signalled bool
	value     []byte // what it gave
	hasValue  bool
	failure   []byte // the encoded error that it ended with
	bad       error  // what it said that it must not
}

// run runs the process to its end.
func (c *child) run(ctx context.Context) (*Result, error) {
	if ctx.Err() != nil {
		return nil, &Error{Phase: "run", Err: context.Cause(ctx)}
	}
	e, err := c.r.engine(ctx, c.place)
	if err != nil {
		return nil, err
	}
	asFile := c.file != "" && c.p.Export == ""
	args := []string{c.r.program}
	if asFile {
		argv, err := arguments(c.t.Args)
		if err != nil {
			return nil, failf(CodeInternal, "run", "arguments: %w", err)
		}
		args = append([]string{"--require", c.r.program, c.file}, argv...)
	}
	cfg := proc.Config{Path: e.Exec, Args: args, Env: c.r.environment(c.place), Dir: c.cwd, Conn: true, Stderr: c.out.stream("stderr"), Tail: tailBytes}
	if runtime.GOOS != "windows" { // there the connection takes stdout
		cfg.Stdout = c.out.stream("stdout")
	}
	p, err := proc.Start(cfg)
	if err != nil {
		return nil, failf(CodeInternal, "run", "%w", err)
	}
	started := c.start(asFile)
	sent := make(chan error, 1)
	go func() { sent <- writeFrame(p.Conn(), started) }() // ends with the process at the latest
	heard := make(chan struct{})
	asked := make(chan struct{}, 1)
	go func() {
		defer close(heard)
		c.hear(p, asked)
	}()
	c.await(ctx, p, asked)
	state := p.Wait()
	endProcesses(c.place.path)
	select {
	case <-heard: // its last words may still be under way when it has ended
	case <-time.After(lastWords):
	}
	p.Conn().Close()
	<-heard
	<-sent
	c.out.flush()
	return c.outcome(ctx, state, p.Tail())
}

// await waits for the end of the process, and ends it when ctx does: at once, or after it was told and the grace is
// over if it holds its signal.
func (c *child) await(ctx context.Context, p *proc.Process, asked <-chan struct{}) {
	done := ctx.Done()
	var late <-chan struct{}
	for {
		select {
		case <-p.Done():
			return
		case <-late:
			p.Kill()
			<-p.Done()
			return
		case <-asked:
			c.signalled = true
		case <-done:
			done = nil
			select {
			case <-asked:
				c.signalled = true
			default:
			}
			if !c.signalled {
				p.Kill()
				continue
			}
			grace, cancel := context.WithTimeout(context.Background(), c.r.cfg.Grace)
			defer cancel()
			late = grace.Done()
			w := value.NewWriter(nil)
			w.ArrayLen(2)
			w.Str("abort")
			w.Str(mend(context.Cause(ctx).Error()))
			go func() { _ = writeFrame(p.Conn(), w.Bytes()) }() // a process that does not read ends soon, and the write with it
		}
	}
}

// start is the first message: what the process is to do.
func (c *child) start(asFile bool) []byte {
	mode := "call"
	if asFile {
		mode = "file"
	}
	w := value.NewWriter(nil)
	w.ArrayLen(2)
	w.Str("start")
	texts := [][2]string{{"mode", mode}, {"id", c.t.ID}, {"name", c.t.Name}, {"workerId", c.t.WorkerID}, {"file", c.file},
		{"export", c.p.Export}, {"dir", c.dir}}
	w.MapLen(len(texts) + 3)
	for _, t := range texts {
		w.Str(t[0])
		w.Str(mend(t[1]))
	}
	w.Str("workerData")
	if data, err := value.FromJSON(c.t.WorkerData); err == nil && len(c.t.WorkerData) > 0 {
		w.Raw(data)
	} else {
		w.MapLen(0)
	}
	w.Str("code")
	w.Bin(c.p.Code)
	w.Str("args")
	w.Bin(c.t.Args)
	return w.Bytes()
}

// hear takes what the process says until it ends, or says what it must not, which ends it.
func (c *child) hear(p *proc.Process, asked chan<- struct{}) {
	for {
		body, err := readFrame(p.Conn())
		if err != nil {
			return // it has ended, or will
		}
		if err := c.message(body, asked); err != nil {
			c.bad = err
			p.Kill()
			_, _ = io.Copy(io.Discard, p.Conn())
			return
		}
	}
}

func (c *child) message(body []byte, asked chan<- struct{}) error {
	r := value.NewReader(body, value.Limits{MaxDepth: 4, MaxNodes: 16})
	n := r.ArrayLen()
	what := r.Str()
	if r.Err() != nil {
		return r.Err()
	}
	switch {
	case what == "progress" && n == 2:
		if f := r.Number(); r.End() == nil {
			c.s.Progress(f)
		}
	case what == "send" && n == 3:
		event, data := r.Str(), r.Bin()
		if r.End() == nil {
			c.s.Send(event, data)
		}
	case what == "log" && n == 3:
		stream, text := r.Str(), r.Str()
		if r.End() == nil && (stream == "stdout" || stream == "stderr") {
			_, _ = c.out.stream(stream).Write([]byte(text))
		}
	case what == "result" && n == 2:
		c.value, c.hasValue = r.Bin(), true
	case what == "error" && n == 2:
		c.failure = r.Bin()
	case what == "signal" && n == 1:
		select {
		case asked <- struct{}{}:
		default:
		}
	default:
		return fmt.Errorf("message %.20q with %d parts", what, n)
	}
	return r.End()
}

// outcome tells what became of the task.
func (c *child) outcome(ctx context.Context, state proc.State, stderr string) (*Result, error) {
	result := c.out.result()
	fail := func(code, format string, args ...any) error {
		e := failf(code, "run", format, args...)
		e.Output, e.Result = lastLines(stderr, tailLines), result
		e.Exit, e.Exited, e.Signal = state.Code, state.Signal == "" && state.Err == nil, state.Signal
		if c.p.Output {
			e.Cause = c.failure
		}
		return e
	}
	for _, b := range [][]byte{c.value, c.failure} {
		if err := value.Check(b, value.Limits{}); len(b) > 0 && err != nil {
			return nil, fail(CodeResult, "the process gave a result that is no value: %w", err)
		}
	}
	what := "the function"
	if c.file != "" {
		what = c.p.File
	}
	switch {
	case ctx.Err() != nil && (state.Killed || c.signalled):
		return nil, fail("", "ended from outside")
	case c.bad != nil:
		return nil, fail(CodeResult, "the process said something that it must not: %w", c.bad)
	case state.Signal != "" || state.Err != nil || state.OOM:
		return nil, fail(CodeKilled, "%s: the process %v", what, state)
	case len(c.failure) > 0 && (state.Code != 0 || c.file == "" || c.p.Export != "") && !c.p.Output:
		if _, ok := value.DecodeError(c.failure); !ok {
			return nil, fail(CodeResult, "the process gave an error that is none")
		}
		return nil, &thrown{c.failure}
	case state.Code != 0:
		return nil, fail(CodeExit, "%s %v", what, state)
	}
	result.Data = c.value
	if c.file != "" && c.p.Export == "" && !c.hasValue {
		result.Data = c.out.json()
	}
	return result, nil
}

// runCommands runs pre, cmd and post in a shell.
func (r *Runner) runCommands(ctx context.Context, p *Package, place *folder, cwd string, out *output) (*Result, error) {
	var first error
	for _, step := range []struct{ phase, command string }{{"pre", p.Pre}, {"cmd", p.Cmd}, {"post", p.Post}} {
		if step.command == "" || first != nil && step.phase != "post" {
			continue
		}
		if first != nil && ctx.Err() != nil {
			break
		}
		c := r.command(place, step.phase, "/bin/sh", "-c", step.command)
		if runtime.GOOS == "windows" {
			c = r.command(place, step.phase, filepath.Join(r.systemRoot, "System32", "cmd.exe"), "/d", "/s", "/c", step.command)
		}
		c.dir, c.tree = cwd, true
		c.env = r.npmEnvironment(place)
		c.out, c.err = out.stream("stdout"), out.stream("stderr")
		if step.phase != "cmd" {
			c.out, c.err = out.aside("stdout"), out.aside("stderr")
		}
		err := c.run(ctx)
		out.flush()
		if err == nil || first != nil {
			continue
		}
		first = failed(CodeExit, step.phase, fmt.Sprintf("%.80q", step.command), err)
		var e *Error
		if errors.As(first, &e) {
			e.Result = out.result()
			if e.Signal != "" {
				e.Code = CodeKilled
			}
		}
	}
	if first != nil {
		return nil, first
	}
	return out.result(), nil
}

// npmEnvironment lets an npm that a command runs use the worker's cache and registry.
func (r *Runner) npmEnvironment(place *folder) []string {
	env := []string{"npm_config_cache=" + filepath.Join(r.cfg.Dir, "npm"), "npm_config_update_notifier=false", "npm_config_fund=false", "npm_config_audit=false",
		"npm_config_prefer_offline=true"}
	if r.cfg.Registry != "" {
		env = append(env, "npm_config_registry="+r.cfg.Registry)
	}
	if r.cfg.NoScripts {
		env = append(env, "npm_config_ignore_scripts=true")
	}
	return append(env, r.gitEnvironment("https:git:ssh", place)...)
}

// arguments are those of the command line: text as it is, other values as JSON has them.
func arguments(encoded []byte) ([]string, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	text, err := value.ToJSON(encoded)
	if err != nil {
		return nil, err
	}
	return splitArguments(text)
}
