package tracker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// newIdentity returns a fresh identity.
func newIdentity(t testing.TB) *trust.Identity {
	t.Helper()
	id, err := trust.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// signedHost returns what the node with that identity sends.
func signedHost(id *trust.Identity) host {
	h := hostOf(discovery.Announcement{
		ID: id.ID().String(), Role: "worker", Cluster: "default", Boot: 1<<63 + 1, Seq: 1<<53 + 1, Proto: 2,
		Addr: netip.MustParseAddrPort("0.0.0.0:5000"), Data: json.RawMessage(`{ "a": "<&>" }`), TTL: 5 * time.Second,
	}, netip.Addr{})
	h.Role = "worker"
	h.sign(id)
	return h
}

func TestSignature(t *testing.T) {
	id := newIdentity(t)
	body, err := encode(signedHost(id))
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeBody(body)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	if err := got[0].verify(); err != nil {
		t.Errorf("as it was sent: %v", err)
	}
	if a, err := got[0].announcement(caller); err != nil || a.Boot != 1<<63+1 || a.Seq != 1<<53+1 {
		t.Errorf("boot or seq lost on the way: %+v, %v", a, err)
	}
	changes := map[string]func(*host){
		"id":      func(h *host) { h.ID = newIdentity(t).ID().String() },
		"role":    func(h *host) { h.Role = "master" },
		"cluster": func(h *host) { h.Cluster = "other" },
		"boot":    func(h *host) { h.Boot = "1" },
		"seq":     func(h *host) { h.Seq++ },
		"addr":    func(h *host) { h.Addr = "10.0.0.1" },
		"port":    func(h *host) { h.Port++ },
		"proto":   func(h *host) { h.Proto++ },
		"ttl":     func(h *host) { h.TTL++ },
		"bye":     func(h *host) { h.Bye = true },
		"data":    func(h *host) { h.Data = json.RawMessage(`1`) },
		"pub":     func(h *host) { h.Pub = newIdentity(t).PublicKey() },
		"no sig":  func(h *host) { h.Sig = nil },
		"no pub":  func(h *host) { h.Pub = nil },
	}
	for name, change := range changes {
		h := signedHost(id)
		change(&h)
		if err := h.verify(); !errors.Is(err, errSignature) {
			t.Errorf("another %s: %v, want %v", name, err, errSignature)
		}
	}
	if n := reflect.TypeFor[host]().NumField(); n != 14 { // of which seen is said by trackers alone
		t.Errorf("host has %d fields: is the new one signed?", n)
	}
}

func TestDecodeBody(t *testing.T) {
	tests := []struct {
		name, body string
		want       string // role:port of each, or the error
	}{
		{"nothing", ``, ""},
		{"space", " \n", ""},
		{"no node", `{}`, ""},
		{"one", `{"role":"worker","port":5}`, "worker:5"},
		{"more than is known", `{"role":"worker","port":5,"later":[1]}`, "worker:5"},
		{"lists", `{"workers":[{"port":1},{"port":2,"role":"worker"}],"masters":[{"port":3}]}`, "master:3 worker:1 worker:2"},
		{"wrong list", `{"workers":[{"port":1,"role":"master"}]}`, `bad announcement: role "master" in the list of workers`},
		{"text", `hello`, "bad announcement: not the JSON of a node: invalid character 'h' looking for beginning of value"},
		{"array", `[]`, "bad announcement: not the JSON of a node: a node cannot be array"},
		{"port over 16 bits", `{"role":"worker","port":65536}`, "bad announcement: not the JSON of a node: port cannot be number 65536"},
		{"too many", `{"workers":[{}` + strings.Repeat(",{}", maxPerBody) + `]}`, "bad announcement: 65 nodes in one request, limit 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hosts, err := decodeBody([]byte(tt.body))
			var all []string
			for _, h := range hosts {
				all = append(all, fmt.Sprintf("%s:%d", h.Role, h.Port))
			}
			got := strings.Join(all, " ")
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestListedAt(t *testing.T) {
	const signed, public = true, true
	for _, tt := range []struct {
		said, from     string
		signed, public bool
		want           string
	}{
		{"8.8.8.8", "10.0.0.7", signed, false, "8.8.8.8"},
		{"8.8.8.8", "10.0.0.7", signed, public, "10.0.0.7"},
		{"192.168.1.5", "10.0.0.7", signed, public, "192.168.1.5"},
		{"192.168.1.5", "8.8.8.8", signed, public, "8.8.8.8"},
		{"127.0.0.1", "10.0.0.7", signed, false, "10.0.0.7"},
		{"224.0.0.1", "10.0.0.7", signed, false, "10.0.0.7"},
		{"0.0.0.0", "10.0.0.7", signed, false, "10.0.0.7"},
	} {
		h := host{Addr: tt.said}
		if tt.signed {
			h.ID = "signed"
		}
		if got := h.listedAt(netip.MustParseAddr(tt.from), tt.public); got.String() != tt.want {
			t.Errorf("says %q from %s, signed %v, public %v: listed at %v, want %s", tt.said, tt.from, tt.signed, tt.public, got, tt.want)
		}
	}
	tests := []struct{ said, from, want string }{
		{"", "10.0.0.7", "10.0.0.7"},
		{"192.168.1.5", "10.0.0.7", "192.168.1.5"},
		{"8.8.8.8", "10.0.0.7", "10.0.0.7"},
		{"192.168.1.5", "8.8.8.8", "8.8.8.8"},
		{"127.0.0.1", "10.0.0.7", "10.0.0.7"},
		{"::ffff:192.168.1.5", "10.0.0.7", "192.168.1.5"},
		{"fe80::1%eth0", "10.0.0.7", "10.0.0.7"},
		{"tracker.mynet.com", "10.0.0.7", "10.0.0.7"},
	}
	for _, tt := range tests {
		got := host{Addr: tt.said}.listedAt(netip.MustParseAddr(tt.from), false)
		if got.String() != tt.want {
			t.Errorf("says %q from %s: listed at %v, want %s", tt.said, tt.from, got, tt.want)
		}
	}
}

func FuzzDecodeBody(f *testing.F) {
	f.Add([]byte(`{"role":"worker","port":5000,"data":{"mem":8}}`))
	f.Add([]byte(`{"masters":[{"port":1,"boot":"ff"}],"workers":[{"port":2,"ttl":-9}]}`))
	f.Add([]byte(`{"data":` + strings.Repeat("[", 5000)))
	body, err := encode(signedHost(newIdentity(f)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		hosts, err := decodeBody(body)
		if err != nil {
			if !errors.Is(err, discovery.ErrAnnouncement) {
				t.Errorf("%v, want it to wrap %v", err, discovery.ErrAnnouncement)
			}
			return
		}
		s := newTestStore()
		for _, h := range hosts {
			_ = h.verify()
			a, err := h.announcement(h.listedAt(caller, false))
			if err != nil {
				continue
			}
			if _, err := s.announce(a, caller, start); err != nil && !errors.Is(err, discovery.ErrAnnouncement) {
				t.Errorf("announce: %v", err)
			}
		}
		if _, err := encode(s.list("", caller)); err != nil {
			t.Errorf("what was taken in cannot be listed: %v", err)
		}
	})
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add(200, "application/json", []byte(`{"epoch":"e","version":3,"full":true,"masters":[],"workers":[{"addr":"10.0.0.1","port":5}],"next":3000}`))
	f.Add(200, "application/json", []byte(`{"epoch":"e","removed":[{"id":"x","role":"worker","bye":true,"seq":3}],"next":-1}`))
	f.Add(403, "application/json", []byte(`{"code":"ERR_CLUSTER","message":"no"}`))
	f.Add(200, "text/html", []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		a, err := decodeAnswer(status, contentType, strings.NewReader(string(body)))
		if err != nil {
			return
		}
		c, err := NewClient(Config{Trackers: []string{"127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		r := c.fixed[0]
		r.listed = make(map[key]listing)
		r.merge(a, start, func(a discovery.Announcement) {
			if err := a.Check(); err != nil || !a.Addr.Addr().IsValid() || a.Path != discovery.Tracker {
				t.Errorf("found %+v: %v", a, err)
			}
		})
	})
}

func FuzzCursor(f *testing.F) {
	s := NewServer(ServerConfig{})
	f.Add(s.epoch + ".0")
	f.Add("x.18446744073709551616")
	f.Add("..")
	f.Fuzz(func(t *testing.T, since string) {
		if v, ok := s.cursor(since); ok && since != fmt.Sprintf("%s.%d", s.epoch, v) && !strings.HasPrefix(since, s.epoch+".0") {
			t.Errorf("cursor(%q) = %d", since, v)
		}
	})
}
