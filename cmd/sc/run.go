package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
	"supercluster/jsapi/node"
	"supercluster/net/trust"
	"supercluster/vm"
)

func runCommand() *command {
	return &command{
		name:  "run",
		usage: "FILE [args…]",
		short: "run a script, as node would",
		long: `Examples:

  sc run master.js              workers of this network do the work
  sc run --local master.js      and this machine, a slot for each core
  sc run --local=2 primes.ts 9  two slots; 9 is the script's own argument
  echo 'console.log(1)' | sc run -

FILE is JavaScript or TypeScript, CommonJS or an ES module. Flags of sc stand
before it; what follows it is the script's. stdout is the script's; what sc
and the tasks have to say goes to stderr.

Ctrl-C once sends no more tasks and waits for those that run, twice ends them
and says which they were; a script that listens to SIGINT decides itself.
--progress shows how far each function is: redrawn on a terminal, else a line
every 10 s. It is on by itself where stderr is a terminal and stdout is not.
--record keeps what became of each task; 'sc report' makes a page of it.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			permissionFlags(fs, s)
			limitFlags(fs, s)
			packageFlags(fs, s)
			fs.Var(&s.local, "local", "add `slots` of this machine (without a number: a slot for each core)")
			fs.BoolVar(&s.logs, "logs", s.logs, "print what tasks print")
			fs.BoolVar(&s.progress, "progress", s.progress, "show how far each function is")
			fs.BoolVar(&s.record, "record", s.record, "keep a record of the tasks, for 'sc report'")
			metricsFlags(fs, s)
		},
		run:    runScript,
		script: true,
	}
}

func runScript(ctx context.Context, env *environment, c *command, args []string) error {
	collectSeldom(env.getenv)
	var s settings
	options, args, _, err := parseNodeOptions(args)
	if err != nil {
		return err
	}
	env.node = options
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if options.eval {
		rest = append([]string{"-"}, rest...)
	}
	if len(rest) == 0 {
		return usageError("sc run FILE, or - for a script on stdin", "run: no script was given")
	}
	settings := s.session(env)
	settings.Greet = true
	if s.logs {
		settings.TaskLog = newTaskPrinter(env.stderr).print
	}
	return hostScript(ctx, env, &s, settings, rest)
}

// hostScript runs the script beside the session that its nodes are in, and
// ends that when the script has ended.
func hostScript(ctx context.Context, env *environment, s *settings, settings jsapi.Settings, args []string) error {
	var rec *recorder // begun when nothing else can go wrong
	if s.record {
		settings.TaskEnded = func(t jsapi.TaskRecord) { rec.task(t) }
	}
	session := jsapi.NewSession(settings)
	metrics, err := listenMetrics(env, s, session)
	if err != nil {
		return err
	}
	h, err := newHost(env, session, args)
	if err != nil {
		return &exitError{code: exitBug, err: err}
	}
	if s.record {
		if rec, err = newRecorder(env, args[0]); err != nil {
			return err
		}
	}
	d := &drainer{h: h}
	h.heeds = d.heeds
	h.metrics = metrics
	err = h.serve(ctx, session, func(ctx context.Context) (int, error) {
		if !s.progress && !(env.canRedraw(env.stderr) && !isTerminal(env.stdout)) {
			return h.run(ctx)
		}
		shown := showProgress(ctx, h)
		defer shown()
		return h.run(ctx)
	})
	return rec.finish(env, h, err)
}

// serve runs body beside the session and the signals, which end after it.
func (h *host) serve(ctx context.Context, session *jsapi.Session, body func(context.Context) (int, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h.end = cancel
	var g errgroup.Group
	g.Go(func() error { return session.Run(ctx) })
	g.Go(func() error { return h.node.Run(ctx) })
	g.Go(func() error { return h.obey(ctx, cancel) })
	g.Go(func() error { return h.metrics.run(ctx) })
	exit, err := body(ctx)
	cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- g.Wait() }()
	var sessionErr error
	select {
	case sessionErr = <-ended:
	case <-time.After(grace):
		sessionErr = fmt.Errorf("the network side has not ended within %v", grace)
	}
	var interrupted *exitError
	switch {
	case err != nil:
		return err
	case errors.As(context.Cause(ctx), &interrupted):
		h.env.endedBy = interrupted.signal
		return interrupted
	case sessionErr != nil:
		return configError("run", sessionErr)
	case exit != 0:
		return &exitError{code: exit}
	}
	return nil
}

// obey ends the script at the first SIGINT or SIGTERM that it does not listen
// to, in order: nodes say goodbye. The next one has its default action.
func (h *host) obey(ctx context.Context, cancel context.CancelCauseFunc) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return nil
		case sig := <-signals:
			if h.node.Listening(sig) || h.heeds != nil && h.heeds(sig) {
				continue
			}
			cancel(&exitError{code: signalCode(sig), signal: sig})
			return nil
		}
	}
}

// signalCode is the exit code of a process that a signal ended, as shells have
// it.
func signalCode(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 128
}

// A host is the script's surroundings: loop, loader, node's modules and ours.
type host struct {
	env    *environment
	file   string
	loop   *vm.Loop
	loader *loader.Loader
	node   *node.Node
	script *jsapi.Script
	end    context.CancelCauseFunc // ends the script, with an *exitError; set by serve
	heeds  func(os.Signal) bool    // says that a signal needs no more; may be nil

	metrics *metricsServer // nil if nobody wants them
}

func newHost(env *environment, session *jsapi.Session, args []string) (*host, error) {
	h := &host{env: env, file: args[0], loop: vm.NewLoop(vm.LoopConfig{})}
	argv, stdin, name := append([]string{executorArgs()[0]}, args...), env.stdin, ""
	if env.node.eval {
		argv = append(argv[:1], args[1:]...)
		stdin, name = strings.NewReader(env.node.text), "[eval]"
	}
	h.node = node.New(node.Config{
		Loop:     h.loop,
		Argv:     argv,
		ExecArgs: []string{"run"},
		ExecArgv: env.node.flags,
		Env:      os.Environ(),
		Stdin:    env.stdin,
		Stdout:   env.stdout,
		Stderr:   env.stderr,
		Version:  version,
		MapStack: func(stack string) string { return h.loader.MapStack(stack) },
		Thread:   func(ctx context.Context, t *node.Thread) int { return runThread(ctx, session, t) },
	})
	script, err := session.NewScript(h.loop, h.node)
	if err != nil {
		return nil, err
	}
	h.loader = loader.New(loader.Config{
		Loop:      h.loop,
		Builtin:   script.Builtin,
		Stdin:     stdin,
		StdinName: name,
		CacheDir:  cacheDir(),
		Color:     env.useColor(env.stderr),

		GlobalPaths: globalPaths(),
	})
	script.SetSource(h.loader)
	h.script = script
	if main, err := h.loader.MainFile(args[0]); err == nil && !env.node.eval { // else Run says why not
		argv[1] = main
	}
	return h, nil
}

// run runs the script to its end and returns its exit code.
func (h *host) run(ctx context.Context) (int, error) {
	exit, err := h.loop.Run(ctx, func() error {
		if err := h.node.Install(); err != nil {
			return err
		}
		for _, id := range h.env.node.requires {
			dir, err := os.Getwd()
			if err == nil {
				_, err = h.loader.Require(dir, id)
			}
			if err != nil {
				return err
			}
		}
		return h.loader.Run(h.file)
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return 0, h.report(h.loader.Describe(err))
	}
	if exit.Err != nil {
		err := h.report(h.loader.DescribeValue(exit.Err.Value))
		if exit.Code != exitThrew { // an exit listener, or a faulty handler, said otherwise
			return 0, &exitError{code: exit.Code}
		}
		return 0, err
	}
	if exit.Code == exitOK && h.loader.Pending() {
		fmt.Fprintln(h.env.stderr, "sc: the script ended at a top-level await that nothing can settle any more")
		return exitPending, nil
	}
	return exit.Code, nil
}

// exitPending is node's code for a main module that waits for ever.
const exitPending = 13

// report prints an error that the script did not catch.
func (h *host) report(r loader.Report) error {
	fmt.Fprintln(h.env.stderr, r.Text)
	if r.Hint != "" {
		fmt.Fprintf(h.env.stderr, "hint: %s\n", r.Hint)
	}
	return &exitError{code: thrownCode(r)}
}

// thrownCode is the exit code for an error that a script did not catch.
func thrownCode(r loader.Report) int {
	switch r.Code {
	case "ERR_NO_WORKER":
		return exitNoWorker
	case "ERR_TASKS_FAILED":
		return exitTasks
	case "ERR_TASK_TIMEOUT", "ERR_QUEUE_TIMEOUT":
		return exitTimeout
	}
	if trust.Hint(r.Code) != "" {
		return exitTrust
	}
	return max(r.Exit, exitThrew)
}
