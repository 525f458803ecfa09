package tracker

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
)

// do makes a request of a handler, as from a host on a private network, and returns the answer.
func do(t *testing.T, h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "10.0.0.7:4000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "From" {
			r.RemoteAddr = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// The requests that the seed document describes, as curl makes them.
func TestPlainForm(t *testing.T) {
	s := NewServer(ServerConfig{})
	steps := []struct {
		method, body, want string
	}{
		{"GET", "", `{"masters":[],"workers":[]}`},
		{"POST", `{"role":"worker","port":5000,"data":{"str":"Hello <world>!"}}`,
			`{"masters":[],"workers":[{"addr":"10.0.0.7","port":5000,"data":{"str":"Hello <world>!"},"cluster":"default","seq":N}]}`},
		{"POST", `{"masters":[{"port":6000}]}`,
			`{"masters":[{"addr":"10.0.0.7","port":6000,"data":{},"cluster":"default","seq":N}],"workers":[{"addr":"10.0.0.7","port":5000,"data":{"str":"Hello <world>!"},"cluster":"default","seq":N}]}`},
		{"POST", `{"role":"worker","port":5000,"bye":true}`,
			`{"masters":[{"addr":"10.0.0.7","port":6000,"data":{},"cluster":"default","seq":N}],"workers":[]}`},
		{"POST", "", `{"masters":[{"addr":"10.0.0.7","port":6000,"data":{},"cluster":"default","seq":N}],"workers":[]}`},
		{"GET", "", `{"masters":[{"addr":"10.0.0.7","port":6000,"data":{},"cluster":"default","seq":N}],"workers":[]}`},
	}
	for i, step := range steps {
		w := do(t, s, step.method, "/hostsAvailable", step.body, "Content-Type", "application/x-www-form-urlencoded")
		s.cache = cache{} // it may lag behind by ten times what it cost to build
		var got lists
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("step %d: status %d, %s", i, w.Code, w.Body)
		}
		text := strings.TrimSpace(w.Body.String())
		for _, h := range slices.Concat(got.Masters, got.Workers) {
			text = strings.Replace(text, fmt.Sprintf(`"seq":%d`, h.Seq), `"seq":N`, 1)
		}
		if text != step.want {
			t.Errorf("step %d:\n %s, want\n %s", i, text, step.want)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("step %d: content type %q", i, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := NewServer(ServerConfig{})
	signed, err := encode(signedHost(newIdentity(t)))
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(signed, []byte(`"port":5000`), []byte(`"port":5001`), 1)
	const worker = `{"role":"worker","port":5000}`
	tests := []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		code                       string
	}{
		{"good", "POST", "/announce", string(signed), nil, 200, ""},
		{"forged", "POST", "/announce", string(forged), nil, 403, "ERR_SIGNATURE"},
		{"an id that is none", "POST", "/announce", `{"id":"me","role":"worker","port":5}`, nil, 403, "ERR_SIGNATURE"},
		{"no such page", "GET", "/", "", nil, 404, "ERR_NOT_FOUND"},
		{"wrong method", "DELETE", "/hostsAvailable", "", nil, 405, "ERR_METHOD"},
		{"wrong method", "GET", "/announce", "", nil, 405, "ERR_METHOD"},
		{"rubbish", "POST", "/hostsAvailable", "rubbish", nil, 400, "ERR_ANNOUNCEMENT"},
		{"no port", "POST", "/hostsAvailable", `{"role":"worker"}`, nil, 400, "ERR_ANNOUNCEMENT"},
		{"no role", "POST", "/hostsAvailable", `{"port":5000}`, nil, 400, "ERR_ANNOUNCEMENT"},
		{"boot of another form", "POST", "/hostsAvailable", `{"role":"worker","port":5000,"boot":"-"}`, nil, 400, "ERR_ANNOUNCEMENT"},
		{"too long", "POST", "/hostsAvailable", `{"data":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, "ERR_TOO_LARGE"},
		{"data too long", "POST", "/hostsAvailable", `{"role":"worker","port":5,"data":"` + strings.Repeat("x", discovery.MaxData) + `"}`, nil, 400, "ERR_ANNOUNCEMENT"},
		{"another cluster", "POST", "/hostsAvailable", `{"role":"worker","port":5000,"cluster":"other"}`, nil, 403, "ERR_CLUSTER"},
		{"this cluster", "POST", "/hostsAvailable", `{"role":"worker","port":5000,"cluster":"default"}`, nil, 200, ""},
		{"from the Internet", "GET", "/hostsAvailable", "", []string{"From", "8.8.8.8:99"}, 403, "ERR_OFF_LINK"},
		{"from loopback", "GET", "/hostsAvailable", "", []string{"From", "[::1]:99"}, 200, ""},
		{"a web page", "POST", "/hostsAvailable", worker, []string{"Origin", "http://evil.example"}, 403, "ERR_BROWSER"},
		{"a rebound name", "GET", "/hostsAvailable", "", []string{"Sec-Fetch-Site", "same-origin"}, 403, "ERR_BROWSER"},
		{"typed into a browser", "GET", "/hostsAvailable", "", []string{"Sec-Fetch-Site", "none"}, 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(t, s, tt.method, tt.target, tt.body, tt.headers...)
			var got struct{ Code, Message string }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.status || got.Code != tt.code {
				t.Errorf("status %d, %s, want %d %s", w.Code, w.Body, tt.status, tt.code)
			}
			if tt.code != "" && got.Message == "" {
				t.Error("no message")
			}
		})
	}
}

func TestPublic(t *testing.T) {
	s := NewServer(ServerConfig{Public: true})
	if w := do(t, s, "GET", "/hostsAvailable", "", "From", "8.8.8.8:99"); w.Code != 200 {
		t.Errorf("status %d, want 200", w.Code)
	}
}

func TestRate(t *testing.T) {
	s := NewServer(ServerConfig{Limits: Limits{Rate: 10}})
	refused := 0
	for range 100 {
		if w := do(t, s, "GET", "/hostsAvailable", ""); w.Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 70 || refused > 80 {
		t.Errorf("%d of 100 requests refused, want near 80", refused)
	}
	if w := do(t, s, "GET", "/hostsAvailable", "", "From", "10.0.0.8:1"); w.Code != 200 {
		t.Errorf("another address is refused, status %d", w.Code)
	}
	s.rates.sweep(time.Now().Add(time.Minute))
	if len(s.rates.each) != 0 {
		t.Error("silent addresses are remembered")
	}
}

func TestETagAndGzip(t *testing.T) {
	s := NewServer(ServerConfig{})
	for i := range 30 {
		do(t, s, "POST", "/announce", fmt.Sprintf(`{"role":"worker","port":%d}`, i+1))
	}
	plain := do(t, s, "GET", "/hostsAvailable", "")
	tag := plain.Header().Get("ETag")
	if w := do(t, s, "GET", "/hostsAvailable", "", "If-None-Match", `"x", `+tag); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("the same again: status %d, %d bytes, want 304 and none", w.Code, w.Body.Len())
	}
	zipped := do(t, s, "GET", "/hostsAvailable", "", "Accept-Encoding", "br, gzip;q=0.5")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
		t.Errorf("compressed: %q, %v, want what is sent plainly", got, err)
	}
	if w := do(t, s, "GET", "/hostsAvailable", "", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a caller that refuses it")
	}
	do(t, s, "POST", "/announce", `{"role":"worker","port":99}`)
	s.cache = cache{}
	if w := do(t, s, "GET", "/hostsAvailable", "", "If-None-Match", tag); w.Code != 200 || w.Header().Get("ETag") == tag {
		t.Errorf("changed: status %d, tag %s, want 200 and another", w.Code, w.Header().Get("ETag"))
	}
}

func TestCacheBuildsSeldom(t *testing.T) {
	var c cache
	builds := 0
	get := func(version uint64, ms int) page {
		return c.get(form{}, version, start.Add(time.Duration(ms)*time.Millisecond), false, func() (uint64, []byte) {
			builds++
			return version, []byte(fmt.Sprint(version))
		})
	}
	get(1, 0)
	c.pages[form{}].cost = time.Second // as of a list that is dear to build
	if p := get(2, 100); string(p.body) != "1" {
		t.Errorf("after 100 ms: version %s, want the old one", p.body)
	}
	if p := get(2, 250); string(p.body) != "2" {
		t.Errorf("after 250 ms: version %s, want the new one", p.body)
	}
	get(2, 9000)
	if builds != 2 {
		t.Errorf("built %d times, want 2", builds)
	}
	for i := range 10 * maxViews {
		c.get(form{want: wanted(fmt.Sprint(i))}, 1, start, false, func() (uint64, []byte) { return 1, nil })
	}
	if len(c.pages) > maxViews {
		t.Errorf("%d pages, limit %d", len(c.pages), maxViews)
	}
}

// post makes a request of a tracker over the network.
func post(t *testing.T, addr, query, body string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/announce?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a, err := decodeAnswer(res.StatusCode, res.Header.Get("Content-Type"), res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCursorWaits(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	_, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	full := post(t, addr, "", "")
	if !full.Full || full.Masters == nil || full.Next != 3000 {
		t.Errorf("without a cursor: %+v, want a full list", full)
	}
	since := fmt.Sprintf("since=%s.%d", full.Epoch, full.Version)
	var g sync.WaitGroup
	g.Go(func() {
		a := post(t, addr, since+"&want=masters&wait=20", `{"role":"worker","port":1}`)
		if got := names(a.lists, a.Removed); got != "master:7" || a.Full {
			t.Errorf("a worker that waits for masters: %q, full %v, want master:7 alone", got, a.Full)
		}
	})
	g.Go(func() {
		a := post(t, addr, since+"&want=workers&wait=20", "")
		if got := names(a.lists, a.Removed); got != "worker:1" {
			t.Errorf("somebody who waits for workers: %q, want worker:1", got)
		}
		post(t, addr, "", `{"role":"master","port":7}`)
	})
	g.Wait()
	begin := time.Now()
	now := post(t, addr, "", "")
	a := post(t, addr, fmt.Sprintf("since=%s.%d&wait=0.3", now.Epoch, now.Version), "")
	if took := time.Since(begin); took < 300*time.Millisecond || len(a.Workers) != 0 {
		t.Errorf("nothing happens: answered after %v with %q, want 300 ms and nothing", took, names(a.lists, a.Removed))
	}
	for _, bad := range []string{"since=other.1", "since=x", "since=" + full.Epoch + ".99999", "since=" + full.Epoch + ".-1"} {
		if a := post(t, addr, bad+"&wait=20", ""); !a.Full {
			t.Errorf("%s: not the full list", bad)
		}
	}
	if a := post(t, addr, since+"&wait=NaN", ""); a.Full {
		t.Error("a wait that is no number: the full list")
	}
}

// A node whose request waits stays; when its connection breaks, its TTL begins.
func TestConnectionThatBreaks(t *testing.T) {
	lost := make(chan string, 10)
	s, addr, _ := serve(t, ServerConfig{Limits: quick, OnEvent: func(e discovery.Event) {
		lost <- fmt.Sprint(e.Kind, " ", e.Node.Addr.Port())
	}}, "127.0.0.1:0")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"role":"worker","port":1}`
	fmt.Fprintf(conn, "POST /announce?since=%s.1&wait=20&want=masters HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", s.epoch, len(body), body)
	if got := <-lost; got != "found 1" {
		t.Fatalf("event %q, want found 1", got)
	}
	select {
	case got := <-lost:
		t.Fatalf("event %q while its request waits", got)
	case <-time.After(5 * quick.Interval):
	}
	conn.Close()
	select {
	case got := <-lost:
		if got != "lost 1" {
			t.Errorf("event %q, want lost 1", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("not lost when its connection broke")
	}
}

// Callers that hold connections open and send nothing keep nobody else out.
func TestSlowCallers(t *testing.T) {
	s, addr, stop := serve(t, ServerConfig{Limits: Limits{MaxConns: 20, MaxConnsPerHost: 10}}, "127.0.0.1:0")
	var conns []net.Conn
	for range 30 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /hostsAvailable HTTP/1.1\r\n")
		conns = append(conns, conn)
	}
	refused := 0
	for _, conn := range conns {
		if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
			refused++
		}
	}
	if refused != 20 {
		t.Errorf("%d of 30 connections were closed, want 20", refused)
	}
	for _, conn := range conns {
		conn.Close()
	}
	for range 100 { // the server hears of it shortly
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "GET /hostsAvailable HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if err == nil {
			if !strings.Contains(line, "200") {
				t.Errorf("answer %q", line)
			}
			stop()
			_ = s
			return
		}
	}
	t.Error("no room after the slow ones are gone")
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}

func TestLocalNetworks(t *testing.T) {
	for _, tt := range []struct {
		addr string
		want bool
	}{
		{"10.1.2.3", true}, {"192.168.9.9", true}, {"172.31.0.1", true}, {"127.0.0.1", true}, {"::1", true}, {"fd00::1", true},
		{"fe80::1", true}, {"169.254.0.1", true}, {"100.64.0.1", true}, {"100.128.0.1", false}, {"172.32.0.1", false}, {"8.8.8.8", false}, {"2001:db8::1", false},
	} {
		if got := private(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("private(%s) = %v, want %v", tt.addr, got, tt.want)
		}
	}
	if got := remote("nonsense"); got.IsValid() || private(got) {
		t.Errorf("remote of nonsense: %v", got)
	}
	s := NewServer(ServerConfig{})
	s.local = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	if !s.admits(netip.MustParseAddr("203.0.113.9")) || s.admits(netip.MustParseAddr("203.0.114.9")) || s.admits(netip.Addr{}) {
		t.Error("not just its own networks are let in")
	}
}
