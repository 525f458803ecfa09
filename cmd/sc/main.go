// Keys of RSA may be as short as in Node.
//go:debug rsa1024min=0

// Command sc runs JavaScript on many machines: it hosts a script the way node
// does, gives it createMaster and createWorker, and is a worker itself.
//
//	sc run [flags] FILE [args…]   run a script; sc FILE does too
//	sc worker [flags]             lend this machine's cores
//	sc tracker [flags]            let nodes of several networks find each other
//	sc explain [flags] TASK       say why a task is where it is
//	sc cancel [flags] TASK        stop a task
//	sc drain [flags] WORKER       empty a worker
//	sc report [RUN]               a web page of a run that was recorded
//	sc bench [flags]              measure this cluster
//	sc cache ls|prune             what is kept of packages here
//	sc types                      print TypeScript declarations
//	sc help [command]             say more
//
// A file of this package is a subcommand. Flags, the environment, signals and
// exit codes are dealt with here and nowhere below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"supercluster/pkg/nodepool"
	"supercluster/pkg/spell"
)

// version is the release; -ldflags "-X main.version=…" may set it.
var version = "0.1.0"

func main() {
	env := &environment{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, key: os.Getenv(keyVariable)}
	os.Unsetenv(keyVariable) // children and scripts do not get it
	code := dispatch(context.Background(), env, os.Args[1:])
	if env.endedBy != nil {
		die(env.endedBy)
	}
	os.Exit(code)
}

// An environment is what a command may use of the process around it.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	key            string // what the environment held of keyVariable
	node           nodeOptions
	endedBy        os.Signal // that ended the script in order; nil if none did
}

// A command is one word after sc.
type command struct {
	name  string
	usage string // its arguments, as help shows them
	short string // one line, for the list of commands
	long  string // examples first, then what there is to know
	run   func(ctx context.Context, env *environment, c *command, args []string) error
	// script says that its arguments are a script's, so that flags of sc stand
	// before the first.
	script bool
	// flags declares the command's flags, for parsing and for its help.
	flags func(fs *flag.FlagSet, s *settings)
}

// commands lists what sc can do, in the order help shows it.
func commands() []*command {
	return []*command{
		runCommand(),
		workerCommand(),
		trackerCommand(),
		tokenCommand(),
		joinCommand(),
		revokeCommand(),
		openCommand(),
		lsCommand(),
		topCommand(),
		logsCommand(),
		explainCommand(),
		cancelCommand(),
		drainCommand(),
		reportCommand(),
		evalCommand(),
		replCommand(),
		mapCommand(),
		benchCommand(),
		cacheCommand(),
		checkCommand(),
		doctorCommand(),
		typesCommand(),
		initCommand(),
		completionCommand(),
		versionCommand(),
		helpCommand(),
	}
}

func findCommand(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

// dispatch runs the command that args name and returns the exit code.
func dispatch(ctx context.Context, env *environment, args []string) int {
	err := runArgs(ctx, env, args)
	if err == nil {
		return exitOK
	}
	var e *exitError
	if errors.As(err, &e) && e.err == nil {
		return e.code // said already, or the script's own
	}
	env.say("%v", err)
	if e != nil && e.hint != "" {
		fmt.Fprintln(env.stderr, fold(env.stderr, 0, 6, "hint: "+e.hint))
	}
	return exitCode(err)
}

func runArgs(ctx context.Context, env *environment, args []string) error {
	if len(args) == 0 {
		printOverview(env.stderr)
		return &exitError{code: exitUsage}
	}
	name := args[0]
	switch name {
	case executorCommand:
		return serveExecutor(ctx)
	case nodeCommand:
		return usageError("workers start node by themselves", "%s is not a command: %v", nodeCommand, nodepool.Launch(args[1:]))
	case echoCommand:
		return serveEcho(ctx, env)
	case completeCommand:
		printCandidates(ctx, env, args[1:])
		return nil
	case "-h", "-help", "--help":
		return helpCommand().run(ctx, env, helpCommand(), nil)
	case "--version", "-version", "-v":
		return versionCommand().run(ctx, env, versionCommand(), nil)
	}
	if c := findCommand(name); c != nil {
		return c.run(ctx, env, c, args[1:])
	}
	if name == "-" || isScript(name) {
		c := runCommand()
		return c.run(ctx, env, c, args)
	}
	if strings.HasPrefix(name, "-") {
		if _, _, ok, err := parseNodeOptions(args); ok || err != nil {
			c := runCommand()
			return c.run(ctx, env, c, args)
		}
	}
	return unknownCommand(name)
}

// isScript tells a file to run from a word that was meant as a command.
func isScript(name string) bool {
	if strings.ContainsAny(name, `./\`) && !strings.HasPrefix(name, "-") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

func unknownCommand(name string) error {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	hint := "'sc help' lists the commands"
	if near := spell.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean 'sc %s'? %s", near, hint)
	}
	return usageError(hint, "unknown command %q", name)
}

// parse reads c's flags from args up to the first argument that is none, and
// returns the rest. A flag's error names it and what is near.
func (c *command) parse(env *environment, s *settings, args []string) ([]string, error) {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	s.logs = true
	if c.flags != nil {
		c.flags(fs, s)
	}
	rest, err := c.parseArgs(fs, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(env.stdout, c)
		return nil, &exitError{code: exitOK}
	case err != nil:
		return nil, flagError(c, fs, err)
	}
	named := env.getenv(settingVariable("key-file")) != ""
	fs.Visit(func(f *flag.Flag) { named = named || f.Name == "key-file" })
	if err := configure(fs, env.getenv); err != nil {
		return rest, err
	}
	return rest, s.readKey(env, named)
}

// parseArgs reads flags and returns the other arguments, before, between and
// after which flags may stand, unless they are a script's own.
func (c *command) parseArgs(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		left := fs.Args()
		ended := len(left) < len(args) && args[len(args)-len(left)-1] == "--"
		if c.script || ended || len(left) == 0 {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func flagError(c *command, fs *flag.FlagSet, err error) error {
	text := err.Error()
	hint := fmt.Sprintf("'sc help %s' lists its flags", c.name)
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var names []string
		fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		if near := spell.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean --%s? %s", near, hint)
		}
		return usageError(hint, "%s: unknown flag --%s", c.name, name)
	}
	return usageError(hint, "%s: %s", c.name, text)
}
