package beacon

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// receive listens until ctx is done. When it cannot have the port it warns and tries again.
func (b *Beacon) receive(ctx context.Context, found func(discovery.Announcement)) {
	const taken = "discovery port is taken: nodes that cannot reach us are not found"
	for ctx.Err() == nil {
		conn, err := listen(ctx, b.cfg.Port)
		if err == nil {
			b.calm(taken, "discovery port is free again", "port", b.cfg.Port)
			err = b.read(ctx, conn, found)
			conn.Close()
		}
		if ctx.Err() != nil {
			return
		}
		b.warn(taken, "port", b.cfg.Port, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(b.retry):
		}
	}
}

// read reports what arrives at conn until ctx is done or the socket breaks. Errors of single packets, which Windows
// reports for replies to earlier ones, break nothing unless they keep coming.
func (b *Beacon) read(ctx context.Context, conn *net.UDPConn, found func(discovery.Announcement)) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	pc := ipv4.NewPacketConn(conn)
	_ = pc.SetControlMessage(ipv4.FlagInterface, true) // not on Windows: the address alone then tells the interface
	b.join(pc)
	buf := make([]byte, maxPacket+1)
	for broken := 0; ; {
		n, cm, src, err := pc.ReadFrom(buf)
		if err != nil {
			if broken++; ctx.Err() != nil || errors.Is(err, net.ErrClosed) || broken > 10 {
				return err
			}
			continue
		}
		broken = 0
		index := 0
		if cm != nil {
			index = cm.IfIndex
		}
		from := src.(*net.UDPAddr).AddrPort()
		if a, ok := b.accept(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), index, time.Now()); ok {
			found(a)
		}
	}
}

// accept judges one packet, from the cheapest check to the dearest, and counts what becomes of it.
func (b *Beacon) accept(packet []byte, from netip.AddrPort, index int, now time.Time) (discovery.Announcement, bool) {
	refuse := func(n *uint64) (discovery.Announcement, bool) {
		b.count(n)
		return discovery.Announcement{}, false
	}
	if len(packet) > maxPacket {
		return refuse(&b.stats.Malformed)
	}
	path, on := locate(b.attached(), from.Addr(), index)
	if !on {
		return refuse(&b.stats.OffLink)
	}
	if !b.allow(from.Addr(), now) {
		return refuse(&b.stats.Limited)
	}
	plain, err := b.cfg.Sealer.Open(packet)
	if errors.Is(err, trust.ErrForeign) {
		return refuse(&b.stats.Foreign)
	} else if err != nil {
		return refuse(&b.stats.Forged)
	}
	p, err := parse(plain)
	if err != nil {
		return refuse(&b.stats.Malformed)
	}
	from = netip.AddrPortFrom(from.Addr(), p.Addr.Port())
	digest := sha256.Sum256(plain)
	switch b.judge(p, from, digest, now) {
	case own:
		return refuse(&b.stats.Own)
	case repeated:
		return refuse(&b.stats.Repeated)
	case replayed:
		return refuse(&b.stats.Replayed)
	case limited:
		return refuse(&b.stats.Limited)
	case verify:
		if p.verify() != nil {
			return refuse(&b.stats.Forged)
		}
	case trusted:
	}
	b.note(p, from, digest, now)
	b.count(&b.stats.Accepted)
	a := p.Announcement
	a.Addr, a.Path = from, path
	return a, true
}

func (b *Beacon) allow(from netip.Addr, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard.allow(from, now)
}

func (b *Beacon) judge(p parsed, from netip.AddrPort, digest [sha256.Size]byte, now time.Time) verdict {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard.judge(p, from, digest, now)
}

func (b *Beacon) note(p parsed, from netip.AddrPort, digest [sha256.Size]byte, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard.note(p, from, digest, now)
}
