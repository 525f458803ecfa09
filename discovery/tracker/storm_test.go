package tracker

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two hundred nodes that start at once: each finds all of the other role, and none makes more than a few requests.
func TestStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const masters, workers = 20, 180
	var requests atomic.Int64
	s := NewServer(ServerConfig{})
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		s.ServeHTTP(w, r)
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	g.Go(func() { _ = srv.Serve(ln) })
	defer g.Wait()
	defer srv.Close()
	cfg := Config{Trackers: []string{ln.Addr().String()}}
	var all []*node
	begin := time.Now()
	for i := range masters + workers {
		role := "worker"
		if i < masters {
			role = "master"
		}
		all = append(all, join(t, role, cfg))
	}
	for _, n := range all {
		want := masters
		if n.role == "master" {
			want = workers
		}
		n.await("find all", func() bool { return n.found["found"] >= want })
	}
	took := time.Since(begin)
	each := float64(requests.Load()) / float64(len(all))
	t.Logf("all know all after %v and %.1f requests a node", took.Round(time.Millisecond), each)
	// Two to get the list, and while changes come one a second for each of the others' starts at most.
	if limit := 4 + 8*took.Seconds(); each > limit {
		t.Errorf("%.1f requests a node in %v, limit %.0f", each, took, limit)
	}
	for _, n := range all {
		n.mu.Lock()
		if n.found["lost"] > 0 {
			t.Errorf("a %s lost %d", n.role, n.found["lost"])
		}
		n.mu.Unlock()
	}
	var stops sync.WaitGroup
	for _, n := range all {
		stops.Go(n.stop)
	}
	stops.Wait()
}
