package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/trust"
)

func revokeCommand() *command {
	return &command{
		name:  "revoke",
		usage: "ID",
		short: "take back the token of one node",
		long: `Examples:

  sc revoke 3k7f…          the id that 'sc token worker --node=gpu1' said, and
                           that nodes log when they refuse it
  sc revoke ID --wait=10s  look longer for nodes to tell, as large clusters need

It needs the whole key. The nodes that are here cut the node off within 5 s
and let it in no more; those that come later hear of it from any node that
knows. An id that 'sc ls' prints is that of one process of a node: revoking
that ends the process's membership, and not the token's.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			fs.DurationVar(&s.time, "wait", lookTime, "`duration` of the look for nodes to tell")
		},
		run: runRevoke,
	}
}

func runRevoke(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError("sc revoke ID", "revoke: one id is needed, %d were given", len(rest))
	}
	id, err := trust.ParseID(rest[0])
	if err != nil {
		return usageError("'sc token worker --node=…' says it", "revoke: %v", err)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := openKeys(&s)
	if err != nil {
		return configError("revoke", err)
	}
	if k.kept.Token == "" || !k.stored {
		return &exitError{code: exitTrust, err: fmt.Errorf("revoke: %s: this machine does not store the key of cluster %q", trust.CodeKeyRequired, k.cluster),
			hint: trust.Hint(trust.CodeKeyRequired)}
	}
	credential, list, err := k.credential()
	if err != nil {
		return configError("revoke", err)
	}
	if list, err = credential.Revoke(list, id, time.Now()); err != nil {
		return configError("revoke", err)
	}
	k.kept.Revoked = list.Encode()
	if err := k.store.Save(k.cluster, k.kept); err != nil {
		return configError("revoke", err)
	}
	told, err := spread(ctx, env, &s)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "sc: %s is revoked; %d nodes were told\n", id, told)
	return nil
}

// spread joins for as long as it should take to tell every node what is
// stored, and returns how many were told.
func spread(ctx context.Context, env *environment, s *settings) (int, error) {
	session := jsapi.NewSession(s.session(env))
	g, gctx := errgroup.WithContext(ctx)
	sessionCtx, end := context.WithCancel(gctx)
	g.Go(func() error { return session.Run(sessionCtx) })
	told := 0
	g.Go(func() error {
		defer end()
		o, err := session.OpenObserver(gctx)
		if err != nil {
			return configError("revoke", err)
		}
		select {
		case <-gctx.Done():
			return gctx.Err()
		case <-time.After(s.time):
		}
		told = len(o.Linked())
		return nil
	})
	err := g.Wait()
	return told, err
}
