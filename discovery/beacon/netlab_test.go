package beacon

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// machine is the test program running on a host of a lab.
type machine struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	nodes  []line // its own
	lines  chan line
	events []line // read so far
}

// boot runs the program on h and reads which nodes it has.
func boot(t *testing.T, h *netlab.Host, name, cluster string, roles ...string) *machine {
	t.Helper()
	m := &machine{t: t, name: name, lines: make(chan line, 1000)}
	m.cmd = h.Command(os.Args[0], append([]string{"node", cluster}, roles...)...)
	m.cmd.Stderr = os.Stderr
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(m.lines)
		for dec := json.NewDecoder(out); ; {
			var l line
			if dec.Decode(&l) != nil {
				return // it has ended
			}
			m.lines <- l
		}
	}()
	t.Cleanup(m.halt)
	for range roles {
		m.nodes = append(m.nodes, <-m.lines)
	}
	return m
}

// interrupt asks the program to end.
func (m *machine) interrupt() {
	if err := m.cmd.Process.Signal(os.Interrupt); err != nil {
		m.t.Errorf("%s: %v", m.name, err)
	}
}

// halt ends the program and waits for it.
func (m *machine) halt() {
	_ = m.cmd.Process.Kill() // it may have ended
	for l := range m.lines {
		m.events = append(m.events, l)
	}
	_ = m.cmd.Wait()
}

// await reads events until there was one of that kind about other's first node, and returns it.
func (m *machine) await(kind string, other *machine) line {
	m.t.Helper()
	return m.awaitNode(kind, other, other.nodes[0])
}

// awaitNode is await for any of other's nodes.
func (m *machine) awaitNode(kind string, other *machine, node line) line {
	m.t.Helper()
	deadline := time.After(30 * time.Second)
	for i := 0; ; i++ {
		for ; i < len(m.events); i++ {
			if e := m.events[i]; e.Kind == kind && e.ID == node.ID {
				return e
			}
		}
		i--
		select {
		case l, ok := <-m.lines:
			if !ok {
				m.t.Fatalf("%s ended; events %v", m.name, m.events)
			}
			m.events = append(m.events, l)
		case <-deadline:
			m.t.Fatalf("%s: no event %q of %s; events %v", m.name, kind, other.name, m.events)
		}
	}
}

// forget drops the events that were read, so that await waits for new ones.
func (m *machine) forget() { m.events = nil }

// tally counts the events of a kind about a node, or about any if id is "".
func (m *machine) tally(kind, id string) (n int) {
	for _, e := range m.events {
		if e.Kind == kind && (id == "" || e.ID == id) {
			n++
		}
	}
	return n
}

// hosts returns the addresses of a line without ports.
func (l line) hosts() []netip.Addr {
	var all []netip.Addr
	for _, a := range l.Addrs {
		all = append(all, a.Addr())
	}
	return all
}

// Two hosts without a default route, started one after the other.
func TestTwoHosts(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	ha, hb := lab.Host("a", lan), lab.Host("b", lan)
	a := boot(t, ha, "a", "default", "master")
	b := boot(t, hb, "b", "default", "worker")
	for _, pair := range []struct {
		who, whom *machine
		at        netip.Addr
	}{{a, b, hb.Addr(lan)}, {b, a, ha.Addr(lan)}} {
		got := pair.who.await("found", pair.whom)
		if want := netip.AddrPortFrom(pair.at, 5000); len(got.Addrs) != 1 || got.Addrs[0] != want || got.Path != "ethernet" {
			t.Errorf("%s finds %s at %v by %s, want %v by ethernet", pair.who.name, pair.whom.name, got.Addrs, got.Path, want)
		}
	}
	b.interrupt()
	a.await("goodbye", b)
	a.await("lost", b)
}

func TestFiveHosts(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	var all []*machine
	for i := range 5 {
		name := fmt.Sprint("h", i)
		all = append(all, boot(t, lab.Host(name, lan), name, "default", "master", "worker"))
	}
	for _, m := range all {
		for _, other := range all {
			if m != other {
				m.awaitNode("found", other, other.nodes[0])
				m.awaitNode("found", other, other.nodes[1])
			}
		}
	}
	for _, m := range all {
		m.halt()
		if found, lost := m.tally("found", ""), m.tally("lost", ""); found != 8 || lost != 0 {
			t.Errorf("%s: %d found, %d lost, want 8, 0", m.name, found, lost)
		}
		if own := m.tally("found", m.nodes[0].ID) + m.tally("found", m.nodes[1].ID); own != 0 {
			t.Errorf("%s found its own nodes", m.name)
		}
	}
}

// A laptop with no network at all.
func TestLoneHost(t *testing.T) {
	h := netlab.New(t).Host("lone")
	a, b := boot(t, h, "a", "default", "master"), boot(t, h, "b", "default", "worker")
	for _, got := range []line{a.await("found", b), b.await("found", a)} {
		if got.Path != "loopback" || got.hosts()[0].String() != "127.0.0.1" {
			t.Errorf("found at %v by %s, want loopback", got.Addrs, got.Path)
		}
	}
}

// Two processes of one host on a network find each other once, and prefer loopback.
func TestTwoProcessesOfAHost(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	h, hc := lab.Host("h", lan), lab.Host("c", lan)
	a, b := boot(t, h, "a", "default", "master"), boot(t, h, "b", "default", "worker")
	c := boot(t, hc, "c", "default", "worker")
	got := a.await("found", b)
	a.await("found", c)
	c.await("found", a)
	c.await("found", b)
	a.halt()
	if n := a.tally("found", b.nodes[0].ID); n != 1 {
		t.Errorf("found %d times, want once", n)
	}
	for _, e := range a.events {
		if e.Kind == "changed" && e.ID == b.nodes[0].ID {
			got = e
		}
	}
	if got.Path != "loopback" {
		t.Errorf("the other process is reached at %v by %s, want loopback", got.Addrs, got.Path)
	}
}

// A host with several interfaces is one node, with all its addresses.
func TestSeveralInterfaces(t *testing.T) {
	lab := netlab.New(t)
	east, west, own := lab.Subnet("10.1.0.0/24"), lab.Subnet("10.2.0.0/24"), lab.Subnet("10.3.0.0/24")
	ha, hb := lab.Host("a", east, west, own), lab.Host("b", east, west)
	a, b := boot(t, ha, "a", "default", "master"), boot(t, hb, "b", "default", "worker")
	b.await("found", a)
	a.await("found", b)
	hb.LinkDown(east) // now the other address is the only one that is heard
	for {
		got := a.await("changed", b)
		if got.hosts()[0] == hb.Addr(west) {
			break
		}
		a.forget()
	}
	hb.LinkUp(east)
	b.interrupt()
	a.await("goodbye", b)
	a.halt()
	if found, lost := a.tally("found", ""), a.tally("lost", ""); found > 1 || lost > 0 {
		t.Errorf("%d found, %d lost, want one node that stays", found, lost)
	}
}

// As docker: the host and its containers find each other by the bridge; containers do not reach the LAN.
func TestDockerBridge(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	host, far := lab.Host("host", lan), lab.Host("far", lan)
	docker := host.Bridge("docker0", "172.17.0.0/16")
	c := boot(t, lab.Host("c", docker), "c", "default", "worker")
	d := boot(t, lab.Host("d", docker), "d", "default", "worker")
	h := boot(t, host, "h", "default", "master")
	f := boot(t, far, "f", "default", "master")
	if got := h.await("found", c); got.Path != "bridge" {
		t.Errorf("the container is found by %s, want bridge", got.Path)
	}
	if got := c.await("found", h); got.hosts()[0].String() != "172.17.0.1" {
		t.Errorf("the host is found at %v, want 172.17.0.1", got.Addrs)
	}
	c.await("found", d)
	h.await("found", f)
	f.await("found", h)
	f.halt()
	if n := f.tally("found", c.nodes[0].ID); n != 0 {
		t.Error("the container is found beyond its host")
	}
}

// Broadcast does not cross a router, and clusters of different names do not mix.
func TestOthersAreNotFound(t *testing.T) {
	lab := netlab.New(t)
	east, west := lab.Subnet("10.1.0.0/24"), lab.Subnet("10.2.0.0/24")
	lab.Router("r", east, west)
	a := boot(t, lab.Host("a", east), "a", "default", "master")
	b := boot(t, lab.Host("b", east), "b", "default", "worker")
	c := boot(t, lab.Host("c", west), "c", "default", "worker")
	d := boot(t, lab.Host("d", west), "d", "default", "worker")
	x := boot(t, lab.Host("x", east), "x", "other", "worker")
	y := boot(t, lab.Host("y", east), "y", "other", "worker")
	a.await("found", b)
	b.await("found", a)
	c.await("found", d)
	x.await("found", y) // so all of them were on the air
	y.interrupt()
	x.await("goodbye", y)
	a.halt()
	for _, other := range []*machine{c, d, x, y} {
		if a.tally("found", other.nodes[0].ID) != 0 {
			t.Errorf("a finds %s", other.name)
		}
	}
}

// A link that goes down, a cable that is cut, an address that changes: the node is lost and found again.
func TestLinkComesAndGoes(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	ha, hb := lab.Host("a", lan), lab.Host("b", lan)
	hb.LinkDown(lan)
	a, b := boot(t, ha, "a", "default", "master"), boot(t, hb, "b", "default", "worker")
	again := func(what string, kind string) {
		t.Helper()
		start := time.Now()
		a.await(kind, b)
		b.await(kind, a)
		t.Logf("%s: %s after %v", what, kind, time.Since(start).Round(time.Millisecond))
		a.forget()
		b.forget()
	}
	hb.LinkUp(lan)
	again("link up", "found")
	hb.Cut(lan)
	again("cable cut", "lost")
	hb.Mend(lan)
	again("cable mended", "found")
	to := netip.MustParseAddr("10.9.0.99")
	hb.Move(lan, to)
	for {
		if got := a.await("changed", b); got.hosts()[0] == to {
			break
		}
		a.forget()
	}
}

// Hosts that say nothing but rubbish disturb nobody.
func TestRogueHost(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.9.0.0/24")
	ha, hb, rogue := lab.Host("a", lan), lab.Host("b", lan), lab.Host("rogue", lan)
	a := boot(t, ha, "a", "default", "master")
	flood := rogue.Command("bash", "-c", `for i in $(seq 2000); do echo "SC rubbish $i" >/dev/udp/`+ha.Addr(lan).String()+`/44201; done`)
	if out, err := flood.CombinedOutput(); err != nil {
		t.Skipf("no bash to send with: %v: %s", err, strings.TrimSpace(string(out)))
	}
	b := boot(t, hb, "b", "default", "worker")
	a.await("found", b)
	b.await("found", a)
	a.halt()
	if !slices.ContainsFunc(a.events, func(l line) bool { return l.Kind == "found" }) || a.tally("found", "") != 1 {
		t.Errorf("events %v, want b found and nobody else", a.events)
	}
}
