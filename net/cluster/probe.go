package cluster

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"supercluster/net/wire"
)

// A host may take probeTime to say that nothing has a port. It is asked every probeEvery, since hosts limit such
// answers, to about one a second, and QUIC's own packets to the port use them up as well. trialTime is enough for a
// host that has no such packets.
const (
	probeTime  = 900 * time.Millisecond
	trialTime  = 150 * time.Millisecond
	probeEvery = 50 * time.Millisecond
)

// probe asks the host of a peer that has fallen silent whether its process is still there: one that was killed says
// nothing itself, and would be waited for as if the network were cut. A host that does not answer proves nothing, nor
// does one that refuses others while the peer lives, as a router does that the peer is behind: so each link that was
// accepted is tried once while it is well. A port that was dialled takes others. The port of a relay tells nothing of the
// peer: it is closed while its tracker starts again.
func (l *loop) probe(ctx context.Context, t *tie) {
	c := t.current
	if c == nil || t.probing || !c.RemoteAddr().IsValid() || c.Relayed() {
		return
	}
	silent := c.Quiet() >= suspectAfter
	switch trial := t.tried != c; {
	case trial && silent: // too late to learn what its silence means
	case trial:
		t.tried, t.deaf = c, false
		if !c.Dialled() {
			l.ask(ctx, t, trialTime, func(dead bool) { t.deaf = dead })
		}
	case silent && !t.deaf:
		l.ask(ctx, t, probeTime, func(dead bool) {
			if dead && t.current == c && c.Quiet() >= suspectAfter {
				c.Close(wire.ByeInternal, "nothing listens at its port any more")
			}
		})
	}
}

// ask calls told, on the loop, with what the host of t's link says of its port.
func (l *loop) ask(ctx context.Context, t *tie, wait time.Duration, told func(dead bool)) {
	t.probing = true
	addr := t.current.RemoteAddr()
	l.g.Go(func() error {
		dead := refused(ctx, addr, wait)
		_ = l.mesh.do(ctx, func(context.Context, *loop) { // or the mesh ends, and all links with it
			t.probing = false
			told(dead)
		})
		return nil
	})
}

// refused reports whether a host answers packets to a UDP port by ICMP that nothing listens there.
func refused(ctx context.Context, addr netip.AddrPort, wait time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "udp", addr.String())
	if err != nil {
		return false
	}
	defer conn.Close()
	for ctx.Err() == nil && !errors.Is(err, syscall.ECONNREFUSED) {
		_ = conn.SetDeadline(time.Now().Add(probeEvery))
		if _, err = conn.Write([]byte{0}); err == nil { // no packet of QUIC: whoever is there ignores it
			_, err = conn.Read(make([]byte, 1))
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, syscall.ECONNREFUSED) {
			return false // such as that the network is down
		}
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
