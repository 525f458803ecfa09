package link

import (
	"log/slog"
	"net/netip"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// The defaults of Config.
const (
	DefaultHeartbeat = time.Second
	DefaultIdle      = 6 * time.Second
	DefaultHandshake = 5 * time.Second
	DefaultPending   = 1 << 20
	DefaultBulk      = 64 << 20
)

// A Config configures a Socket and the links on it. It is copied; the zero Config is usable.
type Config struct {
	// Addr is where to listen. The zero Addr means all interfaces and a port that the system picks; port 0 does the latter.
	Addr netip.AddrPort
	// Version is that of the program, which hellos tell unless they name one.
	Version string
	// Logger hears of connections that were refused. Nil discards.
	Logger *slog.Logger
	// Trust is what the nodes on the socket prove their membership with, and know members by. Nil makes guests of all, and lets all
	// in.
	Trust *trust.Ring
	// Guests says which of those are let in that prove no membership.
	Guests Guests
	// ResetKey lets a process that takes the place of another on the same port tell the other's peers so, if both
	// have the same key. It is a secret. Zero means that peers notice by Idle alone.
	ResetKey [32]byte
	// Heartbeat is how often each side lets the other hear of it. Zero means DefaultHeartbeat.
	Heartbeat time.Duration
	// Idle is after which silence a peer is lost. Zero means DefaultIdle. The lower one of the two sides counts.
	Idle time.Duration
	// deaf is after which silence the peer is told that nothing of it arrives; zero means five sixths of Idle.
	deaf time.Duration
	// Handshake is the time for the handshake and both hellos. Zero means DefaultHandshake.
	Handshake time.Duration
	// Pending is how many bytes of small messages may wait to be written, beyond which Send blocks. Zero means DefaultPending.
	Pending int
	// maxSmall and maxBulk are the longest messages that are taken, in bytes; zero means what wire allows.
	maxSmall, maxBulk int
	// stall is how long a stream of a long message may give no byte while it is read; zero means defaultStall.
	stall time.Duration
	// Bulk is how many bytes of unfinished long messages a link holds, as receiver and as sender; a message that is longer
	// by itself travels alone. Zero means DefaultBulk.
	Bulk int
}

// withDefaults returns c with the defaults in place of zeros.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = DefaultHeartbeat
	}
	if c.Idle <= 0 {
		c.Idle = DefaultIdle
	}
	if c.deaf <= 0 {
		c.deaf = c.Idle * 5 / 6
	}
	if c.Handshake <= 0 {
		c.Handshake = DefaultHandshake
	}
	if c.Pending <= 0 {
		c.Pending = DefaultPending
	}
	if c.Bulk <= 0 {
		c.Bulk = DefaultBulk
	}
	if c.stall <= 0 {
		c.stall = defaultStall
	}
	c.Bulk = min(c.Bulk, wire.MaxBulk)
	c.maxSmall, c.maxBulk = wire.MaxFrame, wire.MaxBulk
	return c
}

// forGuest returns c for a link to one that is no member: it makes this side hold little.
func (c Config) forGuest() Config {
	c.maxSmall, c.maxBulk = wire.MaxSmall, wire.MaxGuest
	c.Bulk = min(c.Bulk, wire.MaxGuest)
	return c
}
