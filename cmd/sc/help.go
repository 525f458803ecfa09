package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
)

func helpCommand() *command {
	return &command{
		name:  "help",
		usage: "[command|exit-codes]",
		short: "say more about a command",
		run: func(_ context.Context, env *environment, _ *command, args []string) error {
			if len(args) == 0 {
				printOverview(env.stdout)
				return nil
			}
			if args[0] == "exit-codes" {
				fmt.Fprint(env.stdout, exitCodesHelp)
				return nil
			}
			c := findCommand(args[0])
			if c == nil {
				return unknownCommand(args[0])
			}
			printHelp(env.stdout, c)
			return nil
		},
	}
}

func versionCommand() *command {
	return &command{
		name:  "version",
		short: "print the version",
		run: func(_ context.Context, env *environment, _ *command, _ []string) error {
			fmt.Fprintf(env.stdout, "sc %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
			return nil
		},
	}
}

func printOverview(w io.Writer) {
	fmt.Fprint(w, "sc spreads JavaScript over many machines.\n\nUsage:\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  sc %-26s %s\n", strings.TrimSpace(c.name+" "+c.usage), c.short)
	}
	fmt.Fprint(w, `
Try it here, with two workers of this machine's own:

  sc run --local=2 hello.js

Or on several machines of one network: type 'sc worker' on each, and
'sc run hello.js' on one. 'sc help exit-codes' lists the exit codes.
`)
}

func printHelp(w io.Writer, c *command) {
	fmt.Fprintf(w, "sc %s: %s\n\nUsage:\n\n  sc %s\n", c.name, c.short, strings.TrimSpace(c.name+" [flags] "+c.usage))
	if c.long != "" {
		fmt.Fprintf(w, "\n%s", c.long)
	}
	if c.flags == nil {
		return
	}
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.flags(fs, new(settings))
	fmt.Fprint(w, "\nFlags:\n\n")
	fs.VisitAll(func(f *flag.Flag) {
		placeholder, text := flag.UnquoteUsage(f)
		name := "--" + f.Name
		if placeholder != "" {
			name += "=" + strings.ToUpper(placeholder)
		}
		const indent = 27
		for i, line := range wrap(text, 79-indent) {
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(w, "  %-*s%s\n", indent-2, name, line)
		}
	})
}

// wrap breaks text between words into lines of at most width characters; a
// longer word gets a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

const exitCodesHelp = `Exit codes of sc:

    0  all is well
    1  the script threw
    2  the command line is wrong
    3  a setting is wrong
    4  no worker in time
    5  some tasks failed
    6  the time given was not enough
   77  trust: refused, or the wrong key
    8  no tracker could be reached
    9  the other side speaks no version of ours
   10  a fault of sc itself
  130  ended by SIGINT, 143 by SIGTERM

A script's own process.exit(n) or process.exitCode wins.
`
