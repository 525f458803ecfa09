package link

import (
	"context"
	"net/netip"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// A Socket is one UDP socket for all links of a process, dialled and accepted. It is safe for concurrent use.
type Socket struct {
	cfg Config
}

// Listen binds cfg.Addr. An error names the address, and that its port is in use if that is the cause. Connections are accepted
// while Run runs. Close the Socket when it is not needed any more.
func Listen(cfg Config) (*Socket, error) { return &Socket{cfg: cfg.withDefaults()}, nil }

// Addr returns the address that the socket is bound to. Its host is unspecified if it listens on all interfaces.
func (s *Socket) Addr() netip.AddrPort { return netip.AddrPort{} }

// Run accepts connections until ctx is done, then closes all links and the socket. It returns nil if ctx ended it.
func (s *Socket) Run(ctx context.Context) error { return nil }

// Close ends all links on the socket, telling their peers wire.ByeLeave, and frees the port.
func (s *Socket) Close() error { return nil }

// Serve takes connections for a node until stop is called. hello is called for each, from any goroutine, and says what the node tells of
// itself; accept gets each link once the peer has said hello, on a goroutine of its own, and must see to it that
// the link's Run is called or the link closed. A dialler that does not ask for a certain node gets the one that was served first.
func (s *Socket) Serve(id *trust.Identity, hello func() wire.Hello, accept func(*Link)) (stop func()) {
	return func() {}
}

// Dial connects to the node peer at addr, or to whoever answers if peer is zero, and says hello for the node id. It takes at most
// Config.Handshake. The error wraps ErrHandshake if nobody answers, ErrIdentity if another node does, wire.ErrVersion if
// there is no protocol version in common, and is or wraps a *CloseError if the peer refused. The link's owner must call Run, or Close.
func (s *Socket) Dial(ctx context.Context, addr netip.AddrPort, id *trust.Identity, peer trust.ID, hello wire.Hello) (*Link, error) {
	return nil, ErrClosed
}
