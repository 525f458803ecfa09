package secure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"testing"
	"time"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate that by has signed, itself if by is nil.
func issue(t *testing.T, name string, by *issued, from, to time.Time, usage x509.ExtKeyUsage) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to}
	of.BasicConstraintsValid, of.IsCA, of.ExtKeyUsage = true, usage == x509.ExtKeyUsageAny, []x509.ExtKeyUsage{usage}
	parent, signer := of, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, of, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{cert, key}
}

func TestVerify(t *testing.T) {
	year := 365 * 24 * time.Hour
	long := func(name string, by *issued, usage x509.ExtKeyUsage) *issued {
		return issue(t, name, by, now.Add(-year), now.Add(year), usage)
	}
	root := long("root", nil, x509.ExtKeyUsageAny)
	between := long("between", root, x509.ExtKeyUsageAny)
	leaf := long("leaf", between, x509.ExtKeyUsageServerAuth)
	client := long("client", root, x509.ExtKeyUsageClientAuth)
	self := long("self", nil, x509.ExtKeyUsageServerAuth)
	old := issue(t, "old", root, now.Add(-2*year), now.Add(-year), x509.ExtKeyUsageServerAuth)
	young := issue(t, "young", root, now.Add(year), now.Add(2*year), x509.ExtKeyUsageServerAuth)
	trusted := &Context{roots: x509.NewCertPool()}
	trusted.roots.AddCert(root.cert)
	nobody := &Context{roots: x509.NewCertPool()}
	for _, c := range []struct {
		name  string
		by    *Context
		chain []*issued
		want  string
	}{
		{"a chain that holds", trusted, []*issued{leaf, between}, ""},
		{"nothing shown", trusted, nil, "UNABLE_TO_GET_ISSUER_CERT"},
		{"its issuer is missing", trusted, []*issued{leaf}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
		{"the root is missing", nobody, []*issued{leaf, between}, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
		{"a root of its own", nobody, []*issued{leaf, between, root}, "SELF_SIGNED_CERT_IN_CHAIN"},
		{"signed by itself", trusted, []*issued{self}, "DEPTH_ZERO_SELF_SIGNED_CERT"},
		{"too late", trusted, []*issued{old}, "CERT_HAS_EXPIRED"},
		{"too early", trusted, []*issued{young}, "CERT_NOT_YET_VALID"},
		{"a client's as a server's", trusted, []*issued{client}, "INVALID_PURPOSE"},
	} {
		var chain []*x509.Certificate
		for _, i := range c.chain {
			chain = append(chain, i.cert)
		}
		got := ""
		if err := c.by.verify(chain, true, now); err != nil {
			got = err.(*Error).Code
		}
		if got != c.want {
			t.Errorf("%s: verify = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReason(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("remote error: tls: handshake failure"), "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"},
		{errors.New("tls: client offered only unsupported versions: [301]"), "ERR_SSL_UNSUPPORTED_PROTOCOL"},
		{errors.New("tls: something new"), "EPROTO"},
		{&Error{"MINE", "x"}, "MINE"},
		{io.EOF, ""},
		{&fs.PathError{Op: "open", Path: "tls: handshake failure", Err: fs.ErrNotExist}, ""},
		{errors.New("handshake failure of another kind"), ""},
	} {
		got := ""
		if reason, ok := Reason(c.err); ok {
			got = reason.Code
		}
		if got != c.want {
			t.Errorf("Reason(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestCiphers(t *testing.T) {
	if _, err := NewContext(Options{Ciphers: "no-such"}); err == nil {
		t.Error("NewContext took a list of unknown ciphers")
	}
	c, err := NewContext(Options{Ciphers: "ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL"})
	if err != nil || len(c.ciphers) != 1 {
		t.Errorf("NewContext found %v, %v, want one cipher", c, err)
	}
}
