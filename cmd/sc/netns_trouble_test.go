//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// calm is how long a test listens for what must not happen any more.
const calm = 3 * time.Second

// quiet checks that within calm no more workers come or go, and that so many
// have.
func (r *reader) quiet(ups, downs int) {
	r.t.Helper()
	for deadline := time.After(calm); ; {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("it ended; it said %q", r.seen)
			}
			r.seen = append(r.seen, line)
			continue
		case <-deadline:
		}
		break
	}
	if r.count("up") != ups || r.count("down") != downs {
		r.t.Errorf("workers came %d times and went %d times, want %d and %d; it said %q", r.count("up"), r.count("down"), ups, downs, r.seen)
	}
}

// TestSuspend: a worker's process is stopped for ten seconds, as that of a
// laptop that sleeps. It is lost once and comes back once.
func TestSuspend(t *testing.T) {
	for _, tracked := range []bool{false, true} {
		t.Run(fmt.Sprint("tracker ", tracked), func(t *testing.T) {
			t.Parallel()
			lab := netlab.New(t)
			lan := lab.Subnet("10.94.0.0/24")
			a, b := lab.Host("a", lan), lab.Host("b", lan)
			sc := program(t)
			var at []string
			if tracked {
				startTracker(t, a, sc)
				at = []string{"--tracker=" + a.Addr(lan).String()}
			}
			worker := b.Command(sc, append([]string{"worker", "--slots=1"}, at...)...)
			start(t, worker)
			m := read(t, a.Command(sc, append(append([]string{"run"}, at...), script(t, watchJS))...))
			m.await("up")
			if err := worker.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second) // which is what is tested
			if err := worker.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			m.await("down")
			m.await("up")
			m.quiet(2, 1)
		})
	}
}

// TestAddressChanges: the worker's host gets another address while a task runs.
// The worker is there again at that, and the task has its result.
func TestAddressChanges(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.95.0.0/24")
	a, b := lab.Host("a", lan), lab.Host("b", lan)
	sc := program(t)
	startWorker(t, b, sc, "--slots=1")
	m := read(t, a.Command(sc, "run", script(t, watchJS), "3000"))
	m.await("begun")
	b.Move(lan, netip.MustParseAddr("10.95.0.77"))
	m.await("result")
	downs := m.count("down")
	m.quiet(downs+1, downs)
	table, _ := run(t, a.Command(sc, "ls", "workers"))
	if !strings.Contains(table, "10.95.0.77:") || !strings.Contains(table, "  direct  ") {
		t.Errorf("sc ls lists:\n%s", table)
	}
}

// TestPortTaken: a stranger has UDP port 44201 of the worker's host for itself.
// The worker says so and is found, as it can announce itself all the same.
func TestPortTaken(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.96.0.0/24")
	a, b := lab.Host("a", lan), lab.Host("b", lan)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stranger := b.Command(self, "-test.run=^TestStranger$")
	stranger.Env = append(os.Environ(), "SC_TEST_STRANGER=44201")
	out, err := stranger.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	hold, err := stranger.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the stranger says %q, %v", line, err)
	}
	sc := program(t)
	worker := b.Command(sc, "worker", "--slots=1")
	said := newWatcher("discovery port is taken")
	worker.Stderr = said
	start(t, worker)
	m := read(t, a.Command(sc, "run", script(t, watchJS), "1"))
	m.await("result")
	<-said.seen
	hold.Close()
	if err := stranger.Wait(); err != nil {
		t.Error(err)
	}
}

// TestStranger is the program that holds a port for TestPortTaken, until its
// stdin ends.
func TestStranger(t *testing.T) {
	port := os.Getenv("SC_TEST_STRANGER")
	if port == "" {
		t.Skip("not asked to")
	}
	conn, err := net.ListenPacket("udp4", ":"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
