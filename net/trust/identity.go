package trust

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/url"
)

// Scheme is that of the URI in a node's certificate: sc:// and the ID.
const Scheme = "sc"

// signContext stands before every message that Sign signs. The same key signs TLS handshakes, whose messages begin
// with 64 spaces (RFC 8446 section 4.4.3): neither kind can be passed off as the other.
const signContext = "supercluster message 1\x00"

// ErrCertificate means that a peer's certificate is none of a node's.
var ErrCertificate = errors.New("not a node's certificate")

// An Identity is what a node proves itself with. Make one with NewIdentity; it never changes and is safe for concurrent use.
type Identity struct {
	id   ID
	key  ed25519.PrivateKey
	cert tls.Certificate
}

// NewIdentity makes a fresh key and a certificate for it that is good for ever.
func NewIdentity() (*Identity, error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a node's key: %w", err)
	}
	id := IDOf(pub)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		URIs:         []*url.URL{{Scheme: Scheme, Host: id.String()}},
		NotBefore:    begin,
		NotAfter:     never,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, pub, key)
	if err != nil {
		return nil, fmt.Errorf("make a node's certificate: %w", err)
	}
	return &Identity{id: id, key: key, cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}, nil
}

// ID returns the node's ID.
func (i *Identity) ID() ID { return i.id }

// PublicKey returns the 32 bytes that others verify signatures with. The caller must not change them.
func (i *Identity) PublicKey() ed25519.PublicKey { return i.key.Public().(ed25519.PublicKey) }

// Certificate returns what the node shows in a TLS handshake, as server and as client alike.
func (i *Identity) Certificate() tls.Certificate { return i.cert }

// Sign signs msg, which may be of any length, in 64 bytes for Verify.
func (i *Identity) Sign(msg []byte) []byte {
	return ed25519.Sign(i.key, append([]byte(signContext), msg...))
}

// Verify reports whether sig is what the identity with the public key pub gives as its signature of msg, and that
// identity's ID. Any bytes may be given as any argument.
func Verify(pub, msg, sig []byte) (ID, bool) {
	if len(pub) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
		return ID{}, false
	}
	if !ed25519.Verify(pub, append([]byte(signContext), msg...), sig) {
		return ID{}, false
	}
	return IDOf(pub), true
}

// PeerID returns the ID of the node at the other end of a TLS connection. It is for VerifyConnection, beside
// InsecureSkipVerify or RequireAnyClientCert: a node's certificate has no issuer to check, the handshake itself proves
// that the peer holds the key. The error wraps ErrCertificate if the first certificate that the peer shows is not of the
// form that NewIdentity makes. What else it shows is for Ring.Judge.
func PeerID(cs tls.ConnectionState) (ID, error) {
	if err := checkShown(cs.PeerCertificates); err != nil {
		return ID{}, err
	}
	cert := cs.PeerCertificates[0]
	pub := publicKey(cert)
	if pub == nil {
		return ID{}, fmt.Errorf("%w: a key of type %T, want ed25519", ErrCertificate, cert.PublicKey)
	}
	id := IDOf(pub)
	if len(cert.URIs) != 1 || cert.URIs[0].Scheme != Scheme || cert.URIs[0].Host != id.String() {
		return ID{}, fmt.Errorf("%w: it does not name %s", ErrCertificate, id)
	}
	return id, nil
}

// publicKey returns a certificate's key, or nil if it is not of ed25519.
func publicKey(cert *x509.Certificate) ed25519.PublicKey {
	pub, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok || len(pub) != ed25519.PublicKeySize {
		return nil
	}
	return pub
}
