package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	rebind  = 2 * time.Second        // between two requests, if all is well
	retry   = 250 * time.Millisecond // after one that was not answered
	renewal = 500 * time.Millisecond // between two questions for another token
	missed  = 8                      // requests without an answer, after which another token is asked for
)

// Config says how a Conn works.
type Config struct {
	// Local is the address to send from; the zero Addr leaves it to the system.
	Local netip.Addr
	// Renew returns where the server is and the token, for the same session, when the server no longer knows it. Nil if
	// that cannot be done. It is called from a goroutine of the Conn, with a context that ends with it.
	Renew func(context.Context) (netip.AddrPort, Token, error)
}

// A Conn is a way to one other node. It is a net.PacketConn all of whose packets come from Remote, wherever they are
// sent to. Its methods may be called from any goroutine.
type Conn struct {
	cfg    Config
	udp    *net.UDPConn
	remote *net.UDPAddr
	heard  chan request // answers of the server, for run
	stop   context.CancelFunc
	ended  chan struct{} // closed when run has ended

	mu     sync.Mutex // guards what follows
	server netip.AddrPort
	token  Token
}

var _ net.PacketConn = (*Conn)(nil)

// Dial opens a Conn that has a token of the server at that address. Nothing waits for the server: whether the other
// node is reached shows when it answers.
func Dial(server netip.AddrPort, token Token, cfg Config) (*Conn, error) {
	network, local := "udp4", &net.UDPAddr{}
	if server.Addr().Is6() {
		network = "udp6"
	}
	if cfg.Local.IsValid() {
		local = net.UDPAddrFromAddrPort(netip.AddrPortFrom(cfg.Local, 0))
	}
	udp, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, fmt.Errorf("open a socket to the relay %v: %w", server, err)
	}
	server = plain(server)
	ctx, stop := context.WithCancel(context.Background())
	c := &Conn{
		cfg: cfg, udp: udp, remote: net.UDPAddrFromAddrPort(server), heard: make(chan request, 4), stop: stop,
		ended: make(chan struct{}), server: server, token: token,
	}
	go c.run(ctx) // Close waits for it
	return c, nil
}

// Remote is the address that packets come from, for whoever compares.
func (c *Conn) Remote() netip.AddrPort { return c.remote.AddrPort() }

// run binds the socket to the session, again and again, until ctx is done.
func (c *Conn) run(ctx context.Context) {
	defer close(c.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var last cookie
	for unanswered := 0; ; {
		select {
		case <-ctx.Done():
			return
		case r := <-c.heard:
			_, token := c.at()
			switch {
			case r.token != token: // of before
			case r.kind == challenge && unanswered > 0 && unanswered < missed:
				unanswered++
				last = r.cookie
				c.ask(last)
			case r.kind == bound:
				last, unanswered = r.cookie, 0
				timer.Reset(rebind)
			case r.kind == unknown:
				unanswered = 0
				timer.Reset(c.renew(ctx))
			}
		case <-timer.C:
			if unanswered >= missed {
				unanswered = 0
				timer.Reset(c.renew(ctx))
				continue
			}
			unanswered++
			c.ask(last)
			timer.Reset(retry)
		}
	}
}

// at is where the server is, and the token.
func (c *Conn) at() (netip.AddrPort, Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, c.token
}

// ask sends a request.
func (c *Conn) ask(last cookie) {
	server, token := c.at()
	_, _ = c.udp.WriteToUDPAddrPort(request{kind: bind, token: token, cookie: last}.encode(), server) // asked again if it is lost
}

// renew asks for another token, and returns after what time to bind with it, or to ask again.
func (c *Conn) renew(ctx context.Context) time.Duration {
	if c.cfg.Renew == nil {
		return renewal
	}
	server, token, err := c.cfg.Renew(ctx)
	if err != nil {
		return renewal // the connection that runs over this ends by itself if it lasts
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.token = plain(server), token
	return 0
}

// ReadFrom returns the next packet of the other node.
func (c *Conn) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.udp.ReadFromUDPAddrPort(p)
		if err != nil {
			return 0, nil, err
		}
		server, _ := c.at()
		if plain(from) != server {
			continue
		}
		if !isRequest(p[:n]) {
			return n, c.remote, nil
		}
		if r, ok := decode(p[:n]); ok {
			select {
			case c.heard <- r:
			default: // it is asked again
			}
		}
	}
}

// WriteTo sends a packet to the other node, whatever the address. A packet that cannot be sent now counts as lost.
func (c *Conn) WriteTo(p []byte, _ net.Addr) (int, error) {
	server, _ := c.at()
	if _, err := c.udp.WriteToUDPAddrPort(p, server); errors.Is(err, net.ErrClosed) {
		return 0, err
	}
	return len(p), nil
}

// Close frees the socket. The server forgets the session after a while.
func (c *Conn) Close() error {
	c.stop()
	<-c.ended
	return c.udp.Close()
}

// LocalAddr returns the address of the socket.
func (c *Conn) LocalAddr() net.Addr { return c.udp.LocalAddr() }

// SetDeadline, SetReadDeadline and SetWriteDeadline are those of the socket.
func (c *Conn) SetDeadline(t time.Time) error { return c.udp.SetDeadline(t) }

// SetReadDeadline is that of the socket.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.udp.SetReadDeadline(t) }

// SetWriteDeadline is that of the socket.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.udp.SetWriteDeadline(t) }

// SetReadBuffer asks for a receive buffer of that many bytes.
func (c *Conn) SetReadBuffer(bytes int) error { return c.udp.SetReadBuffer(bytes) }

// SetWriteBuffer asks for a send buffer of that many bytes.
func (c *Conn) SetWriteBuffer(bytes int) error { return c.udp.SetWriteBuffer(bytes) }
