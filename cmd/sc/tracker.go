package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/jsapi"
)

func trackerCommand() *command {
	return &command{
		name:  "tracker",
		short: "let nodes of several networks find each other",
		long: `Examples:

  sc tracker                        listens on port 44201 of all interfaces
  sc tracker --port=8000
  sc worker --tracker=10.0.0.5      a worker that is found through it
  curl http://10.0.0.5:44201/hostsAvailable

It relays between nodes that cannot reach each other, as when each is behind a
NAT of its own, on the UDP port after its own (44202). It cannot read what it
relays.

SIGINT or SIGTERM ends it; nodes that know each other stay connected.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.StringVar(&s.cluster, "cluster", s.cluster, "`name` of the cluster that is served (default \"default\")")
			fs.StringVar(&s.bind, "bind", s.bind, "listen on this `address` only")
			fs.Var(rangeFlag{&s.port, 1, 65535}, "port", "listen on this TCP `port` (default 44201)")
			fs.BoolVar(&s.verbose, "verbose", s.verbose, "log what happens to stderr")
			metricsFlags(fs, s)
		},
		run: runTracker,
	}
}

func runTracker(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("", "tracker: unexpected argument %q", rest[0])
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	session := jsapi.NewSession(s.session(env))
	metrics, err := listenMetrics(env, &s, session)
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return metrics.run(gctx) })
	g.Go(func() error { return session.Run(gctx) })
	g.Go(func() error {
		addr, err := session.OpenTracker(func(e discovery.Event) {
			env.say("%s %s at %s", e.Kind, e.Node.Role, e.Node.Addr)
		})
		if err != nil {
			return configError("tracker", err)
		}
		env.say("tracker listens on %s; Ctrl-C ends it", addr)
		return nil
	})
	return g.Wait()
}
