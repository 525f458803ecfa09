package netlab

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// prefix begins the name of every namespace: sclab-<process id>-<lab>-<host>.
const prefix = "sclab-"

// Lab is a small network of its own. Its methods and those of its hosts fail the test when the kernel refuses; they
// must be called from the test's goroutine.
type Lab struct {
	t     testing.TB
	name  string   // prefix of this lab's namespaces
	nsets []string // namespaces to remove, in order of creation
	cable int      // cables laid so far, for their names
}

// New returns an empty lab that is taken apart when t ends. It skips t where labs cannot be, or fails it if
// SC_NETLAB=required.
func New(t testing.TB) *Lab {
	t.Helper()
	l := &Lab{t: t}
	refuse := l.refuse
	if runtime.GOOS != "linux" {
		refuse("netlab: needs Linux, this is %s", runtime.GOOS)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		refuse("netlab: %v", err)
	}
	sweep()
	for n := 0; ; n++ { // the first number that no other lab of this process has
		l.name = fmt.Sprintf("%s%d-%d-", prefix, os.Getpid(), n)
		err := run("netns", "add", l.hub())
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "File exists") || n > 1000 {
			refuse("netlab: no namespaces here: %v", err)
		}
	}
	l.nsets = append(l.nsets, l.hub())
	t.Cleanup(l.remove)
	return l
}

// refuse skips the test for want of something, or fails it if SC_NETLAB=required.
func (l *Lab) refuse(format string, args ...any) {
	l.t.Helper()
	if os.Getenv("SC_NETLAB") == "required" {
		l.t.Fatalf(format, args...)
	}
	l.t.Skipf(format, args...)
}

// hub is the namespace that holds the bridges.
func (l *Lab) hub() string { return l.name + "hub" }

// Subnet makes a network that any number of hosts can be plugged into. prefix is as "10.9.0.0/24"; hosts get addresses
// from .2 upward, .1 is left to a router.
func (l *Lab) Subnet(prefix string) *Subnet {
	l.t.Helper()
	return l.bridge(l.hub(), "br"+strconv.Itoa(len(l.nsets))+"x"+strconv.Itoa(l.cable), prefix)
}

// bridge makes a subnet whose bridge is in the namespace ns.
func (l *Lab) bridge(ns, name, prefix string) *Subnet {
	l.t.Helper()
	p, err := netip.ParsePrefix(prefix)
	if err != nil || p != p.Masked() || !p.Addr().Is4() || p.Bits() > 29 {
		l.t.Fatalf("netlab: %q is not an IPv4 network of at least 8 addresses", prefix)
	}
	l.cable++ // also keeps the names of bridges apart
	l.in(ns, "link add "+name+" type bridge", "link set "+name+" up")
	gateway := p.Addr().Next()
	return &Subnet{ns: ns, bridge: name, prefix: p, gateway: gateway, next: gateway.Next()}
}

// Subnet is a network that hosts are plugged into.
type Subnet struct {
	ns, bridge string
	prefix     netip.Prefix
	gateway    netip.Addr // .1
	next       netip.Addr // for the next host
	routed     bool       // somebody answers at gateway
}

// Prefix is the subnet's network.
func (s *Subnet) Prefix() netip.Prefix { return s.prefix }

// Host makes a host with one interface, eth0 and so on, in each of subnets; with none it has loopback only. It gets a
// default route if one of its subnets already has a router. Names are unique in a lab.
func (l *Lab) Host(name string, subnets ...*Subnet) *Host {
	l.t.Helper()
	h := l.host(name)
	for _, s := range subnets {
		addr := s.next
		if !s.prefix.Contains(addr.Next()) { // the last one is the broadcast address
			l.t.Fatalf("netlab: no address left in %v", s.prefix)
		}
		s.next = addr.Next()
		h.plug(s, addr)
	}
	return h
}

// Router makes a host that is .1 in each of subnets and forwards between them. Make it before the hosts, which then
// have their default route to it.
func (l *Lab) Router(name string, subnets ...*Subnet) *Host {
	l.t.Helper()
	h := l.host(name)
	for _, s := range subnets {
		h.plug(s, s.gateway)
		s.routed = true
	}
	h.forward()
	return h
}

// HomeRouter makes a host that is .1 in inside, an ordinary host in outside, and forwards between them. Make it before the
// hosts of inside, which then have their default route to it.
func (l *Lab) HomeRouter(name string, inside, outside *Subnet) *Host {
	l.t.Helper()
	h := l.Host(name, outside)
	h.plug(inside, inside.gateway)
	inside.routed = true
	h.forward()
	return h
}

// host makes a namespace in which loopback is up.
func (l *Lab) host(name string) *Host {
	l.t.Helper()
	h := &Host{lab: l, ns: l.name + name}
	if err := run("netns", "add", h.ns); err != nil {
		l.t.Fatalf("netlab: host %s: %v", name, err)
	}
	l.nsets = append(l.nsets, h.ns)
	l.in(h.ns, "link set lo up")
	return h
}

// in runs commands of ip in a namespace.
func (l *Lab) in(ns string, commands ...string) {
	l.t.Helper()
	cmd := exec.Command("ip", "-n", ns, "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("netlab: ip -n %s: %q: %v: %s", ns, commands, err, bytes.TrimSpace(out))
	}
}

// remove takes the lab apart.
func (l *Lab) remove() {
	for i := len(l.nsets) - 1; i >= 0; i-- {
		if err := removeNamespace(l.nsets[i]); err != nil {
			l.t.Errorf("netlab: %v", err)
		}
	}
}

// sweep removes what killed runs left behind: namespaces that carry the id of a process which is no more.
func sweep() {
	entries, err := os.ReadDir("/run/netns")
	if err != nil {
		return // none was ever made
	}
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), prefix)
		pid, _, _ := strings.Cut(rest, "-")
		if _, err := strconv.Atoi(pid); !ours || err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join("/proc", pid)); os.IsNotExist(err) {
			_ = removeNamespace(e.Name()) // another run may be removing it too
		}
	}
}

// removeNamespace ends the processes in the namespace ns and removes it; its interfaces go with it.
func removeNamespace(ns string) error {
	pids, _ := exec.Command("ip", "netns", "pids", ns).Output()
	for _, field := range strings.Fields(string(pids)) {
		if pid, err := strconv.Atoi(field); err == nil && pid != os.Getpid() {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill() // it may have ended meanwhile
			}
		}
	}
	_ = os.RemoveAll(filepath.Join("/etc/netns", ns))
	return run("netns", "del", ns)
}

// run runs the ip command; the error carries what it said.
func run(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
