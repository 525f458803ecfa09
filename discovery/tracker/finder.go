package tracker

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/discovery/lookup"
)

const (
	refresh    = 30 * time.Second // between two questions to a source that answers
	firstRetry = time.Second      // after the first that failed; doubled each time, up to maxPause
)

// finder asks a source for trackers, which it uses, and for nodes, which it reports. It belongs to the goroutine that
// runs run, but for poke.
type finder struct {
	client *Client
	source *lookup.Source
	poke   chan struct{} // holds one request of Announce

	trackers map[string]func() // what ends the use of each, by base URL
	nodes    []netip.AddrPort
	fails    int       // questions since it last answered
	said     time.Time // when the log last told of it; zero: it works
}

func newFinder(c *Client, text string) (*finder, error) {
	source, err := lookup.New(text, c.cfg.Lookup)
	if err != nil {
		return nil, err
	}
	return &finder{client: c, source: source, poke: make(chan struct{}, 1), trackers: make(map[string]func())}, nil
}

// announce makes the nodes known again at once: what the local nodes look for may have changed.
func (f *finder) announce() {
	select {
	case f.poke <- struct{}{}:
	default: // one is waiting
	}
}

// run uses what the source yields until ctx is done, and returns after everything that it started.
func (f *finder) run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) {
	var g errgroup.Group
	for due := time.Now(); ctx.Err() == nil; {
		if !time.Now().Before(due) {
			places, err := f.source.Lookup(ctx)
			if ctx.Err() != nil {
				break
			}
			due = time.Now().Add(f.heed(err))
			if err == nil { // otherwise what was there counts on
				f.follow(ctx, &g, places, self, found)
				f.client.note(f.source.String(), f.verdict())
			}
		}
		f.report(self, found)
		sleep(ctx, time.Until(due), f.poke)
	}
	_ = g.Wait() // trackers have no error to tell
}

// errNoNodes stands for a source that works, all of whose places are trackers: what it is worth is for them to say.
var errNoNodes = errors.New("it yields no nodes")

// verdict is what Client.Err is told of a source that answers.
func (f *finder) verdict() error {
	if len(f.nodes) == 0 {
		return errNoNodes
	}
	return nil
}

// heed tells of a source that does not answer, and of one that does again, and returns when to ask it the next time.
func (f *finder) heed(err error) time.Duration {
	log, now := f.client.cfg.Logger, time.Now()
	pause := f.client.cfg.Refresh
	if err != nil {
		f.client.note(f.source.String(), err)

		pause = min(firstRetry<<min(f.fails, 10), maxPause)
		f.fails++
		if f.said.IsZero() || now.Sub(f.said) > grumble {
			f.said = now
			log.Warn("source of addresses does not answer", "source", f.source, "err", err)
		}
	} else {
		if !f.said.IsZero() {
			log.Info("source of addresses answers again", "source", f.source)
		}
		f.fails, f.said = 0, time.Time{}
	}
	return time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64()))
}

// follow uses the trackers among places from now on, and no others, and keeps the nodes for report.
func (f *finder) follow(ctx context.Context, g *errgroup.Group, places []lookup.Place, self func() []discovery.Announcement, found func(discovery.Announcement)) {
	there := make(map[string]bool)
	f.nodes = nil
	for _, p := range places {
		if p.Node {
			addrs, err := f.client.cfg.Lookup.Resolve(ctx, p)
			if err != nil {
				f.client.cfg.Logger.Debug("node not resolved", "source", f.source, "addr", p, "err", err)
			}
			f.nodes = append(f.nodes, addrs...)
			continue
		}
		base := "http://" + net.JoinHostPort(p.Host, strconv.Itoa(p.Port))
		there[base] = true
		if f.trackers[base] != nil {
			continue
		}
		using, stop := context.WithCancel(ctx)
		f.trackers[base] = stop
		r := f.client.remote(base)
		f.client.cfg.Logger.Debug("tracker found", "source", f.source, "tracker", base)
		g.Go(func() error {
			defer f.client.forget(r)
			r.run(using, self, found)
			return nil
		})
	}
	for base, stop := range f.trackers {
		if !there[base] {
			stop()
			delete(f.trackers, base)
		}
	}
}

// report announces each node in the roles that the local nodes look for: which it has shows when it is dialled.
func (f *finder) report(self func() []discovery.Announcement, found func(discovery.Announcement)) {
	if len(f.nodes) == 0 {
		return
	}
	wanted := make(map[string]string) // the cluster, by role
	for _, m := range f.client.announced(self) {
		switch {
		case m.Bye:
		case m.Role == roles[0]:
			wanted[roles[1]] = m.Cluster
		default:
			wanted[roles[0]] = m.Cluster
		}
	}
	if f.client.cfg.Watch != "" {
		for _, role := range roles {
			wanted[role] = f.client.cfg.Watch
		}
	}
	seq := uint64(time.Now().UnixMicro())
	for role, cluster := range wanted {
		for _, addr := range f.nodes {
			if f.client.isHere(addr) {
				continue
			}
			found(discovery.Announcement{
				ID: anonymous(role, addr), Role: role, Cluster: cluster, Seq: seq, Addr: addr, Path: discovery.Tracker,
				TTL: 3 * max(f.client.cfg.Refresh, maxPause),
			})
		}
	}
}
