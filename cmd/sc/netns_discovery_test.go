package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// watchJS prints what a master sees, and the result of a task that runs for
// as many milliseconds as its argument says.
const watchJS = `
const master = require('supercluster').createMaster();
master.on('workerAvailable', (w) => console.log('up', w.id, w.addr));
master.on('workerUnavailable', (id) => console.log('down', id));
const ms = Number(process.argv[2]);
if (ms) {
  const handle = master.run((ms) => new Promise((done) => { console.log('begun'); setTimeout(() => done('result'), ms); }), [ms]);
  handle.on('log', () => console.log('begun'));
  handle.then((value) => console.log(value));
}
`

// A reader is a running command, line by line.
type reader struct {
	t     testing.TB
	cmd   *exec.Cmd
	lines chan string
	seen  []string
}

// read starts a command and reads what it prints, until the test ends.
func read(t testing.TB, cmd *exec.Cmd) *reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, cmd: cmd, lines: make(chan string, 10_000)}
	start(t, cmd)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(r.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done }) // before start's, which waits for the command
	return r
}

// await reads up to a line that begins with words, and returns it.
func (r *reader) await(words string) string {
	r.t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("it ended before %q; it said %q", words, r.seen)
			}
			r.seen = append(r.seen, line)
			if strings.HasPrefix(line, words) {
				return line
			}
		case <-deadline:
			r.t.Fatalf("%q was not said in time; it said %q", words, r.seen)
		}
	}
}

// reach is await for a line that may have been read already.
func (r *reader) reach(words string) {
	r.t.Helper()
	if r.count(words) == 0 {
		r.await(words)
	}
}

// count is how many of the lines read so far begin with words.
func (r *reader) count(words string) (n int) {
	for _, line := range r.seen {
		if strings.HasPrefix(line, words) {
			n++
		}
	}
	return n
}

// script writes a script to a file of its own.
func script(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// startTracker starts a tracker on host; stop ends it and waits for that.
func startTracker(t *testing.T, host *netlab.Host, sc string) (stop func()) {
	t.Helper()
	cmd := host.Command(sc, "tracker")
	said := newWatcher("listens on")
	cmd.Stderr = said
	start(t, cmd)
	<-said.seen
	return func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // start's cleanup finds it ended
	}
}

// TestBehindNAT: one of worker and master is behind a router that masquerades,
// and both use a tracker outside. The one inside dials.
func TestBehindNAT(t *testing.T) {
	for _, inner := range []string{"worker", "master"} {
		t.Run(inner+" inside", func(t *testing.T) {
			lab := netlab.New(t)
			home, world := lab.Subnet("10.81.0.0/24"), lab.Subnet("10.82.0.0/24")
			lab.Router("router", home, world).Masquerade(home, world)
			sc := program(t)
			in, out, third := lab.Host("in", home), lab.Host("out", world), lab.Host("t", world)
			startTracker(t, third, sc)
			at := "--tracker=" + third.Addr(world).String()
			worker, master := out, in
			if inner == "worker" {
				worker, master = in, out
			}
			startWorker(t, worker, sc, "--slots=1", at)
			m := read(t, master.Command(sc, "run", at, script(t, watchJS), "6000"))
			m.await("begun")
			if strings.Contains(fmt.Sprint(m.seen), third.Addr(world).String()) {
				t.Errorf("the link is relayed though one side can dial; it said %q", m.seen)
			}
			in.Cut(home)
			time.Sleep(4 * time.Second) // no longer than links live through
			in.Mend(home)
			m.await("result")
			if m.count("down") > 0 {
				t.Errorf("the worker was lost by a cut of 4 s; it said %q", m.seen)
			}
			if inner == "worker" { // nobody outside can dial it, and it is not told of who only looks
				table, _ := run(t, out.Command(sc, "ls", "workers", at, "--wait=4s"))
				if !strings.Contains(table, "  relay  ") {
					t.Errorf("sc ls lists %s", table)
				}
			}
		})
	}
}

// TestInterfaceDown: a worker's interface goes down while it runs a task. Four
// seconds are not noticed; after ten it was lost, and is back, and the task
// has its result.
func TestInterfaceDown(t *testing.T) {
	for _, outage := range []time.Duration{4 * time.Second, 10 * time.Second} {
		t.Run(fmt.Sprint(outage), func(t *testing.T) {
			t.Parallel()
			lab := netlab.New(t)
			lan := lab.Subnet("10.83.0.0/24")
			a, b := lab.Host("a", lan), lab.Host("b", lan)
			sc := program(t)
			startWorker(t, b, sc, "--slots=1")
			m := read(t, a.Command(sc, "run", script(t, watchJS), "7000"))
			m.await("begun")
			b.LinkDown(lan)
			time.Sleep(outage) // which is what is tested
			b.LinkUp(lan)
			if outage > 6*time.Second {
				m.await("down")
				m.await("up")
			}
			m.await("result")
			if downs := m.count("down"); outage < 6*time.Second && downs > 0 {
				t.Errorf("the worker was lost %d times; it said %q", downs, m.seen)
			}
		})
	}
}

// TestContainers: as docker has it, workers in two containers on a bridge of
// the master's host.
func TestContainers(t *testing.T) {
	lab := netlab.New(t)
	host := lab.Host("host", lab.Subnet("10.84.0.0/24"))
	docker := host.Bridge("docker0", "172.17.0.0/16")
	sc := program(t)
	for _, name := range []string{"c", "d"} {
		startWorker(t, lab.Host(name, docker), sc, "--slots=1")
	}
	m := read(t, host.Command(sc, "run", script(t, watchJS), "1"))
	for m.count("up") < 2 {
		m.await("up")
	}
	m.reach("result")
	table, _ := run(t, host.Command(sc, "ls", "--wait=4s"))
	if n := strings.Count(table, "  direct  "); n != 3 {
		t.Errorf("%d nodes are linked, want 3:\n%s", n, table)
	}
}

// TestTrackerRestart: the tracker goes and comes back; a task that runs
// meanwhile is not touched, and who comes later is found through it.
func TestTrackerRestart(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.85.0.0/24")
	home, a, b := lab.Host("t", lan), lab.Host("a", lan), lab.Host("b", lan)
	sc := program(t)
	at := "--tracker=" + home.Addr(lan).String()
	stop := startTracker(t, home, sc)
	startWorker(t, b, sc, "--slots=1", at)
	m := read(t, a.Command(sc, "run", at, script(t, watchJS), "8000"))
	m.await("begun")
	stop()
	defer startTracker(t, home, sc)()
	began := time.Now()
	startWorker(t, b, sc, "--slots=1", at)
	for m.count("up") < 2 {
		m.await("up")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a new worker was seen %v after the tracker was back, want within two intervals of 3 s, and some for slow machines", took)
	}
	m.reach("result")
	if m.count("down") > 0 {
		t.Errorf("a worker was lost; it said %q", m.seen)
	}
}

// TestNodesByName: workers that a name server lists by the name of a
// service, and no tracker at all.
func TestNodesByName(t *testing.T) {
	lab := netlab.New(t)
	left, right := lab.Subnet("10.86.0.0/24"), lab.Subnet("10.87.0.0/24")
	lab.Router("router", left, right)
	sc := program(t)
	worker, master := lab.Host("w", right), lab.Host("m", left)
	master.Resolve("workers.mynet.com", worker.Addr(right))
	startWorker(t, worker, sc, "--slots=1", "--port=5000", "--tracker=file:/dev/null")
	m := read(t, master.Command(sc, "run", "--tracker=dns:workers.mynet.com:5000/udp", script(t, watchJS), "1"))
	m.await("result")
	table, _ := run(t, master.Command(sc, "ls", "--tracker=exec:echo workers.mynet.com:5000/udp"))
	if want := netip.AddrPortFrom(worker.Addr(right), 5000).String(); !strings.Contains(table, want) {
		t.Errorf("sc ls lists no %s:\n%s", want, table)
	}
}

// TestBehindTwoNATs: worker and master are each behind a router of its own
// that masquerades with ports that nobody can guess. The tracker, which is
// outside, relays; it is started again while a task runs.
func TestBehindTwoNATs(t *testing.T) {
	lab := netlab.New(t)
	left, right, world := lab.Subnet("10.91.0.0/24"), lab.Subnet("10.92.0.0/24"), lab.Subnet("10.93.0.0/24")
	lab.HomeRouter("rl", left, world).Masquerade(left, world, "fully-random")
	lab.HomeRouter("rr", right, world).Masquerade(right, world, "fully-random")
	sc := program(t)
	a, b, third := lab.Host("a", left), lab.Host("b", right), lab.Host("t", world)
	stop := startTracker(t, third, sc)
	at := "--tracker=" + third.Addr(world).String()
	startWorker(t, b, sc, "--slots=1", at)
	m := read(t, a.Command(sc, "run", at, script(t, watchJS), "12000"))
	m.await("begun")
	if !strings.Contains(fmt.Sprint(m.seen), third.Addr(world).String()) {
		t.Errorf("the link is not relayed; it said %q", m.seen)
	}
	if table, _ := run(t, a.Command(sc, "ls", "workers", at, "--wait=4s")); !strings.Contains(table, "  relay  ") || !strings.Contains(table, "  0/1  ") && !strings.Contains(table, "  1/1  ") {
		t.Errorf("sc ls lists:\n%s", table)
	}
	stop()
	defer startTracker(t, third, sc)()
	m.await("result")
	if ups, downs := m.count("up"), m.count("down"); ups != downs+1 {
		t.Errorf("the worker came %d times and went %d times; it said %q", ups, downs, m.seen)
	}
}

// TestDirectWayOpens: two hosts that a firewall keeps apart meet through the
// tracker; when the firewall is gone, a direct link takes the relayed one's
// place, and no script notices. It takes up to a minute, so it wants SC_LONG=1.
func TestDirectWayOpens(t *testing.T) {
	if os.Getenv("SC_LONG") == "" {
		t.Skip("SC_LONG=1 waits for the direct way")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("nft is not here")
	}
	lab := netlab.New(t)
	lan := lab.Subnet("10.95.0.0/24")
	sc := program(t)
	a, b, third := lab.Host("a", lan), lab.Host("b", lan), lab.Host("t", lan)
	for host, other := range map[*netlab.Host]*netlab.Host{a: b, b: a} {
		nft(t, host, "add table ip wall", "add chain ip wall c { type filter hook input priority 0; }",
			"add rule ip wall c ip saddr "+other.Addr(lan).String()+" drop")
	}
	stopTracker := startTracker(t, third, sc)
	at := "--tracker=" + third.Addr(lan).String()
	startWorker(t, b, sc, "--slots=1", at)
	cmd := a.Command(sc, "run", "--verbose", at, script(t, onSignalJS))
	direct := newWatcher("a direct link takes the place of a relayed one")
	cmd.Stderr = direct
	m := read(t, cmd)
	m.await("up " + third.Addr(lan).String())
	nft(t, a, "delete table ip wall")
	nft(t, b, "delete table ip wall")
	select {
	case <-direct.seen:
	case <-time.After(60 * time.Second):
		t.Fatal("the link is still relayed after a minute")
	}
	stopTracker()
	if err := m.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	m.await("ok")
	if ups, downs := m.count("up"), m.count("down"); ups != 1 || downs != 0 {
		t.Errorf("the worker came %d times and went %d times; it said %q", ups, downs, m.seen)
	}
}

// onSignalJS prints which workers come and go, and at SIGINT the result of a task that outlives the loss of a relay.
const onSignalJS = `
const master = require('supercluster').createMaster();
master.on('workerAvailable', (w) => console.log('up', w.addr));
master.on('workerUnavailable', (id) => console.log('down', id));
const task = () => new Promise((done) => setTimeout(done, 10000, 'ok'));
process.on('SIGINT', () => master.run(task).then((v) => { console.log(v); process.exit(0); }));
`

// nft has a host obey rules of nft(8).
func nft(t *testing.T, host *netlab.Host, rules ...string) {
	t.Helper()
	cmd := host.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(strings.Join(rules, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
}

// TestForwardedPort: a worker behind a NAT advertises a port of the router that
// leads to it, and is dialled there by who cannot be dialled and only looks.
func TestForwardedPort(t *testing.T) {
	lab := netlab.New(t)
	home, world := lab.Subnet("10.97.0.0/24"), lab.Subnet("203.0.113.0/24")
	router := lab.HomeRouter("router", home, world)
	router.Masquerade(home, world, "fully-random")
	inside, outside, third := lab.Host("in", home), lab.Host("out", world), lab.Host("t", world)
	router.Forward(world, 7000, netip.AddrPortFrom(inside.Addr(home), 5000))
	sc := program(t)
	startTracker(t, third, sc)
	at := "--tracker=" + third.Addr(world).String()
	advertised := netip.AddrPortFrom(router.Addr(world), 7000).String()
	startWorker(t, inside, sc, "--slots=1", "--port=5000", "--advertise="+advertised, at)
	if table, _ := run(t, outside.Command(sc, "ls", "workers", at, "--wait=4s")); !strings.Contains(table, advertised+"  direct  ") {
		t.Errorf("sc ls lists no worker at %s:\n%s", advertised, table)
	}
}
