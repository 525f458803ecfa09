//go:build !linux

package beacon

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
)

// group is the multicast group that carries announcements between the processes of a host whose loopback interface
// has no broadcast address: macOS, Windows.
var group = netip.AddrFrom4([4]byte{239, 192, 44, 201})

// fasten has nothing to do: the address that the socket is bound to decides.
func fasten(uintptr, string) error { return nil }

// loopbackTarget is where announcements to the processes of this host go: loopback has no broadcast here.
func loopbackTarget(netip.Prefix) netip.Addr { return group }

// join lets the listening socket hear what is sent to group on loopback.
func (b *Beacon) join(pc *ipv4.PacketConn) {
	ifis, err := net.Interfaces()
	if err != nil {
		return // said by refresh
	}
	for _, ifi := range ifis {
		if ifi.Flags&net.FlagLoopback == 0 || ifi.Flags&net.FlagUp == 0 {
			continue
		}
		if err := pc.JoinGroup(&ifi, &net.UDPAddr{IP: group.AsSlice()}); err != nil {
			b.warn("multicast on loopback refused: other processes of this host are found by the network only", "err", err)
		}
	}
}

// addresses returns the IPv4 addresses of the interfaces by index.
func addresses(ifis []net.Interface) (map[int][]netip.Prefix, error) {
	all := make(map[int][]netip.Prefix)
	for _, ifi := range ifis {
		addrs, err := ifi.Addrs()
		if err != nil {
			continue // it went away meanwhile
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
				all[ifi.Index] = append(all[ifi.Index], p)
			}
		}
	}
	return all, nil
}
