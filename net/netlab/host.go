package netlab

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Host is a machine of the lab: a network namespace, with the file system of the machine that the test runs on.
type Host struct {
	lab   *Lab
	ns    string
	plugs []plug
	via   *Subnet // the subnet of its default route; nil without one
}

// plug is one end of a cable: an interface of the host, and the port of the bridge that it leads to.
type plug struct {
	subnet *Subnet
	name   string // eth0, eth1, … on the host
	port   string // on the bridge
	addr   netip.Addr
}

// plug gives the host an interface in s with the address addr.
func (h *Host) plug(s *Subnet, addr netip.Addr) {
	h.lab.t.Helper()
	h.lab.cable++
	p := plug{subnet: s, name: "eth" + strconv.Itoa(len(h.plugs)), port: "port" + strconv.Itoa(h.lab.cable), addr: addr}
	h.lab.in(s.ns,
		fmt.Sprintf("link add %s type veth peer name %s netns %s", p.port, p.name, h.ns),
		fmt.Sprintf("link set %s master %s up", p.port, s.bridge))
	h.lab.in(h.ns, fmt.Sprintf("addr add %v/%d dev %s", addr, s.prefix.Bits(), p.name))
	h.plugs = append(h.plugs, p)
	if s.routed && addr != s.gateway && h.via == nil {
		h.via = s
	}
	h.LinkUp(s)
}

// find returns the host's plug in s, or fails the test.
func (h *Host) find(s *Subnet) plug {
	h.lab.t.Helper()
	for _, p := range h.plugs {
		if p.subnet == s {
			return p
		}
	}
	h.lab.t.Fatalf("netlab: %s has no interface in %v", h.ns, s.prefix)
	return plug{}
}

// Addr is the host's address in s.
func (h *Host) Addr(s *Subnet) netip.Addr {
	h.lab.t.Helper()
	return h.find(s).addr
}

// Interface is the name of the host's interface in s.
func (h *Host) Interface(s *Subnet) string {
	h.lab.t.Helper()
	return h.find(s).name
}

// LinkDown takes the host's interface in s down, as "ip link set down" does: its routes go too.
func (h *Host) LinkDown(s *Subnet) {
	h.lab.t.Helper()
	h.lab.in(h.ns, "link set "+h.find(s).name+" down")
}

// LinkUp takes the interface up again, with the routes that it had.
func (h *Host) LinkUp(s *Subnet) {
	h.lab.t.Helper()
	p := h.find(s)
	h.lab.in(h.ns, "link set "+p.name+" up")
	if h.via == s {
		h.lab.in(h.ns, "route replace default via "+s.gateway.String())
	}
}

// Cut cuts the cable between the host and s: the carrier is lost, addresses and routes stay.
func (h *Host) Cut(s *Subnet) {
	h.lab.t.Helper()
	h.lab.in(s.ns, "link set "+h.find(s).port+" down")
}

// Mend mends a cable that was cut.
func (h *Host) Mend(s *Subnet) {
	h.lab.t.Helper()
	h.lab.in(s.ns, "link set "+h.find(s).port+" up")
}

// Move gives the host another address in s, as a new DHCP lease does.
func (h *Host) Move(s *Subnet, to netip.Addr) {
	h.lab.t.Helper()
	p := h.find(s)
	h.lab.in(h.ns, "addr flush dev "+p.name, fmt.Sprintf("addr add %v/%d dev %s", to, s.prefix.Bits(), p.name))
	for i := range h.plugs {
		if h.plugs[i].subnet == s {
			h.plugs[i].addr = to
		}
	}
	h.LinkUp(s)
}

// Bridge makes a bridge on the host, as docker does: a subnet in which the host is .1 and routes for the others.
func (h *Host) Bridge(name, prefix string) *Subnet {
	h.lab.t.Helper()
	s := h.lab.bridge(h.ns, name, prefix)
	h.lab.in(h.ns, fmt.Sprintf("addr add %v/%d dev %s", s.gateway, s.prefix.Bits(), name))
	s.routed = true
	h.forward()
	return s
}

// forward lets the host route between its interfaces.
func (h *Host) forward() {
	h.lab.t.Helper()
	if out, err := h.Command("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward").CombinedOutput(); err != nil {
		h.lab.t.Fatalf("netlab: %s: let it forward: %v: %s", h.ns, err, out)
	}
}

// Resolve makes name resolve to addr on the host, by an /etc/hosts of its own.
func (h *Host) Resolve(name string, addr netip.Addr) {
	h.lab.t.Helper()
	dir := filepath.Join("/etc/netns", h.ns) // ip-netns(8): its files lie over those in /etc
	file := filepath.Join(dir, "hosts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		h.lab.t.Fatalf("netlab: %v", err)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		old = []byte("127.0.0.1 localhost\n")
	}
	if err := os.WriteFile(file, fmt.Appendf(old, "%v %s\n", addr, name), 0o644); err != nil {
		h.lab.t.Fatalf("netlab: %v", err)
	}
}

// Command returns a command that runs on the host. It is killed when the test ends; a test that wants to see it end
// in order waits for it before.
func (h *Host) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(h.lab.t.Context(), "ip", append([]string{"netns", "exec", h.ns, name}, args...)...)
	cmd.WaitDelay = 5 * time.Second // its own children may hold its output open
	return cmd
}

// Masquerade makes a router hide one of its subnets behind its address in another, as a home router does: what comes
// from outside gets in only as an answer. Hosts keep their ports where they can; with the flag "fully-random" of nft(8) they get
// others for each address that they send to, so that nobody outside can guess them. It needs nft; without it the test is
// skipped, or fails if SC_NETLAB=required.
func (h *Host) Masquerade(inside, outside *Subnet, flags ...string) {
	h.lab.t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		h.lab.refuse("netlab: %v", err)
	}
	cmd := h.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`
table ip netlab {}
delete table ip netlab
table ip netlab {
	chain hide { type nat hook postrouting priority 100; iifname %[1]q oifname %[2]q masquerade %[3]s; }
	chain guard { type filter hook forward priority 0; iifname %[2]q oifname %[1]q ct state new ct status dnat accept; iifname %[2]q oifname %[1]q ct state new drop; }
	chain lead { type nat hook prerouting priority -100; }
}
`, h.Interface(inside), h.Interface(outside), strings.Join(flags, ",")))
	if out, err := cmd.CombinedOutput(); err != nil {
		h.lab.t.Fatalf("netlab: %s: nft: %v: %s", h.ns, err, out)
	}
}

// Forward has a router that masquerades pass what arrives for a UDP port of its address in outside on to a host inside, as
// a user sets home routers.
func (h *Host) Forward(outside *Subnet, port uint16, to netip.AddrPort) {
	h.lab.t.Helper()
	rule := fmt.Sprintf("add rule ip netlab lead iifname %q udp dport %d dnat to %v", h.Interface(outside), port, to)
	if out, err := h.Command("nft", rule).CombinedOutput(); err != nil {
		h.lab.t.Fatalf("netlab: %s: nft: %v: %s", h.ns, err, out)
	}
}
