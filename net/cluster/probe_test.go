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
