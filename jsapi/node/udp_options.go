package node

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"github.com/dop251/goja"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// setOption(number, name, value): broadcast, ttl, multicastTTL, multicastLoop, multicastInterface, recvBuffer,
// sendBuffer.
func (d *datagrams) setOption(args arguments) error {
	number := int(args.at(2).ToInteger())
	switch args.str(1) {
	case "broadcast":
		return d.control(func(fd uintptr) error { return setBroadcast(fd, args.at(2).ToBoolean()) })
	case "ttl":
		if number < 1 || number > 255 {
			return syscall.EINVAL
		}
		if d.network == "udp4" {
			return ipv4.NewPacketConn(d.conn).SetTTL(number)
		}
		return ipv6.NewPacketConn(d.conn).SetHopLimit(number)
	case "multicastTTL":
		if number < 0 || number > 255 {
			return syscall.EINVAL
		}
		if d.network == "udp4" {
			return ipv4.NewPacketConn(d.conn).SetMulticastTTL(number)
		}
		return ipv6.NewPacketConn(d.conn).SetMulticastHopLimit(number)
	case "multicastLoop":
		on := args.at(2).ToBoolean()
		if d.network == "udp4" {
			return ipv4.NewPacketConn(d.conn).SetMulticastLoopback(on)
		}
		return ipv6.NewPacketConn(d.conn).SetMulticastLoopback(on)
	case "multicastInterface":
		return d.multicastInterface(args.str(2))
	case "recvBuffer":
		return d.conn.SetReadBuffer(number)
	case "sendBuffer":
		return d.conn.SetWriteBuffer(number)
	}
	return syscall.EINVAL
}

// udpOption(number, "recvBuffer" or "sendBuffer") → bytes, or the fault
func (n *Node) udpOption(call goja.FunctionCall) goja.Value {
	d := n.datagrams(call.Argument(0))
	if d == nil {
		return n.fault(syscall.EBADF)
	}
	size := 0
	receive := call.Argument(1).String() == "recvBuffer"
	err := d.control(func(fd uintptr) (err error) {
		size, err = bufferSize(fd, receive)
		return err
	})
	if err != nil {
		return n.fault(err)
	}
	return n.rt.ToValue(size)
}

// multicastInterface has datagrams to groups leave by the interface named: an address of it for IPv4, "::%name" or
// "::%index" for IPv6; 0.0.0.0 and "::" mean the system's choice.
func (d *datagrams) multicastInterface(name string) error {
	ip, err := netip.ParseAddr(name)
	if err != nil || ip.Is4() != (d.network == "udp4") {
		return syscall.EINVAL
	}
	if ip.Is4() {
		ifi, err := interfaceOf(ip)
		if err != nil {
			return err
		}
		return ipv4.NewPacketConn(d.conn).SetMulticastInterface(ifi)
	}
	ifi, err := zoneOf(ip)
	if err != nil {
		return err
	}
	return ipv6.NewPacketConn(d.conn).SetMulticastInterface(ifi)
}

// interfaceOf is the interface that has the address ip; nil for 0.0.0.0.
func interfaceOf(ip netip.Addr) (*net.Interface, error) {
	if ip.IsUnspecified() {
		return nil, nil
	}
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range list {
		addrs, err := list[i].Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().WithZone("") == ip {
				return &list[i], nil
			}
		}
	}
	return nil, errNoDevice
}

// zoneOf is the interface of an IPv6 address's zone, or the one that has the address; nil for the unspecified one.
func zoneOf(ip netip.Addr) (*net.Interface, error) {
	zone := ip.Zone()
	if zone == "" {
		return interfaceOf(ip)
	}
	if index, err := strconv.Atoi(zone); err == nil {
		if index == 0 {
			return nil, nil
		}
		return net.InterfaceByIndex(index)
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return nil, errNoDevice
	}
	return ifi, nil
}

// member joins or leaves a group: what is "join" or "leave"; the source may be "", as may the address of the
// interface.
func (d *datagrams) member(what, group, source, face string) error {
	ip, err := netip.ParseAddr(group)
	if err != nil || ip.Is4() != (d.network == "udp4") {
		return syscall.EINVAL
	}
	var ifi *net.Interface
	if face != "" {
		at, err := netip.ParseAddr(face)
		if err != nil {
			return syscall.EINVAL
		}
		if ifi, err = zoneOf(at); err != nil {
			return err
		}
	}
	to := &net.UDPAddr{IP: ip.AsSlice()}
	if source == "" {
		if d.network == "udp4" {
			if p := ipv4.NewPacketConn(d.conn); what == "join" {
				return p.JoinGroup(ifi, to)
			} else {
				return p.LeaveGroup(ifi, to)
			}
		}
		if p := ipv6.NewPacketConn(d.conn); what == "join" {
			return p.JoinGroup(ifi, to)
		} else {
			return p.LeaveGroup(ifi, to)
		}
	}
	from, err := netip.ParseAddr(source)
	if err != nil || from.Is4() != ip.Is4() {
		return syscall.EINVAL
	}
	return d.sourceMember(what == "join", ifi, to, &net.UDPAddr{IP: from.AsSlice()})
}

func (d *datagrams) sourceMember(join bool, ifi *net.Interface, to, from net.Addr) error {
	switch four := d.network == "udp4"; {
	case four && join:
		return ipv4.NewPacketConn(d.conn).JoinSourceSpecificGroup(ifi, to, from)
	case four:
		return ipv4.NewPacketConn(d.conn).LeaveSourceSpecificGroup(ifi, to, from)
	case join:
		return ipv6.NewPacketConn(d.conn).JoinSourceSpecificGroup(ifi, to, from)
	}
	return ipv6.NewPacketConn(d.conn).LeaveSourceSpecificGroup(ifi, to, from)
}
