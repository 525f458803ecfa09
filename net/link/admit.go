package link

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/time/rate"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// Guests says from where nodes are let in that prove no membership. It does not matter without a Config.Trust, or in a
// keyed cluster, which has no guests.
type Guests int

const (
	// NoGuests lets members in alone.
	NoGuests Guests = iota
	// GuestsOnLink lets nodes in that are on one of this host's own networks. The socket then sends with a TTL (IPv6: a hop limit) of 1,
	// so that no router passes on what it says: whoever completes a handshake is that near, whatever address it seems to have.
	GuestsOnLink
	// GuestsPrivate lets nodes in whose address is of a private range (RFC 1918, 4193), link-local or of this host.
	GuestsPrivate
)

const (
	// maxGuests is how many links to guests a socket has at once, maxGuestsPerHost how many of one address.
	maxGuests, maxGuestsPerHost = 2048, 64
	// maxPendingPerHost is how many connections of one address may be on their way to a hello.
	maxPendingPerHost = 32
	// recheck is how often it is looked whether members still are.
	recheck = 2 * time.Second
	// networksFor is how long the addresses of this host's interfaces are remembered.
	networksFor = 5 * time.Second
	// sayEvery is the time between two lines about one address.
	sayEvery = time.Minute
)

// nearby makes the socket reach its own links only.
func nearby(udp net.PacketConn) error {
	err4 := ipv4.NewPacketConn(udp).SetTTL(1)
	err6 := ipv6.NewPacketConn(udp).SetHopLimit(1)
	if err4 != nil && err6 != nil {
		return err4
	}
	return nil
}

// admits judges the other end of a connection whose handshake is complete, before anything else is read or said.
func (s *Socket) admits(conn *quic.Conn) (trust.Standing, error) {
	who, err := s.cfg.Trust.Judge(conn.ConnectionState().TLS)
	if err != nil {
		return who, err
	}
	if s.cfg.Trust == nil {
		return who, nil
	}
	if r := s.cfg.Trust.Admit(who); r != nil {
		return who, r
	}
	if who.Member {
		s.holdMember(conn, who)
		return who, nil
	}
	from := addrPort(conn.RemoteAddr()).Addr()
	if s.isRelayed(conn) {
		from = netip.Addr{} // where it is only the relay says, whom nobody has to believe
	}
	if r := s.admitsGuest(from); r != nil {
		return who, r
	}
	return who, s.holdGuest(conn, from)
}

// admitsGuest judges the address of one that is no member.
func (s *Socket) admitsGuest(from netip.Addr) error {
	switch {
	case s.cfg.Guests == NoGuests:
		return &trust.Refusal{Code: trust.CodeKeyRequired, Message: "guests are not let in"}
	case !from.IsValid():
		return &trust.Refusal{Code: trust.CodeKeyRequired, Message: "guests are not let in through a relay"}
	case s.cfg.Guests == GuestsOnLink && !s.networks.contain(from):
		return &trust.Refusal{Code: trust.CodeKeyRequired, Message: "guests are let in from the networks that this host is on, not from " + from.String()}
	case s.cfg.Guests == GuestsPrivate && !from.IsPrivate() && !from.IsLoopback() && !from.IsLinkLocalUnicast():
		return &trust.Refusal{Code: trust.CodeKeyRequired, Message: "guests are let in from private networks, not from " + from.String()}
	}
	return nil
}

// holdGuest counts a guest until its connection ends.
func (s *Socket) holdGuest(conn *quic.Conn, from netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guests >= maxGuests || s.guestsAt[from] >= maxGuestsPerHost {
		return &trust.Refusal{Code: trust.CodeQuota, Message: "too many guests are here"}
	}
	s.guests++
	s.guestsAt[from]++
	context.AfterFunc(conn.Context(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.guests--
		if s.guestsAt[from]--; s.guestsAt[from] <= 0 {
			delete(s.guestsAt, from)
		}
	})
	return nil
}

// holdMember remembers a member's standing until its connection ends.
func (s *Socket) holdMember(conn *quic.Conn, who trust.Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[conn] = who
	context.AfterFunc(conn.Context(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.members, conn)
	})
}

// Recheck closes the connections of those that are no members any more: whose token was revoked or has expired, or whose key
// was replaced. Run calls it every 2 s.
func (s *Socket) Recheck() {
	now := time.Now()
	type verdict struct {
		conn *quic.Conn
		who  trust.Standing
		why  *trust.Refusal
	}
	var out []verdict
	s.mu.Lock()
	for conn, who := range s.members {
		if r := s.cfg.Trust.Valid(who, now); r != nil {
			out = append(out, verdict{conn, who, r})
		}
	}
	s.mu.Unlock()
	for _, v := range out {
		s.complain(addrPort(v.conn.RemoteAddr()), v.who, v.why)
		_ = v.conn.CloseWithError(quic.ApplicationErrorCode(wire.ByeRefused), cut(v.why.Reason()))
	}
}

// watchMembers calls Recheck until ctx is done.
func (s *Socket) watchMembers(ctx context.Context) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.Recheck()
		}
	}
}

// Trust returns what the socket's nodes prove their membership with.
func (s *Socket) Trust() *trust.Ring { return s.cfg.Trust }

// complain logs that a peer was refused: once a minute for each address, and not more than a few lines a second in all.
func (s *Socket) complain(from netip.AddrPort, who trust.Standing, err error) {
	if !s.grumbles.allow(from.Addr(), time.Now()) {
		return
	}
	args := []any{"addr", from, "err", err}
	if !who.ID.IsZero() {
		names := who.Names()
		args = append(args, "node", names[0].String())
	}
	if r, ok := trust.AsRefusal(err); ok {
		args = append(args, "code", r.Code)
	}
	s.cfg.Logger.Warn("connection refused", args...)
}

// networks are those that this host is on. It is safe for concurrent use.
type networks struct {
	mu       sync.Mutex
	prefixes []netip.Prefix
	read     time.Time
}

// contain reports whether addr is on one of the networks, or this host's own.
func (n *networks) contain(addr netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if time.Since(n.read) > networksFor {
		n.prefixes, n.read = nil, time.Now()
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			return addr.IsLoopback() // of the rest nothing is known
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				n.prefixes = append(n.prefixes, netip.PrefixFrom(p.Addr().Unmap(), p.Bits()).Masked())
			}
		}
	}
	for _, p := range n.prefixes {
		if p.Contains(addr.WithZone("")) {
			return true
		}
	}
	return addr.IsLoopback()
}

// grumbles bounds what is logged. It is safe for concurrent use.
type grumbles struct {
	mu   sync.Mutex
	all  *rate.Limiter
	said map[netip.Addr]time.Time
}

func newGrumbles() *grumbles {
	return &grumbles{all: rate.NewLimiter(2, 8), said: make(map[netip.Addr]time.Time)}
}

func (g *grumbles) allow(from netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.said[from]) < sayEvery || !g.all.AllowN(now, 1) {
		return false
	}
	if len(g.said) >= 1024 {
		clear(g.said)
	}
	g.said[from] = now
	return true
}
