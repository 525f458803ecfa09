package tracker

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"supercluster/discovery"
)

// crowd returns a server that lists n workers, without limits on its callers.
func crowd(b *testing.B, n int) *Server {
	s := NewServer(ServerConfig{Limits: Limits{Rate: 1 << 30, MaxPerHost: 1 << 30}})
	for i := range n {
		a := worker(uint16(1+i%60_000), 1)
		a.Boot = uint64(i)
		if _, err := s.store.announce(a, netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// count is a ResponseWriter that counts bytes.
type count struct {
	header http.Header
	bytes  int
	status int
}

func (c *count) Header() http.Header         { return c.header }
func (c *count) WriteHeader(status int)      { c.status = status }
func (c *count) Write(p []byte) (int, error) { c.bytes += len(p); return len(p), nil }

// BenchmarkRequest measures what one request costs a tracker of 10,000 nodes: CPU by its time, and bytes of the
// answer's body. A node of that crowd makes one in 25 s when it waits, and one in 5 s when it does not.
func BenchmarkRequest(b *testing.B) {
	run := func(name, method, target string, body func(i int) string, churn bool) {
		b.Run(name, func(b *testing.B) {
			s := crowd(b, 10_000)
			target := strings.ReplaceAll(target, "SINCE", fmt.Sprintf("%s.%d", s.epoch, s.store.version))
			sent, i := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				if churn { // something has changed since the last request
					a := worker(1, uint64(i+1))
					a.Proto = uint16(i)
					s.mu.Lock()
					if _, err := s.store.announce(a, caller, time.Now()); err != nil {
						b.Fatal(err)
					}
					s.mu.Unlock()
				}
				r := httptest.NewRequest(method, target, strings.NewReader(body(i)))
				r.RemoteAddr = "10.0.0.7:4000"
				w := count{header: make(http.Header)}
				s.ServeHTTP(&w, r)
				if w.status != 200 {
					b.Fatalf("status %d", w.status)
				}
				sent += w.bytes
			}
			b.ReportMetric(float64(sent)/float64(i), "body-B/op")
		})
	}
	nothing := func(int) string { return "" }
	plain := func(i int) string { return fmt.Sprintf(`{"role":"worker","port":1,"seq":%d,"boot":"ffffff"}`, i+1) }
	id := newIdentity(b)
	signed := func(i int) string {
		h := hostOf(discovery.Announcement{
			ID: id.ID().String(), Role: "worker", Seq: uint64(i + 1), Addr: netip.MustParseAddrPort("0.0.0.0:5000"),
		}, netip.Addr{})
		h.Role = "worker"
		h.sign(id)
		body, err := encode(h)
		if err != nil {
			b.Fatal(err)
		}
		return string(body)
	}
	run("worker asks for masters, signed", "POST", "/announce?want=masters&since=SINCE", signed, false)
	run("worker asks for masters, unsigned", "POST", "/announce?want=masters&since=SINCE", plain, false)
	run("plain list, nothing changed", "GET", "/hostsAvailable", nothing, false)
	run("plain list, changed each time", "GET", "/hostsAvailable", nothing, true)
}
