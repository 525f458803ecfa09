package secure

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"

	"supercluster/jsapi/node/crypto"
)

// Error is what a script gets as an Error with Node's code and message.
type Error struct{ Code, Message string }

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Pair is a certificate with those that vouch for it, in PEM, and its private key in PEM.
type Pair struct{ Cert, Key []byte }

// Options are what tls.createSecureContext takes.
type Options struct {
	Pairs      []Pair
	Passphrase []byte   // of encrypted keys; nil for none
	CA         [][]byte // authorities in PEM; nil means those of the system
	ExtraCA    []byte   // authorities beside those of the system, in PEM
	Min, Max   string   // "TLSv1.2"; empty means TLSv1.2 and TLSv1.3
	Ciphers    string   // OpenSSL's list; empty means Go's choice
}

// Context holds a side's certificates, authorities and limits.
type Context struct {
	certs    []tls.Certificate
	roots    *x509.CertPool
	rootList []*x509.Certificate // of CA, nil for the system's
	min, max uint16
	ciphers  []uint16
}

// Versions are the protocols by Node's names.
var Versions = map[string]uint16{"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}

// VersionName is Node's name of a protocol; empty for 0.
func VersionName(version uint16) string {
	for name, v := range Versions {
		if v == version {
			return name
		}
	}
	return ""
}

// NewContext reads the certificates and keys of o.
func NewContext(o Options) (*Context, error) {
	c := &Context{min: tls.VersionTLS12, max: tls.VersionTLS13}
	for _, pair := range o.Pairs {
		cert, err := pair.load(o.Passphrase)
		if err != nil {
			return nil, err
		}
		c.certs = append(c.certs, cert)
	}
	if err := c.authorities(o); err != nil {
		return nil, err
	}
	for _, limit := range []struct {
		name, what string
		at         *uint16
	}{{o.Min, "minimum", &c.min}, {o.Max, "maximum", &c.max}} {
		if limit.name == "" {
			continue
		}
		version, ok := Versions[limit.name]
		if !ok {
			return nil, &Error{"ERR_TLS_INVALID_PROTOCOL_VERSION", fmt.Sprintf("%q is not a valid %s TLS protocol version", limit.name, limit.what)}
		}
		*limit.at = version
	}
	if o.Ciphers != "" {
		c.ciphers = ciphersOf(o.Ciphers)
		if c.ciphers == nil {
			return nil, &Error{"ERR_SSL_NO_CIPHER_MATCH", "error:0A0000B9:SSL routines::no cipher match"}
		}
	}
	return c, nil
}

// Leaf is the context's own certificate, the first one given; nil if there is none.
func (c *Context) Leaf() *x509.Certificate {
	if len(c.certs) == 0 {
		return nil
	}
	return c.certs[0].Leaf
}

func (c *Context) authorities(o Options) error {
	if o.CA != nil {
		c.roots = x509.NewCertPool()
		for _, text := range o.CA {
			list, err := parsePEM(text)
			if err != nil {
				return err
			}
			for _, cert := range list {
				c.roots.AddCert(cert)
				c.rootList = append(c.rootList, cert)
			}
		}
		return nil
	}
	if len(o.ExtraCA) == 0 {
		return nil // nil is the system's for package x509
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AppendCertsFromPEM(o.ExtraCA)
	c.roots = roots
	return nil
}

// load reads a pair and checks that both belong together.
func (p Pair) load(passphrase []byte) (tls.Certificate, error) {
	list, err := parsePEM(p.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	if len(list) == 0 {
		return tls.Certificate{}, &Error{"ERR_OSSL_PEM_NO_START_LINE", "error:0480006C:PEM routines::no start line"}
	}
	key, err := crypto.ParsePrivate(p.Key, crypto.Encoding{Format: "pem", Passphrase: passphrase})
	if err != nil {
		return tls.Certificate{}, err
	}
	own, err := crypto.NewPublicKey(list[0].PublicKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	if !own.Equal(key.PublicKey()) {
		return tls.Certificate{}, &Error{"ERR_OSSL_X509_KEY_VALUES_MISMATCH", "error:05800074:x509 certificate routines::key values mismatch"}
	}
	cert := tls.Certificate{PrivateKey: key.Private, Leaf: list[0]}
	for _, c := range list {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	return cert, nil
}

// parsePEM reads all certificates of text, in its order.
func parsePEM(text []byte) (list []*x509.Certificate, err error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return list, nil
		}
		if block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" && block.Type != "X509 CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &Error{"ERR_OSSL_PEM_ASN1_LIB", "error:0480000D:PEM routines::ASN1 lib"}
		}
		list = append(list, cert)
	}
}

// ciphersOf finds the suites that an OpenSSL list names one by one; groups of it (HIGH, !aNULL) leave the choice to
// Go, which is an empty list. nil means that none is known.
func ciphersOf(list string) []uint16 {
	out := []uint16{}
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ',' || r == ' ' })
	known := false
	for _, word := range words {
		if id, ok := CipherID(word); ok {
			known = true
			out = append(out, id)
		} else if word == "DEFAULT" || word == "HIGH" || word == "ALL" || strings.HasPrefix(word, "@") {
			known = true
		}
	}
	if !known {
		return nil
	}
	return out
}

// openSSLNames are those of TLS 1.2, which are not the standard's.
var openSSLNames = map[string]uint16{
	"ECDHE-RSA-AES128-GCM-SHA256": tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES256-GCM-SHA384": tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-CHACHA20-POLY1305": tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-RSA-AES128-SHA": tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES256-SHA": tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"AES128-GCM-SHA256": tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES256-GCM-SHA384": tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
	"AES128-SHA": tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES256-SHA": tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES128-SHA256": tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
}

// CipherID finds a suite by OpenSSL's or the standard's name.
func CipherID(name string) (uint16, bool) {
	if id, ok := openSSLNames[name]; ok {
		return id, true
	}
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if suite.Name == name {
			return suite.ID, true
		}
	}
	return 0, false
}

// CipherNames returns OpenSSL's and the standard's name of a suite.
func CipherNames(id uint16) (name, standard string) {
	standard = tls.CipherSuiteName(id)
	for openssl, k := range openSSLNames {
		if k == id {
			return openssl, standard
		}
	}
	return standard, standard
}

// AllCiphers are the names that Node's getCiphers gives: lower case, sorted.
func AllCiphers() []string {
	var list []string
	for name := range openSSLNames {
		list = append(list, strings.ToLower(name))
	}
	for _, suite := range tls.CipherSuites() {
		if slices.Contains(suite.SupportedVersions, tls.VersionTLS13) {
			list = append(list, strings.ToLower(suite.Name))
		}
	}
	slices.Sort(list)
	return list
}

// bundles are where systems keep their authorities in one file.
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"}

// SystemRoots are the authorities of the system in PEM; none where it keeps them in no file.
func SystemRoots() []string {
	for _, path := range bundles {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		var list []string
		for {
			var block *pem.Block
			if block, text = pem.Decode(text); block == nil {
				return list
			}
			list = append(list, string(bytes.TrimSpace(pem.EncodeToMemory(block))))
		}
	}
	return nil
}
