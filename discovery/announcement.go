package discovery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Limits of an announcement; what breaks one is refused by [Announcement.Check].
const (
	// DefaultTTL is how long an announcement counts that names no time to live.
	DefaultTTL = 5 * time.Second
	// MaxTTL is the longest time to live; longer ones count as this.
	MaxTTL = 10 * time.Minute
	// MaxName is the largest id or cluster name, in bytes.
	MaxName = 64
	// MaxData is the largest Data, in bytes. A source may carry less: a beacon's packet holds 512 bytes.
	MaxData = 16 << 10
)

// ErrAnnouncement is wrapped by every error of [Announcement.Check].
var ErrAnnouncement = errors.New("bad announcement")

// Announcement is what one node says of itself, or what a source says of it.
type Announcement struct {
	// ID is the node's identity, as trust.ID writes it. Required.
	ID string
	// Role is "master", "worker" or "tracker".
	Role string
	// Cluster is the name of the cluster that the node belongs to.
	Cluster string
	// Boot differs each time the node is started; the same ID with another Boot is another node.
	Boot uint64
	// Seq orders the announcements of one boot, whatever source carries them. Zero lets the source that sends it
	// number them, which is enough for a node with one source.
	Seq uint64
	// Addr is where to dial the node. A node that announces itself needs to know its port only: the address is what
	// others see, unless it was told to advertise one and the source believes it.
	Addr netip.AddrPort
	// Path says how Addr was come by. Set by the source that found the node.
	Path Path
	// Proto is the highest version of the wire protocol that the node speaks.
	Proto uint16
	// Data is what the node's user lets others know, as JSON. Nil if the source could not carry it: it is then in
	// the node's hello.
	Data json.RawMessage
	// TTL is how long the announcement counts; zero means DefaultTTL. A source raises it to what its own interval needs.
	TTL time.Duration
	// Bye says that the node is leaving.
	Bye bool
}

// Source is one way of finding nodes.
type Source interface {
	// Run announces what self returns and calls found for what it hears, until ctx is done; then it says goodbye for
	// what it announced and returns nil. It returns an error only if it can never work; trouble of the network is
	// waited out. self is called once for each round of announcements and gives a higher Seq each time (or zero).
	// found may be called from several goroutines, but not after Run has returned, and not for what self returns.
	Run(ctx context.Context, self func() []Announcement, found func(Announcement)) error
}

// Path is how an address was come by; lower is preferred, but Unknown is last.
type Path uint8

// Paths, best first.
const (
	Unknown  Path = iota // nothing is known: judged by the address
	Loopback             // this host
	Ethernet             // a network that this host has an interface on
	Bridge               // a bridge of this host, as docker's
	Tracker              // a tracker lists it, and vouches that it still does
)

// String returns the path in lower case.
func (p Path) String() string {
	switch p {
	case Loopback:
		return "loopback"
	case Ethernet:
		return "ethernet"
	case Bridge:
		return "bridge"
	case Tracker:
		return "tracker"
	}
	return "unknown"
}

// rank orders addresses: the loopback address is best whoever told of it.
func (p Path) rank(a netip.Addr) int {
	if p == Loopback || a.IsLoopback() {
		return 0
	}
	if p == Unknown {
		return int(Tracker) + 1
	}
	return int(p)
}

// Check returns an error wrapping ErrAnnouncement if a is not fit to be passed on: no or an unprintable id, an unknown
// role, no port, something too long, data that is not JSON. It does not look at the host part of Addr, which a node
// does not know of itself.
func (a Announcement) Check() error {
	switch {
	case a.ID == "" || !printable(a.ID):
		return fmt.Errorf("%w: id %q", ErrAnnouncement, clip(a.ID))
	case a.Role != "master" && a.Role != "worker" && a.Role != "tracker":
		return fmt.Errorf("%w: role %q", ErrAnnouncement, clip(a.Role))
	case !printable(a.Cluster):
		return fmt.Errorf("%w: cluster %q", ErrAnnouncement, clip(a.Cluster))
	case a.Addr.Port() == 0:
		return fmt.Errorf("%w: no port", ErrAnnouncement)
	case a.TTL < 0:
		return fmt.Errorf("%w: ttl %v", ErrAnnouncement, a.TTL)
	case len(a.Data) > MaxData:
		return fmt.Errorf("%w: data of %d bytes, limit %d", ErrAnnouncement, len(a.Data), MaxData)
	case a.Data != nil && !json.Valid(a.Data):
		return fmt.Errorf("%w: data is not JSON", ErrAnnouncement)
	}
	return nil
}

// lifetime is the TTL that counts.
func (a Announcement) lifetime() time.Duration {
	if a.TTL <= 0 {
		return DefaultTTL
	}
	return min(a.TTL, MaxTTL)
}

// printable reports whether s is at most MaxName bytes of visible ASCII, so that it can stand in a log or a URL.
func printable(s string) bool {
	if len(s) > MaxName {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// clip shortens what a stranger sent before it is quoted.
func clip(s string) string {
	return s[:min(len(s), MaxName)]
}
