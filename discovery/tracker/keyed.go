package tracker

import (
	"bufio"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"supercluster/net/trust"
)

// A tracker of a keyed cluster speaks TLS on its port, and answers members alone: nodes by their certificates, and programs such
// as curl, which may only read, by a bearer that follows from the key. What speaks plain HTTP is told so, and nothing else.

const (
	// helloTime is how long a caller may take to begin, and to complete a TLS handshake.
	helloTime = 5 * time.Second
	// handshake is the first byte of a TLS connection (RFC 8446 section 5.1).
	handshake = 0x16
	// tlsProto is what both sides speak inside TLS.
	tlsProto = "http/1.1"
)

// Bearer is what callers without a certificate show to read the list of a keyed cluster's tracker, in the header
// "Authorization: Bearer …".
func Bearer(network []byte) (string, error) {
	if len(network) != len(trust.Secret{}) {
		return "", fmt.Errorf("network key of %d bytes, want %d", len(network), len(trust.Secret{}))
	}
	key, err := trust.Secret(network).Derive("1 tracker reader")
	if err != nil {
		return "", err
	}
	return "scr1_" + hex.EncodeToString(key[:16]), nil
}

// sorted is a listener that gives a TLS connection to those that begin one, and the bare connection to others, neither of which holds up
// the next.
type sortedListener struct {
	net.Listener
	cfg   *tls.Config
	conns chan net.Conn
	ended chan struct{}
	err   error // why Accept ended; set before ended is closed
}

func newSortedListener(ln net.Listener, cfg *tls.Config) *sortedListener {
	return &sortedListener{Listener: ln, cfg: cfg, conns: make(chan net.Conn), ended: make(chan struct{})}
}

// run accepts until the listener is closed, and returns after every goroutine that it started.
func (l *sortedListener) run() {
	var g sync.WaitGroup
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			l.err = err
			close(l.ended)
			g.Wait()
			return
		}
		g.Go(func() { l.sort(conn) })
	}
}

func (l *sortedListener) sort(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(helloTime))
	r := bufio.NewReaderSize(conn, 16) // the least that bufio has
	first, err := r.Peek(1)
	if err != nil {
		conn.Close()
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	var out net.Conn = begunConn{conn, r}
	if first[0] == handshake {
		out = tls.Server(out, l.cfg)
	}
	select {
	case l.conns <- out:
	case <-l.ended:
		conn.Close()
	}
}

// Accept returns the next connection that has begun.
func (l *sortedListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.ended:
		return nil, l.err
	}
}

// A begunConn is a connection of which the first byte was read.
type begunConn struct {
	net.Conn
	r *bufio.Reader
}

// Read reads what was read ahead first.
func (c begunConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// secure makes ln speak TLS beside plain HTTP in a keyed cluster. run must be called if it is not nil.
func (s *Server) secure(ln net.Listener) (out net.Listener, run func(), err error) {
	if !s.cfg.Trust.Keyed() {
		return ln, nil, nil
	}
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, nil, err
	}
	cert, err := s.cfg.Trust.Certificate(id, trust.RoleTracker)
	if err != nil {
		return nil, nil, err
	}
	sorted := newSortedListener(ln, &tls.Config{
		Certificates:           []tls.Certificate{cert},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{tlsProto},
		SessionTicketsDisabled: true,
		ClientAuth:             tls.RequestClientCert, // ServeHTTP judges it, or the bearer
	})
	return sorted, sorted.run, nil
}

// refuses tells a caller why it is not answered by a keyed cluster's tracker, and reports that it is not.
func (s *Server) refuses(w http.ResponseWriter, r *http.Request) bool {
	if !s.cfg.Trust.Keyed() || s.mayRead(r) {
		return false
	}
	why := &trust.Refusal{Code: trust.CodeKeyRequired, Message: "this tracker answers holders of the cluster's key"}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		who, err := s.cfg.Trust.Judge(*r.TLS)
		if err == nil {
			if why = s.cfg.Trust.Admit(who); why == nil {
				return false
			}
		}
	}
	s.grumble(r.RemoteAddr, why)
	w.Header().Set("WWW-Authenticate", "Bearer")
	failHint(w, http.StatusUnauthorized, why.Code, why.Message, why.Hint()+"; 'sc token read' prints a bearer for curl")
	return true
}

// standing is what a caller of a keyed cluster's tracker has proved; the zero Standing in an open one.
func (s *Server) standing(r *http.Request) trust.Standing {
	if !s.cfg.Trust.Keyed() || r.TLS == nil {
		return trust.Standing{}
	}
	who, err := s.cfg.Trust.Judge(*r.TLS)
	if err != nil {
		return trust.Standing{} // refuses has seen to it that this is not
	}
	return who
}

// mayRead reports whether a caller shows the bearer, inside TLS, and only wants to read.
func (s *Server) mayRead(r *http.Request) bool {
	if r.TLS == nil || r.Method != http.MethodGet && r.Method != http.MethodHead || s.cfg.Reader == "" {
		return false
	}
	shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(shown), []byte(s.cfg.Reader)) == 1
}

// grumble logs a refusal, at most once a second.
func (s *Server) grumble(from string, why *trust.Refusal) {
	if s.refusals.Allow() {
		s.cfg.Logger.Warn("caller refused", "addr", from, "err", why, "code", why.Code)
	}
}

// dialTrusted returns what calls a keyed cluster's trackers: by TLS, and only if they prove that they are members with the role of a
// tracker, before a byte of the request is sent.
func dialTrusted(ring *trust.Ring, dial func(ctx context.Context, network, addr string) (net.Conn, error)) (func(ctx context.Context, network, addr string) (net.Conn, error), error) {
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, err
	}
	var cert tls.Certificate
	for _, role := range []string{trust.RoleWorker, trust.RoleMaster, trust.RoleTracker} {
		if cert, err = ring.Certificate(id, role); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{
		Certificates:           []tls.Certificate{cert},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{tlsProto},
		SessionTicketsDisabled: true,
		ServerName:             "tracker.sc",
		InsecureSkipVerify:     true, // there is no issuer that a system knows: VerifyConnection checks
		VerifyConnection:       func(cs tls.ConnectionState) error { return checkTracker(ring, cs) },
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		timed, cancel := context.WithTimeout(ctx, helloTime)
		defer cancel()
		secure := tls.Client(conn, cfg)
		if err := secure.HandshakeContext(timed); err != nil {
			conn.Close()
			if errors.As(err, new(tls.RecordHeaderError)) {
				err = &trust.Refusal{Code: trust.CodePeerUntrusted, Message: "this tracker speaks plain HTTP, and was not given the cluster's key"}
			}
			return nil, err
		}
		return secure, nil
	}, nil
}

// checkTracker returns nil if the other end of a connection is a tracker of the cluster.
func checkTracker(ring *trust.Ring, cs tls.ConnectionState) error {
	who, err := ring.Judge(cs)
	if err != nil {
		return err
	}
	if r := ring.Admit(who); r != nil {
		return r
	}
	if who.Role != trust.RoleTracker {
		return &trust.Refusal{Code: trust.CodeRoleDenied, Message: "a " + who.Role + " poses as a tracker"}
	}
	return nil
}
