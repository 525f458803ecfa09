package main

import (
	"context"
	"fmt"
	"io"

	"supercluster/jsapi/loader"
	"supercluster/jsapi/node"
)

func checkCommand() *command {
	return &command{
		name:  "check",
		usage: "FILE",
		short: "say what the functions of a script capture",
		long: `Examples:

  sc check master.js

For each function that FILE sends it lists the variables, modules and other
functions that travel with it, how much they add as far as the text tells, and
what would keep it from being sent. Nothing is run. The exit code is 1 if
something would.
`,
		run: func(_ context.Context, env *environment, c *command, args []string) error {
			var s settings
			rest, err := c.parse(env, &s, args)
			if err != nil {
				return err
			}
			if len(rest) != 1 {
				return usageError("sc check FILE", "check: one file is needed, %d were given", len(rest))
			}
			return check(env, rest[0])
		},
	}
}

// check prints the report of a file and of those that it imports.
func check(env *environment, file string) error {
	sent, bad := loader.Check(file, loader.CheckConfig{Builtins: node.Names(), CacheDir: cacheDir(), Color: env.useColor(env.stderr)})
	for _, r := range bad {
		fmt.Fprintln(env.stderr, r.Text)
	}
	if len(sent) == 0 && len(bad) == 0 {
		fmt.Fprintf(env.stdout, "%s: no function that is sent was found\n", file)
	}
	kept := false
	for _, s := range sent {
		kept = printSent(env.stdout, s) || kept
	}
	if kept || len(bad) > 0 {
		return &exitError{code: exitThrew}
	}
	return nil
}

// printSent reports whether something keeps s from being sent.
func printSent(w io.Writer, s loader.Sent) (bad bool) {
	name := s.Name
	if name == "" {
		name = "a function"
	}
	fmt.Fprintf(w, "%s:%d:%d: %s sends %s", s.File, s.Line, s.Col, s.Call, name)
	if len(s.Captures) == 0 {
		fmt.Fprint(w, ", which captures nothing")
	}
	fmt.Fprintln(w)
	for _, k := range s.Captures {
		fmt.Fprintf(w, "  %s: %s", k.Name, k.What)
		if k.Bytes > 0 {
			fmt.Fprintf(w, ", %s", sizeText(k.Bytes))
		}
		if k.Via != "" {
			fmt.Fprintf(w, ", used by %s", k.Via)
		}
		if k.Problem != "" {
			fmt.Fprintf(w, ": %s", k.Problem)
			bad = true
		}
		fmt.Fprintln(w)
	}
	for _, p := range s.Problems {
		fmt.Fprintf(w, "  cannot be sent: %s\n", p)
		bad = true
	}
	return bad
}

// sizeText is a number of bytes for people.
func sizeText(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
