package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"supercluster/jsapi"
	"supercluster/jsapi/prompt"
)

func evalCommand() *command {
	return &command{
		name:  "eval",
		usage: "EXPRESSION",
		short: "print the value of an expression",
		long: `Examples:

  sc eval '6 * 7'
  sc eval 'await master.run(() => os.hostname())'
  sc eval --local=2 'await master.map([1, 2, 3], (x) => x * x)'
  sc eval 'const os = require("os"); os.cpus().length'
  echo '1 + 1' | sc eval -

JavaScript or TypeScript, with imports and await; the value of the last
expression is printed, a promise's when it has settled. master is a master,
made when it is first used. - reads stdin. An error ends it with exit code 1,
the end of --timeout with 6; 'sc help exit-codes' has the others.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			localFlags(fs, s)
			fs.BoolVar(&s.logs, "logs", s.logs, "print what tasks print")
			fs.BoolVar(&s.json, "json", s.json, "print the value as one line of JSON")
			fs.DurationVar(&s.timeout, "timeout", s.timeout, "give up after this `duration` (default: never)")
		},
		run: runEval,
	}
}

// localFlags is the flag of commands that may add slots of this machine.
func localFlags(fs *flag.FlagSet, s *settings) {
	fs.Var(&s.local, "local", "add `slots` of this machine (without a number: a slot for each core)")
}

func runEval(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError("put it in quotes: sc eval '6 * 7'", "eval: one expression is needed, %d were given", len(rest))
	}
	text := rest[0]
	if text == "-" {
		if text, err = readText(env.stdin); err != nil {
			return err
		}
	}
	if strings.TrimSpace(text) == "" {
		return usageError("sc eval '6 * 7'", "eval: the expression is empty")
	}
	settings := s.session(env)
	if s.logs {
		settings.TaskLog = newTaskPrinter(env.stderr).print
	}
	if s.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, s.timeout, lateError("eval", s.timeout))
		defer stop()
	}
	how := prompt.Plain
	if s.json {
		how = prompt.JSON
	}
	session := jsapi.NewSession(settings)
	h, err := newHost(env, session, []string{"[eval]"})
	if err != nil {
		return &exitError{code: exitBug, err: err}
	}
	return h.serve(ctx, session, func(ctx context.Context) (int, error) { return h.eval(ctx, text, how) })
}

// lateError is the end of a command that had a time to finish in.
func lateError(command string, after time.Duration) error {
	return &exitError{code: exitTimeout, err: fmt.Errorf("%s: not done after %v", command, after), hint: "give it longer with --timeout"}
}

// eval prints what one text comes to, and ends the loop.
func (h *host) eval(ctx context.Context, text, how string) (int, error) {
	var failed error
	exit, err := h.loop.Run(ctx, func() error {
		p, err := h.prompt()
		if err != nil {
			return err
		}
		p.Eval("eval", text, how, true, func(r prompt.Result) {
			switch {
			case r.Err != nil:
				failed = h.report(*r.Err)
			case r.HasValue && !r.Undefined:
				fmt.Fprintln(h.env.stdout, r.Text)
			case how == prompt.JSON:
				fmt.Fprintln(h.env.stdout, "null")
			}
			h.loop.Exit(exitOK)
		})
		return nil
	})
	switch {
	case failed != nil:
		return 0, failed
	case err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return 0, h.report(h.loader.Describe(err))
	case exit.Err != nil:
		return 0, h.report(h.loader.DescribeValue(exit.Err.Value))
	}
	return exit.Code, nil
}

// prompt installs what typed lines need. Loop goroutine only.
func (h *host) prompt() (*prompt.Prompt, error) {
	if err := h.node.Install(); err != nil {
		return nil, err
	}
	width, _ := terminalSize(h.env.stdout)
	return prompt.New(prompt.Config{
		Loop: h.loop, Loader: h.loader, Node: h.node,
		Color: h.env.useColor(h.env.stdout), Width: width,
	})
}
