//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// TestChaos has two masters, six workers and two trackers, each a host of its
// own, live through kills, stops, cut cables, one-way links and packet loss for
// 20 s, or for 5 minutes with SC_LONG=1; SC_SEED picks the faults. No callback
// may be lost or come twice, and no task that may run once may run twice.
func TestChaos(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("nft is not here")
	}
	length := 20 * time.Second
	if os.Getenv("SC_LONG") != "" {
		length = 5 * time.Minute
	}
	seed := uint64(1)
	if text := os.Getenv("SC_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("SC_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("SC_SEED=%d", seed)
	c := newChaos(t, seed)
	c.begin()
	for end := time.Now().Add(length); time.Now().Before(end); {
		c.fault()
	}
	c.calm()
	c.report()
}

// chaos is the test's cluster and its history.
type chaos struct {
	t       *testing.T
	rnd     *rand.Rand
	lan     *netlab.Subnet
	sc      string
	args    []string // the trackers' flags
	nodes   []*chaosNode
	masters []*chaosMaster

	mu       sync.Mutex
	seen     []chaosEvent // what masters saw; guarded by mu
	faults   []chaosFault
	trouble  sync.WaitGroup
	troubled map[*chaosNode]bool // guarded by mu
}

// chaosNode is a process on a host.
type chaosNode struct {
	name string
	host *netlab.Host
	args []string
	cmd  *exec.Cmd
}

type chaosMaster struct {
	*chaosNode
	end  chan struct{} // closed when its output has ended
	last chaosEvent    // its summary
}

// chaosEvent is a line of a master.
type chaosEvent struct {
	E, W                                              string
	T                                                 int64
	Submitted, Called, Doubled, Wrong, RanTwice, Lost int
	Errors                                            map[string]int
	Failovers                                         []float64
}

// chaosFault is what was done to a worker: from when to when it could not be
// reached.
type chaosFault struct {
	kind, worker string
	from, to     time.Time
}

func newChaos(t *testing.T, seed uint64) *chaos {
	lab := netlab.New(t)
	c := &chaos{t: t, rnd: rand.New(rand.NewPCG(seed, 3)), lan: lab.Subnet("10.78.0.0/24"), sc: program(t), troubled: make(map[*chaosNode]bool)}
	for i := range 2 {
		host := lab.Host(fmt.Sprintf("t%d", i+1), c.lan)
		c.args = append(c.args, "--tracker="+host.Addr(c.lan).String())
		c.nodes = append(c.nodes, &chaosNode{name: fmt.Sprintf("t%d", i+1), host: host, args: []string{"tracker"}})
	}
	for i := range 6 {
		name := fmt.Sprintf("w%d", i+1)
		args := append([]string{"worker", "--slots=1", fmt.Sprintf(`--data={"name":"%s"}`, name)}, c.args...)
		c.nodes = append(c.nodes, &chaosNode{name: name, host: lab.Host(name, c.lan), args: args})
	}
	script, err := filepath.Abs(filepath.Join("testdata", "chaos", "master.js"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		name := fmt.Sprintf("m%d", i+1)
		args := append(append([]string{"run"}, c.args...), script)
		c.masters = append(c.masters, &chaosMaster{chaosNode: &chaosNode{name: name, host: lab.Host(name, c.lan), args: args}, end: make(chan struct{})})
	}
	return c
}

// begin starts all, and returns when each master has seen each worker.
func (c *chaos) begin() {
	for _, n := range c.nodes {
		c.start(n)
	}
	for _, m := range c.masters {
		m.cmd = m.host.Command(c.sc, m.args...)
		out, err := m.cmd.StdoutPipe()
		if err != nil {
			c.t.Fatal(err)
		}
		start(c.t, m.cmd)
		go c.listen(m, out)
	}
	deadline := time.Now().Add(60 * time.Second)
	for c.count("up") < 12 {
		if time.Now().After(deadline) {
			c.t.Fatalf("the masters saw %d workers come, want 12", c.count("up"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (c *chaos) start(n *chaosNode) {
	n.cmd = n.host.Command(c.sc, n.args...)
	start(c.t, n.cmd)
}

// listen takes what a master prints.
func (c *chaos) listen(m *chaosMaster, out io.Reader) {
	defer close(m.end)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var e chaosEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		c.mu.Lock()
		if e.E == "end" {
			m.last = e
		}
		c.seen = append(c.seen, e)
		c.mu.Unlock()
	}
}

func (c *chaos) count(kind string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.seen {
		if e.E == kind {
			n++
		}
	}
	return n
}

// fault does something to a node that is well, undoes it after a while beside
// what comes next, and waits a little.
func (c *chaos) fault() {
	all := slices.Clone(c.nodes)
	for _, m := range c.masters {
		all = append(all, m.chaosNode)
	}
	n := all[c.rnd.IntN(len(all))]
	kind := []string{"kill", "stop", "down", "one-way", "loss"}[c.rnd.IntN(5)]
	lasts := time.Duration(500+c.rnd.IntN(12000)) * time.Millisecond
	loss := 5 + c.rnd.IntN(26)
	wait := time.Duration(500+c.rnd.IntN(1500)) * time.Millisecond
	c.mu.Lock()
	skip := c.troubled[n] || len(c.troubled) >= 3 || kind == "kill" && strings.HasPrefix(n.name, "m")
	if !skip {
		c.troubled[n] = true
	}
	c.mu.Unlock()
	if !skip {
		from := time.Now()
		undo := c.do(n, kind, loss)
		c.trouble.Go(func() {
			time.Sleep(lasts)
			undo()
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.troubled, n)
			if kind != "loss" && strings.HasPrefix(n.name, "w") {
				c.faults = append(c.faults, chaosFault{kind, n.name, from, time.Now()})
			}
		})
	}
	time.Sleep(wait)
}

// do does it; undo ends it.
func (c *chaos) do(n *chaosNode, kind string, loss int) (undo func()) {
	cmd := n.cmd
	switch kind {
	case "kill":
		_ = cmd.Process.Kill() // or it has ended
		_ = cmd.Wait()
		return func() { c.start(n) }
	case "stop":
		_ = cmd.Process.Signal(syscall.SIGSTOP)
		return func() { _ = cmd.Process.Signal(syscall.SIGCONT) }
	case "down":
		n.host.LinkDown(c.lan)
		return func() { n.host.LinkUp(c.lan) }
	case "one-way":
		hook := []string{"input", "output"}[c.rnd.IntN(2)]
		c.filter(n, hook, "drop")
	default:
		c.filter(n, "input", fmt.Sprintf("numgen random mod 100 < %d drop", loss))
	}
	return func() {
		if out, err := n.host.Command("nft", "delete", "table", "ip", "chaos").CombinedOutput(); err != nil {
			c.t.Errorf("nft on %s: %v: %s", n.name, err, out)
		}
	}
}

// filter drops packets on a host, those of its loopback apart.
func (c *chaos) filter(n *chaosNode, hook, rule string) {
	cmd := n.host.Command("nft", "-f", "-")
	end := map[string]string{"input": "iifname", "output": "oifname"}[hook]
	cmd.Stdin = strings.NewReader(fmt.Sprintf("table ip chaos { chain c { type filter hook %s priority 0; %s != \"lo\" %s; }\n}\n", hook, end, rule))
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Errorf("nft on %s: %v: %s", n.name, err, out)
	}
}

// calm undoes all, and has the masters come to their ends.
func (c *chaos) calm() {
	c.trouble.Wait()
	time.Sleep(3 * time.Second) // for the last to heal, so that it counts
	for _, m := range c.masters {
		if err := m.cmd.Process.Signal(os.Interrupt); err != nil {
			c.t.Errorf("%s has ended: %v", m.name, err)
		}
	}
	for _, m := range c.masters {
		select {
		case <-m.end:
		case <-time.After(100 * time.Second):
			c.t.Errorf("%s has not ended", m.name)
		}
	}
}

// report checks the masters' summaries, and prints the times.
func (c *chaos) report() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failover []float64
	for _, m := range c.masters {
		e := m.last
		c.t.Logf("%s: %d tasks, %d callbacks, %d doubled, %d lost, errors %v", m.name, e.Submitted, e.Called, e.Doubled, e.Lost, e.Errors)
		if e.Submitted < 40 || e.Called != e.Submitted || e.Doubled+e.Lost+e.Wrong+e.RanTwice > 0 {
			c.t.Errorf("%s: of %d tasks %d were called back, %d doubled, %d lost, %d wrong, %d ran twice that may run once",
				m.name, e.Submitted, e.Called, e.Doubled, e.Lost, e.Wrong, e.RanTwice)
		}
		for code := range e.Errors {
			if code != "ERR_UNKNOWN_OUTCOME" && code != "ERR_WORKER_LOST" {
				c.t.Errorf("%s: %d tasks ended with %s", m.name, e.Errors[code], code)
			}
		}
		failover = append(failover, e.Failovers...)
	}
	var detection, healing []float64
	kinds := make(map[string]int)
	for _, f := range c.faults {
		kinds[f.kind]++
		for _, e := range c.seen {
			at := time.UnixMilli(e.T)
			switch {
			case e.W != f.worker:
			case e.E == "down" && at.After(f.from) && at.Before(f.to):
				detection = append(detection, at.Sub(f.from).Seconds()*1000)
			case e.E == "up" && at.After(f.to) && at.Before(f.to.Add(20*time.Second)):
				healing = append(healing, at.Sub(f.to).Seconds()*1000)
			}
		}
	}
	c.t.Logf("faults of workers: %v", kinds)
	c.t.Logf("detection %s; failover %s; healing %s", quantiles(detection), quantiles(failover), quantiles(healing))
}

// quantiles says p50 and p99 of milliseconds.
func quantiles(ms []float64) string {
	if len(ms) == 0 {
		return "none"
	}
	slices.Sort(ms)
	at := func(q float64) float64 { return ms[min(len(ms)-1, int(q*float64(len(ms))))] }
	return fmt.Sprintf("p50 %.0f ms, p99 %.0f ms (%d)", at(0.5), at(0.99), len(ms))
}
