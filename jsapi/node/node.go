package node

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// Config sets up a Node.
type Config struct {
	Loop *vm.Loop // required
	// Argv is process.argv: the path of the program, the path of the script, the script's arguments. nil means
	// os.Args[:1].
	Argv []string
	// ExecPath is process.execPath; empty means os.Executable.
	ExecPath string
	// ExecArgs stand between ExecPath and a script that child_process.fork starts: []string{"run"}.
	ExecArgs []string
	// ExecArgv is process.execArgv: flags of node before the script.
	ExecArgv []string
	// Env is process.env as "KEY=value"; nil means os.Environ.
	Env []string
	// Stdin, Stdout and Stderr are the process's streams; nil means those of os. An *os.File is read and written as
	// node does, with isTTY and columns; anything else counts as a pipe.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Version is the program's own version, process.versions.sc; empty means "0.0.0".
	Version string
	// MapStack rewrites the stack of an error in the user's own source lines before it is printed; nil leaves it.
	MapStack func(string) string
	// Thread runs a worker of worker_threads to its end, on a goroutine of its own, and returns its exit status: it makes
	// a loop, a Node of t.Config, and runs t.File on them. ctx ends when the worker is terminated or its parent ends. nil:
	// there are no workers.
	Thread func(ctx context.Context, t *Thread) int
	// Threads is what the threads of the process share; nil makes this the main one.
	Threads *Threads

	start       *threadStart // nil in the main thread
	environment *environment // that is shared with another thread; nil: one of its own
}

// Node holds the builtin modules of one runtime. All methods belong to the loop's goroutine, but for Run.
type Node struct {
	cfg      Config
	loop     *vm.Loop
	rt       *goja.Runtime
	modules  map[string]*goja.Object // module objects of js files by file name; the exports of a cycle are partial
	require  goja.Value
	bindings map[string]func() *goja.Object
	stdin    *stdin
	signals  *signals
	files    *files
	handles  *handles
	started  time.Time
	cooked   func() error // ends the raw mode of the terminal; nil when it is not raw

	environment *environment

	threadUser, threadSystem time.Duration // of the last threadCpuUsage

	language    map[string]func() goja.Value // the intrinsics by name; see takeIntrinsics
	env         *goja.Object                 // process.env, once there is one
	keys        cloneKeys
	sharedProto *goja.Object // SharedArrayBuffer.prototype, once there is one
}

// New returns the modules of cfg.Loop's runtime. To be called on the loop's goroutine, or before it runs. It loads
// and installs nothing.
func New(cfg Config) *Node {
	if cfg.Argv == nil {
		cfg.Argv = os.Args[:1]
	}
	if cfg.Env == nil {
		cfg.Env = os.Environ()
	}
	if cfg.Stdin == nil {
		cfg.Stdin = os.Stdin
	}
	if cfg.Stdout == nil {
		cfg.Stdout = os.Stdout
	}
	if cfg.Stderr == nil {
		cfg.Stderr = os.Stderr
	}
	if cfg.ExecPath == "" {
		cfg.ExecPath, _ = os.Executable()
	}
	if cfg.Version == "" {
		cfg.Version = "0.0.0"
	}
	if cfg.Threads == nil {
		cfg.Threads = NewThreads()
	}
	n := &Node{cfg: cfg, loop: cfg.Loop, rt: cfg.Loop.Runtime(), modules: map[string]*goja.Object{}}
	n.bindings = n.bindingTable()
	n.stdin = newStdin(cfg.Loop, cfg.Stdin)
	n.signals = newSignals(cfg.Loop)
	n.files = newFiles()
	n.handles = newHandles(cfg.Loop)
	n.started = time.Now()
	if n.environment = cfg.environment; n.environment == nil {
		n.environment = newEnvironment(cfg.Env)
	}
	n.keys = cloneKeys{clone: goja.NewSymbol("messaging_clone_symbol"), moved: goja.NewSymbol("messaging_transfer_symbol")}
	return n
}

// Run hands the signals of the operating system to process.on until ctx is done; without it no signal arrives.
// It may run on any goroutine.
func (n *Node) Run(ctx context.Context) error {
	return n.signals.run(ctx)
}

// Builtin returns the exports of the builtin module name ("fs", "timers/promises"; without "node:"). It returns
// false if Node.js has no module of that name, and an error with code ERR_UNKNOWN_BUILTIN_MODULE, as a goja
// exception, if Node.js has one and this package has not.
func (n *Node) Builtin(name string) (goja.Value, bool, error) {
	file, known := publicModules[name]
	if !known {
		return nil, false, nil
	}
	if file == "" {
		return nil, true, n.unavailable(name)
	}
	v, err := n.load(file)
	return v, true, err
}

// Names lists the modules that Builtin has, sorted: module.builtinModules.
func Names() []string { return availableNames() }

// unavailable makes the error of a module that Node.js has and this package has not yet.
func (n *Node) unavailable(name string) error {
	v, err := n.load("errors")
	if err != nil {
		return err
	}
	codes := v.ToObject(n.rt).Get("codes").ToObject(n.rt)
	e, err := n.rt.New(codes.Get("ERR_UNKNOWN_BUILTIN_MODULE"), n.rt.ToValue(name))
	if err != nil {
		return err
	}
	return vm.Throw(e)
}

// load runs the js file name once and returns its exports.
func (n *Node) load(name string) (goja.Value, error) {
	name = strings.ReplaceAll(name, "/", "_")
	if m, ok := n.modules[name]; ok {
		return m.Get("exports"), nil
	}
	program, ok := vm.Builtin(name)
	if !ok {
		return nil, fmt.Errorf("js module %q: no such file", name)
	}
	v, err := n.rt.RunProgram(program)
	if err != nil {
		return nil, err
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		return nil, fmt.Errorf("js module %q is no function", name)
	}
	m := n.rt.NewObject()
	exports := n.rt.NewObject()
	if err := m.Set("exports", exports); err != nil {
		return nil, err
	}
	n.modules[name] = m
	binding := goja.Undefined()
	if make, ok := n.bindings[name]; ok {
		binding = make()
	}
	if _, err := fn(goja.Undefined(), exports, n.requireFunc(), m, binding); err != nil {
		delete(n.modules, name)
		return nil, err
	}
	return m.Get("exports"), nil
}

// requireFunc is the require that js files see: it finds js files only.
func (n *Node) requireFunc() goja.Value {
	if n.require == nil {
		n.require = n.rt.ToValue(func(call goja.FunctionCall) goja.Value {
			v, err := n.load(call.Argument(0).String())
			n.passInterrupt(err)
			if err != nil {
				panic(vm.Thrown(n.rt, err))
			}
			return v
		})
	}
	return n.require
}
