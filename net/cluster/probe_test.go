package cluster

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
)

func TestRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows says it in another way")
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if refused(t.Context(), addr, probeTime) {
		t.Error("a port that is listened at counts as closed")
	}
	conn.Close()
	if !refused(t.Context(), addr, probeTime) {
		t.Error("a port that nobody has does not count as closed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if refused(ctx, addr, probeTime) {
		t.Error("an answer after the end")
	}
	if refused(t.Context(), netip.AddrPort{}, probeTime) {
		t.Error("an answer from nowhere")
	}
}

// relayedConn is a link through a relay that has fallen silent.
type relayedConn struct{ stillConn }

func (relayedConn) RemoteAddr() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:1") } // where nothing listens
func (relayedConn) Relayed() bool              { return true }

// TestRelayIsNotProbed: that the port of a relay is closed says nothing of the peer.
func TestRelayIsNotProbed(t *testing.T) {
	c := &relayedConn{stillConn{quiet: suspectAfter}}
	to := &tie{pair: newPair(true), tried: c}
	to.current = c
	(&loop{}).probe(t.Context(), to)
	if to.probing {
		t.Error("the relay is asked whether the peer is there")
	}
}
