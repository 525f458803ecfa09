package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
	"supercluster/jsapi/prompt"
	"supercluster/pkg/spell"
)

func replCommand() *command {
	return &command{
		name:  "repl",
		short: "a prompt with master at hand",
		long: `Examples:

  sc repl                     with the workers of this network
  sc repl --local=2           and two slots of this machine
  > await master.run((a, b) => a * b, [6, 7])
  42
  > const k = 3                     what is declared travels along
  > await master.map([1, 2], (x) => x * k)
  [ 3, 6 ]

JavaScript or TypeScript, with imports and await at the top level. A line that
is not finished goes on in the next. _ is the last value. Up and down move
through the history, which is kept; Tab completes. Ctrl-C ends the running
line and its tasks, not the prompt; Ctrl-D or .exit ends that.

  .workers  who is there             .tasks  what runs, of this prompt
  .clear    forget a half-typed line  .help   these words
  .exit     the end
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			localFlags(fs, s)
			fs.BoolVar(&s.logs, "logs", s.logs, "print what tasks print")
		},
		run: runRepl,
	}
}

func runRepl(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("'sc run' runs a script, 'sc eval' an expression", "repl: unexpected argument %q", rest[0])
	}
	settings := s.session(env)
	r := &repl{stderr: env.stderr, broken: make(chan struct{}, 1), ended: make(chan struct{})}
	settings.Notice = func(line string) { fmt.Fprintln(r, fold(env.stderr, 0, 4, "sc: "+line)) }
	if s.logs {
		printer := newTaskPrinter(r)
		printer.colors = isTerminal(env.stderr)
		settings.TaskLog = printer.print
	}
	session := jsapi.NewSession(settings)
	h, err := newHost(env, session, []string{"[repl]"})
	if err != nil {
		return &exitError{code: exitBug, err: err}
	}
	r.h = h
	h.heeds = r.heeds
	return h.serve(ctx, session, r.run)
}

// A repl reads lines on a goroutine of its own and has them run on the loop,
// one at a time.
type repl struct {
	h      *host
	prompt *prompt.Prompt
	lines  lineReader
	busy   atomic.Bool   // a line runs
	broken chan struct{} // holds one token if the running line is to end
	ended  chan struct{} // closed when the loop has ended
	stderr io.Writer
	editor atomic.Pointer[lineEditor] // nil while there is none
}

// A lineReader gives the next line, without its end. errInterrupted means that
// the person gave this one up, io.EOF that there is no more.
type lineReader interface {
	readLine(prompt string) (string, error)
	close()
}

var errInterrupted = errors.New("interrupted")

// Write prints what sc and tasks have to say: above the prompt while that waits
// for a line, else to stderr. Any goroutine may call it.
func (r *repl) Write(p []byte) (int, error) {
	if e := r.editor.Load(); e != nil && e.reading.Load() {
		return e.term.Write(p)
	}
	return r.stderr.Write(p)
}

// heeds ends the running line, and it alone, at SIGINT.
func (r *repl) heeds(sig os.Signal) bool {
	if sig != syscall.SIGINT || !r.busy.Load() {
		return false
	}
	r.prompt.Break()
	select {
	case r.broken <- struct{}{}:
	default:
	}
	return true
}

func (r *repl) run(ctx context.Context) (int, error) {
	read := make(chan error, 1)
	started := false
	exit, err := r.h.loop.Run(ctx, func() error {
		p, err := r.h.prompt()
		if err != nil {
			return err
		}
		r.prompt = p
		p.OnUncaught(r.printError)
		r.lines = newLineReader(r.h.env, r.complete)
		if e, ok := r.lines.(*lineEditor); ok {
			r.editor.Store(e)
		}
		release := r.h.loop.Ref()
		started = true
		go func() {
			defer release()
			read <- r.read(ctx)
			r.h.loop.Post(func() { r.h.loop.Exit(exitOK) })
		}()
		return p.Join()
	})
	close(r.ended)
	if started {
		r.lines.close()
	}
	select {
	case readErr := <-read:
		if readErr != nil {
			return 0, readErr
		}
	default: // it waits for a key, and ends with the process
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return 0, r.h.report(r.h.loader.Describe(err))
	}
	return exit.Code, nil
}

// read reads and runs lines until there are no more.
func (r *repl) read(ctx context.Context) error {
	if isTerminal(r.h.env.stdin) {
		fmt.Fprintf(r.h.env.stdout, "sc %s; .help says more, Ctrl-D ends\n", version)
	}
	text := ""
	for ctx.Err() == nil && !closed(r.ended) {
		mark := "> "
		if text != "" {
			mark = "… "
		}
		line, err := r.lines.readLine(mark)
		switch {
		case errors.Is(err, errInterrupted):
			text = ""
			continue
		case errors.Is(err, io.EOF):
			if strings.TrimSpace(text) != "" {
				r.eval(text, true)
			}
			return nil
		case err != nil:
			return err
		}
		if text == "" && strings.HasPrefix(strings.TrimSpace(line), ".") {
			if !r.command(strings.TrimSpace(line)) {
				return nil
			}
			continue
		}
		if strings.TrimSpace(line) == ".clear" {
			text = ""
			continue
		}
		if text += line + "\n"; strings.TrimSpace(text) == "" || r.eval(text, false) {
			text = ""
		}
	}
	return nil
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// eval runs text and prints what it comes to; false means that it is not
// finished. last says that no more will come.
func (r *repl) eval(text string, last bool) (finished bool) {
	select {
	case <-r.broken:
	default:
	}
	results := make(chan prompt.Result, 1)
	r.busy.Store(true)
	defer r.busy.Store(false)
	posted := r.h.loop.Post(func() {
		r.prompt.Eval("line", strings.TrimSuffix(text, "\n"), prompt.Pretty, false, func(res prompt.Result) { results <- res })
	})
	if !posted {
		return true
	}
	select {
	case <-r.ended:
		return true
	case <-r.broken:
		r.cancelTasks()
		fmt.Fprintln(r.h.env.stderr, "sc: the line was interrupted")
		return true
	case res := <-results:
		if res.Incomplete && !last {
			return false
		}
		switch {
		case res.Broken:
			r.cancelTasks()
			fmt.Fprintln(r.h.env.stderr, "sc: the line was interrupted")
		case res.Err != nil:
			r.printError(*res.Err)
		case res.HasValue && !res.Undefined:
			fmt.Fprintln(r.h.env.stdout, res.Text)
		}
	}
	return true
}

func (r *repl) printError(report loader.Report) { _ = r.h.report(report) }

// cancelTasks ends the tasks of a line that was interrupted.
func (r *repl) cancelTasks() {
	cancelled := make(chan int, 1)
	r.h.loop.Post(func() { cancelled <- r.h.script.CancelTasks("the line was interrupted") })
	select {
	case n := <-cancelled:
		if n > 0 {
			fmt.Fprintf(r.h.env.stderr, "sc: %s cancelled\n", count(n, "task"))
		}
	case <-r.ended:
	}
}

// workersLine prints a table of the workers, no wider than the terminal. What
// they say of themselves changes nothing there.
const workersLine = `console.log(master.peers().length === 0 ? 'no worker is there' : ((rows) => rows.map((row) =>
  row.map((cell, i) => cell.padEnd(Math.max(...rows.map((r) => r[i].length)))).join('  ').trimEnd()
    .replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd').slice(0, process.stdout.columns || 1000)).join('\n'))(
  [['ID', 'ADDRESS', 'SLOTS', 'DATA'], ...master.peers().map((w) =>
    [w.id.slice(0, 7), w.port ? w.addr + ':' + w.port : 'here', w.running + '/' + w.slots, JSON.stringify(w.data)])]))`

// command runs a line that begins with a dot; false ends the prompt.
func (r *repl) command(line string) bool {
	out := r.h.env.stdout
	switch line {
	case ".exit":
		return false
	case ".clear":
	case ".help":
		fmt.Fprint(out, replCommand().long)
	case ".workers":
		r.eval(workersLine, true)
	case ".tasks":
		done := make(chan []jsapi.RunningTask, 1)
		if !r.h.loop.Post(func() { done <- r.h.script.Running() }) {
			return false
		}
		var tasks []jsapi.RunningTask
		select {
		case tasks = <-done:
		case <-r.ended:
		}
		if len(tasks) == 0 {
			fmt.Fprintln(r.h.env.stderr, "sc: no task of this prompt runs or waits")
		}
		for _, t := range tasks {
			where := "waits for a worker"
			if t.Worker != "" {
				where = "on worker " + t.Worker[:7]
			}
			fmt.Fprintf(out, "%s  %s  %s\n", t.ID[:8], where, printable(t.Name))
		}
	default:
		hint := ".help lists them"
		word, _, _ := strings.Cut(line, " ")
		if near := spell.Nearest(word, []string{".exit", ".clear", ".help", ".workers", ".tasks"}); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		fmt.Fprintf(r.h.env.stderr, "sc: repl: unknown command %q\nhint: %s\n", word, hint)
	}
	return true
}

// complete lists what the end of text may become. It waits for the loop, and
// gives up when that is busy.
func (r *repl) complete(text string) []string {
	found := make(chan []string, 1)
	if r.busy.Load() || !r.h.loop.Post(func() { found <- r.prompt.Complete(text) }) {
		return nil
	}
	select {
	case list := <-found:
		return list
	case <-r.ended:
		return nil
	}
}
