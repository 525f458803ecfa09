package beacon

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// addresses returns the IPv4 addresses of all interfaces by index, in one request to the kernel (rtnetlink(7)):
// package net makes one for each interface, answered with the addresses of all, and a host may have 500 of containers.
func addresses([]net.Interface) (map[int][]netip.Prefix, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_INET)
	if err != nil {
		return nil, os.NewSyscallError("netlink RTM_GETADDR", err)
	}
	messages, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, os.NewSyscallError("netlink RTM_GETADDR", err)
	}
	all := make(map[int][]netip.Prefix)
	for _, m := range messages {
		if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg || m.Data[0] != syscall.AF_INET {
			continue
		}
		bits, index := int(m.Data[1]), int(binary.NativeEndian.Uint32(m.Data[4:])) // struct ifaddrmsg
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			continue
		}
		for _, a := range attrs { // IFA_ADDRESS is the other end, if the link has two
			if addr, ok := netip.AddrFromSlice(a.Value); ok && addr.Is4() && a.Attr.Type == syscall.IFA_LOCAL {
				all[index] = append(all[index], netip.PrefixFrom(addr, bits))
			}
		}
	}
	return all, nil
}
