package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"

	"supercluster/net/wire"
)

const (
	// streamWindow is how many bytes of a stream may be on their way unread at first, maxStreamWindow at most once the
	// reader proves quick. A long message that waits for room keeps to the former.
	streamWindow, maxStreamWindow = 512 << 10, 6 << 20
	// connWindow is the same for all streams of a connection together. It exceeds what maxStreams waiting streams
	// and the small messages can hold, so that those never stop these.
	connWindow, maxConnWindow = (maxStreams + 2) * streamWindow, maxStreamWindow + (maxStreams+2)*streamWindow
	// defaultStall is how long a stream of a long message may give no byte while its reader waits.
	defaultStall = 30 * time.Second
	// alertBase is the first of QUIC's error codes that stand for TLS alerts (RFC 9001 section 4.8).
	alertBase = 0x100
)

// quicConfig returns the settings of connections that this side dials or accepts.
func quicConfig(cfg Config, dial bool) *quic.Config {
	qc := &quic.Config{
		Versions:                       []quic.Version{quic.Version1},
		HandshakeIdleTimeout:           cfg.Handshake,
		MaxIdleTimeout:                 cfg.Idle,
		KeepAlivePeriod:                cfg.Idle / 3, // for a peer that is alive but reads nothing, where no Ping gets through
		InitialStreamReceiveWindow:     streamWindow,
		MaxStreamReceiveWindow:         maxStreamWindow,
		InitialConnectionReceiveWindow: connWindow,
		MaxConnectionReceiveWindow:     maxConnWindow,
		MaxIncomingStreams:             1,
		MaxIncomingUniStreams:          maxStreams,
	}
	if dial {
		qc.MaxIncomingStreams = -1 // the dialler opens the only one
	}
	return qc
}

// A quicCarrier is the carrier of a link over the network.
type quicCarrier struct {
	conn  *quic.Conn
	main  *quic.Stream  // of small messages
	stall time.Duration // that a stream of a long message may
}

// newQUICCarrier gives main the right of way.
func newQUICCarrier(conn *quic.Conn, main *quic.Stream, stall time.Duration) *quicCarrier {
	main.SetPriority(0, false)
	return &quicCarrier{conn, main, stall}
}

func (c *quicCarrier) Read(p []byte) (int, error) { return c.main.Read(p) }

func (c *quicCarrier) Write(p []byte) (int, error) { return c.main.Write(p) }

func (c *quicCarrier) tryWrite(p []byte) (bool, error) {
	err := c.main.TryWriteAll(p)
	if err == quic.ErrWouldBlock {
		return false, nil
	}
	return err == nil, err
}

func (c *quicCarrier) openBulk() (io.WriteCloser, error) {
	return c.conn.OpenUniStreamSync(c.conn.Context())
}

func (c *quicCarrier) acceptBulk() (io.Reader, error) {
	s, err := c.conn.AcceptUniStream(c.conn.Context())
	if err != nil {
		return nil, err
	}
	return impatient{s, c.stall}, nil
}

func (c *quicCarrier) closeWith(code uint64, reason string) {
	_ = c.conn.CloseWithError(quic.ApplicationErrorCode(code), reason)
}

func (c *quicCarrier) ended() <-chan struct{} { return c.conn.Context().Done() }

func (c *quicCarrier) cause(err error) error {
	if why := context.Cause(c.conn.Context()); why != nil {
		err = why // streams may break a moment before
	}
	return quicError(err)
}

func (c *quicCarrier) received() (uint64, bool) {
	return c.conn.ConnectionStats().PacketsReceived, true
}

func (c *quicCarrier) remoteAddr() netip.AddrPort { return addrPort(c.conn.RemoteAddr()) }

// impatient reads a stream that must not stall.
type impatient struct {
	s     *quic.ReceiveStream
	stall time.Duration
}

// Read waits at most stall for bytes.
func (r impatient) Read(p []byte) (int, error) {
	_ = r.s.SetReadDeadline(time.Now().Add(r.stall))
	return r.s.Read(p)
}

// addrPort returns a UDP address, an IPv4 one as such.
func addrPort(addr net.Addr) netip.AddrPort {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := udp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// quicError returns why a QUIC connection ended, or did not begin, in this package's terms.
func quicError(err error) error {
	if e, ok := errors.AsType[*quic.ApplicationError](err); ok {
		return &CloseError{Code: uint64(e.ErrorCode), Reason: e.ErrorMessage, Remote: e.Remote}
	}
	if _, ok := errors.AsType[*quic.IdleTimeoutError](err); ok {
		return ErrIdle
	}
	if _, ok := errors.AsType[*quic.StatelessResetError](err); ok {
		return ErrRestarted
	}
	if _, ok := errors.AsType[*quic.HandshakeTimeoutError](err); ok {
		return fmt.Errorf("%w in time", ErrHandshake)
	}
	if e, ok := errors.AsType[*quic.VersionNegotiationError](err); ok {
		return fmt.Errorf("%w: %w", ErrHandshake, e)
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok {
		return transportError(e)
	}
	if errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}

// transportError tells a TLS alert, by which a handshake ends, from the peer's breach of QUIC.
func transportError(e *quic.TransportError) error {
	if errors.Is(e, ErrIdentity) {
		return e // found by our own check of the peer's certificate
	}
	if e.ErrorCode == quic.ConnectionRefused {
		return fmt.Errorf("%w: %w", ErrHandshake, ErrBusy)
	}
	if e.ErrorCode >= alertBase && e.ErrorCode < 2*alertBase {
		return fmt.Errorf("%w: %w", ErrHandshake, e)
	}
	return fmt.Errorf("%w: %w", ErrProtocol, e)
}

// writeHello sends our hello. An error of the stream is as quicError has it.
func writeHello(main *quic.Stream, ours *wire.Hello) error {
	frame := wire.Append(nil, ours)
	if n := len(frame) - wire.HeaderLen; n > wire.MaxHello {
		return fmt.Errorf("%w: hello of %d bytes, limit %d", ErrTooLong, n, wire.MaxHello)
	}
	if _, err := main.Write(frame); err != nil {
		return quicError(err)
	}
	return nil
}

// readHello reads the peer's hello. An error of the stream is as quicError has it; others wrap ErrProtocol.
func readHello(main *quic.Stream) (*wire.Hello, error) {
	kind, body, err := wire.ReadFrame(main, wire.MaxHello)
	switch {
	case errors.Is(err, wire.ErrTooLong), err == io.EOF, err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("%w: %w instead of a hello", ErrProtocol, err)
	case err != nil:
		return nil, quicError(err)
	case kind != wire.KindHello:
		return nil, fmt.Errorf("%w: %v instead of a hello", ErrProtocol, kind)
	}
	m, err := wire.Decode(kind, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return m.(*wire.Hello), nil
}
