package netlab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain is also the program that the tests run on hosts: "listen" says where it listens and answers each
// connection with the caller's address; "dial ADDR" prints what it is answered.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "listen" || os.Args[1] == "dial") {
		if err := helper(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func helper(args []string) error {
	if args[0] == "dial" {
		conn, err := net.DialTimeout("tcp4", args[1], 2*time.Second)
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = io.Copy(os.Stdout, conn)
		return err
	}
	ln, err := net.Listen("tcp4", ":0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr().(*net.TCPAddr).Port)
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		fmt.Fprint(conn, conn.RemoteAddr().(*net.TCPAddr).IP)
		conn.Close()
	}
}

// listen starts a listener on h and returns its port.
func listen(t *testing.T, h *Host) string {
	t.Helper()
	cmd := h.Command(os.Args[0], "listen")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // killed when the test ends
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	return strings.TrimSpace(port)
}

// dial returns what the listener at addr answers h.
func dial(h *Host, addr netip.Addr, port string) (string, error) {
	out, err := h.Command(os.Args[0], "dial", net.JoinHostPort(addr.String(), port)).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return string(out), nil
}

func TestHostsOfASubnetMeet(t *testing.T) {
	lab := New(t)
	lan := lab.Subnet("10.9.0.0/24")
	a, b := lab.Host("a", lan), lab.Host("b", lan)
	if got, want := b.Addr(lan), netip.MustParseAddr("10.9.0.3"); got != want {
		t.Errorf("second host's address: %v, want %v", got, want)
	}
	port := listen(t, b)
	if got, err := dial(a, b.Addr(lan), port); err != nil || got != a.Addr(lan).String() {
		t.Errorf("a dials b: %q, %v, want %v", got, err, a.Addr(lan))
	}
	if routes, err := a.Command("ip", "route", "show", "default").Output(); err != nil || len(routes) != 0 {
		t.Errorf("default route without a router: %q, %v", routes, err)
	}
	b.LinkDown(lan)
	if _, err := dial(a, b.Addr(lan), port); err == nil {
		t.Error("a reaches b whose link is down")
	}
	b.LinkUp(lan)
	if _, err := dial(a, b.Addr(lan), port); err != nil {
		t.Errorf("link up again: %v", err)
	}
	b.Cut(lan)
	if _, err := dial(a, b.Addr(lan), port); err == nil {
		t.Error("a reaches b whose cable is cut")
	}
	b.Mend(lan)
	if _, err := dial(a, b.Addr(lan), port); err != nil {
		t.Errorf("cable mended: %v", err)
	}
	b.Move(lan, netip.MustParseAddr("10.9.0.77"))
	if _, err := dial(a, netip.MustParseAddr("10.9.0.77"), port); err != nil {
		t.Errorf("address changed: %v", err)
	}
}

func TestRouterJoinsSubnets(t *testing.T) {
	lab := New(t)
	east, west, lone := lab.Subnet("10.1.0.0/24"), lab.Subnet("10.2.0.0/24"), lab.Subnet("10.3.0.0/24")
	lab.Router("r", east, west)
	a, b, c := lab.Host("a", east), lab.Host("b", west), lab.Host("c", lone)
	port := listen(t, b)
	if got, err := dial(a, b.Addr(west), port); err != nil || got != a.Addr(east).String() {
		t.Errorf("across the router: %q, %v", got, err)
	}
	if _, err := dial(c, b.Addr(west), port); err == nil {
		t.Error("a host on a subnet without a router reaches another subnet")
	}
	b.LinkDown(west)
	b.LinkUp(west)
	if _, err := dial(a, b.Addr(west), port); err != nil {
		t.Errorf("default route after the link was down: %v", err)
	}
}

func TestBridgeOfAHost(t *testing.T) {
	lab := New(t)
	lan := lab.Subnet("10.9.0.0/24")
	host := lab.Host("host", lan)
	docker := host.Bridge("docker0", "172.17.0.0/24")
	container := lab.Host("container", docker)
	port := listen(t, container)
	if got, err := dial(host, container.Addr(docker), port); err != nil || got != "172.17.0.1" {
		t.Errorf("the host dials its container: %q, %v", got, err)
	}
	if got := container.Interface(docker); got != "eth0" {
		t.Errorf("the container's interface is %q, want eth0", got)
	}
}

func TestLoneHostHasLoopback(t *testing.T) {
	lab := New(t)
	h := lab.Host("lone")
	port := listen(t, h)
	if got, err := dial(h, netip.MustParseAddr("127.0.0.1"), port); err != nil || got != "127.0.0.1" {
		t.Errorf("loopback: %q, %v", got, err)
	}
}

func TestResolve(t *testing.T) {
	lab := New(t)
	h := lab.Host("h")
	h.Resolve("tracker.mynet.com", netip.MustParseAddr("10.1.2.3"))
	h.Resolve("other.mynet.com", netip.MustParseAddr("10.1.2.4"))
	out, err := h.Command("cat", "/etc/hosts").Output()
	if err != nil || !strings.Contains(string(out), "10.1.2.3 tracker.mynet.com\n10.1.2.4 other.mynet.com\n") {
		t.Errorf("/etc/hosts on the host: %q, %v", out, err)
	}
}

// A lab is gone after its test, with what ran in it; one of a process that was killed is gone after the next New.
func TestNothingStays(t *testing.T) {
	New(t) // skips the test where there can be no lab
	var names []string
	var child *exec.Cmd
	t.Run("lab", func(t *testing.T) {
		lab := New(t)
		h := lab.Host("h", lab.Subnet("10.9.0.0/24"))
		h.Resolve("x", netip.MustParseAddr("10.1.2.3"))
		names = lab.nsets
		child = exec.Command("ip", "netns", "exec", h.ns, os.Args[0], "listen") // not bound to the test's context
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	})
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Errorf("a process left in the lab: %v, want killed", err)
	}
	gone(t, names...)
	left := prefix + strconv.Itoa(deadProcess(t)) + "-0-h"
	if err := run("netns", "add", left); err != nil {
		t.Fatal(err)
	}
	New(t)
	gone(t, left)
}

// gone checks that no namespace of these names is left, nor its files.
func gone(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		for _, dir := range []string{"/run/netns/", "/etc/netns/"} {
			if _, err := os.Stat(dir + name); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s%s is still there (%v)", dir, name, err)
			}
		}
	}
}

// deadProcess returns the id of a process that has ended and was waited for.
func deadProcess(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	return cmd.Process.Pid
}

// Who is behind a router that masquerades reaches others, who see the router, and is not reached.
func TestMasquerade(t *testing.T) {
	lab := New(t)
	home, world := lab.Subnet("10.1.0.0/24"), lab.Subnet("10.2.0.0/24")
	router := lab.Router("r", home, world)
	inner, outer := lab.Host("in", home), lab.Host("out", world)
	router.Masquerade(home, world)
	got, err := dial(inner, outer.Addr(world), listen(t, outer))
	if want := router.Addr(world).String(); err != nil || got != want {
		t.Errorf("from inside: seen as %q, %v, want %s", got, err, want)
	}
	if got, err := dial(outer, inner.Addr(home), listen(t, inner)); err == nil {
		t.Errorf("from outside: answered %q, want nothing", got)
	}
}
