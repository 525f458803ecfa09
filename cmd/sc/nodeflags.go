package main

import (
	"encoding/json"
	"regexp"
	"strings"
)

// nodeOptions are the flags of node that stand before a script: scripts start
// themselves again by process.execPath with them.
type nodeOptions struct {
	flags    []string // process.execArgv
	text     string   // of -e and -p
	eval     bool
	requires []string // of -r and --import
}

// nodeValues are the flags of node whose value may be the next argument.
var nodeValues = map[string]bool{
	"-e": true, "--eval": true, "-p": true, "--print": true, "-pe": true, "-r": true, "--require": true, "--import": true,
	"-C": true, "--conditions": true, "--unhandled-rejections": true, "--input-type": true, "--stack-trace-limit": true,
	"--title": true, "--env-file": true, "--disable-warning": true, "--redirect-warnings": true, "--dns-result-order": true,
	"--max-http-header-size": true, "--icu-data-dir": true, "--loader": true, "--experimental-loader": true,
}

// nodeFlag matches the flags of node that are taken. What the engine has no
// use for is kept in process.execArgv all the same.
var nodeFlag = regexp.MustCompile(`^(-[epirCch]|-pe|--(no-)?(eval|print|require|import|conditions|check|interactive|` +
	`abort-on-uncaught-exception|addons|allow-natives-syntax|async-context-frame|conditions|deprecation|disable-proto|disable-warning|` +
	`dns-result-order|enable-source-maps|entry-url|env-file|experimental-[\w-]+|expose-gc|expose_gc|expose-internals|` +
	`expose_externalize_string|extra-info-on-fatal-exception|force-async-hooks-checks|force-context-aware|force-[\w-]+|frozen-intrinsics|global-search-paths|harmony[\w-]*|` +
	`icu-data-dir|input-type|insecure-http-parser|js-[\w-]+|jitless|loader|max-http-header-size|max-old-space-size|max_old_space_size|` +
	`max-semi-space-size|network-family-autoselection[\w-]*|openssl-[\w-]+|pending-deprecation|preserve-symlinks(-main)?|` +
	`redirect-warnings|secure-heap[\w-]*|stack-size|stack_size|stack-trace-limit|strip-types|test[\w-]*|throw-deprecation|title|tls-[\w-]+|trace-[\w-]+|` +
	`track-heap-objects|unhandled-rejections|use-[\w-]+|verify-base-objects|warnings|watch[\w-]*|zero-fill-buffers|stack-trace-limit)(=.*)?)$`)

// exitBadOption is node's status for a flag that it does not know.
const exitBadOption = 9

// parseNodeOptions reads flags of node up to the first argument that is none,
// and returns the others. ok is false if the first argument is no such flag.
func parseNodeOptions(args []string) (o nodeOptions, rest []string, ok bool, err error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			return o, args[i:], i > 0, nil
		}
		if arg == "--" {
			return o, args[i+1:], i > 0, nil
		}
		if !nodeFlag.MatchString(arg) {
			return o, args[i:], i > 0, nil
		}
		name, value, has := strings.Cut(arg, "=")
		o.flags = append(o.flags, arg)
		if nodeValues[name] && !has {
			if i++; i == len(args) {
				return o, nil, true, &exitError{code: exitBadOption, err: usageError("", "%s requires an argument", name)}
			}
			value = args[i]
			o.flags = append(o.flags, value)
		}
		if err := o.take(name, value); err != nil {
			return o, nil, true, err
		}
	}
	return o, nil, true, nil
}

// take notes what a flag asks of the host.
func (o *nodeOptions) take(name, value string) error {
	switch name {
	case "-e", "--eval":
		o.text, o.eval = value, true
	case "-p", "--print", "-pe":
		quoted, err := json.Marshal(value)
		if err != nil {
			return err
		}
		o.text, o.eval = "console.log(eval("+string(quoted)+"))", true
	case "-r", "--require", "--import":
		o.requires = append(o.requires, value)
	case "--unhandled-rejections":
		switch value {
		case "none", "warn", "strict", "throw", "warn-with-error-codes", "warn-with-error-code":
		default:
			return &exitError{code: exitBadOption, err: usageError("",
				"--unhandled-rejections must be one of: none, warn, strict, throw, warn-with-error-code")}
		}
	}
	return nil
}
