package beacon

import (
	"net"
	"net/netip"
	"testing"

	"supercluster/discovery"
)

func TestDirected(t *testing.T) {
	tests := []struct{ prefix, want string }{
		{"10.9.0.0/24", "10.9.0.255"},
		{"10.9.0.77/24", "10.9.0.255"},
		{"10.9.0.0/22", "10.9.3.255"},
		{"127.0.0.0/8", "127.255.255.255"},
		{"192.168.1.4/30", "192.168.1.7"},
		{"0.0.0.0/0", "255.255.255.255"},
		{"10.0.0.0/31", "invalid IP"},
		{"10.0.0.1/32", "invalid IP"},
		{"fe80::/64", "invalid IP"},
	}
	for _, tt := range tests {
		if got := directed(netip.MustParsePrefix(tt.prefix)).String(); got != tt.want {
			t.Errorf("directed(%s) = %s, want %s", tt.prefix, got, tt.want)
		}
	}
}

func TestAttach(t *testing.T) {
	const up, bc, lo, ptp = net.FlagUp, net.FlagBroadcast, net.FlagLoopback, net.FlagPointToPoint
	tests := []struct {
		name   string
		flags  net.Flags
		addr   string
		target string
		path   discovery.Path
	}{
		{"ethernet", up | bc, "10.9.0.1/24", "10.9.0.255", discovery.Ethernet},
		{"ethernet, /31", up | bc, "10.9.0.0/31", "invalid IP", discovery.Ethernet},
		{"ethernet, /32", up | bc, "10.9.0.1/32", "invalid IP", discovery.Ethernet},
		{"tunnel", up | ptp, "10.8.0.1/24", "invalid IP", discovery.Ethernet},
		{"tunnel that claims broadcast", up | ptp | bc, "10.8.0.1/24", "invalid IP", discovery.Ethernet},
		{"no broadcast", up, "10.8.0.1/24", "invalid IP", discovery.Ethernet},
		{"loopback", up | lo, "127.0.0.1/8", loopbackTarget(netip.MustParsePrefix("127.0.0.0/8")).String(), discovery.Loopback},
		{"service address on loopback", up | lo, "10.255.0.1/32", "invalid IP", discovery.Loopback},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := attach(net.Interface{Name: "nosuch0", Index: 3, Flags: tt.flags}, netip.MustParsePrefix(tt.addr))
			if at.target.String() != tt.target || at.path != tt.path {
				t.Errorf("target %v, path %v, want %s, %v", at.target, at.path, tt.target, tt.path)
			}
		})
	}
}

// What is read of the system's interfaces is what package net says of them.
func TestAttachmentsAreAll(t *testing.T) {
	nets, err := attachments()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[netip.Prefix]bool)
	for _, at := range nets {
		got[netip.PrefixFrom(at.addr, at.prefix.Bits())] = true
	}
	ifis, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, ifi := range ifis {
		addrs, err := ifi.Addrs()
		if err != nil || ifi.Flags&net.FlagUp == 0 {
			continue
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil || !p.Addr().Is4() {
				continue
			}
			want++
			if !got[p] {
				t.Errorf("%v of %s is missing", p, ifi.Name)
			}
		}
	}
	if len(got) != want {
		t.Errorf("%d addresses, want %d: %v", len(got), want, nets)
	}
}

func TestLocate(t *testing.T) {
	nets := []attachment{
		{index: 1, prefix: netip.MustParsePrefix("127.0.0.0/8"), path: discovery.Loopback},
		{index: 2, prefix: netip.MustParsePrefix("10.0.0.0/24"), path: discovery.Ethernet},
		{index: 3, prefix: netip.MustParsePrefix("172.17.0.0/16"), path: discovery.Bridge},
		{index: 4, prefix: netip.MustParsePrefix("10.0.0.0/24"), path: discovery.Bridge},
	}
	tests := []struct {
		from  string
		index int
		path  discovery.Path
		on    bool
	}{
		{"127.0.0.1", 1, discovery.Loopback, true},
		{"10.0.0.9", 2, discovery.Ethernet, true},
		{"10.0.0.9", 4, discovery.Bridge, true},
		{"10.0.0.9", 0, discovery.Ethernet, true},
		{"172.17.0.2", 9, discovery.Bridge, true},
		{"10.0.1.9", 2, discovery.Unknown, false},
		{"8.8.8.8", 0, discovery.Unknown, false},
	}
	for _, tt := range tests {
		path, on := locate(nets, netip.MustParseAddr(tt.from), tt.index)
		if path != tt.path || on != tt.on {
			t.Errorf("locate(%s, %d) = %v, %v, want %v, %v", tt.from, tt.index, path, on, tt.path, tt.on)
		}
	}
}

func TestAttachmentsHaveLoopback(t *testing.T) {
	nets, err := loopbackOnly()
	if err != nil || len(nets) == 0 {
		t.Fatalf("%v, %v, want loopback", nets, err)
	}
	if !nets[0].target.IsValid() {
		t.Errorf("no target on %v", nets[0])
	}
}

func BenchmarkAttachments(b *testing.B) {
	for b.Loop() {
		if _, err := attachments(); err != nil {
			b.Fatal(err)
		}
	}
}
