package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
	"supercluster/net/cluster"
	"supercluster/vm"
)

func mapCommand() *command {
	return &command{
		name:  "map",
		usage: "FUNCTION",
		short: "lines of stdin through the cluster to stdout",
		long: `Examples:

  sc map 'x => x.toUpperCase()' <words.txt
  seq 100 | sc map --local --keep-order 'n => n * n'
  sc map --tag --joblog=log.tsv 'host => check(host)' <hosts
  sc map --joblog=log.tsv --resume-failed 'host => check(host)' <hosts
  sc map --pipe --block=1MB 'text => text.split(" ").length' <book

FUNCTION is JavaScript or TypeScript, and is called for each line. A string is
printed as it is, what else there is as JSON, undefined not at all. Results
come as they are ready, or in the order of the lines with --keep-order. What
the function prints goes to stderr. Many lines travel in one task, unless an
option is about single ones: --timeout, --retries, --halt, --joblog, --pipe.

--halt is never, or now or soon, a comma, and fail, success or done with a
number: now,fail=1 stops all at the first failure, soon,fail=10% starts no
more when a tenth failed. The exit code is 5 if a line failed, 0 with success=
when that was reached, 4 if there is no worker within --wait. Where GNU
parallel exits with the number of failures, this is the last line of stderr.
Ctrl-C once waits for lines that run, twice ends them.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			localFlags(fs, s)
			m := &s.mapping
			fs.BoolVar(&m.keepOrder, "keep-order", m.keepOrder, "print results in the order of the lines")
			fs.BoolVar(&m.keepOrder, "k", m.keepOrder, "short for --keep-order")
			fs.BoolVar(&m.tag, "tag", m.tag, "put the line and a tab before each line of its result")
			fs.BoolVar(&m.null, "null", m.null, "lines end with a zero byte, not with a newline")
			fs.BoolVar(&m.pipe, "pipe", m.pipe, "give the function many lines at once, as one text")
			fs.Var(sizeFlag{&m.block, 1, maxBlock}, "block", "`size` of these texts, up to the last whole line (default 1MB)")
			fs.Var(rangeFlag{&m.jobs, 1, 1000000}, "jobs", "at most this `number` of lines at once (default: what the workers take)")
			fs.Var(rangeFlag{&m.retries, 0, 1000}, "retries", "run a line that fails again, up to this `number` of times")
			fs.DurationVar(&s.timeout, "timeout", s.timeout, "fail a line that runs longer than this `duration`")
			fs.Var(&m.halt, "halt", "`when` to end early (default never)")
			fs.StringVar(&m.joblog, "joblog", m.joblog, "write a line for each line that has ended to this `file`, as GNU parallel does")
			fs.BoolVar(&m.resume, "resume", m.resume, "leave out what --joblog has")
			fs.BoolVar(&m.resumeFailed, "resume-failed", m.resumeFailed, "leave out what went well in --joblog")
			fs.BoolVar(&m.bar, "bar", m.bar, "show how far it is")
			fs.BoolVar(&m.eta, "eta", m.eta, "and when it will be done")
			fs.BoolVar(&s.json, "json", s.json, "print one JSON object a line")
			fs.BoolVar(&s.logs, "logs", s.logs, "print what the function prints")
			fs.DurationVar(&s.wait, "wait", 10*time.Second, "give up if there is no worker within this `duration`; 0 waits for ever")
		},
		run: runMap,
	}
}

// maxBlock keeps a text of --pipe within one message.
const maxBlock = 8 << 20

// mapping is what the flags of sc map say.
type mapping struct {
	keepOrder, tag, null, pipe bool
	resume, resumeFailed       bool
	bar, eta                   bool
	block, jobs, retries       int
	halt                       halt
	joblog                     string
}

// single says that each line is a task of its own.
func (m *mapping) single(timeout time.Duration) bool {
	return timeout > 0 || m.retries > 0 || m.halt.what != "" || m.joblog != "" || m.pipe
}

func runMap(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	m := &s.mapping
	switch {
	case len(rest) != 1:
		return usageError("put it in quotes: sc map 'x => x.length'", "map: one function is needed, %d were given", len(rest))
	case m.pipe && m.tag:
		return usageError("", "map: --tag has no line to show with --pipe")
	case (m.resume || m.resumeFailed) && m.joblog == "":
		return usageError("say --joblog=FILE as well", "map: --resume needs the log of the run that it resumes")
	case isTerminal(env.stdin):
		fmt.Fprintln(env.stderr, "sc: lines are read from the terminal; Ctrl-D ends them")
	}
	if m.block == 0 {
		m.block = 1 << 20
	}
	session := jsapi.NewSession(s.session(env))
	h, err := newHost(env, session, []string{"[map]"})
	if err != nil {
		return &exitError{code: exitBug, err: err}
	}
	run := newMapRun(env, h.loader, &s)
	h.heeds = run.heeds
	return h.serve(ctx, session, func(ctx context.Context) (int, error) {
		f, err := h.function(ctx, rest[0])
		if err != nil {
			return 0, err
		}
		master, err := session.OpenMaster()
		if err != nil {
			return 0, configError("map", err)
		}
		return 0, run.run(ctx, master, f)
	})
}

// function compiles a function that is to be sent.
func (h *host) function(ctx context.Context, text string) (*vm.Function, error) {
	var f *vm.Function
	var failed error
	exit, err := h.loop.Run(ctx, func() error {
		p, err := h.prompt()
		if err != nil {
			return err
		}
		p.Function("map", text, func(made *vm.Function, bad *loader.Report) {
			if f = made; bad != nil {
				failed = h.report(*bad)
			}
			h.loop.Exit(exitOK)
		})
		return nil
	})
	switch {
	case failed != nil:
		return nil, failed
	case err != nil && !errors.Is(err, context.Canceled):
		return nil, h.report(h.loader.Describe(err))
	case exit.Err != nil:
		return nil, h.report(h.loader.DescribeValue(exit.Err.Value))
	case f == nil:
		return nil, &exitError{code: exit.Code}
	}
	return f, nil
}

// aloneAfter is when sc says that there is no worker yet.
const aloneAfter = time.Second

// hasWorker waits for the first worker; zero waits for ever. It says after a
// second that there is none.
func hasWorker(ctx context.Context, env *environment, command string, m *cluster.Master, wait time.Duration) error {
	var late <-chan time.Time
	if wait > 0 {
		late = time.After(wait)
	}
	alone := time.After(aloneAfter)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(m.Workers()) == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-alone:
			fmt.Fprintln(env.stderr, "sc: no worker found yet; start some with 'sc worker' on this or another machine of this network, or add --local")
		case <-late:
			return &exitError{code: exitNoWorker, err: fmt.Errorf("%s: no worker within %v", command, wait),
				hint: "start one with 'sc worker', or add --local"}
		}
	}
	return nil
}

// isInterrupt reports whether a signal is a person's Ctrl-C or a polite end.
func isInterrupt(sig os.Signal) bool { return sig == os.Interrupt || sig.String() == "terminated" }
