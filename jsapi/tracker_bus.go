package jsapi

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// A trackerBus is how a tracker finds the other nodes of the event bus: those that it lists, and those that it hears by
// broadcast, so that trackers of one subnet find each other and a tracker those that use none. Nodes find the tracker by
// broadcast, or hear of it by being linked.
type trackerBus struct {
	conf     nodeConf
	identity *trust.Identity

	mu     sync.Mutex
	listed map[string]discovery.Announcement // what the tracker lists now, by id; guarded by mu
}

// note takes note of a change of the tracker's list.
func (b *trackerBus) note(e discovery.Event) {
	a := e.Node.Announcement
	if a.ID == "" {
		a.ID = a.Role + "@" + a.Addr.String() // as package cluster wants those who have not said theirs
	}
	a.Path = discovery.Tracker
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Kind == discovery.Found || e.Kind == discovery.Changed {
		b.listed[a.ID] = a
	} else if b.listed[a.ID].Boot == a.Boot {
		delete(b.listed, a.ID)
	}
}

// relistEvery is how often the nodes of the list are said to be there still: before discovery.DefaultTTL is over.
const relistEvery = time.Second

// Run implements discovery.Source. The tracker's own list is no place to announce the tracker in.
func (b *trackerBus) Run(ctx context.Context, _ func() []discovery.Announcement, found func(discovery.Announcement)) error {
	ticker := time.NewTicker(relistEvery)
	defer ticker.Stop()
	for {
		b.mu.Lock()
		list := slices.Collect(maps.Values(b.listed))
		b.mu.Unlock()
		for _, a := range list {
			found(a)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// openBus opens the network on which a tracker takes part in the event bus.
func (s *Session) openBus(b *trackerBus) (*network, error) {
	c := b.conf
	key := networkKey{cluster: c.cluster, broadcastPort: c.broadcast.port, interval: c.broadcast.interval, bind: c.bind, ttl: c.ttl, trust: c.trust, far: true}
	n, err := s.openFrom(key, func(n *network) ([]discovery.Source, error) {
		beacon, err := s.beaconSource(key, n)
		return []discovery.Source{b, optional{beacon, s}}, err
	})
	if err != nil {
		return nil, err
	}
	n.add(b.identity)
	return n, nil
}

// optional is a source that others make up for: where it can never work, that is only worth a line of the log.
type optional struct {
	discovery.Source
	session *Session
}

// Run implements discovery.Source.
func (o optional) Run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) error {
	if err := o.Source.Run(ctx, self, found); err != nil {
		o.session.settings.Logger.Warn("no broadcast for the event bus", "err", err)
		<-ctx.Done()
	}
	return nil
}
