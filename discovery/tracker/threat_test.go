package tracker

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// long says that the tests of threats take as long as their table says, not as short as is enough to see something.
func long() bool { yes, _ := strconv.ParseBool(os.Getenv("SC_LONG")); return yes }

// callFrom returns a client whose connections come from an address of this host, of which 127.0.0.0/8 has many.
func callFrom(t *testing.T, addr string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
	transport := &http.Transport{DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// serveLoopback runs a tracker until the test ends, and returns where.
func serveLoopback(t *testing.T, cfg ServerConfig) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- NewServer(cfg).Run(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return ln.Addr().String()
}

// TestThreat05TrackerFlood: strangers announce more nodes than the list holds, from several addresses. Memory stays bounded, a node
// that was listed before stays, and one that comes in the midst of it is listed, too.
func TestThreat05TrackerFlood(t *testing.T) {
	limits, addrs, rounds := Limits{MaxNodes: 2000, MaxPerHost: 500, Rate: 5000}, 8, 2
	if long() {
		limits, addrs, rounds = Limits{Rate: 5000}, 100, 10
	}
	at := serveLoopback(t, ServerConfig{Limits: limits, NoRelay: true})
	cfg := Config{Trackers: []string{at}}
	master, before := join(t, "master", cfg), join(t, "worker", cfg)
	master.await("find the worker", func() bool { return master.found["found"] >= 1 })

	var posts, refused, sent int
	var mu sync.Mutex // guards these
	var g sync.WaitGroup
	for i := range addrs {
		client := callFrom(t, fmt.Sprintf("127.66.%d.%d", i/200, 1+i%200))
		g.Go(func() {
			for first := range rounds * 1024 / maxPerBody {
				var nodes []string
				for j := range maxPerBody {
					nodes = append(nodes, fmt.Sprintf(`{"addr":"127.66.0.1","port":%d,"data":{"n":%d}}`, 1+first*maxPerBody+j, i))
				}
				res, err := client.Post("http://"+at+"/announce?want=none", "application/json", strings.NewReader(`{"workers":[`+strings.Join(nodes, ",")+`]}`))
				if err != nil {
					t.Errorf("an attacker's request: %v", err)
					return
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
				mu.Lock()
				posts++
				sent += maxPerBody
				if res.StatusCode != http.StatusOK {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	after := join(t, "worker", cfg)
	g.Wait()
	late := join(t, "worker", cfg)
	for _, n := range []*node{before, after, late} {
		id := n.id.ID().String()
		master.await("know a worker that is real", func() bool { return known(master, id) })
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d nodes announced in %d requests, of which %d were refused; the heap has %d MB", sent, posts, refused, m.HeapInuse>>20)
	if m.HeapInuse > 500<<20 {
		t.Errorf("the heap has %d MB, limit 500", m.HeapInuse>>20)
	}
	if refused == 0 {
		t.Error("nothing was refused, so the list was not full")
	}
}

// known reports whether a node has heard of another. Its caller holds its mutex.
func known(n *node, id string) bool {
	for _, other := range n.table.Nodes() {
		if other.ID == id {
			return true
		}
	}
	return false
}

// TestThreat06Slowloris: thousands of connections that never complete a request keep nobody from the list.
func TestThreat06Slowloris(t *testing.T) {
	conns, each := 400, 200
	limits := Limits{MaxConns: 1000, MaxConnsPerHost: 100}
	if long() {
		conns, each, limits = 2000, 1000, Limits{}
	}
	at := serveLoopback(t, ServerConfig{Limits: limits, NoRelay: true})
	for i := range conns {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 66, 1, byte(1+i/each))}}
		conn, err := dialer.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST /hostsAvailable HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n%s", []string{"X-", "\r\n{\"role\":"}[i%2]); err != nil {
			continue // it is beyond the limit, and was closed
		}
	}
	client := callFrom(t, "127.0.0.1")
	var slowest time.Duration
	for range 100 {
		begin := time.Now()
		res, err := client.Get("http://" + at + "/hostsAvailable")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("status %d, %v beside slow callers", res.StatusCode, err)
		}
		res.Body.Close()
		slowest = max(slowest, time.Since(begin))
	}
	t.Logf("beside %d slow connections the slowest of 100 answers took %v", conns, slowest)
	// Those who do not complete a header lose their connection in time.
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /hostsAvailable HTTP/1.1\r\nHost: x\r\n")
	if err := conn.SetReadDeadline(time.Now().Add(headTime + 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); isTimeout(err) {
		t.Errorf("half a header: %q, %v after %v", line, err, headTime+30*time.Second)
	}
}

// TestThreat11DecompressionBomb: what poses as a tracker answers with a megabyte that unpacks to hundreds, or to a gigabyte. It is
// refused before that is in memory.
func TestThreat11DecompressionBomb(t *testing.T) {
	size := 256 << 20
	if long() {
		size = 1 << 30
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	head, zeros := `{"epoch":"e","version":1,"next":3000,"full":true,"workers":[`, bytes.Repeat([]byte(" "), 1<<20)
	if _, err := io.WriteString(z, head); err != nil {
		t.Fatal(err)
	}
	for range size / len(zeros) {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(z, "]}"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes()) // the client hangs up
	}))
	defer srv.Close()
	c := newClient(t, Config{Trackers: []string{srv.Listener.Addr().String()}})
	defer c.http.CloseIdleConnections()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = c.fixed[0].ask(t.Context(), 0)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrNotTracker) || !strings.Contains(err.Error(), strconv.Itoa(maxAnswer)) {
		t.Errorf("a bomb of %d bytes that unpacks to %d: %v, want it refused at %d", packed.Len(), size, err, maxAnswer)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 8*maxAnswer {
		t.Errorf("%d MB were allocated for it", took>>20)
	}
	if !json.Valid([]byte(head + "]}")) {
		t.Error("the answer would have been refused in any case")
	}
}
