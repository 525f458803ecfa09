package trust

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func newIdentity(t testing.TB) *Identity {
	t.Helper()
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIDText(t *testing.T) {
	// The text must stay what it is: users write it down.
	pub := make(ed25519.PublicKey, ed25519.PublicKeySize)
	const want = "mzuhvlpymk6xo3epygfy5h4oea"
	if got := IDOf(pub).String(); got != want {
		t.Errorf("the ID of the key of zeros is %s, want %s", got, want)
	}
	id := newIdentity(t).ID()
	if got, err := ParseID(id.String()); err != nil || got != id {
		t.Errorf("ParseID(%s) = %v, %v", id, got, err)
	}
	if !(ID{}).IsZero() || id.IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestParseIDRefuses(t *testing.T) {
	good := strings.Repeat("a", idLen)
	if _, err := ParseID(good); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{
		"empty":                    "",
		"one character less":       good[1:],
		"one character more":       good + "a",
		"upper case":               strings.ToUpper(good),
		"a digit that is not used": good[1:] + "1",
		"bits beyond the last":     good[1:] + "b",
		"a line break":             good[1:] + "\n",
		"line breaks amid":         good[:20] + "\r\n\r\n\r\n",
	} {
		if id, err := ParseID(s); err == nil || !id.IsZero() {
			t.Errorf("%s: ParseID(%q) = %v, %v", name, s, id, err)
		}
	}
}

func TestSignature(t *testing.T) {
	id, other := newIdentity(t), newIdentity(t)
	msg := []byte("I am here")
	sig := id.Sign(msg)
	if got, ok := Verify(id.PublicKey(), msg, sig); !ok || got != id.ID() {
		t.Errorf("Verify = %v, %v; want %v", got, ok, id.ID())
	}
	bad := append([]byte(nil), sig...)
	bad[0] ^= 1
	for name, args := range map[string][3][]byte{
		"another's key":     {other.PublicKey(), msg, sig},
		"another message":   {id.PublicKey(), []byte("I am her"), sig},
		"changed signature": {id.PublicKey(), msg, bad},
		"short signature":   {id.PublicKey(), msg, sig[1:]},
		"no signature":      {id.PublicKey(), msg, nil},
		"short key":         {id.PublicKey()[1:], msg, sig},
		"no key":            {nil, msg, sig},
		"key of ones":       {bytes.Repeat([]byte{0xff}, 32), msg, sig},
	} {
		if got, ok := Verify(args[0], args[1], args[2]); ok || !got.IsZero() {
			t.Errorf("%s: Verify = %v, %v", name, got, ok)
		}
	}
	// A signature made for TLS is none of ours, and the other way round.
	if _, ok := Verify(id.PublicKey(), msg, ed25519.Sign(id.key, msg)); ok {
		t.Error("a bare signature passes")
	}
	if ed25519.Verify(id.PublicKey(), msg, sig) {
		t.Error("our signature passes for a bare one")
	}
}

// handshake returns what a client sees of a server that shows cert.
func handshake(t *testing.T, cert tls.Certificate) tls.ConnectionState {
	t.Helper()
	cc, sc := net.Pipe()
	server := tls.Server(sc, &tls.Config{Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true})
	client := tls.Client(cc, &tls.Config{InsecureSkipVerify: true})
	done := make(chan error, 1)
	go func() { done <- server.HandshakeContext(context.Background()) }()
	err := errors.Join(client.Handshake(), <-done)
	if err != nil {
		t.Fatal(err)
	}
	cc.Close()
	sc.Close()
	return client.ConnectionState()
}

func TestPeerID(t *testing.T) {
	id := newIdentity(t)
	if got, err := PeerID(handshake(t, id.Certificate())); err != nil || got != id.ID() {
		t.Errorf("PeerID = %v, %v; want %v", got, err, id.ID())
	}
}

// forge returns a certificate that signer signs, for a key and with URIs of the test's choice.
func forge(t *testing.T, pub any, signer any, uris ...*url.URL) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), URIs: uris}
	der, err := x509.CreateCertificate(rand.Reader, template, template, pub, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestPeerIDRefuses(t *testing.T) {
	id, other := newIdentity(t), newIdentity(t)
	own, err := x509.ParseCertificate(id.Certificate().Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	uri := func(id *Identity) *url.URL { return &url.URL{Scheme: Scheme, Host: id.ID().String()} }
	https := &url.URL{Scheme: "https", Host: id.ID().String()}
	for name, chain := range map[string][]*x509.Certificate{
		"no certificate":    nil,
		"nine":              slices.Repeat([]*x509.Certificate{own}, maxShown+1),
		"a key of RSA":      {forge(t, rsaKey.Public(), rsaKey, uri(id))},
		"another's name":    {forge(t, id.PublicKey(), id.key, uri(other))},
		"no name":           {forge(t, id.PublicKey(), id.key)},
		"two names":         {forge(t, id.PublicKey(), id.key, uri(id), uri(other))},
		"a name of the web": {forge(t, id.PublicKey(), id.key, https)},
	} {
		got, err := PeerID(tls.ConnectionState{PeerCertificates: chain})
		if !errors.Is(err, ErrCertificate) || !got.IsZero() {
			t.Errorf("%s: PeerID = %v, %v; want %v", name, got, err, ErrCertificate)
		}
	}
}

func newSealer(t testing.TB, cluster string, key []byte) *Sealer {
	t.Helper()
	s, err := NewSealer(cluster, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var key = bytes.Repeat([]byte{7}, 32)

func TestSeal(t *testing.T) {
	for name, s := range map[string]*Sealer{"open": newSealer(t, "c", nil), "keyed": newSealer(t, "c", key)} {
		for _, plain := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("y"), 1000)} {
			sealed := s.Seal(plain)
			if len(sealed) != len(plain)+SealOverhead || !bytes.HasPrefix(sealed, []byte("SC\x01")) {
				t.Errorf("%s: %d bytes sealed are %d, %q …", name, len(plain), len(sealed), sealed[:3])
			}
			if hint := s.Hint(); !bytes.Equal(sealed[3:7], hint[:]) {
				t.Errorf("%s: hint %x, want %x", name, sealed[3:7], hint)
			}
			if bytes.Equal(sealed, s.Seal(plain)) {
				t.Errorf("%s: a nonce was used twice", name)
			}
			if got, err := s.Open(sealed); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s: Open = %q, %v; want %q", name, got, err, plain)
			}
		}
	}
}

func TestSealersApart(t *testing.T) {
	sealers := map[string]*Sealer{
		"open":                newSealer(t, "", nil),
		"open, other name":    newSealer(t, "b", nil),
		"keyed":               newSealer(t, "", key),
		"keyed, other name":   newSealer(t, "b", key),
		"keyed, other key":    newSealer(t, "", bytes.Repeat([]byte{8}, 32)),
		"keyed as open would": newSealer(t, "", []byte("supercluster open cluster")),
	}
	for from, a := range sealers {
		for to, b := range sealers {
			if _, err := b.Open(a.Seal([]byte("x"))); (from == to) != (err == nil) {
				t.Errorf("from %q to %q: %v", from, to, err)
			}
		}
	}
	if _, err := newSealer(t, DefaultCluster, nil).Open(sealers["open"].Seal(nil)); err != nil {
		t.Errorf("no name is not %q: %v", DefaultCluster, err)
	}
	for _, k := range [][]byte{{}, key[:MinKey-1]} {
		if _, err := NewSealer("", k); err == nil {
			t.Errorf("a key of %d bytes was accepted", len(k))
		}
	}
}

// TestSealGolden holds that derivation and layout never change: nodes of different versions must find each other.
func TestSealGolden(t *testing.T) {
	if got, want := newSealer(t, "", nil).Hint(), goldenOpen; got != want {
		t.Errorf("hint of the open default cluster %x, want %x", got, want)
	}
	if got, want := newSealer(t, "", key).Hint(), goldenKeyed; got != want {
		t.Errorf("hint of a keyed default cluster %x, want %x", got, want)
	}
}

func TestOpenRefuses(t *testing.T) {
	s := newSealer(t, "", key)
	sealed := s.Seal([]byte("hello"))
	for i := range sealed {
		changed := append([]byte(nil), sealed...)
		changed[i] ^= 1
		want := ErrForged
		if i < sealHeader {
			want = ErrForeign
		}
		if got, err := s.Open(changed); got != nil || err != want {
			t.Errorf("byte %d changed: Open = %q, %v; want %v", i, got, err, want)
		}
	}
	for n := range len(sealed) {
		if got, err := s.Open(sealed[:n]); got != nil || err == nil {
			t.Errorf("cut to %d bytes: Open = %q, %v", n, got, err)
		}
	}
	foreign := newSealer(t, "other", nil).Seal([]byte("hello"))
	if n := testing.AllocsPerRun(100, func() { s.Open(foreign) }); n > 0 {
		t.Errorf("what is foreign costs %v allocations", n)
	}
}

func FuzzOpen(f *testing.F) {
	s := newSealer(f, "", key)
	f.Add(s.Seal([]byte("hello")))
	f.Add(newSealer(f, "", nil).Seal(nil))
	f.Add([]byte("SC\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := s.Open(b); err == nil && len(b) != len(plain)+SealOverhead {
			t.Errorf("%d bytes of %d", len(plain), len(b))
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add(strings.Repeat("a", idLen))
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != s {
			t.Errorf("ParseID(%q).String() = %q", s, id)
		}
	})
}

func BenchmarkNewIdentity(b *testing.B) {
	for b.Loop() {
		newIdentity(b)
	}
}

func BenchmarkOpen(b *testing.B) {
	s := newSealer(b, "", key)
	for name, sealed := range map[string][]byte{
		"ours": s.Seal(make([]byte, 500)), "foreign": newSealer(b, "b", nil).Seal(make([]byte, 500)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Open(sealed)
			}
		})
	}
}

var goldenOpen, goldenKeyed = [4]byte{0xe6, 0xa3, 0x12, 0xbf}, [4]byte{0xd0, 0xd2, 0x42, 0x32}
