package grant

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// serve starts an HTTP server on 127.0.0.1 and counts what comes.
func serve(t *testing.T) (port int, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Method", r.Method)
		b, _ := io.ReadAll(r.Body)
		_, _ = w.Write(b) // the client says if something is missing
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("url"), http.StatusFound)
	})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return int(netip.MustParseAddrPort(s.Listener.Addr().String()).Port()), hits
}

// named gives a session names of its own, as a name server of somebody else's would.
func (s *Session) named(names map[string]string) {
	s.b.resolver = func(_ context.Context, host string) ([]netip.Addr, error) {
		if text, ok := names[host]; ok {
			return []netip.Addr{netip.MustParseAddr(text)}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
}

func TestHostMatrix(t *testing.T) {
	port, hits := serve(t)
	at := func(host string) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
	names := map[string]string{
		"rebind.test": "127.0.0.1", "meta.test": "169.254.169.254", "zero.test": "0.0.0.0", "six.test": "::1", "nat.test": "64:ff9b::7f00:1",
		"mapped.test": "::ffff:127.0.0.1", "localhost": "127.0.0.1", "a.good.test": "127.0.0.1",
	}
	plain := func(host string) string { return deniedText("net", at(host), "--allow-net="+at(host)) }
	stands := func(addr, host string) string {
		return fmt.Sprintf("ERR_ACCESS_DENIED: Requires net access to %q, which %q stands for: start the worker with --allow-net=%s", at(addr), host, at(addr))
	}
	for _, tt := range []struct {
		name    string
		allowed List
		host    string
		want    string
	}{
		{"nothing", List{}, "127.0.0.1", plain("127.0.0.1")},
		{"all", everything, "127.0.0.1", ""},
		{"all, by name", everything, "rebind.test", ""},
		{"the address", list("127.0.0.1"), "127.0.0.1", ""},
		{"the address and port", list(at("127.0.0.1")), "127.0.0.1", ""},
		{"another port", list("127.0.0.1:1"), "127.0.0.1", plain("127.0.0.1")},
		{"another address", list("127.0.0.2"), "127.0.0.1", plain("127.0.0.1")},
		{"localhost", list("localhost"), "localhost", ""},
		{"localhost in capitals, with a dot", list("LocalHost"), "LOCALHOST.", ""},
		{"a name is not its address", list("localhost"), "127.0.0.1", plain("127.0.0.1")},
		{"an address is not its name", list("127.0.0.1"), "localhost", plain("localhost")},
		{"mapped to version 6", list("127.0.0.1"), "::ffff:127.0.0.1", ""},
		{"in brackets", list("[::ffff:127.0.0.1]"), "127.0.0.1", ""},
		{"rebound to this machine", list("rebind.test"), "rebind.test", stands("127.0.0.1", "rebind.test")},
		{"rebound, and that allowed", list("rebind.test", "127.0.0.1"), "rebind.test", ""},
		{"rebound to the cloud's own", list("meta.test"), "meta.test", stands("169.254.169.254", "meta.test")},
		{"rebound to zero", list("zero.test"), "zero.test", stands("0.0.0.0", "zero.test")},
		{"rebound by version 6", list("six.test"), "six.test", stands("::1", "six.test")},
		{"rebound by a mapped address", list("mapped.test"), "mapped.test", stands("127.0.0.1", "mapped.test")},
		{"rebound through a translator", list("nat.test"), "nat.test", stands("64:ff9b::7f00:1", "nat.test")},
		{"a part of a name", list("test"), "rebind.test", plain("rebind.test")},
		{"below a name", list("*.good.test", "127.0.0.1"), "a.good.test", ""},
		{"not below a name", list("*.good.test"), "bgood.test", plain("bgood.test")},
		{"not there", list("none.test"), "none.test", "ENOTFOUND: getaddrinfo ENOTFOUND none.test"},
	} {
		s := open(t, Permissions{Net: tt.allowed})
		s.named(names)
		before := hits.Load()
		h, fault := s.ask(t, "connect", tt.host, port, nil, false)
		if fault != tt.want {
			t.Errorf("%s: connect(%s) = %v, %q, want %q", tt.name, tt.host, h, fault, tt.want)
		}
		x := s.must(t, "request", "GET", "http://"+strings.ToLower(at(strings.Trim(tt.host, "[]")))+"/echo", nil, false, "follow", false)
		_, fault = s.ask(t, "response", x)
		if (fault == "") != (tt.want == "") {
			t.Errorf("%s: request to %s = %q, want %q", tt.name, tt.host, fault, tt.want)
		}
		if tt.want != "" && hits.Load() != before {
			t.Errorf("%s: the server was reached", tt.name)
		}
		_, fault = s.ask(t, "lookup", tt.host)
		if strings.HasPrefix(tt.want, "ERR_ACCESS_DENIED") && tt.name != "another port" && !strings.HasPrefix(fault, "ERR_ACCESS_DENIED") {
			t.Errorf("%s: lookup(%s) = %q", tt.name, tt.host, fault)
		}
	}
	s := open(t, Permissions{Net: everything})
	s.want(t, "ERR_SOCKET_BAD_PORT: Port should be > 0 and < 65536. Received 70000.", "connect", "x", 70000, nil, false)
	s.want(t, `ERR_INVALID_PROTOCOL: Protocol "file:" not supported. Expected "http:" or "https:"`, "request", "GET", "file:///etc/passwd", nil, false, "follow", false)
}

func TestRequests(t *testing.T) {
	port, _ := serve(t)
	other, hits := serve(t)
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	s := open(t, Permissions{Net: list(fmt.Sprintf("127.0.0.1:%d", port))})

	x := s.must(t, "request", "POST", base+"/echo", []string{"X-A", "1"}, true, "follow", false)
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	s.must(t, "send", x, long)
	s.must(t, "send", x, long)
	s.must(t, "shut", x)
	res := s.must(t, "response", x).([]any)
	if res[0] != 200.0 || res[1] != "OK" || res[3] != false || !strings.Contains(fmt.Sprint(res[4]), "X-Method POST") {
		t.Errorf("response = %v", res)
	}
	if got := readOut(t, s, x); got != string(long)+string(long) {
		t.Errorf("the echo has %d bytes", len(got))
	}
	s.must(t, "close", x)

	for _, tt := range []struct{ mode, target, want string }{
		{"follow", base + "/echo", ""},
		{"manual", base + "/echo", "302"},
		{"error", base + "/echo", "unexpected redirect"},
		{"follow", fmt.Sprintf("http://127.0.0.1:%d/echo", other), fmt.Sprintf("Requires net access to \"127.0.0.1:%d\"", other)},
		{"follow", "http://[::1]/", `Requires net access to "[::1]:80"`},
		{"follow", "file:///etc/passwd", "unsupported protocol scheme"},
	} {
		x := s.must(t, "request", "GET", base+"/to?url="+tt.target, nil, false, tt.mode, false)
		v, fault := s.ask(t, "response", x)
		if got := fmt.Sprint(v, fault); !strings.Contains(got, tt.want) {
			t.Errorf("redirect to %s, %s: %s, want %s", tt.target, tt.mode, got, tt.want)
		}
	}
	if hits.Load() != 0 {
		t.Error("the server that is not allowed was reached")
	}
}

// TestConnections checks bytes both ways, half-closed connections, and that the end of the task ends all of it.
func TestConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 2)
	go func() {
		for range 2 {
			c, err := l.Accept()
			if err == nil {
				_, err = io.Copy(c, c)
				_ = c.Close() // the other side has what it wants
			}
			served <- err
		}
	}()
	b, err := New(Permissions{Net: everything})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Open()
	at := netip.MustParseAddrPort(l.Addr().String())
	c := s.must(t, "connect", "127.0.0.1", int(at.Port()), nil, false).([]any)
	if c[3] != "127.0.0.1" || c[4] != float64(at.Port()) {
		t.Errorf("connect = %v", c)
	}
	s.must(t, "send", c[0], []byte("ping"))
	s.must(t, "shut", c[0])
	if got := readOut(t, s, c[0]); got != "ping" {
		t.Errorf("received %q", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	c = s.must(t, "connect", "127.0.0.1", int(at.Port()), nil, false).([]any)
	waits := make(chan string)
	go func() {
		_, fault := s.ask(t, "recv", c[0], 10)
		waits <- fault
	}()
	s.Close()
	if fault := <-waits; fault == "" {
		t.Error("a read went on after the end of the task")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
