package beacon

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"supercluster/discovery"
)

// attachment is one IPv4 address of this host, with the network that it is in.
type attachment struct {
	name   string // of the interface
	index  int
	addr   netip.Addr
	prefix netip.Prefix
	path   discovery.Path
	// target is where announcements are sent to; invalid if nobody else can be there: a point-to-point link, a /31 or
	// /32, a network without broadcast.
	target netip.Addr
}

// attachments reads the interfaces that are up.
func attachments() ([]attachment, error) {
	ifis, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	addrs, err := addresses(ifis)
	if err != nil {
		return nil, fmt.Errorf("list the network addresses: %w", err)
	}
	var all []attachment
	for _, ifi := range ifis {
		if ifi.Flags&net.FlagUp == 0 {
			continue
		}
		for _, p := range addrs[ifi.Index] {
			all = append(all, attach(ifi, p))
		}
	}
	return all, nil
}

// attach describes one IPv4 address of an interface, given with the length of its network's prefix.
func attach(ifi net.Interface, p netip.Prefix) attachment {
	addr := p.Addr()
	at := attachment{name: ifi.Name, index: ifi.Index, addr: addr, prefix: p.Masked(), path: discovery.Ethernet}
	switch {
	case ifi.Flags&net.FlagLoopback != 0:
		at.path = discovery.Loopback
		if addr.IsLoopback() {
			at.target = loopbackTarget(at.prefix)
		}
	case isBridge(ifi.Name):
		at.path = discovery.Bridge
	}
	if at.path != discovery.Loopback && ifi.Flags&net.FlagBroadcast != 0 && ifi.Flags&net.FlagPointToPoint == 0 {
		at.target = directed(at.prefix)
	}
	return at
}

// directed is the directed broadcast address of a network (RFC 919), computed rather than asked for: an address that
// was added without one still has it. It is invalid for a /31 or /32, which have none (RFC 3021).
func directed(p netip.Prefix) netip.Addr {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return netip.Addr{}
	}
	a := p.Masked().Addr().As4()
	host := uint32(1)<<(32-p.Bits()) - 1
	binary.BigEndian.PutUint32(a[:], binary.BigEndian.Uint32(a[:])|host)
	return netip.AddrFrom4(a)
}

// locate says by what path an address is reached that a packet came from, by the interface with that index (0 if the
// system does not tell); false if it is on none of our networks.
func locate(nets []attachment, from netip.Addr, index int) (discovery.Path, bool) {
	path, on := discovery.Unknown, false
	for _, at := range nets {
		if !at.prefix.Contains(from) {
			continue
		}
		if !on || at.index == index {
			path, on = at.path, true
		}
	}
	return path, on
}
