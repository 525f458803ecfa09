package trust

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"
)

func fromKey(t testing.TB, cluster string, key Secret) *Credential {
	t.Helper()
	c, err := FromKey(cluster, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// show returns the connection state of a node that shows what ring has it show, with the changes of the test.
func show(t testing.TB, ring *Ring, id *Identity, role string, change func(certs []*x509.Certificate) []*x509.Certificate) tls.ConnectionState {
	t.Helper()
	cert, err := ring.Certificate(id, role)
	if err != nil {
		t.Fatal(err)
	}
	var cs tls.ConnectionState
	for _, der := range cert.Certificate {
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		cs.PeerCertificates = append(cs.PeerCertificates, parsed)
	}
	if change != nil {
		cs.PeerCertificates = change(cs.PeerCertificates)
	}
	return cs
}

func TestEveryHolderDerivesTheSame(t *testing.T) {
	a, b, other := fromKey(t, "", Secret{1}), fromKey(t, DefaultCluster, Secret{1}), fromKey(t, "b", Secret{1})
	authority := func(c *Credential, role string) []byte {
		i, err := c.issuer(role, nil)
		if err != nil {
			t.Fatal(err)
		}
		return i.chain[0]
	}
	for _, role := range roles {
		if !bytes.Equal(authority(a, role), authority(b, role)) {
			t.Errorf("two holders of one key have different certificates of the %s authority", role)
		}
		if bytes.Equal(authority(a, role), authority(other, role)) {
			t.Errorf("clusters of two names have one %s authority", role)
		}
	}
}

func TestJudge(t *testing.T) {
	id, other := newIdentity(t), newIdentity(t)
	here := NewRing(RingConfig{Credential: fromKey(t, "", Secret{1})})
	chain := func(ring *Ring, id *Identity, role string) []*x509.Certificate {
		return show(t, ring, id, role, nil).PeerCertificates[1:]
	}
	forged := NewRing(RingConfig{Credential: fromKey(t, "", Secret{2})})
	with := func(ring *Ring, id *Identity, role string) func([]*x509.Certificate) []*x509.Certificate {
		return func(certs []*x509.Certificate) []*x509.Certificate {
			return append(certs[:1:1], chain(ring, id, role)...)
		}
	}
	for _, tt := range []struct {
		name   string
		ring   *Ring
		change func([]*x509.Certificate) []*x509.Certificate
		role   string // empty for a guest
	}{
		{"the same key", here, nil, RoleWorker},
		{"the same key, derived elsewhere", NewRing(RingConfig{Credential: fromKey(t, "", Secret{1})}), nil, RoleWorker},
		{"another key", forged, nil, ""},
		{"the same key of another cluster", NewRing(RingConfig{Credential: fromKey(t, "b", Secret{1})}), nil, ""},
		{"no key", nil, nil, ""},
		{"both keys, the old one first", NewRing(RingConfig{Credential: fromKey(t, "", Secret{2}), Previous: fromKey(t, "", Secret{1}), Until: never}), nil, RoleWorker},
		{"another node's certificate", here, with(here, other, RoleWorker), ""},
		{"a leaf alone", here, func(c []*x509.Certificate) []*x509.Certificate { return c[:2] }, ""},
		{"an authority as leaf", here, func(c []*x509.Certificate) []*x509.Certificate { return []*x509.Certificate{c[0], c[2], c[2]} }, ""},
		{"a leaf of one role below the authority of another", here, func(c []*x509.Certificate) []*x509.Certificate {
			return []*x509.Certificate{c[0], c[1], chain(here, id, RoleMaster)[1]}
		}, ""},
		{"a forged leaf below the true authority", here, func(c []*x509.Certificate) []*x509.Certificate {
			return []*x509.Certificate{c[0], chain(forged, id, RoleWorker)[0], c[2]}
		}, ""},
		{"a second chain that counts", here, func(c []*x509.Certificate) []*x509.Certificate {
			return append([]*x509.Certificate{c[0]}, append(chain(forged, id, RoleWorker), c[1:]...)...)
		}, RoleWorker},
	} {
		got, err := here.Judge(show(t, tt.ring, id, RoleWorker, tt.change))
		if err != nil || got.ID != id.ID() || got.Member != (tt.role != "") || got.Role != tt.role {
			t.Errorf("%s: Judge = %+v, %v; want role %q", tt.name, got, err, tt.role)
		}
	}
	if got, err := (*Ring)(nil).Judge(show(t, here, id, RoleWorker, nil)); err != nil || got.Member || got.ID != id.ID() {
		t.Errorf("without a key: Judge = %+v, %v", got, err)
	}
}

// An authority of one role, as who stole a worker's token has it, makes no certificate of another role that passes.
func TestAuthorityOfOneRole(t *testing.T) {
	id := newIdentity(t)
	c := fromKey(t, "", Secret{1})
	token, _, err := c.Part(RoleWorker, "", time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	only, err := Parse("", token)
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"its own role": RoleWorker, "a master's": RoleMaster, "an admin's": RoleAdmin} {
		der, err := sign(only.part.key, id.PublicKey(), nodeURI(role, id.ID().String()), false, never)
		if err != nil {
			t.Fatal(err)
		}
		// The authority's own certificate, and one that it signs for itself under the other role's name.
		forged, err := sign(only.part.key, only.part.public(), roleURI(role), true, never)
		if err != nil {
			t.Fatal(err)
		}
		for kind, ders := range map[string][][]byte{
			"true": {der, only.part.chain[0]}, "forged": {der, forged}, "both": {der, forged, only.part.chain[0]},
		} {
			var chain []*x509.Certificate
			for _, der := range ders {
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					t.Fatal(err)
				}
				chain = append(chain, cert)
			}
			want := role == RoleWorker && kind == "true"
			if got, ok := c.verify(id.PublicKey(), chain); ok != want {
				t.Errorf("%s below its %s certificate: verify = %+v, %v, want %v", name, kind, got, ok, want)
			}
		}
	}
	ring := NewRing(RingConfig{Credential: only, Keyed: true})
	if _, err := ring.Certificate(id, RoleMaster); !errors.Is(err, ErrRole) || only.Allows(RoleMaster) || !only.Allows(RoleWorker) {
		t.Errorf("a worker's token makes a master: %v", err)
	}
	if r := ring.Allows(RoleMaster); r == nil || r.Code != CodeRoleDenied || r.Hint() == "" {
		t.Errorf("Allows = %+v, want %s with a hint", r, CodeRoleDenied)
	}
	if _, _, err := only.Part(RoleWorker, "", time.Time{}, nil); !errors.Is(err, ErrRole) {
		t.Errorf("a worker's token makes tokens: %v", err)
	}
}
