package tracker

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

func credential(t testing.TB, key byte) *trust.Credential {
	t.Helper()
	c, err := trust.FromKey("", trust.Secret{key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func keyedRing(c *trust.Credential) *trust.Ring {
	return trust.NewRing(trust.RingConfig{Credential: c, Keyed: true})
}

// part returns what a token for one role of a cluster is.
func part(t testing.TB, c *trust.Credential, role string) *trust.Credential {
	t.Helper()
	token, _, err := c.Part(role, "", time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := trust.Parse("", token)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serveKeyed runs a tracker until the test ends, and returns its address.
func serveKeyed(t *testing.T, c *trust.Credential) string {
	t.Helper()
	reader, err := Bearer(c.NetworkKey())
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(ServerConfig{Trust: keyedRing(c), Reader: reader, NoRelay: true})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return ln.Addr().String()
}

// A grumbler keeps what a client logs, and tells of the first line.
type grumbler struct {
	mu   sync.Mutex
	text bytes.Buffer
	said chan struct{}
	once sync.Once
}

func (g *grumbler) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.once.Do(func() { close(g.said) })
	return g.text.Write(p)
}

// A keyed cluster's tracker and its nodes find each other, and nobody else: a tracker of another key, one that a worker's token
// makes, or one that speaks plain HTTP is told nothing of the nodes.
func TestKeyedTracker(t *testing.T) {
	whole := credential(t, 1)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	var mu sync.Mutex
	web := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		io.Copy(&told, r.Body)
	})}
	done := make(chan struct{})
	go func() { defer close(done); web.Serve(plain) }()
	t.Cleanup(func() { web.Close(); <-done })
	for name, tt := range map[string]struct {
		addr   string
		client *trust.Credential
		code   string // empty if they meet
	}{
		"the whole key":             {serveKeyed(t, whole), whole, ""},
		"tokens for their roles":    {serveKeyed(t, part(t, whole, trust.RoleTracker)), part(t, whole, trust.RoleWorker), ""},
		"a tracker of another key":  {serveKeyed(t, credential(t, 2)), whole, "different clusters"},
		"a tracker in plain HTTP":   {plain.Addr().String(), whole, "plain HTTP"},
		"a worker of another key":   {serveKeyed(t, whole), credential(t, 2), "different clusters"},
		"a worker poses as tracker": {servePosing(t, whole), whole, "a worker poses as a tracker"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &grumbler{said: make(chan struct{})}
			id := newIdentity(t)
			c, err := NewClient(Config{
				Trackers: []string{tt.addr}, Trust: keyedRing(tt.client), Interval: 50 * time.Millisecond,
				Identity: func(string) *trust.Identity { return id }, Logger: slog.New(slog.NewTextHandler(log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			other := newIdentity(t)
			watcher, err := NewClient(Config{
				Trackers: []string{tt.addr}, Trust: keyedRing(tt.client), Interval: 50 * time.Millisecond,
				Identity: func(string) *trust.Identity { return other },
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			found := make(chan string, 100)
			var g sync.WaitGroup
			announce := func(c *Client, id *trust.Identity, role string, heard func(discovery.Announcement)) {
				g.Go(func() {
					c.Run(ctx, func() []discovery.Announcement {
						return []discovery.Announcement{{ID: id.ID().String(), Role: role, Cluster: "default", Boot: 1, Addr: netip.MustParseAddrPort("127.0.0.1:4000")}}
					}, heard)
				})
			}
			announce(c, id, "worker", func(discovery.Announcement) {})
			announce(watcher, other, "master", func(a discovery.Announcement) {
				select {
				case found <- a.ID:
				default:
				}
			})
			defer func() { cancel(); g.Wait() }()
			if tt.code == "" {
				select {
				case got := <-found:
					if got != id.ID().String() {
						t.Errorf("found %s, want %v", got, id.ID())
					}
				case <-time.After(20 * time.Second):
					t.Errorf("not found:\n%s", log.text.String())
				}
				return
			}
			select {
			case <-log.said:
			case <-time.After(20 * time.Second):
				t.Fatal("nothing is said of the tracker")
			}
			log.mu.Lock()
			defer log.mu.Unlock()
			if !strings.Contains(log.text.String(), tt.code) {
				t.Errorf("said %q, want %q", log.text.String(), tt.code)
			}
			if len(found) > 0 {
				t.Error("a node was found all the same")
			}
		})
	}
	mu.Lock()
	defer mu.Unlock()
	if told.Len() > 0 {
		t.Errorf("a tracker without the key was told %q", told.String())
	}
}

// servePosing answers as a tracker whose certificate is that of a worker.
func servePosing(t *testing.T, c *trust.Credential) string {
	t.Helper()
	cert, err := keyedRing(c).Certificate(newIdentity(t), trust.RoleWorker)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	done := make(chan struct{})
	go func() { defer close(done); web.Serve(ln) }()
	t.Cleanup(func() { web.Close(); <-done })
	return ln.Addr().String()
}

// What is no member is answered with a code and a hint, reads with the bearer alone, and never writes.
func TestKeyedTrackerRefuses(t *testing.T) {
	whole := credential(t, 1)
	addr := serveKeyed(t, whole)
	bearer, err := Bearer(whole.NetworkKey())
	if err != nil {
		t.Fatal(err)
	}
	other, err := Bearer(credential(t, 2).NetworkKey())
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := keyedRing(credential(t, 2)).Certificate(newIdentity(t), trust.RoleWorker)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		scheme, method, bearer string
		certs                  []tls.Certificate
		code                   string // empty if it is answered
	}{
		"plain HTTP":                    {"http", "GET", "", nil, trust.CodeKeyRequired},
		"plain HTTP with the bearer":    {"http", "GET", bearer, nil, trust.CodeKeyRequired},
		"TLS without anything":          {"https", "GET", "", nil, trust.CodeKeyRequired},
		"the bearer":                    {"https", "GET", bearer, nil, ""},
		"another cluster's bearer":      {"https", "GET", other, nil, trust.CodeKeyRequired},
		"the bearer to write":           {"https", "POST", bearer, nil, trust.CodeKeyRequired},
		"a certificate of another key":  {"https", "POST", "", []tls.Certificate{foreign}, trust.CodeWrongKey},
		"that and the bearer, to write": {"https", "POST", bearer, []tls.Certificate{foreign}, trust.CodeWrongKey},
	} {
		tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: tt.certs}}
		req, err := http.NewRequest(tt.method, tt.scheme+"://"+addr+"/hostsAvailable", strings.NewReader(`{"role":"worker","port":1}`))
		if err != nil {
			t.Fatal(err)
		}
		if tt.bearer != "" {
			req.Header.Set("Authorization", "Bearer "+tt.bearer)
		}
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var body struct{ Code, Hint string }
		err = errors.Join(json.NewDecoder(res.Body).Decode(&body), res.Body.Close())
		want := http.StatusUnauthorized
		if tt.code == "" {
			want = http.StatusOK
		}
		if err != nil || res.StatusCode != want || body.Code != tt.code || (body.Hint == "") != (tt.code == "") {
			t.Errorf("%s: %d %+v, %v; want %d and code %q", name, res.StatusCode, body, err, want, tt.code)
		}
		tr.CloseIdleConnections()
	}
	// Who connects and says nothing holds up nobody.
	for range 50 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer tr.CloseIdleConnections()
	began := time.Now()
	res, err := (&http.Client{Transport: tr}).Get("https://" + addr + "/hostsAvailable")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if took := time.Since(began); took > helloTime/2 {
		t.Errorf("50 silent callers made another wait %v", took)
	}
}
