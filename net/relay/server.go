package relay

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	bindTime   = 15 * time.Second // in which both nodes of a session must have bound themselves
	boundFor   = 30 * time.Second // that an address stays bound without another request
	cookieTime = time.Minute      // that a cookie counts, at least; at most twice as long
	strangers  = 200              // answers a second to those who have no session
	readBuffer = 4 << 20          // bytes that the system may keep for the server
	tick       = time.Second      // between two looks at what is over
)

// ErrQuota is wrapped by errors that say that there are too many sessions.
var ErrQuota = errors.New("too many relayed connections")

// Limits bounds what a Server does for others. A zero field means its default.
type Limits struct {
	// Sessions is how many there are at once; default 4096. SessionsPerHost is how many of them nodes at one address may
	// have asked for; default 1024, as all nodes behind a NAT have one address.
	Sessions, SessionsPerHost int
	// Rate is how many bytes a second a session carries, both directions together; default 16 MiB. TotalRate is how many
	// all sessions together do; default 64 MiB. Packets beyond are dropped, which QUIC takes as a sign to slow down.
	Rate, TotalRate int
}

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		n *int
		d int
	}{{&l.Sessions, 4096}, {&l.SessionsPerHost, 1024}, {&l.Rate, 16 << 20}, {&l.TotalRate, 64 << 20}} {
		if *f.n <= 0 {
			*f.n = f.d
		}
	}
	return l
}

// A Server carries packets between the nodes of its sessions. It is safe for concurrent use.
type Server struct {
	limits Limits
	logger *slog.Logger
	secret [32]byte      // that cookies are made with
	rest   *rate.Limiter // answers to those who have no session
	total  *rate.Limiter // bytes

	mu       sync.Mutex // guards what follows
	sessions map[string]*session
	sides    map[Token]*side
	bound    map[netip.AddrPort]*side
	hosts    map[netip.Addr]int // sessions by who asked for them
	carried  uint64             // bytes, of all sessions there were
}

// Stats returns how many pairs of nodes have packets relayed, and how many bytes were for all there were.
func (s *Server) Stats() (sessions int, bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions), s.carried
}

// session is two nodes that have packets for each other.
type session struct {
	id    string
	host  netip.Addr // that asked for it
	ends  [2]*side
	rate  *rate.Limiter // bytes
	born  time.Time
	bytes uint64 // carried
}

// side is one node's end of a session.
type side struct {
	session *session
	node    string
	token   Token
	peer    *side
	addr    netip.AddrPort // that it is bound to; invalid before
	heard   time.Time      // when it last bound itself
}

// NewServer returns a server without a session. A nil logger discards.
func NewServer(limits Limits, logger *slog.Logger) *Server {
	limits = limits.withDefaults()
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		limits:   limits,
		logger:   logger,
		rest:     rate.NewLimiter(strangers, strangers),
		total:    bytesPerSecond(limits.TotalRate),
		sessions: make(map[string]*session),
		sides:    make(map[Token]*side),
		bound:    make(map[netip.AddrPort]*side),
		hosts:    make(map[netip.Addr]int),
	}
	rand.Read(s.secret[:]) // never fails, says crypto/rand
	return s
}

// bytesPerSecond lets through a quarter of a second's bytes at once.
func bytesPerSecond(n int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(n), max(n/4, 4*maxPacket))
}

// Join gives the node me, which asks from the address host, its token in a session with the node peer. An empty session
// begins one; otherwise it names one that began before, here or at a server in whose place this one is. It returns the
// session's name. The error wraps ErrQuota if there are too many, and tells if the session is that of other nodes.
// Whether me is who it says is for the caller to know.
func (s *Server) Join(name, me, peer string, host netip.Addr) (string, Token, error) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		name = newToken().String()
	}
	if x := s.sessions[name]; x != nil {
		for _, e := range x.ends {
			if e.node == me && e.peer.node == peer {
				return name, e.token, nil
			}
		}
		return "", Token{}, fmt.Errorf("session %.8s is not between %s and %s", name, me, peer)
	}
	if me == peer {
		return "", Token{}, fmt.Errorf("session of %s with itself", me)
	}
	if len(s.sessions) >= s.limits.Sessions {
		return "", Token{}, fmt.Errorf("%w: %d", ErrQuota, len(s.sessions))
	}
	if s.hosts[host] >= s.limits.SessionsPerHost {
		return "", Token{}, fmt.Errorf("%w: %d from %v", ErrQuota, s.hosts[host], host)
	}
	x := &session{id: name, host: host, rate: bytesPerSecond(s.limits.Rate), born: now}
	a, b := &side{session: x, node: me, token: newToken()}, &side{session: x, node: peer, token: newToken()}
	a.peer, b.peer, x.ends = b, a, [2]*side{a, b}
	s.sessions[name], s.sides[a.token], s.sides[b.token] = x, a, b
	s.hosts[host]++
	s.logger.Debug("relays", "node", me, "peer", peer)
	return name, a.token, nil
}

// Len is how many sessions there are.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Run carries what arrives at conn, which it closes, until ctx is done. It returns nil if ctx ended it.
func (s *Server) Run(ctx context.Context, conn *net.UDPConn) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	_ = conn.SetReadBuffer(readBuffer) // what the system grants is enough
	buf := make([]byte, maxPacket+1)
	due := time.Now().Add(tick)
	for broken := 0; ctx.Err() == nil; {
		_ = conn.SetReadDeadline(due)
		if ctx.Err() != nil {
			break // and its deadline may have been overwritten
		}
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		now := time.Now()
		if !now.Before(due) {
			s.sweep(now)
			due = now.Add(tick)
		}
		if err != nil {
			timeout := net.Error(nil)
			if errors.As(err, &timeout) && timeout.Timeout() {
				continue
			}
			if broken++; broken > 10 { // single ones tell of packets sent before
				return fmt.Errorf("relay at UDP %v: %w", conn.LocalAddr(), err)
			}
			continue
		}
		broken = 0
		if packet, to := s.take(buf[:n], plain(from), now); packet != nil {
			_, _ = conn.WriteToUDPAddrPort(packet, to) // what cannot be sent is lost, as packets are
		}
	}
	return nil
}

// plain is an address in the form in which it is compared.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// take says what to send for a packet, and where; nil for nothing.
func (s *Server) take(packet []byte, from netip.AddrPort, now time.Time) ([]byte, netip.AddrPort) {
	if len(packet) > maxPacket {
		return nil, from
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if isRequest(packet) {
		if r, ok := decode(packet); ok && r.kind == bind {
			return s.bind(r, from, now), from
		}
		return nil, from
	}
	e := s.bound[from]
	if e == nil || !e.peer.addr.IsValid() || !e.session.rate.AllowN(now, len(packet)) || !s.total.AllowN(now, len(packet)) {
		return nil, from
	}
	e.session.bytes += uint64(len(packet))
	s.carried += uint64(len(packet))
	return packet, e.peer.addr
}

// bind answers a request.
func (s *Server) bind(r request, from netip.AddrPort, now time.Time) []byte {
	e := s.sides[r.token]
	if e == nil {
		if !s.rest.AllowN(now, 1) {
			return nil
		}
		return request{kind: unknown, token: r.token}.encode()
	}
	next := s.cookie(from, r.token, now)
	if r.cookie != next && r.cookie != s.cookie(from, r.token, now.Add(-cookieTime)) {
		return request{kind: challenge, token: r.token, cookie: next}.encode()
	}
	if e.addr != from {
		s.free(e)
		if other := s.bound[from]; other != nil {
			other.addr = netip.AddrPort{}
		}
		e.addr = from
		s.bound[from] = e
	}
	e.heard = now
	return request{kind: bound, token: r.token, cookie: next}.encode()
}

// cookie is what whoever receives at an address knows of it, for a while.
func (s *Server) cookie(at netip.AddrPort, t Token, now time.Time) (c cookie) {
	h := hmac.New(sha256.New, s.secret[:])
	ip := at.Addr().As16()
	h.Write(ip[:])
	h.Write(binary.BigEndian.AppendUint16(nil, at.Port()))
	h.Write(t[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()/int64(cookieTime))))
	copy(c[:], h.Sum(nil))
	return c
}

// free lets nobody be bound to the address of e.
func (s *Server) free(e *side) {
	if s.bound[e.addr] == e {
		delete(s.bound, e.addr)
	}
	e.addr = netip.AddrPort{}
}

// sweep ends what is over at now.
func (s *Server) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, x := range s.sessions {
		over := false
		for _, e := range x.ends {
			if e.heard.IsZero() {
				over = over || now.Sub(x.born) > bindTime
			} else {
				over = over || now.Sub(e.heard) > boundFor
			}
		}
		if !over {
			continue
		}
		for _, e := range x.ends {
			s.free(e)
			delete(s.sides, e.token)
		}
		delete(s.sessions, id)
		if s.hosts[x.host]--; s.hosts[x.host] <= 0 {
			delete(s.hosts, x.host)
		}
		s.logger.Debug("relays no more", "node", x.ends[0].node, "peer", x.ends[1].node, "bytes", x.bytes)
	}
}
