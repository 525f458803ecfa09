package tracker

import (
	"bufio"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// machine is one of the test's programs on a host of a lab.
type machine struct {
	t     *testing.T
	cmd   *exec.Cmd
	id    string
	lines chan line
	seen  []line // read so far
}

// launch runs the program and returns its output.
func launch(t *testing.T, h *netlab.Host, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := h.Command(os.Args[0], args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// track runs a tracker on h; stop interrupts it and waits for its end.
func track(t *testing.T, h *netlab.Host) (stop func()) {
	t.Helper()
	cmd, out := launch(t, h, "tracker")
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the tracker ends: %v", err)
		}
	}
}

// boot runs a node on h.
func boot(t *testing.T, h *netlab.Host, tracker, role string) *machine {
	t.Helper()
	cmd, out := launch(t, h, "node", tracker, role)
	m := &machine{t: t, cmd: cmd, lines: make(chan line, 100)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(m.lines)
		for dec := json.NewDecoder(out); ; {
			var l line
			if dec.Decode(&l) != nil {
				return // it has ended
			}
			m.lines <- l
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-done
		_ = cmd.Wait()
	})
	m.id = (<-m.lines).ID
	return m
}

// await waits for an event about other, which may have come already, and returns it.
func (m *machine) await(kind string, other *machine) line {
	m.t.Helper()
	deadline := time.After(30 * time.Second)
	for i := 0; ; i++ {
		for i >= len(m.seen) {
			select {
			case l, ok := <-m.lines:
				if !ok {
					m.t.Fatal("the program has ended")
				}
				m.seen = append(m.seen, l)
			case <-deadline:
				m.t.Fatalf("no event %q of %s; events %v", kind, other.id, m.seen)
			}
		}
		if l := m.seen[i]; l.Kind == kind && l.ID == other.id {
			return l
		}
	}
}

// Two subnets with a router; the tracker's host runs a node too, which calls it by loopback. The tracker is started
// again while they run, and the nodes go on.
func TestAcrossSubnets(t *testing.T) {
	lab := netlab.New(t)
	east, west := lab.Subnet("10.1.0.0/24"), lab.Subnet("10.2.0.0/24")
	lab.Router("r", east, west)
	ha, hb, ht := lab.Host("a", east), lab.Host("b", west), lab.Host("t", west)
	const name = "tracker.mynet.com"
	ha.Resolve(name, ht.Addr(west))
	hb.Resolve(name, ht.Addr(west))
	stop := track(t, ht)
	a := boot(t, ha, name, "master")
	b := boot(t, hb, name, "worker")
	c := boot(t, ht, "localhost", "worker")
	for _, tt := range []struct {
		who, whom *machine
		at        netip.Addr
	}{{a, b, hb.Addr(west)}, {a, c, ht.Addr(west)}, {b, a, ha.Addr(east)}, {c, a, ha.Addr(east)}} {
		begin := time.Now()
		got := tt.who.await("found", tt.whom)
		t.Logf("found after %v", time.Since(begin).Round(time.Millisecond))
		if want := netip.AddrPortFrom(tt.at, 5000); got.Addr != want {
			t.Errorf("found at %v, want %v", got.Addr, want)
		}
	}
	stop()
	defer track(t, ht)()
	begin := time.Now()
	d := boot(t, hb, name, "master")
	d.await("found", b) // which has announced itself again
	d.await("found", c)
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("back %v after the tracker started again, want within two intervals of 3 s", took)
	}
	if err := b.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	d.await("goodbye", b) // a may not have come back to the tracker yet
}
