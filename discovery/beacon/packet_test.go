package beacon

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supercluster/discovery"
	"supercluster/net/trust"
	"supercluster/vm/value"
)

// now is when the tests of the format happen.
var now = time.UnixMilli(1_900_000_000_000)

// announcementOf returns an announcement of the node with that identity.
func announcementOf(id *trust.Identity) discovery.Announcement {
	return discovery.Announcement{
		ID: id.ID().String(), Role: "worker", Cluster: "default", Boot: 1<<63 + 5, Seq: 9, Proto: 2,
		Addr: netip.AddrPortFrom(netip.Addr{}, 5000), TTL: 3 * time.Second, Data: json.RawMessage(`{"mem":8}`),
	}
}

// mustEncode returns a's packet.
func mustEncode(t testing.TB, s *trust.Sealer, id *trust.Identity, a discovery.Announcement) []byte {
	t.Helper()
	packet, err := encode(s, id, a, now)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// decode opens, parses and verifies a packet.
func decode(s *trust.Sealer, packet []byte) (discovery.Announcement, error) {
	plain, err := s.Open(packet)
	if err != nil {
		return discovery.Announcement{}, err
	}
	p, err := parse(plain)
	if err == nil {
		err = p.verify()
	}
	return p.Announcement, err
}

func TestPacketRoundTrip(t *testing.T) {
	sealer, id := newSealer(t, "default"), newIdentity(t)
	limit := json.RawMessage(`"` + strings.Repeat("x", maxData-2) + `"`)
	long := json.RawMessage(`"` + strings.Repeat("x", maxData-1) + `"`)
	tests := []struct {
		name   string
		change func(*discovery.Announcement)
		want   func(*discovery.Announcement) // what is lost on the way
	}{
		{"as usual", func(a *discovery.Announcement) {}, nil},
		{"no data", func(a *discovery.Announcement) { a.Data = nil }, nil},
		{"goodbye", func(a *discovery.Announcement) { a.Bye = true }, nil},
		{"data at the limit", func(a *discovery.Announcement) { a.Data = limit }, nil},
		{"data over the limit is left out", func(a *discovery.Announcement) { a.Data = long },
			func(a *discovery.Announcement) { a.Data = nil }},
		{"ttl over the limit", func(a *discovery.Announcement) { a.TTL = time.Hour },
			func(a *discovery.Announcement) { a.TTL = discovery.MaxTTL }},
		{"everything as long as it may be", func(a *discovery.Announcement) {
			a.Cluster = strings.Repeat("c", discovery.MaxName)
			a.Data = limit
			a.Boot, a.Seq, a.Proto = 1<<64-1, 1<<64-1, 1<<16-1
			a.Addr = netip.AddrPortFrom(netip.Addr{}, 65535)
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := announcementOf(id)
			tt.change(&a)
			packet := mustEncode(t, sealer, id, a)
			if len(packet) > maxPacket {
				t.Errorf("packet of %d bytes, limit %d", len(packet), maxPacket)
			}
			if tt.want != nil {
				tt.want(&a)
			}
			got, err := decode(sealer, packet)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	sealer, id := newSealer(t, "default"), newIdentity(t)
	if _, err := encode(sealer, newIdentity(t), announcementOf(id), now); err == nil {
		t.Error("encode signs for another node")
	}
	a := announcementOf(id)
	a.Role = "boss"
	if _, err := encode(sealer, id, a, now); !errors.Is(err, discovery.ErrAnnouncement) {
		t.Errorf("encode of a bad announcement: %v", err)
	}
}

// body returns the fields of a valid body, to be spoilt.
func body(id *trust.Identity) []any {
	return []any{[]byte(id.PublicKey()), "worker", "default", uint64(7), uint64(9), int64(0), uint64(5000), uint64(1), uint64(5000), uint64(0), nil}
}

// pack writes fields as a body, with a good signature of id.
func pack(id *trust.Identity, fields []any) []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(len(fields))
	for _, f := range fields {
		switch f := f.(type) {
		case nil:
			w.Nil()
		case []byte:
			w.Bin(f)
		case string:
			w.Str(f)
		case uint64:
			w.Uint(f)
		case int64:
			w.Int(f)
		}
	}
	return append(id.Sign(append([]byte(purpose), w.Bytes()...)), w.Bytes()...)
}

func TestParse(t *testing.T) {
	id := newIdentity(t)
	set := func(i int, v any) func([]any) []any {
		return func(f []any) []any { f[i] = v; return f }
	}
	tests := []struct {
		name   string
		change func([]any) []any
		want   error
	}{
		{"good", func(f []any) []any { return f }, nil},
		{"fields of a later version", func(f []any) []any { return append(f, "new", uint64(1)) }, nil},
		{"a field is missing", func(f []any) []any { return f[:10] }, errMalformed},
		{"no fields", func(f []any) []any { return nil }, errMalformed},
		{"short key", set(0, []byte("short")), errMalformed},
		{"key is a string", set(0, "k"), errMalformed},
		{"another's key", set(0, []byte(newIdentity(t).PublicKey())), errForged},
		{"unknown role", set(1, "boss"), errMalformed},
		{"cluster with a newline", set(2, "a\nb"), errMalformed},
		{"port 0", set(6, uint64(0)), errMalformed},
		{"port 65536", set(6, uint64(65536)), errMalformed},
		{"negative port", set(6, int64(-1)), errMalformed},
		{"protocol over 16 bits", set(7, uint64(1<<16)), errMalformed},
		{"ttl for ever", set(8, uint64(1<<64-1)), nil},
		{"unknown flag", set(9, uint64(1<<40)), nil},
		{"data that is not JSON", set(10, []byte("{")), errMalformed},
		{"data as a string", set(10, "{}"), errMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := tt.change(body(id))
			p, err := parse(pack(id, fields))
			if err == nil {
				err = p.verify()
			}
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	for _, plain := range [][]byte{nil, make([]byte, 63), make([]byte, 64), append(pack(id, body(id)), 0xc0)} {
		if _, err := parse(plain); !errors.Is(err, errMalformed) {
			t.Errorf("parse of %d bytes: %v, want %v", len(plain), err, errMalformed)
		}
	}
}

func TestPacketChangedOnTheWay(t *testing.T) {
	sealer, id := newSealer(t, "default"), newIdentity(t)
	packet := mustEncode(t, sealer, id, announcementOf(id))
	for i := range packet {
		spoilt := bytes.Clone(packet)
		spoilt[i] ^= 1
		if _, err := decode(sealer, spoilt); err == nil {
			t.Fatalf("byte %d changed, and nobody notices", i)
		}
		if _, err := decode(sealer, packet[:i]); err == nil {
			t.Fatalf("cut off after %d bytes, and nobody notices", i)
		}
	}
	if _, err := decode(newSealer(t, "other"), packet); !errors.Is(err, trust.ErrForeign) {
		t.Errorf("another cluster reads it: %v", err)
	}
}

// The body's bytes must not change: nodes of other versions read them.
func TestGoldenBody(t *testing.T) {
	id := newIdentity(t)
	sealer := newSealer(t, "default")
	plain, err := sealer.Open(mustEncode(t, sealer, id, announcementOf(id)))
	if err != nil {
		t.Fatal(err)
	}
	want := "\x9b\xc4\x20" + string(id.PublicKey()) + "\xa6worker\xa7default" +
		"\xcf\x80\x00\x00\x00\x00\x00\x00\x05" + // boot
		"\x09" + "\xcf\x00\x00\x01\xba\x60\xd3\x38\x00" + // seq, time
		"\xcd\x13\x88\x02\xcd\x0b\xb8\x00" + // port, protocol, ttl, flags
		"\xc4\x09" + `{"mem":8}`
	if got := string(plain[64:]); got != want {
		t.Errorf("body\n %x, want\n %x", got, want)
	}
}

func FuzzParse(f *testing.F) {
	id := newIdentity(f)
	f.Add(pack(id, body(id)))
	f.Add(pack(id, append(body(id), "later")))
	f.Add(append(make([]byte, 64), "\xdd\xff\xff\xff\xff"...))
	f.Add(append(make([]byte, 64), bytes.Repeat([]byte{0x91}, 1000)...))
	f.Add(append(make([]byte, 64), "\x9b\xc6\xff\xff\xff\xff"...))
	f.Fuzz(func(t *testing.T, plain []byte) {
		p, err := parse(plain)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("parse: %v, want it to wrap %v", err, errMalformed)
			}
			return
		}
		_ = p.verify()
		if err := p.Check(); err != nil {
			t.Errorf("parse accepts what Check refuses: %v", err)
		}
	})
}

// FuzzAccept sends whole packets to a beacon: sealed ones, whose content is fuzzed, and raw ones.
func FuzzAccept(f *testing.F) {
	id := newIdentity(f)
	f.Add(true, pack(id, body(id)))
	f.Add(false, []byte("SC\x01"))
	f.Add(false, make([]byte, 1300))
	sealer := newSealer(f, "default")
	f.Fuzz(func(t *testing.T, sealed bool, data []byte) {
		b := New(Config{Sealer: sealer})
		b.links = loopbackOnly
		b.refresh()
		if sealed {
			data = sealer.Seal(data)
		}
		a, ok := b.accept(data, netip.MustParseAddrPort("127.0.0.1:99"), 0, now)
		if ok && (a.Addr.Addr() != netip.MustParseAddr("127.0.0.1") || a.Check() != nil) {
			t.Errorf("accepted %+v", a)
		}
	})
}

func BenchmarkAccept(b *testing.B) {
	sealer, id := newSealer(b, "default"), newIdentity(b)
	from := netip.MustParseAddrPort("127.0.0.1:99")
	run := func(name string, sealer *trust.Sealer, packet []byte) {
		b.Run(name, func(b *testing.B) {
			bc := New(Config{Sealer: sealer})
			bc.links = loopbackOnly
			bc.refresh()
			b.ReportAllocs()
			at := now
			for b.Loop() {
				at = at.Add(time.Second / perSource)
				bc.accept(packet, from, 0, at)
			}
		})
	}
	packet := mustEncode(b, sealer, id, announcementOf(id))
	run("foreign", newSealer(b, "other"), packet)
	run("repeated", sealer, packet)
	forged := pack(id, body(id))
	forged[3] ^= 1
	run("forged", sealer, sealer.Seal(forged))
}
