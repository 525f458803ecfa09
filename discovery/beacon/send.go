package beacon

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// spacing is the least time between two rounds of announcements.
const spacing = 50 * time.Millisecond

// burst holds the pauses between the first announcements: at 0, 100 and 300 ms.
var burst = [...]time.Duration{100 * time.Millisecond, 200 * time.Millisecond}

// pause is the time from the round of announcements number done (the first is 0) to the next, when n nodes are heard.
// random is in [0, 1): it spreads the rounds of nodes that started together by a fifth either way.
func pause(done int, interval time.Duration, n int, random float64) time.Duration {
	d := base(interval, n)
	if done < len(burst) {
		d = min(burst[done], d)
	}
	return time.Duration(float64(d) * (0.8 + 0.4*random))
}

// base is the interval among n nodes.
func base(interval time.Duration, n int) time.Duration {
	return min(max(interval, time.Duration(n)*perNode), maxInterval)
}

// member is a local node that was announced: what a goodbye needs.
type member struct {
	discovery.Announcement
	identity *trust.Identity
}

// announcer is the sending half of a Beacon; it belongs to the goroutine that runs send.
type announcer struct {
	b       *Beacon
	self    func() []discovery.Announcement
	members []member // as last announced
	seq     uint64   // for announcements that have none
	packets map[node]sent
	socks   sockets
}

// sent is a packet that was sent, and what it says.
type sent struct {
	discovery.Announcement
	packet []byte
}

// says reports whether the packet tells of a what there is to tell, but for its number.
func (s sent) says(a discovery.Announcement) bool {
	old := s.Announcement
	return old.Role == a.Role && old.Cluster == a.Cluster && old.Addr == a.Addr && old.Proto == a.Proto && old.Bye == a.Bye && bytes.Equal(old.Data, a.Data)
}

// send announces until ctx is done and then says goodbye.
func (b *Beacon) send(ctx context.Context, self func() []discovery.Announcement) {
	s := &announcer{b: b, self: self, packets: make(map[node]sent), socks: sockets{}}
	defer s.socks.close()
	var (
		done  int       // rounds since the burst began
		last  time.Time // round
		due   time.Time // the next
		timer = time.NewTimer(0)
	)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.goodbye()
			return
		case <-b.poke:
			done, due = 0, last.Add(spacing)
		case <-timer.C:
		}
		now := time.Now()
		if b.refresh() {
			done, due = 0, last.Add(spacing) // another interface, or another address: say so there
		}
		n := b.sweep(now)
		if !now.Before(due) {
			if s.round(now, base(b.cfg.Interval, n), done > 0 && done <= len(burst)) {
				last, due = now, now.Add(pause(done, b.cfg.Interval, n, rand.Float64()))
				done++
			} else { // the first node that joins need not wait
				due = now.Add(b.cfg.Interval)
			}
		}
		timer.Reset(min(time.Until(due), reread))
	}
}

// sweep forgets what is over and returns how many nodes announce themselves.
func (b *Beacon) sweep(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard.sweep(now)
}

// refresh reads the interfaces and reports whether they differ from the last time.
func (b *Beacon) refresh() bool {
	nets, err := b.links()
	if err != nil {
		b.warn("network interfaces cannot be read", "err", err)
		return false
	}
	const down = "loopback is down: other processes of this host are not found by it"
	if slices.ContainsFunc(nets, func(at attachment) bool { return at.path == discovery.Loopback && at.target.IsValid() }) {
		b.calm(down, "loopback is up")
	} else {
		b.warn(down)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := !slices.Equal(b.nets, nets)
	b.nets = nets
	return changed
}

// round announces every local node once, says goodbye for those that are no longer there, and reports whether there were any.
// again says that this is for those who have not got the last one: it is sent as it was, and costs who has it no signature check.
func (s *announcer) round(now time.Time, interval time.Duration, again bool) bool {
	before, nodes := s.members, s.self()
	s.members = nil
	for _, a := range nodes {
		if id := s.b.cfg.Identity(a.ID); id != nil {
			if a.TTL <= 0 {
				a.TTL = discovery.DefaultTTL
			}
			a.TTL = max(a.TTL, 3*interval)
			s.members = append(s.members, member{s.numbered(a), id})
		}
	}
	s.b.own(s.members, now)
	for _, m := range before {
		if !m.Bye && !slices.ContainsFunc(s.members, func(have member) bool { return have.ID == m.ID && have.Boot == m.Boot }) {
			s.bye(m, now)
		}
	}
	if !again {
		clear(s.packets)
	}
	for _, m := range s.members {
		s.packet(m, now)
	}
	s.socks.keep(s.b.attached())
	return len(before)+len(nodes) > 0
}

// goodbye says for every local node that it leaves.
func (s *announcer) goodbye() {
	now := time.Now()
	for _, m := range s.members {
		if !m.Bye {
			s.bye(m, now)
		}
	}
}

// bye announces that a node leaves.
func (s *announcer) bye(m member, now time.Time) {
	m.Bye = true
	m.Seq++
	m.Data = nil
	s.packet(m, now)
}

// numbered gives a its sequence number if it has none.
func (s *announcer) numbered(a discovery.Announcement) discovery.Announcement {
	if a.Seq == 0 {
		s.seq += 2 // a goodbye takes the one after
		a.Seq = s.seq
	}
	return a
}

// packet sends the announcement of m to every network: the same bytes, so that a host which hears them twice checks
// one signature.
func (s *announcer) packet(m member, now time.Time) {
	k := node{m.ID, m.Boot}
	last, ok := s.packets[k]
	if !ok || !last.says(m.Announcement) {
		packet, err := encode(s.b.cfg.Sealer, m.identity, m.Announcement, now)
		if err != nil {
			s.b.warn("node is not announced", "node", m.ID, "err", err)
			return
		}
		last = sent{m.Announcement, packet}
		s.packets[k] = last
	}
	for _, at := range s.b.attached() {
		if !at.target.IsValid() {
			continue
		}
		if err := s.socks.send(at, s.b.cfg.Port, last.packet); err != nil {
			s.b.count(&s.b.stats.Unsent)
			s.b.cfg.Logger.Debug("announcement not sent", "interface", at.name, "err", err)
			continue
		}
		s.b.count(&s.b.stats.Sent)
	}
}

// own records the local nodes, whose packets come back.
func (b *Beacon) own(members []member, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range members {
		b.heard.mine(m.Announcement, now)
	}
}

// attached returns the networks as last read; the slice is never changed.
func (b *Beacon) attached() []attachment {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.nets
}

// sockets holds a sending socket for each address of this host.
type sockets map[attachment]*net.UDPConn

// send sends a packet to at's target from at's own address. A socket that errs is given up; the next packet gets a
// fresh one.
func (s sockets) send(at attachment, port int, packet []byte) error {
	conn := s[at]
	if conn == nil {
		var err error
		if conn, err = dial(at); err != nil {
			return fmt.Errorf("open a socket at %v: %w", at.addr, err)
		}
		s[at] = conn
	}
	if _, err := conn.WriteToUDPAddrPort(packet, netip.AddrPortFrom(at.target, uint16(port))); err != nil {
		conn.Close()
		delete(s, at)
		return err
	}
	return nil
}

// keep closes the sockets whose address is gone.
func (s sockets) keep(nets []attachment) {
	for at, conn := range s {
		if !slices.Contains(nets, at) {
			conn.Close()
			delete(s, at)
		}
	}
}

// close closes all.
func (s sockets) close() {
	for _, conn := range s {
		conn.Close()
	}
}
