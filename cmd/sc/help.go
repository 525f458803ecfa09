package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"

	"supercluster/pkg/spell"
)

func helpCommand() *command {
	return &command{
		name:  "help",
		usage: "[command | topic]",
		short: "say more about a command or a topic",
		run: func(_ context.Context, env *environment, _ *command, args []string) error {
			if len(args) == 0 {
				printOverview(env.stdout)
				return nil
			}
			if t, ok := findTopic(args[0]); ok {
				t.write(env.stdout)
				return nil
			}
			c := findCommand(args[0])
			if c == nil {
				return unknownTopic(args[0])
			}
			printHelp(env.stdout, c)
			return nil
		},
	}
}

func unknownTopic(name string) error {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	for _, t := range topics() {
		names = append(names, t.name)
	}
	hint := "'sc help' lists commands and topics"
	if near := spell.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean 'sc help %s'? %s", near, hint)
	}
	return usageError(hint, "help: nothing is called %q", name)
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
	fmt.Fprint(w, `sc spreads JavaScript over many machines.

Try it here, with two workers of this machine's own:

  sc init hello && sc run --local=2 hello/master.js

Or on several machines of one network: type 'sc worker' on each, and
'sc run master.js' on one.

Usage:

`)
	for _, c := range commands() {
		printEntry(w, "  sc "+strings.TrimSpace(c.name+" "+c.usage), 32, c.short)
	}
	fmt.Fprint(w, "\nTopics, for 'sc help TOPIC':\n\n")
	for _, t := range topics() {
		printEntry(w, "  "+t.name, 32, t.short)
	}
}

// printEntry prints what something is called, and from a column on what it is:
// on lines of its own if the name goes as far.
func printEntry(w io.Writer, name string, column int, text string) {
	lines := wrap(text, 79-column)
	if utf8.RuneCountInString(name) >= column-1 {
		fmt.Fprintln(w, name)
		name = ""
	}
	for _, line := range lines {
		fmt.Fprintf(w, "%-*s%s\n", column, name, line)
		name = ""
	}
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
		printEntry(w, "  "+name, 27, text)
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
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
