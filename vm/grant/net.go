package grant

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

// netOperations are about connections and requests.
var netOperations = map[string]operation{
	"connect": (*Session).connect, "recv": (*Session).recv, "send": (*Session).send, "shut": (*Session).shut,
	"lookup": (*Session).lookup, "request": (*Session).request, "response": (*Session).response,
}

// checkPort takes the port of a request.
func checkPort(n float64) (int, error) {
	if port := int(n); float64(port) == n && port > 0 && port < 1<<16 {
		return port, nil
	}
	return 0, &coded{"ERR_SOCKET_BAD_PORT", fmt.Sprintf("Port should be > 0 and < 65536. Received %v.", n)}
}

// connect(host, port, server name for TLS or null, without a check of the certificate) → [handle, local address and
// port, remote address and port, protocol of TLS]
func (s *Session) connect(ctx context.Context, a arguments) (any, error) {
	port, err := checkPort(a.float(1))
	if err != nil {
		return nil, err
	}
	c, err := s.b.dial(ctx, a.str(0), port)
	if err != nil {
		return nil, netFailed(err, "connect", a.str(0))
	}
	version := ""
	if name, ok := a.at(2).(string); ok {
		secure := tls.Client(c, &tls.Config{ServerName: name, InsecureSkipVerify: a.truth(3)})
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = c.Close() // it is of no use
			return nil, netFailed(err, "connect", a.str(0))
		}
		version = tls.VersionName(secure.ConnectionState().Version)
		c = secure
	}
	n, err := s.add(c)
	if err != nil {
		return nil, failed(err, "connect")
	}
	local, remote := addrPort(c.LocalAddr()), addrPort(c.RemoteAddr())
	return []any{n, local.Addr().String(), int(local.Port()), remote.Addr().String(), int(remote.Port()), version}, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	at, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// netFailed is the error of a connection to host, if one is given, with the codes that node gives; nil if err is nil.
func netFailed(err error, syscall string, host ...string) error {
	if err == nil {
		return nil
	}
	var d *Denied
	var name *net.DNSError
	var op *opError
	switch {
	case errors.As(err, &d):
		return d
	case errors.As(err, &op):
		return op
	case errors.As(err, &name):
		code := "EAI_AGAIN"
		if name.IsNotFound {
			code = "ENOTFOUND"
		}
		return &coded{code, strings.TrimSpace(fmt.Sprintf("getaddrinfo %s %s", code, strings.Join(host, "")))}
	case errors.Is(err, context.DeadlineExceeded):
		return failed(timedOut, syscall)
	}
	if text, ok := tlsError(err); ok {
		return text
	}
	return failed(err, syscall)
}

// timedOut is the error of an attempt that took too long.
const timedOut = syscall.ETIMEDOUT

// tlsError is an error of a certificate or of a handshake.
func tlsError(err error) (error, bool) {
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return &coded{"ERR_TLS_CERT", cert.Err.Error()}, true
	}
	if text := err.Error(); strings.HasPrefix(text, "tls: ") || strings.HasPrefix(text, "remote error: tls") {
		return &coded{"ERR_SSL", text}, true
	}
	return nil, false
}

// recv(handle, count) → bytes, none at the end
func (s *Session) recv(_ context.Context, a arguments) (any, error) {
	r, err := handleOf[io.ReadCloser](s, a.num(0))
	if err != nil {
		return nil, failed(err, "read")
	}
	defer s.reading(a.num(0))()
	b, err := readSome(r, a.num(1))
	return b, netFailed(err, "read")
}

// send(handle, bytes)
func (s *Session) send(_ context.Context, a arguments) (any, error) {
	w, err := handleOf[io.WriteCloser](s, a.num(0))
	if err == nil {
		_, err = w.Write(a.bytes(1))
	}
	return nil, netFailed(err, "write")
}

// shut(handle) ends what is sent; what is received goes on.
func (s *Session) shut(_ context.Context, a arguments) (any, error) {
	c, err := handleOf[interface {
		io.Closer
		CloseWrite() error
	}](s, a.num(0))
	if err == nil {
		err = c.CloseWrite()
	}
	return nil, netFailed(err, "shutdown")
}

// lookup(host) → addresses
func (s *Session) lookup(ctx context.Context, a arguments) (any, error) {
	addrs, err := s.b.addresses(ctx, a.str(0), 0)
	if err != nil {
		return nil, netFailed(err, "getaddrinfo", a.str(0))
	}
	var list []string
	for _, addr := range addrs {
		list = append(list, addr.String())
	}
	return list, nil
}

// An exchange is a request and its response.
type exchange struct {
	cancel context.CancelFunc
	body   *io.PipeWriter // of the request; nil if it has none
	done   chan struct{}  // closed when res and err are there

	res   *http.Response
	err   error
	moved bool // was redirected

	once sync.Once
}

// Read reads the body of the response.
func (x *exchange) Read(b []byte) (int, error) {
	<-x.done
	if x.err != nil {
		return 0, x.err
	}
	return x.res.Body.Read(b)
}

// Write adds to the body of the request. What a server does not read that has answered is dropped.
func (x *exchange) Write(b []byte) (int, error) {
	if x.body == nil {
		return 0, syscall.EPIPE
	}
	n, err := x.body.Write(b)
	if err == io.ErrClosedPipe {
		return len(b), nil
	}
	return n, err
}

// CloseWrite ends the body of the request.
func (x *exchange) CloseWrite() error {
	if x.body != nil {
		return x.body.Close()
	}
	return nil
}

// Close ends the exchange, whatever it waits for.
func (x *exchange) Close() error {
	x.cancel()
	x.once.Do(func() {
		if x.body != nil {
			_ = x.body.CloseWithError(context.Canceled) // never returns an error
		}
		<-x.done
		if x.res != nil {
			_ = x.res.Body.Close() // what was wrong with it, its reader has heard
		}
	})
	return nil
}

// Limits of requests.
const (
	maxHeader    = 48 << 10 // bytes of a response's header
	maxRedirects = 20       // as fetch has it
	idleTime     = 30 * time.Second
)

// transport makes the connections of a task's requests. No proxy of the worker's environment is asked.
func (s *Session) transport() *http.Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		s.client = &http.Transport{
			DialContext: s.b.dialText, MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: idleTime, MaxIdleConnsPerHost: 4,
			MaxConnsPerHost: maxHandles, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTime,
		}
	}
	return s.client
}

// request(method, url, [name, value, …], has a body, redirects: follow, manual or error, without a check of
// certificates) → handle
func (s *Session) request(ctx context.Context, a arguments) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	x := &exchange{cancel: cancel, done: make(chan struct{})}
	var body io.Reader
	if a.truth(3) {
		body, x.body = io.Pipe()
	}
	req, err := http.NewRequestWithContext(ctx, a.str(0), a.str(1), body)
	if err == nil && req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		err = &coded{"ERR_INVALID_PROTOCOL", fmt.Sprintf("Protocol %q not supported. Expected \"http:\" or \"https:\"", req.URL.Scheme+":")}
	}
	if err != nil {
		cancel()
		return nil, err
	}
	headers := a.list(2)
	for i := 0; i+1 < len(headers); i += 2 {
		if strings.EqualFold(headers[i], "host") {
			req.Host = headers[i+1]
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: s.transport(), CheckRedirect: x.redirect(a.str(4))}
	if a.truth(5) {
		t := s.transport().Clone()
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		t.DisableKeepAlives = true // nobody would close them
		client.Transport = t
	}
	s.ws.Go(func() {
		defer close(x.done)
		x.res, x.err = client.Do(req)
		if x.body != nil {
			_ = x.body.CloseWithError(io.ErrClosedPipe) // never returns an error
		}
	})
	n, err := s.add(x)
	return n, failed(err, "connect")
}

// redirect is what is done when a server sends elsewhere.
func (x *exchange) redirect(mode string) func(*http.Request, []*http.Request) error {
	return func(_ *http.Request, via []*http.Request) error {
		switch {
		case mode == "manual":
			return http.ErrUseLastResponse
		case mode == "error":
			return errors.New("unexpected redirect")
		case len(via) > maxRedirects:
			return errors.New("redirect count exceeded")
		}
		x.moved = true
		return nil
	}
}

// response(handle) → [status, its text, url, was redirected, [name, value, …]]
func (s *Session) response(ctx context.Context, a arguments) (any, error) {
	x, err := handleOf[*exchange](s, a.num(0))
	if err != nil {
		return nil, failed(err, "connect")
	}
	select {
	case <-x.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x.err != nil {
		return nil, netFailed(x.err, "connect", hostOf(x.err))
	}
	list := []string{}
	for name, values := range x.res.Header {
		for _, v := range values {
			list = append(list, name, v)
		}
	}
	_, text, _ := strings.Cut(x.res.Status, " ")
	return []any{x.res.StatusCode, text, x.res.Request.URL.String(), x.moved, list}, nil
}

// hostOf is the host that could not be found, if err says so.
func hostOf(err error) string {
	var d *net.DNSError
	if errors.As(err, &d) {
		return d.Name
	}
	return ""
}
