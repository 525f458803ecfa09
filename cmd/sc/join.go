package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"supercluster/net/trust"
)

func joinCommand() *command {
	return &command{
		name:  "join",
		short: "store the token of a cluster to belong to it",
		long: `Examples:

  sc join                  asks for the token that 'sc token' printed
  sc join <token.txt       reads it
  sc join --cluster=lab    under that name, if the token is a whole key
  sc join --overlap=24h    and go on with the one that is stored for a day

The token is kept in this account's configuration folder, readable for it
alone; nodes that are started from then on use it. It does not belong on the
command line, which other accounts of this machine can read.
'sc open' forgets it.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.StringVar(&s.cluster, "cluster", s.cluster, "`name` of the cluster (default \"default\")")
			fs.Var(&s.overlap, "overlap", "let the token that is stored count for that `duration` still")
			fs.BoolVar(&s.careless, "yes-i-know", s.careless, "take the token from the command line")
		},
		run: runJoin,
	}
}

func runJoin(_ context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 && !s.careless {
		return usageError("'sc join' alone asks for it; 'sc join <FILE' reads it", "join: a token does not belong on the command line, which others can read")
	}
	var token string
	if len(rest) == 1 {
		token = rest[0]
	} else if token, err = readToken(env); err != nil {
		return configError("join", err)
	}
	credential, err := trust.Parse(s.cluster, token)
	if err != nil {
		return configError("join", err)
	}
	s.cluster, s.token = credential.Cluster(), ""
	k, err := openKeys(&s)
	if err != nil {
		return configError("join", err)
	}
	next := trust.Stored{Token: token}
	if k.kept.Token != "" && k.kept.Token != token && s.overlap > 0 {
		next.Previous, next.Until = k.kept.Token, time.Now().Add(time.Duration(s.overlap))
	}
	if k.kept.Token == token {
		next.Revoked = k.kept.Revoked
	}
	if err := k.store.Save(k.cluster, next); err != nil {
		return configError("join", err)
	}
	fmt.Fprintf(env.stderr, "sc: this account belongs to cluster %q; %s\n", k.cluster, whatNext(k.cluster, credential))
	return nil
}

// whatNext says what a token is good for.
func whatNext(cluster string, c *trust.Credential) string {
	flags := ""
	if cluster != trust.DefaultCluster {
		flags = fmt.Sprintf(" --cluster=%s", cluster)
	}
	for _, role := range []string{trust.RoleWorker, trust.RoleTracker} {
		if !c.Whole() && c.Allows(role) {
			return fmt.Sprintf("start 'sc %s%s'", role, flags)
		}
	}
	return fmt.Sprintf("start 'sc worker%s', or 'sc run%s FILE'", flags, flags)
}

// readToken reads a token from stdin, and asks for it on a terminal, where it
// is not shown.
func readToken(env *environment) (string, error) {
	if f, ok := env.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(env.stderr, "token: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(env.stderr)
		return string(b), err
	}
	line, err := bufio.NewReader(io.LimitReader(env.stdin, 1<<16)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r' || line[len(line)-1] == ' ') {
		line = line[:len(line)-1]
	}
	return line, err
}

func openCommand() *command {
	return &command{
		name:  "open",
		short: "forget the token: strangers may be guests again",
		long: `Examples:

  sc open                  undoes 'sc join', and 'sc token' on this machine
  sc open --cluster=lab

Nodes of this account that are started from then on are members to one
another, and let machines of the same network run sandboxed functions as
guests (see 'sc help security'). A key that no other machine stores is lost.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.StringVar(&s.cluster, "cluster", s.cluster, "`name` of the cluster (default \"default\")")
		},
		run: runOpen,
	}
}

func runOpen(_ context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("", "open: unexpected argument %q", rest[0])
	}
	s.token = ""
	k, err := openKeys(&s)
	if err != nil {
		return configError("open", err)
	}
	if err := k.store.Save(k.cluster, trust.Stored{}); err != nil {
		return configError("open", err)
	}
	fmt.Fprintf(env.stderr, "sc: cluster %q is open: machines on this network may run sandboxed functions on workers of this account\n"+
		"sc: that are started from now on (no files, no network, 10 s, 128 MiB). 'sc token' closes it.\n", k.cluster)
	return nil
}
