package beacon

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"time"
)

// Trial is what came of a packet that was broadcast through one interface.
type Trial struct {
	Interface string
	Prefix    netip.Prefix // its address and network
	MTU       int          // bytes
	Heard     bool         // the packet came back to this process, as it does where nothing drops it
	Err       error        // why it could not be sent
}

// trialTime is how long a packet may take to come back.
const trialTime = 500 * time.Millisecond

// Try broadcasts a packet to the UDP port through each interface that can, and reports which came back, in the order of
// the interfaces. Nodes ignore such packets. The error is that the port cannot be shared, such as that a program that is
// none of ours has it.
func Try(ctx context.Context, port int) ([]Trial, error) {
	conn, err := listen(ctx, port)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var trials []Trial
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagBroadcast == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, p := range addressesOf(i) {
			t := Trial{Interface: i.Name, Prefix: p, MTU: i.MTU}
			t.Heard, t.Err = tryOne(conn, p, port)
			trials = append(trials, t)
		}
	}
	return trials, nil
}

// addressesOf lists the IPv4 addresses of an interface, with their networks.
func addressesOf(i net.Interface) (list []netip.Prefix) {
	addrs, err := i.Addrs()
	if err != nil {
		return nil // it is gone
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Bits() < 31 {
			list = append(list, p)
		}
	}
	return list
}

func tryOne(heard net.PacketConn, p netip.Prefix, port int) (bool, error) {
	from, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.Addr(), 0)))
	if err != nil {
		return false, err
	}
	defer from.Close()
	mark := []byte("sc doctor " + rand.Text())
	if _, err := from.WriteToUDPAddrPort(mark, netip.AddrPortFrom(directed(p), uint16(port))); err != nil {
		return false, err
	}
	deadline := time.Now().Add(trialTime)
	buf := make([]byte, 2048)
	for {
		if err := heard.SetReadDeadline(deadline); err != nil {
			return false, err
		}
		n, _, err := heard.ReadFrom(buf)
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout():
			return false, nil
		case err != nil:
			return false, err
		case bytes.Equal(buf[:n], mark):
			return true, nil
		}
	}
}
