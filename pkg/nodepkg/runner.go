package nodepkg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"supercluster/js"
)

// Config of a Runner.
type Config struct {
	// Dir is where caches and the folders of tasks are; processes of one account may share it. Required.
	Dir string
	// Tools are the programs to use; see FindTools.
	Tools Tools
	// Protocols are the schemes of URLs that git may fetch by, of "https", "http", "git" and "ssh"; nil means https
	// and git.
	Protocols []string
	// AllowRead says whether tasks may clone from a folder of this machine; nil means from none.
	AllowRead func(path string) bool
	// AllowHosts are names, addresses and prefixes ("10.0.0.0/8") of hosts to clone from although they are not of the
	// public Internet.
	AllowHosts []string
	// Mirrors maps beginnings of repositories' URLs to those to use in their place.
	Mirrors map[string]string
	// Proxied says that Env has git go through a proxy, which looks up names and keeps to what may be reached.
	Proxied bool
	// Registry is the URL of npm's registry; empty means npm's default.
	Registry string
	// NoScripts forbids scripts of packages at their installation.
	NoScripts bool
	// Env is what git and npm get beside the environment of all children, such as the address of a proxy. Tasks do not.
	Env []string
	// MaxBytes bounds the caches; zero means 10 GiB.
	MaxBytes int64
	// Grace is how long a task that holds its signal may go on after it was cancelled; zero means 500 ms.
	Grace time.Duration
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

const (
	defaultMaxBytes = 10 << 30
	defaultGrace    = 500 * time.Millisecond
)

// A Runner runs package tasks. It is safe for concurrent use.
type Runner struct {
	cfg        Config
	tools      Tools
	path       string // PATH of children
	systemRoot string // of Windows
	own        string // folder of this Runner's tasks
	program    string // file of the runtime in node
	release    func() // gives up own

	fetches, installs atomic.Int64 // how often git and npm were at work

	begin func() error   // claim, once
	tasks sync.WaitGroup // that run

	mu      sync.Mutex // guards what follows
	node    engine
	flights map[string]*flight
	users   map[string]*users
}

// A Task is one attempt to run a package.
type Task struct {
	ID, Name   string
	Package    []byte // what Package.Encode gave
	Args       []byte // encoded arguments, perhaps with captures before them
	Timeout    time.Duration
	WorkerID   string
	WorkerData []byte // JSON
}

// A Sink takes what a running task has to say, as cluster.Sink.
type Sink interface {
	Log(stream, text string)
	Progress(fraction float64)
	Send(event string, data []byte)
	Phase(name string)
}

// New returns a Runner, after removing what Runners that are gone have left in cfg.Dir. Close gives up its folder.
func New(ctx context.Context, cfg Config) (*Runner, error) {
	if cfg.Protocols == nil {
		cfg.Protocols = []string{"https", "git"}
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	if cfg.Grace <= 0 {
		cfg.Grace = defaultGrace
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("package tasks: %w", err)
	}
	r := &Runner{
		cfg: cfg, tools: cfg.Tools, path: cfg.Tools.searchPath(), systemRoot: os.Getenv("SystemRoot"),
		flights: make(map[string]*flight), users: make(map[string]*users),
	}
	r.begin = sync.OnceValue(r.claim)
	// Children know their folder by the name that the system has for it.
	switch real, err := filepath.EvalSymlinks(cfg.Dir); {
	case err == nil:
		r.cfg.Dir = real
	case errors.Is(err, fs.ErrNotExist):
		return r, nil // nobody was here before
	default:
		return nil, fmt.Errorf("package tasks: %w", err)
	}
	if err := r.sweep(ctx); err != nil {
		return nil, fmt.Errorf("package tasks: %w", err)
	}
	return r, nil
}

// claim makes the folders that there must be, and that of the Runner's own tasks with its lock.
func (r *Runner) claim() error {
	for _, sub := range []string{"", "tasks", "trees", "mirrors", "kept"} {
		if err := os.MkdirAll(filepath.Join(r.cfg.Dir, sub), 0o700); err != nil {
			return err
		}
	}
	dir, err := filepath.EvalSymlinks(r.cfg.Dir)
	if err != nil {
		return err
	}
	r.cfg.Dir = dir
	sweeping, err := lock(context.Background(), filepath.Join(dir, "sweep.lock"))
	if err != nil {
		return err
	}
	defer sweeping()
	name := fmt.Sprintf("%d-%s", os.Getpid(), rand.Text()[:10])
	r.own = filepath.Join(r.cfg.Dir, "tasks", name)
	release, ok, err := tryLock(r.own + ".lock")
	if err != nil || !ok {
		return errors.Join(err, fmt.Errorf("lock %s.lock", r.own))
	}
	r.release = release
	if err := os.Mkdir(r.own, 0o700); err != nil {
		return err
	}
	r.program = filepath.Join(r.own, "node_main.js")
	if err := os.WriteFile(r.program, []byte(js.NodeProgram("node_main")), 0o600); err != nil {
		return err
	}
	return r.writeModules()
}

// writeModules puts the task's module where ES modules look for it: above the folders of all tasks.
func (r *Runner) writeModules() error {
	for _, name := range []string{"supercluster", "nnet"} {
		dir := filepath.Join(r.own, "node_modules", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		text := "'use strict';\nconst api = process[Symbol.for('supercluster')];\nexports.task = api.task;\n" +
			"exports.createMaster = api.createMaster;\nexports.createWorker = api.createWorker;\nexports.createTracker = api.createTracker;\n"
		if err := os.WriteFile(filepath.Join(dir, "index.js"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for the tasks that run, which their contexts must have ended, and removes the Runner's folder. No task
// may come afterwards.
func (r *Runner) Close() error {
	r.tasks.Wait()
	if r.release == nil {
		return nil
	}
	err := (&folder{r.own}).remove()
	err = errors.Join(err, os.Remove(r.own+".lock"))
	r.release()
	return err
}

// Execute runs a package. It returns when nothing of it runs any more and its folder is gone or kept; the end of ctx
// ends it, and context.Cause(ctx) says why.
func (r *Runner) Execute(ctx context.Context, t Task, s Sink) (*Result, []byte) {
	r.tasks.Add(1)
	defer r.tasks.Done()
	if t.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t.Timeout, &Error{Code: CodeTimeout, Message: fmt.Sprintf("the task took longer than %v", t.Timeout)})
		defer cancel()
	}
	result, err := r.execute(ctx, t, s)
	var thrown *thrown
	var e *Error
	switch {
	case err == nil:
		return result, nil
	case errors.As(err, &thrown):
		return nil, thrown.err
	case !errors.As(err, &e):
		e = &Error{Code: CodeInternal, Message: err.Error(), Err: err}
	}
	if ctx.Err() != nil && (e.Code == "" || e.Code == CodeKilled) {
		e = ended(ctx, e)
	}
	return nil, e.Encode()
}

// ended says why a task was ended from outside, and what it did then.
func ended(ctx context.Context, e *Error) *Error {
	cause := context.Cause(ctx)
	out := &Error{Code: CodeCancel, Phase: e.Phase, Message: "the task was cancelled: " + cause.Error(), Output: e.Output, Result: e.Result, Err: cause}
	var own *Error
	if errors.As(cause, &own) {
		out.Code, out.Message = own.Code, own.Message
	}
	return out
}

func (r *Runner) execute(ctx context.Context, t Task, s Sink) (result *Result, err error) {
	p, err := Decode(t.Package)
	if err != nil {
		return nil, failf(CodeInternal, "", "%w", err)
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	needs := []Tool{Node}
	if p.Repository != "" {
		needs = append(needs, Git)
	}
	if err := r.tools.require(needs); err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, diskError("", err)
	}
	place, err := r.newFolder(t.ID + "-" + rand.Text()[:6])
	if err != nil {
		return nil, err
	}
	defer func() {
		kept, rerr := r.dispose(place, p.Keep, t.ID)
		var e *Error
		switch {
		case kept != "" && result != nil:
			result.Path = kept
		case kept != "" && errors.As(err, &e):
			e.Path = kept
		}
		if rerr != nil {
			r.cfg.Logger.Warn("folder of a task was not removed", "task", t.ID, "err", rerr)
		}
	}()
	if err := r.setUp(ctx, p, place, s); err != nil {
		return nil, err
	}
	return r.run(ctx, t, p, place, s)
}

// dispose removes a task's folder, or moves what it worked in to where it is kept, and returns that path.
func (r *Runner) dispose(place *folder, keep bool, id string) (kept string, err error) {
	endProcesses(place.path)
	if _, serr := os.Stat(place.join("work")); keep && serr == nil {
		kept = filepath.Join(r.cfg.Dir, "kept", filepath.Base(place.path))
		if err = os.Rename(place.join("work"), kept); err != nil {
			kept = ""
		}
	}
	return kept, errors.Join(err, place.remove())
}
