package beacon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// DefaultPort is the UDP port that announcements go to.
const DefaultPort = 44201

const (
	defaultInterval = time.Second
	minInterval     = 50 * time.Millisecond
	maxInterval     = 30 * time.Second
	// perNode makes the interval grow with the nodes that are heard: 100 packets a second reach a host, however many
	// nodes there are.
	perNode = 10 * time.Millisecond
	// rebind is how often a port that somebody holds exclusively is tried again.
	rebind = 5 * time.Second
	// reread is the longest time between two looks at the interfaces.
	reread = 5 * time.Second
)

// Config says how a Beacon works.
type Config struct {
	// Port is the UDP port to send to and to listen on; zero means DefaultPort.
	Port int
	// Interval is the shortest time between two announcements of a node; zero means 1 s, less than 50 ms counts as
	// 50 ms, more than 30 s as 30 s.
	Interval time.Duration
	// Sealer seals the packets for the cluster. Required.
	Sealer *trust.Sealer
	// Identity returns the identity of the local node with that id, which signs its packets; nil if there is none, and
	// then the node is not announced. It must be safe for concurrent use. A Beacon without it only listens.
	Identity func(id string) *trust.Identity
	// Logger gets what an administrator should know: a port that is taken, a loopback interface that is down. Nil
	// discards.
	Logger *slog.Logger
}

var _ discovery.Source = (*Beacon)(nil)

// Beacon is a discovery.Source that broadcasts. Its methods are safe for concurrent use, but Run may be called only
// once.
type Beacon struct {
	cfg   Config
	poke  chan struct{}                // holds one request of Announce
	links func() ([]attachment, error) // reads the interfaces; tests replace it
	retry time.Duration                // rebind; tests shorten it

	mu     sync.Mutex // guards what follows; never held over I/O or calls out
	heard  *heard
	nets   []attachment    // as last read
	warned map[string]bool // what was said once and need not be said again
	stats  Stats
}

// Stats counts packets since New.
type Stats struct {
	// Sent is how many packets left, and Unsent how many the kernel refused, as it does where a link is down.
	Sent, Unsent uint64
	// Accepted packets were reported, Repeated ones said nothing new, Own ones were ours.
	Accepted, Repeated, Own uint64
	// Foreign packets are of another cluster or program, OffLink ones come from a network that this host is not on,
	// Limited ones from an address that sends too many.
	Foreign, OffLink, Limited uint64
	// Malformed packets break the format, Forged ones are not signed or sealed by whom they name, Replayed ones are
	// older than what their node said since.
	Malformed, Forged, Replayed uint64
}

// New returns a beacon that does nothing until Run is called.
func New(cfg Config) *Beacon {
	if cfg.Port == 0 {
		cfg.Port = DefaultPort
	}
	if cfg.Interval == 0 {
		cfg.Interval = defaultInterval
	}
	cfg.Interval = min(max(cfg.Interval, minInterval), maxInterval)
	if cfg.Identity == nil {
		cfg.Identity = func(string) *trust.Identity { return nil }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Beacon{
		cfg:    cfg,
		poke:   make(chan struct{}, 1),
		links:  attachments,
		retry:  rebind,
		heard:  newHeard(),
		warned: make(map[string]bool),
	}
}

// Announce lets Run announce at once, three times within 300 ms: for a node that was just added, that changed or left. Calls
// in quick succession count as one; nothing is sent more often than every 50 ms.
func (b *Beacon) Announce() {
	select {
	case b.poke <- struct{}{}:
	default: // one is waiting
	}
}

// Stats returns the counts so far.
func (b *Beacon) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

// Run is discovery.Source's. Without an interface, without the port, it waits for them.
func (b *Beacon) Run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) error {
	b.refresh() // before anything arrives: its source is judged by our interfaces
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { b.send(ctx, self); return nil })
	g.Go(func() error { b.receive(ctx, found); return nil })
	return g.Wait()
}

// count adds one to a counter of b.stats.
func (b *Beacon) count(n *uint64) {
	b.mu.Lock()
	*n++
	b.mu.Unlock()
}

// warn logs message once, until calm is called with the same message.
func (b *Beacon) warn(message string, args ...any) {
	b.mu.Lock()
	said := b.warned[message]
	b.warned[message] = true
	b.mu.Unlock()
	if !said {
		b.cfg.Logger.Warn(message, args...)
	}
}

// calm says that what message warned of is over, and logs over if there had been a warning.
func (b *Beacon) calm(message, over string, args ...any) {
	b.mu.Lock()
	said := b.warned[message]
	delete(b.warned, message)
	b.mu.Unlock()
	if said {
		b.cfg.Logger.Info(over, args...)
	}
}
