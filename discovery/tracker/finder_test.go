package tracker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/discovery/lookup"
	"supercluster/net/trust"
)

// A file names the trackers: one that is added is used, one that is removed is left with a goodbye, and while the file
// is bad what it said before counts.
func TestTrackersOfASource(t *testing.T) {
	one, addrOne, _ := serve(t, ServerConfig{Limits: quick}, "127.0.0.1:0")
	two, addrTwo, _ := serve(t, ServerConfig{Limits: quick}, "127.0.0.1:0")
	file := filepath.Join(t.TempDir(), "trackers")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write(addrOne)
	log := &memoryLog{}
	cfg := Config{Trackers: []string{"file:" + file}, Refresh: 20 * time.Millisecond, Logger: slog.New(log)}
	m := join(t, "master", cfg)
	w := join(t, "worker", Config{Trackers: []string{addrOne}})
	m.meets(w)
	listed := func(s *Server) int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.store.entries)
	}
	write(addrOne + "\n" + addrTwo)
	m.await("be listed by the second", func() bool { return listed(two) == 1 })
	write("<html>")
	m.await("name the bad file", func() bool { return len(log.all()) > 0 })
	want := "source of addresses does not answer source=file:" + file + ` err="<html>" is not an address`
	if got := log.all()[0]; got != want {
		t.Errorf("log: %s, want %s", got, want)
	}
	if listed(one) != 2 || listed(two) != 1 {
		t.Errorf("%d and %d are listed, want 2 and 1", listed(one), listed(two))
	}
	write(addrTwo)
	m.await("leave the first", func() bool { return listed(one) == 1 })
	if got := log.all()[1]; got != "source of addresses answers again source=file:"+file {
		t.Errorf("log: %s", got)
	}
}

// Nodes that a source names are reported without an id, in the role that is looked for, and this process not to itself.
func TestNodesOfASource(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nodes")
	if err := os.WriteFile(file, []byte("10.99.0.1:5000/udp 127.0.0.1:5000/udp localhost:6000/udp nobody.invalid/udp"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := join(t, "master", Config{Trackers: []string{"file:" + file}})
	m.await("find both", func() bool { return m.table.Len() >= 2 })
	m.stop()
	for _, n := range m.table.Nodes() {
		if n.Addr.Addr().IsLoopback() && n.Addr.Port() == 5000 {
			t.Error("it found itself")
		}
		if n.Role != "worker" || n.Cluster != "default" || !strings.HasPrefix(n.ID, "worker@") || n.Path != discovery.Tracker {
			t.Errorf("found %v", n)
		}
	}
}

// Sources that do not answer are named once.
func TestSourcesThatDoNotAnswer(t *testing.T) {
	log := &memoryLog{}
	sources := []string{"dns:no-such-host.invalid", "exec:echo broken >&2; exit 7", "file:/no/such/file", "https://127.0.0.1:1/x"}
	m := join(t, "master", Config{Trackers: sources, Logger: slog.New(log)})
	m.await("name them all", func() bool { return len(log.all()) >= len(sources) })
	m.Announce() // asks none of them again
	m.stop()
	all := strings.Join(log.all(), "\n")
	for _, s := range sources {
		if n := strings.Count(all, "source of addresses does not answer source="+s+" err="); n != 1 {
			t.Errorf("%s: %d lines, want 1:\n%s", s, n, all)
		}
	}
	if _, err := NewClient(Config{Trackers: []string{"dns:"}}); err == nil {
		t.Error("a client of a bad source")
	}
}

func TestHeedPauses(t *testing.T) {
	c, err := NewClient(Config{Trackers: []string{"exec:true"}})
	if err != nil {
		t.Fatal(err)
	}
	f := c.finders[0]
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		if got := f.heed(lookup.ErrSource); got < want*time.Second*8/10 || got > want*time.Second*12/10 {
			t.Errorf("after %d errors: %v, want about %d s", i+1, got, want)
		}
	}
	if got := f.heed(nil); got < 24*time.Second || got > 36*time.Second {
		t.Errorf("after an answer: %v, want about 30 s", got)
	}
}

// plainTracker is a tracker as somebody may write it after the founding document: it knows nothing but one path, and
// keeps of an announcement what the document names.
type plainTracker struct {
	post bool

	mu    sync.Mutex
	lists map[string][]map[string]any
}

func (p *plainTracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/hostsAvailable" {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost && !p.post {
		http.Error(w, "no", http.StatusMethodNotAllowed)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodPost {
		var in struct {
			Role string
			Port int
			Data any
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.add(in.Role+"s", map[string]any{"addr": "10.77.0.1", "port": in.Port, "data": in.Data})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(p.lists)
}

// add lists a node, once.
func (p *plainTracker) add(list string, node map[string]any) {
	for _, have := range p.lists[list] {
		if have["port"] == node["port"] {
			return
		}
	}
	p.lists[list] = append(p.lists[list], node)
}

// A tracker that knows /hostsAvailable only is used in that form, with POST if it takes that.
func TestPlainTracker(t *testing.T) {
	for name, post := range map[string]bool{"GET and POST": true, "GET only": false} {
		t.Run(name, func(t *testing.T) {
			p := &plainTracker{post: post, lists: map[string][]map[string]any{
				"masters": {}, "workers": {{"addr": "10.77.0.9", "port": 7000, "data": map[string]any{"mem": 8}}},
			}}
			srv := httptest.NewServer(p)
			defer srv.Close()
			log := &memoryLog{}
			m := join(t, "master", Config{Trackers: []string{srv.Listener.Addr().String()}, Interval: 20 * time.Millisecond, Logger: slog.New(log)})
			m.await("find the worker", func() bool { return m.table.Len() > 0 })
			m.await("be listed", func() bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				return !post || len(p.lists["masters"]) == 1
			})
			m.stop()
			n, ok := m.table.Lookup("worker@10.77.0.9:7000", 0)
			if !ok || n.Role != "worker" || n.Cluster != "default" || string(n.Data) != `{"mem":8}` {
				t.Errorf("found %+v", m.table.Nodes())
			}
			if got := log.all(); len(got) > 0 {
				t.Errorf("log: %q, want nothing: it is a tracker", got)
			}
		})
	}
}

// A plain tracker that is replaced by a whole one is asked in the better form again.
func TestPlainTrackerIsReplaced(t *testing.T) {
	p := &plainTracker{post: true, lists: map[string][]map[string]any{"masters": {}, "workers": {}}}
	whole := NewServer(ServerConfig{Limits: quick})
	var mu sync.Mutex
	replaced := false
	asked := make(chan string, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !replaced:
			p.ServeHTTP(w, r)
		case r.URL.Path == "/hostsAvailable":
			http.NotFound(w, r)
		default:
			whole.ServeHTTP(w, r)
		}
	}))
	defer srv.Close()
	m := join(t, "master", Config{Trackers: []string{srv.Listener.Addr().String()}, Interval: 10 * time.Millisecond, Wait: 10 * time.Millisecond})
	for path := range asked {
		if path == "/hostsAvailable" {
			break
		}
	}
	mu.Lock()
	replaced = true
	mu.Unlock()
	m.await("be listed by the other", func() bool {
		whole.mu.Lock()
		defer whole.mu.Unlock()
		return len(whole.store.entries) == 1
	})
}

// What a node advertises is listed, with its port.
func TestAdvertise(t *testing.T) {
	s, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	id := newIdentity(t)
	for text, want := range map[string]string{
		"10.88.0.1:7000":   "10.88.0.1:7000",
		"10.88.0.1:0":      "10.88.0.1:5000",
		"203.0.113.7:7000": "203.0.113.7:7000",
		"127.0.0.2:7000":   "127.0.0.1:7000", // where it was announced from: it means nothing to others
	} {
		c := newClient(t, Config{Trackers: []string{addr}, Identity: func(string) *trust.Identity { return id }, Advertise: netip.MustParseAddrPort(text)})
		members := c.announced(func() []discovery.Announcement {
			return []discovery.Announcement{{ID: id.ID().String(), Role: "worker", Cluster: "default", Boot: 1, Addr: netip.MustParseAddrPort("0.0.0.0:5000")}}
		})
		r := c.fixed[0]
		if _, err := r.post(context.Background(), r.sign(members), nil); err != nil {
			t.Fatal(err)
		}
		c.http.CloseIdleConnections()
		s.mu.Lock()
		for k, e := range s.store.entries {
			if got := e.Addr.String(); got != want {
				t.Errorf("advertises %s, is listed at %s, want %s", text, got, want)
			}
			delete(s.store.entries, k)
		}
		s.mu.Unlock()
	}
}

// Who advertises an address is found at that, and at the one that it was seen at after it.
func TestAdvertisedComesFirst(t *testing.T) {
	s, id := NewServer(ServerConfig{}), newIdentity(t)
	h := signedHost(id)
	h.Addr = "203.0.113.7"
	h.sign(id)
	if _, err := s.one(h, caller, trust.Standing{}); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, Config{Trackers: []string{"t"}, Watch: "default"})
	r := c.fixed[0]
	var got []string
	r.listed = make(map[key]listing)
	r.merge(answer{Full: true, lists: s.store.list("", netip.Addr{})}, time.Now(), func(a discovery.Announcement) {
		got = append(got, a.Addr.String())
	})
	port := fmt.Sprint(":", h.Port)
	if want := []string{h.Addr + port, caller.String() + port}; !slices.Equal(got, want) {
		t.Errorf("it is found at %s, want %s", got, want)
	}
}

// FuzzPlain: whatever a plain tracker answers is refused or believed in part.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{`{"masters":[],"workers":[{"addr":"10.0.0.1","port":5,"data":{}}]}`, `{"masters":[]}`, `[]`, `{"workers":[{"port":-1}],"masters":[]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := decodePlain(200, "application/json", strings.NewReader(string(body)))
		if err != nil {
			return
		}
		c, err := NewClient(Config{Trackers: []string{"127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		r := c.fixed[0]
		r.plain, r.next = true, time.Second
		r.listed = make(map[key]listing)
		r.members = []member{{Announcement: discovery.Announcement{Cluster: "default", Role: "master"}}}
		r.merge(a, start, func(found discovery.Announcement) {
			if err := found.Check(); err != nil || found.Cluster == "" {
				t.Errorf("reported %+v: %v", found, err)
			}
		})
	})
}

// Who watches a cluster without a node of its own hears of nodes in both roles.
func TestWatch(t *testing.T) {
	c := newClient(t, Config{Trackers: []string{"exec:echo 10.99.0.1:5000/udp"}, Watch: "default"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found := make(chan discovery.Announcement, 100)
	done := make(chan error, 1)
	go func() {
		done <- c.Run(ctx, func() []discovery.Announcement { return nil }, func(a discovery.Announcement) { found <- a })
	}()
	seen := make(map[string]bool)
	for len(seen) < 2 {
		a := <-found
		if a.Cluster != "default" || a.Addr.String() != "10.99.0.1:5000" {
			t.Errorf("found %+v", a)
		}
		seen[a.Role] = true
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
