package link

import (
	"context"
	"net/netip"
	"time"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// A Link is a connection to another node. All methods may be called from any goroutine.
type Link struct {
	peer    wire.Hello
	peerID  trust.ID
	remote  netip.AddrPort
	dialled bool
}

// Peer returns what the other side said of itself when the link began.
func (l *Link) Peer() wire.Hello { return l.peer }

// PeerID returns the other side's ID, which its certificate proves.
func (l *Link) PeerID() trust.ID { return l.peerID }

// RemoteAddr returns the other side's address now; it changes if the peer moves to another network. A Pipe has none.
func (l *Link) RemoteAddr() netip.AddrPort { return l.remote }

// Dialled tells whether this side dialled. Of a Pipe the first link did.
func (l *Link) Dialled() bool { return l.dialled }

// Proto returns the protocol version that both sides agreed on.
func (l *Link) Proto() uint16 { return wire.ProtoMax }

// Send queues m and returns. It blocks only under back-pressure, until there is room, ctx is done or the link ends. The error
// is ctx's, wraps ErrTooLong, or is ErrClosed; then m was not queued. Nil does not mean that m has arrived. Small messages of one
// goroutine arrive in order; see the package comment for long ones.
func (l *Link) Send(ctx context.Context, m wire.Message) error { return ErrClosed }

// Run reads messages and calls handle for each, one at a time, until the link ends, handle returns an error, or ctx is
// done, which closes the link with wire.ByeLeave. It returns after every goroutine of the link has ended: nil if ctx ended it,
// handle's error, or why the link ended, which is a *CloseError or wraps ErrIdle, ErrRestarted or ErrProtocol. Call it once.
// wire.Ping, Pong and Bye do not reach handle.
func (l *Link) Run(ctx context.Context, handle func(wire.Message) error) error { return ErrClosed }

// Quiet returns for how long nothing was heard of the peer. It is 0 while handle works, since then nobody listens.
func (l *Link) Quiet() time.Duration { return 0 }

// RTT returns the round trip of the last Ping, with what the peer took to answer, or 0 before the first.
func (l *Link) RTT() time.Duration { return 0 }

// Close ends the link: what was sent before still goes out, then the code, one of wire's Bye constants, and the reason, which may be
// cut to 1 KiB. It does not wait; Run returns when it is done, within a second. Only the first call counts.
func (l *Link) Close(code uint64, reason string) {}
