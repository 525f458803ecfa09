package main

import (
	"flag"
	"fmt"
	"strings"

	"supercluster/vm/executor"
	"supercluster/vm/grant"
)

// permissionFlags say what tasks of the cluster's members may use of this
// machine.
func permissionFlags(fs *flag.FlagSet, s *settings) {
	p := &s.allow
	fs.Var(allowFlag{&p.Read}, "allow-read", "let members' tasks read these files and folders, `paths` with commas between (without: all)")
	fs.Var(allowFlag{&p.Write}, "allow-write", "let them write these `paths` (without: all)")
	fs.Var(allowFlag{&p.Net}, "allow-net", "let them connect to these `hosts`, \"host\" or \"host:port\" (without: all)")
	fs.Var(allowFlag{&p.Env}, "allow-env", "let them see these variables of the environment, `names` that may end in * (without: all)")
	fs.Var(allowFlag{&p.Run}, "allow-run", "let them run these `programs`, names or paths (without: all); what runs is not confined")
	fs.BoolVar(&p.Packages, "allow-packages", p.Packages, "let them bring packages, which run under node, unconfined")
	fs.BoolVar(&p.All, "allow-all", p.All, "let them do all of this, also below /proc, /sys and /dev")
	fs.BoolVar(&p.All, "A", p.All, "short for --allow-all")
}

// An allowFlag is a list of what one permission allows; without a value it
// allows all.
type allowFlag struct{ to *grant.List }

func (a allowFlag) String() string {
	if a.to == nil || !a.to.All && len(a.to.Items) == 0 {
		return ""
	}
	return a.to.String()
}

// IsBoolFlag lets --allow-read stand without a list.
func (a allowFlag) IsBoolFlag() bool { return true }

func (a allowFlag) Set(text string) error {
	switch text {
	case "true":
		return a.to.Add("")
	case "false":
		*a.to = grant.List{}
		return nil
	case "":
		return fmt.Errorf("empty: without a list, the flag itself allows all")
	}
	return a.to.Add(text)
}

// limitFlags bound what one task may take.
func limitFlags(fs *flag.FlagSet, s *settings) {
	l := &s.limits
	fs.DurationVar(&l.Time, "limit-time", l.Time, "end a task that runs longer than this `duration` (default: no limit)")
	fs.DurationVar(&l.CPU, "limit-cpu", l.CPU, "end a task that takes more processor time than this `duration` (default: no limit)")
	fs.Var(limitFlag{&l.Memory, executor.MinMemory}, "limit-memory", "end a task that needs more memory than this `size` (default 512MB)")
	fs.Var(limitFlag{&l.Output, 1}, "limit-output", "end a task that logs and sends more than this `size` (default 64MB)")
	fs.Var(limitFlag{&l.Result, 1}, "limit-result", "refuse results longer than this `size` (default 256MB, which is the most)")
	fs.Var(quotaFlag{&s.guests}, "guest-quota", "let strangers have so much of a worker, `name=amount`,… (see 'sc help security')")
}

// A limitFlag is a number of bytes, as sizeFlag takes it.
type limitFlag struct {
	to    *int64
	least int64
}

func (l limitFlag) String() string {
	if l.to == nil || *l.to == 0 {
		return ""
	}
	return sizeText(int(*l.to))
}

func (l limitFlag) Set(text string) error {
	n, err := parseSize(text)
	if err != nil {
		return err
	}
	if int64(n) < l.least {
		return fmt.Errorf("less than %s", sizeText(int(l.least)))
	}
	*l.to = int64(n)
	return nil
}

// allowanceLine says what tasks of members may use.
func allowanceLine(p grant.Permissions) string {
	if text := p.Describe(); text != "" {
		return "members' tasks may use of this machine: " + text
	}
	return "tasks may use no file, network, environment or program of this machine (--allow-… lets members' tasks)"
}

// confinementLines say in words what executor.Pool.Confinement lists.
func confinementLines(list []string) []string {
	var held, missing []string
	for _, line := range list {
		if what, ok := strings.CutPrefix(line, "without "); ok {
			missing = append(missing, "tasks run without "+what)
			continue
		}
		held = append(held, line)
	}
	if len(held) == 0 {
		return missing
	}
	return append([]string{"tasks are held by " + strings.Join(held, "; ")}, missing...)
}
