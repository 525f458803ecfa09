package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"time"
)

func reportCommand() *command {
	return &command{
		name:  "report",
		usage: "[RUN]",
		short: "a web page of a run that was recorded",
		long: `Examples:

  sc run --record primes.js      keeps what became of each task
  sc report                      a page of the run that was recorded last
  sc report 3f9a                 of the run whose id begins so; 'sc ls runs'
  sc report --out=- 3f9a | gzip  to stdout

The page is one file that needs no network: the stream of tasks, a lane for
each slot; progress by function; workers; failures. Records hold no arguments
and no results. The last 50 are kept, 256 MiB at most, with up to 100,000
tasks each, in supercluster/runs below $XDG_STATE_HOME or ~/.local/state.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.StringVar(&s.out, "out", s.out, "write the page to this `file`, - for stdout (default: sc-report-RUN.html)")
		},
		run: runReport,
	}
}

func runReport(_ context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return usageError("", "report: unexpected argument %q", rest[1])
	}
	dir, err := runsDir(env)
	if err != nil {
		return err
	}
	found, err := findRun(dir, append(rest, "")[0])
	if err != nil {
		return err
	}
	run, tasks, err := readRecord(found.path)
	if err != nil {
		return &exitError{code: exitThrew, err: fmt.Errorf("report: %w", err)}
	}
	var page bytes.Buffer
	if err := newReport(run, tasks).writePage(&page, time.Now()); err != nil {
		return err
	}
	if s.out == "-" {
		_, err := env.stdout.Write(page.Bytes())
		return err
	}
	if s.out == "" {
		s.out = "sc-report-" + run.head.Run + ".html"
	}
	if err := os.WriteFile(s.out, page.Bytes(), 0o644); err != nil {
		return &exitError{code: exitThrew, err: fmt.Errorf("report: %w", err), hint: "--out=FILE says where to write it"}
	}
	_, err = fmt.Fprintln(env.stdout, s.out)
	return err
}
