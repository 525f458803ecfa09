package secure

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync"
	"time"
)

// Role says what one side wants of a connection.
type Role struct {
	Server      bool
	Context     *Context
	ServerName  string   // client: asked of the server; empty for none
	ALPN        []string // protocols, the best first
	RequestCert bool     // server: the client shall show a certificate
	// Choose is asked by a server for each connection, with what the client wants; nil leaves it at Context and ALPN.
	// It may return an error, which ends the handshake.
	Choose func(ctx context.Context, serverName string, alpn []string) (*Context, []string, error)
	// Session is what NewSession gave for the same server before; nil for none. Client only.
	Session []byte
	// NewSession hears of each session that may be taken up later, on any goroutine. Client only; may be nil.
	NewSession func([]byte)
	// Tickets is the Tickets of the server that the connection belongs to, so that sessions can be taken up.
	Tickets *Tickets
}

// Tickets lets the connections of one server share the key of its session tickets, which lives as long as it.
type Tickets struct {
	once sync.Once
	key  [32]byte
}

// State is what a handshake came to.
type State struct {
	Version, ALPN, ServerName string
	Cipher                    uint16
	Resumed                   bool
	Chain                     []*x509.Certificate // of the other side
	Fault                     *Error              // why the chain does not hold; nil if it does
}

// Start makes the connection over raw. Handshake is to be called before it is read or written.
func (r Role) Start(raw net.Conn) *tls.Conn {
	if r.Server {
		return tls.Server(raw, r.serverConfig())
	}
	return tls.Client(raw, r.clientConfig())
}

func (c *Context) config() *tls.Config {
	cfg := &tls.Config{MinVersion: c.min, MaxVersion: c.max, CipherSuites: c.ciphers}
	if len(c.ciphers) == 0 {
		cfg.CipherSuites = nil
	}
	cfg.Certificates = c.certs
	return cfg
}

func (r Role) clientConfig() *tls.Config {
	cfg := r.Context.config()
	cfg.InsecureSkipVerify = true // Handshake judges, and the script decides
	cfg.ServerName, cfg.NextProtos = r.ServerName, r.ALPN
	cfg.ClientSessionCache = &session{given: r.Session, tell: r.NewSession}
	if len(r.Context.certs) > 0 {
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &r.Context.certs[0], nil }
	}
	return cfg
}

func (r Role) serverConfig() *tls.Config {
	of := func(c *Context, alpn []string) *tls.Config {
		cfg := c.config()
		cfg.NextProtos = alpn
		if r.RequestCert {
			cfg.ClientAuth = tls.RequestClientCert
		}
		return cfg
	}
	base := of(r.Context, r.ALPN)
	if r.Tickets != nil {
		r.Tickets.once.Do(func() { _, _ = rand.Read(r.Tickets.key[:]) }) // never fails
		base.SetSessionTicketKeys([][32]byte{r.Tickets.key})
	}
	if r.Choose != nil {
		base.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			c, alpn, err := r.Choose(hello.Context(), hello.ServerName, hello.SupportedProtos)
			if err != nil {
				return nil, err
			}
			return of(c, alpn), nil
		}
	}
	return base
}

// Handshake does the handshake of conn, which Start made.
func (r Role) Handshake(ctx context.Context, conn *tls.Conn) (State, error) {
	if err := conn.HandshakeContext(ctx); err != nil {
		return State{}, err
	}
	cs := conn.ConnectionState()
	s := State{
		Version: VersionName(cs.Version), ALPN: cs.NegotiatedProtocol, ServerName: cs.ServerName,
		Cipher: cs.CipherSuite, Resumed: cs.DidResume, Chain: cs.PeerCertificates,
	}
	if err := r.Context.verify(s.Chain, !r.Server, time.Now()); err != nil {
		s.Fault = err.(*Error) // all that verify returns
	}
	return s, nil
}

// session is the cache of one connection: what the script gave it, and what the script is told.
type session struct {
	given []byte
	tell  func([]byte)
}

// Get gives the session that the script has kept.
func (s *session) Get(string) (*tls.ClientSessionState, bool) {
	if len(s.given) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(s.given))
	if len(s.given) < 2+n {
		return nil, false
	}
	state, err := tls.ParseSessionState(s.given[2+n:])
	if err != nil {
		return nil, false
	}
	resume, err := tls.NewResumptionState(s.given[2:2+n], state)
	return resume, err == nil
}

// Put tells the script of a new session: the ticket's length, the ticket, the state.
func (s *session) Put(_ string, cs *tls.ClientSessionState) {
	if cs == nil || s.tell == nil {
		return
	}
	ticket, state, err := cs.ResumptionState()
	if err != nil || len(ticket) > 1<<16-1 {
		return
	}
	b, err := state.Bytes()
	if err != nil {
		return
	}
	s.tell(append(append(binary.BigEndian.AppendUint16(nil, uint16(len(ticket))), ticket...), b...)) //nolint:gosec // checked above
}

// alerts are the codes that OpenSSL has for what the other side, or this one, objects to.
var alerts = []struct{ text, code, reason string }{
	{"protocol version not supported", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tlsv1 alert protocol version"},
	{"handshake failure", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "sslv3 alert handshake failure"},
	{"unknown certificate authority", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "tlsv1 alert unknown ca"},
	{"unknown certificate", "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "sslv3 alert certificate unknown"},
	{"bad certificate", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "sslv3 alert bad certificate"},
	{"no application protocol", "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "tlsv1 alert no application protocol"},
	{"certificate required", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "tlsv13 alert certificate required"},
	{"unrecognized name", "ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "tlsv1 unrecognized name"},
	{"internal error", "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "tlsv1 alert internal error"},
	{"does not look like a TLS handshake", "ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number"},
	{"client offered only unsupported versions", "ERR_SSL_UNSUPPORTED_PROTOCOL", "unsupported protocol"},
	{"server selected unsupported protocol version", "ERR_SSL_UNSUPPORTED_PROTOCOL", "unsupported protocol"},
	{"no cipher suite supported", "ERR_SSL_NO_SHARED_CIPHER", "no shared cipher"},
	{"no certificates configured", "ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM", "no suitable signature algorithm"},
	{"no supported versions satisfy", "ERR_SSL_NO_PROTOCOLS_AVAILABLE", "no protocols available"},
	{"oversized record", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "packet length too long"},
	{"requested unsupported application protocols", "ERR_SSL_NO_APPLICATION_PROTOCOL", "no application protocol"},
}

// Reason names a failure of a handshake or of a connection; false for one that is not TLS's but the network's.
func Reason(err error) (*Error, bool) {
	var own *Error
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return nil, false
	case errors.As(err, &own):
		return own, true
	}
	text := err.Error()
	var file *fs.PathError
	if !strings.Contains(text, "tls: ") || errors.As(err, &file) {
		return nil, false
	}
	for _, a := range alerts {
		if strings.Contains(text, a.text) {
			return &Error{a.code, "error:0A000000:SSL routines::" + a.reason}, true
		}
	}
	return &Error{"EPROTO", text}, true
}

// WebConfig is the configuration of a web client, such as fetch's: it refuses what does not hold with an *Error,
// unless insecure.
func (c *Context) WebConfig(insecure bool) *tls.Config {
	cfg := c.config()
	cfg.InsecureSkipVerify = true // VerifyConnection judges
	if insecure {
		return cfg
	}
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		if err := c.verify(cs.PeerCertificates, true, time.Now()); err != nil {
			return err
		}
		if err := cs.PeerCertificates[0].VerifyHostname(cs.ServerName); err != nil {
			reason := "Host: " + cs.ServerName + ". is not in the cert's altnames: " + altNames(cs.PeerCertificates[0])
			return &Error{"ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames: " + reason}
		}
		return nil
	}
	return cfg
}
