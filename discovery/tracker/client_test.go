package tracker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

func TestParseTracker(t *testing.T) {
	tests := []struct{ in, want string }{
		{"tracker.mynet.com", "http://tracker.mynet.com:44201"},
		{"tracker.mynet.com:80", "http://tracker.mynet.com:80"},
		{"10.0.0.1", "http://10.0.0.1:44201"},
		{"10.0.0.1:5", "http://10.0.0.1:5"},
		{"::1", "http://[::1]:44201"},
		{"[::1]", "http://[::1]:44201"},
		{"[fd00::1]:5", "http://[fd00::1]:5"},
		{"http://tracker/", "http://tracker:44201"},
		{"http://tracker:7", "http://tracker:7"},
		{"https://tracker", `tracker "https://tracker": scheme "https", want http`},
		{"", `tracker "" is not host, host:port or http://host:port`},
		{"a/b", `tracker "a/b" is not host, host:port or http://host:port`},
		{"user@host", `tracker "user@host" is not host, host:port or http://host:port`},
		{"host:99999", `tracker "host:99999": port "99999" is not one of 1 to 65535`},
		{"host:x", `tracker "host:x" is not host, host:port or http://host:port`},
		{"a b", `tracker "a b" is not host, host:port or http://host:port`},
	}
	for _, tt := range tests {
		got, err := parseTracker(tt.in)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("parseTracker(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
	if _, err := NewClient(Config{}); err == nil {
		t.Error("a client without a tracker")
	}
}

// node is a client with one node, and what it found.
type node struct {
	*Client
	t    *testing.T
	id   *trust.Identity
	role string
	stop func()
	wake chan struct{}

	mu    sync.Mutex
	data  string
	seq   uint64
	table *discovery.Table
	found map[string]int // events by kind
}

// join runs a client that announces one node.
func join(t *testing.T, role string, cfg Config) *node {
	t.Helper()
	n := &node{t: t, id: newIdentity(t), role: role, data: "{}", wake: make(chan struct{}, 1), table: discovery.NewTable(), found: make(map[string]int)}
	cfg.Identity = func(string) *trust.Identity { return n.id }
	n.Client = newClient(t, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx, n.self, n.heard) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(n.stop)
	return n
}

func (n *node) self() []discovery.Announcement {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seq++
	return []discovery.Announcement{{
		ID: n.id.ID().String(), Role: n.role, Cluster: "default", Boot: 1, Seq: n.seq, Addr: netip.MustParseAddrPort("0.0.0.0:5000"), Data: json.RawMessage(n.data),
	}}
}

func (n *node) heard(a discovery.Announcement) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.table.Observe(a, time.Now()) {
		n.found[e.Kind.String()]++
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// await waits until ok, called under n's lock, is true.
func (n *node) await(what string, ok func() bool) {
	n.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		n.mu.Lock()
		done := ok()
		n.mu.Unlock()
		if done {
			return
		}
		select {
		case <-n.wake:
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			n.mu.Lock()
			defer n.mu.Unlock()
			n.t.Fatalf("%s: not in time; %v", what, n.table.Nodes())
		}
	}
}

// meets waits until n knows other.
func (n *node) meets(other *node) {
	n.t.Helper()
	n.await("find the "+other.role, func() bool { _, ok := n.table.Lookup(other.id.ID().String(), 1); return ok })
}

// memoryLog keeps the lines of a log. It is safe for concurrent use.
type memoryLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *memoryLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (l *memoryLog) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l *memoryLog) WithGroup(string) slog.Handler                    { return l }
func (l *memoryLog) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += fmt.Sprintf(" %s=%v", a.Key, a.Value); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// all returns the lines so far.
func (l *memoryLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

// With waits of 20 s, a change is heard of at once, and so is one that Announce tells.
func TestChangesArriveAtOnce(t *testing.T) {
	_, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	cfg := Config{Trackers: []string{addr}, Interval: 3 * time.Second, Wait: 20 * time.Second}
	begin := time.Now()
	m := join(t, "master", cfg)
	w := join(t, "worker", cfg)
	m.meets(w)
	w.meets(m)
	w.mu.Lock()
	w.data = `{"changed":true}`
	w.mu.Unlock()
	w.Announce()
	m.await("hear of the change", func() bool { return m.found["changed"] == 1 })
	w.stop()
	m.await("hear the goodbye", func() bool { return m.found["goodbye"] == 1 })
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// When a tracker is started again all nodes are back within two intervals, and nobody was thought lost.
func TestTrackerRestarts(t *testing.T) {
	log := &memoryLog{}
	_, addr, stop := serve(t, ServerConfig{Limits: quick}, "127.0.0.1:0")
	m := join(t, "master", Config{Trackers: []string{addr}, Logger: slog.New(log)})
	w := join(t, "worker", Config{Trackers: []string{addr}})
	m.meets(w)
	stop()
	m.await("notice", func() bool { return len(log.all()) > 0 })
	if got := log.all()[0]; !strings.Contains(got, "tracker does not answer tracker=http://"+addr) {
		t.Errorf("log: %s", got)
	}
	s, _, _ := serve(t, ServerConfig{Limits: quick}, addr)
	m.await("go on", func() bool { return len(log.all()) > 1 })
	m.await("be listed again", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.store.entries) == 2
	})
	if got := log.all(); len(got) != 2 || got[1] != "tracker answers again tracker=http://"+addr {
		t.Errorf("log: %q, want one line for each", got)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.found["found"] != 1 || m.found["lost"] != 0 {
		t.Errorf("events %v, want found once and never lost", m.found)
	}
}

// What is no tracker, refuses or lies is named once, and costs nothing but itself.
func TestBadTrackers(t *testing.T) {
	_, good, _ := serve(t, ServerConfig{Limits: quick}, "127.0.0.1:0")
	_, foreign, _ := serve(t, ServerConfig{Cluster: "other"}, "127.0.0.1:0")
	stranger := newIdentity(t).ID().String()
	endless := make(chan struct{})
	tests := []struct {
		name, line string
		handler    http.HandlerFunc
		addr       string
	}{
		{"a web site", `what answers is not a tracker: check its address tracker=%s err=not a tracker: it answers status 200 with "text/html; charset=utf-8", want application/json`,
			func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<!DOCTYPE html><html>") }, ""},
		{"a redirect", `what answers is not a tracker: check its address tracker=%s err=not a tracker: it answers status 302 with "", want application/json`,
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://"+good+"/announce")
				w.WriteHeader(302)
			}, ""},
		{"another API", `what answers is not a tracker: check its address tracker=%s err=not a tracker: its JSON is no list of nodes`,
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"status":"ok"}`)
			}, ""},
		{"broken JSON", `what answers is not a tracker: check its address tracker=%s err=not a tracker: its answer is not as it should be: unexpected end of JSON input`,
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"epoch":`)
			}, ""},
		{"a proxy's error", `what answers is not a tracker: check its address tracker=%s err=not a tracker: it answers status 502`,
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(502)
				fmt.Fprint(w, `{}`)
			}, ""},
		{"a liar", "", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"epoch":"x","version":1,"full":true,"workers":[{"id":%q,"addr":"10.0.0.9","port":5},{"addr":"","port":5},{"addr":"10.0.0.8","port":0},{"addr":"224.0.0.1","port":9}]}`, stranger)
		}, ""},
		{"one that never answers", "", func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-endless:
			case <-r.Context().Done():
			}
		}, ""},
		{"another cluster's", `tracker does not answer tracker=%s err=it refuses: "ERR_CLUSTER": "tracker of another cluster: this one is of \"other\""`, nil, foreign},
	}
	log := &memoryLog{}
	var trackers []string
	var want []string
	for _, tt := range tests {
		addr := tt.addr
		if tt.handler != nil {
			srv := httptest.NewServer(tt.handler)
			defer srv.Close()
			addr = srv.Listener.Addr().String()
		}
		trackers = append(trackers, addr)
		if tt.line != "" {
			want = append(want, fmt.Sprintf(tt.line, "http://"+addr))
		}
	}
	defer close(endless) // before the servers, which wait for their handlers
	trackers = append(trackers, good)
	cfg := Config{Trackers: trackers, Logger: slog.New(log), Interval: 20 * time.Millisecond}
	m := join(t, "master", cfg)
	w := join(t, "worker", Config{Trackers: []string{good}})
	m.meets(w)
	w.meets(m)
	m.await("name them all", func() bool { return len(log.all()) >= len(want) })
	m.await("hear the liar", func() bool { return m.table.Len() == 2 })
	m.stop()
	got := strings.Join(log.all(), "\n")
	for _, line := range want {
		if n := strings.Count(got, line); n != 1 {
			t.Errorf("%d times in the log, want once:\n %s\nlog:\n%s", n, line, got)
		}
	}
	if n := len(log.all()); n != len(want) {
		t.Errorf("%d lines, want %d:\n%s", n, len(want), got)
	}
}

// A name that does not resolve is a tracker that does not answer.
func TestUnknownName(t *testing.T) {
	log := &memoryLog{}
	m := join(t, "master", Config{Trackers: []string{"no-such-host.invalid"}, Logger: slog.New(log)})
	m.await("say so", func() bool { return len(log.all()) > 0 })
	if got := log.all()[0]; !strings.HasPrefix(got, "tracker does not answer tracker=http://no-such-host.invalid:44201 err=") {
		t.Errorf("log: %s", got)
	}
}

// Err names all that does not work, and nothing once one works.
func TestErr(t *testing.T) {
	c := newClient(t, Config{Trackers: []string{"a", "b", "exec:c"}})
	steps := []struct {
		name string
		err  error
		want string
	}{
		{"http://a:44201", syscall.ECONNREFUSED, "<nil>"}, // the others were not tried
		{"exec:c", errors.New("exit status 1"), "<nil>"},
		{"http://b:44201", ErrNotTracker, "exec:c: exit status 1\nhttp://a:44201: connection refused\nhttp://b:44201: not a tracker"},
		{"exec:c", errNoNodes, "http://a:44201: connection refused\nhttp://b:44201: not a tracker"},
		{"http://a:44201", nil, "<nil>"},
	}
	for _, s := range steps {
		c.note(s.name, s.err)
		if got := fmt.Sprint(c.Err()); got != s.want {
			t.Errorf("after %s: %v: Err is %s, want %s", s.name, s.err, got, s.want)
		}
	}
}

func TestFailedPauses(t *testing.T) {
	c, err := NewClient(Config{Trackers: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	r := c.fixed[0]
	r.next = 3 * time.Second
	var got []time.Duration
	for range 6 {
		got = append(got, r.failed(context.DeadlineExceeded, start, nil))
	}
	if s := fmt.Sprint(got); s != "[3s 6s 12s 24s 30s 30s]" {
		t.Errorf("pauses %s", s)
	}
	refused := &net.OpError{Op: "dial", Err: fmt.Errorf("refused: %w", syscall.ECONNREFUSED)}
	if got := r.failed(refused, start, nil); got != 3*time.Second {
		t.Errorf("pause after a refusal: %v, want the interval", got)
	}
}

// The list of a tracker that is down counts for five minutes.
func TestListOfADeadTracker(t *testing.T) {
	c, err := NewClient(Config{Trackers: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	r := c.fixed[0]
	r.heard, r.next = start, 3*time.Second
	r.listed = map[key]listing{{"a", 1}: {Announcement: discovery.Announcement{ID: "a"}}}
	for _, tt := range []struct {
		seconds float64
		want    int
	}{{1, 1}, {299, 1}, {300, 0}} {
		n := 0
		r.failed(context.DeadlineExceeded, after(tt.seconds), func(discovery.Announcement) { n++ })
		if n != tt.want {
			t.Errorf("after %v s: %d nodes reported, want %d", tt.seconds, n, tt.want)
		}
	}
}

// More nodes than one request may announce.
func TestManyNodesInAProcess(t *testing.T) {
	s, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	id := newIdentity(t)
	c := newClient(t, Config{Trackers: []string{addr}, Identity: func(string) *trust.Identity { return id }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- c.Run(ctx, func() []discovery.Announcement {
			var all []discovery.Announcement
			for i := range 3*maxPerBody + 1 {
				all = append(all, discovery.Announcement{
					ID: id.ID().String(), Role: "worker", Boot: uint64(i + 1), Addr: netip.AddrPortFrom(netip.Addr{}, uint16(i+1)),
				})
			}
			return all
		}, func(a discovery.Announcement) {
			if a.ID == id.ID().String() {
				t.Errorf("found its own node %v", a)
			}
		})
	}()
	m := join(t, "master", Config{Trackers: []string{addr}})
	m.await("find them all", func() bool { return m.table.Len() == 3*maxPerBody+1 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	m.await("hear their goodbyes", func() bool { return m.found["goodbye"] == 3*maxPerBody+1 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.store.entries); n != 1 {
		t.Errorf("%d nodes are listed, want the master", n)
	}
}
