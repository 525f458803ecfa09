package trust

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"time"
)

const (
	// maxShown is how many certificates a node may show: its identity, and two chains while a key is replaced by another.
	maxShown = 8
	// maxCached is how many certificates a Ring keeps for the nodes of its process.
	maxCached = 256
)

// A Ring is a process's side of trust: what its nodes show to others, and how it tells what others show. It is safe for concurrent
// use. A nil Ring shows the bare identity and finds that everybody is a guest.
type Ring struct {
	credentials []*Credential // what is shown and accepted, the current one first

	mu    sync.Mutex
	shown map[shownKey]tls.Certificate // guarded by mu
}

type shownKey struct {
	id   ID
	role string
}

// NewRing returns a Ring that shows and accepts these credentials, of which there is one unless a key is being
// replaced.
func NewRing(credentials ...*Credential) *Ring {
	return &Ring{credentials: credentials, shown: make(map[shownKey]tls.Certificate)}
}

// Certificate returns what the node id shows in TLS handshakes as a node of that role. The error wraps ErrRole if the
// ring has no credential for the role.
func (r *Ring) Certificate(id *Identity, role string) (tls.Certificate, error) {
	if r == nil {
		return id.Certificate(), nil
	}
	key := shownKey{id.ID(), role}
	r.mu.Lock()
	cert, ok := r.shown[key]
	r.mu.Unlock()
	if ok {
		return cert, nil
	}
	cert = tls.Certificate{Certificate: [][]byte{id.cert.Certificate[0]}, PrivateKey: id.key}
	for _, c := range r.credentials {
		chain, err := c.certify(id, role)
		if err != nil {
			return tls.Certificate{}, err
		}
		cert.Certificate = append(cert.Certificate, chain...)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.shown) >= maxCached {
		clear(r.shown)
	}
	r.shown[key] = cert
	return cert, nil
}

// A Standing is what a connection proves of the node at its other end.
type Standing struct {
	ID ID
	// Member says that it holds the cluster's key, or a part of it that is good for Role; a guest does not.
	Member bool
	// Role is the role that it proved; empty for a guest.
	Role string
}

// Judge returns the standing of the node at the other end of a TLS connection, whose handshake is what binds the proof to the connection. The
// error is PeerID's: a node that proves no membership is a guest, and no error.
func (r *Ring) Judge(cs tls.ConnectionState) (Standing, error) {
	id, err := PeerID(cs)
	s := Standing{ID: id}
	if err != nil || r == nil {
		return s, err
	}
	pub := publicKey(cs.PeerCertificates[0])
	now := time.Now()
	for _, chain := range chains(cs.PeerCertificates[1:]) {
		for _, c := range r.credentials {
			if role, ok := c.verify(pub, chain, now); ok {
				s.Member, s.Role = true, role
				return s, nil
			}
		}
	}
	return s, nil
}

// chains splits what a node shows besides its identity: each chain begins with a node's certificate, on which those of authorities
// follow.
func chains(certs []*x509.Certificate) [][]*x509.Certificate {
	var list [][]*x509.Certificate
	for i, cert := range certs {
		if i == 0 || !cert.IsCA {
			list = append(list, nil)
		}
		last := len(list) - 1
		list[last] = append(list[last], cert)
	}
	return list
}

// checkShown refuses what no node shows, before anything is verified.
func checkShown(certs []*x509.Certificate) error {
	if n := len(certs); n < 1 || n > maxShown {
		return fmt.Errorf("%w: a chain of %d, want 1 to %d", ErrCertificate, n, maxShown)
	}
	return nil
}
