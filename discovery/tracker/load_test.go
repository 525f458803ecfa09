package tracker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// BenchmarkCrowd runs a tracker in a process of its own with that many workers and 5 masters, one in a hundred of which
// leaves and comes back each minute, and measures the tracker for half a minute after all are listed. "plain" is the
// founding document's form for comparison: each node posts itself to /hostsAvailable every 3 s and gets the whole list.
// Of that, 10,000 nodes would take 50 Gbit/s. Run it with -benchtime 1x.
func BenchmarkCrowd(b *testing.B) {
	for _, n := range []int{200, 1000, 10_000} {
		b.Run(fmt.Sprint(n, " workers"), func(b *testing.B) {
			for range b.N {
				load(b, n, 30*time.Second, simulate)
			}
		})
	}
	for _, n := range []int{200, 1000} {
		b.Run(fmt.Sprint("plain, ", n, " workers"), func(b *testing.B) {
			for range b.N {
				load(b, n, 30*time.Second, simulatePlain)
			}
		})
	}
}

// load does what BenchmarkCrowd says.
func load(b *testing.B, n int, window time.Duration, node simulation) {
	cmd := exec.Command(os.Args[0], "tracker", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	addr = strings.TrimSpace(addr)
	ctx, cancel := context.WithCancel(b.Context())
	var g sync.WaitGroup
	var traffic atomic.Int64
	seen := make([]map[key]bool, 5) // not a Table, which takes few from one address
	var mu sync.Mutex               // guards seen
	for i := range n + len(seen) {
		role, found := "worker", func(discovery.Announcement) {}
		if i < len(seen) {
			seen[i] = make(map[key]bool)
			role = "master"
			found = func(a discovery.Announcement) {
				mu.Lock()
				defer mu.Unlock()
				seen[i][key{a.ID, a.Boot}] = true
			}
		}
		id := newIdentity(b)
		g.Go(func() {
			for ctx.Err() == nil {
				life, stop := context.WithTimeout(ctx, time.Duration(rand.Float64()*200*float64(time.Minute)))
				if role == "master" {
					life = ctx
				}
				node(life, addr, id, role, &traffic, found)
				stop()
			}
		})
	}
	begin := time.Now()
	for listed := 0; listed < n; time.Sleep(50 * time.Millisecond) {
		mu.Lock()
		listed = len(seen[0])
		mu.Unlock()
		if time.Since(begin) > time.Minute {
			b.Fatalf("%d of %d are listed after a minute", listed, n)
		}
	}
	b.ReportMetric(time.Since(begin).Seconds(), "s-to-list-all")
	cpu, sent := cpuTime(b, cmd.Process.Pid), traffic.Load()
	time.Sleep(window)
	b.ReportMetric((cpuTime(b, cmd.Process.Pid)-cpu).Seconds()/window.Seconds()*100, "%-of-a-core")
	b.ReportMetric(float64(traffic.Load()-sent)*8/1e6/window.Seconds(), "Mbit/s")
	b.ReportMetric(float64(resident(b, cmd.Process.Pid))/(1<<20), "MiB")
	b.ReportMetric(0, "ns/op")
	cancel()
	g.Wait()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		b.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Error(err)
	}
}

// simulation is one node until its ctx is done.
type simulation func(ctx context.Context, addr string, id *trust.Identity, role string, traffic *atomic.Int64, found func(discovery.Announcement))

// simulatePlain is a node that knows the plain form only.
func simulatePlain(ctx context.Context, addr string, _ *trust.Identity, role string, traffic *atomic.Int64, found func(discovery.Announcement)) {
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{conn, traffic}, nil
	}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	body := fmt.Sprintf(`{"role":%q,"port":%d,"data":{"mem":8,"gpu":"none","zone":"east"}}`, role, 1+plainPort.Add(1)%65535)
	for ctx.Err() == nil {
		if res, err := client.Post("http://"+addr+"/hostsAvailable", "application/json", strings.NewReader(body)); err == nil {
			if role == "worker" {
				_, _ = io.Copy(io.Discard, res.Body)
			} else if a, err := decodePlain(res.StatusCode, res.Header.Get("Content-Type"), res.Body); err == nil {
				for _, h := range a.Workers {
					found(discovery.Announcement{ID: fmt.Sprint(h.Port)})
				}
			}
			res.Body.Close()
		}
		sleep(ctx, time.Duration(float64(3*time.Second)*(0.8+0.4*rand.Float64())), nil)
	}
}

// plainPort tells the nodes of one address apart.
var plainPort atomic.Uint32

// simulate is a node of ours.
func simulate(ctx context.Context, addr string, id *trust.Identity, role string, traffic *atomic.Int64, found func(discovery.Announcement)) {
	c, err := NewClient(Config{Trackers: []string{addr}, Identity: func(string) *trust.Identity { return id }})
	if err != nil {
		return
	}
	transport := c.http.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{conn, traffic}, nil
	}
	boot := rand.Uint64()
	_ = c.Run(ctx, func() []discovery.Announcement {
		return []discovery.Announcement{{
			ID: id.ID().String(), Role: role, Cluster: "default", Boot: boot, Addr: netip.MustParseAddrPort("0.0.0.0:5000"),
			Data: json.RawMessage(`{"mem":8,"gpu":"none","zone":"east"}`),
		}}
	}, found)
}

// countedConn counts the bytes of both directions.
type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// cpuTime is what a process has used, of proc(5)'s clock of 100 Hz.
func cpuTime(b *testing.B, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident is the memory of a process, in bytes.
func resident(b *testing.B, pid int) int {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		b.Skip(err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return pages * os.Getpagesize()
}
