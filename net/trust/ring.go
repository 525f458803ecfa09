package trust

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// maxShown is how many certificates a node may show: its identity, and two chains of three while a key is replaced by another.
	maxShown = 8
	// maxCached is how many certificates a Ring keeps for the nodes of its process.
	maxCached = 256
)

// RingConfig says what a Ring holds.
type RingConfig struct {
	// Credential is what is shown and accepted. Required.
	Credential *Credential
	// Previous is shown and accepted, too, until then; nil unless a key is being replaced by another.
	Previous *Credential
	Until    time.Time
	// Keyed refuses everybody who is no member. Otherwise those are guests.
	Keyed bool
	// Revoked is the list that is known at first; nil if there is none.
	Revoked *Revocations
	// OnRevoked gets each newer list that another node brought. It may be nil, and is called by whoever calls Learn.
	OnRevoked func(*Revocations)
}

// A Ring is a process's side of trust: what its nodes show to others, and how it tells what others show. It is safe for concurrent
// use. A nil Ring shows the bare identity, finds that everybody is a guest, and lets all in.
type Ring struct {
	cfg RingConfig

	mu      sync.Mutex // guards what follows
	revoked *Revocations
	shown   map[shownKey]tls.Certificate
}

type shownKey struct {
	id   ID
	role string
}

// NewRing returns a Ring.
func NewRing(cfg RingConfig) *Ring {
	return &Ring{cfg: cfg, revoked: cfg.Revoked, shown: make(map[shownKey]tls.Certificate)}
}

// Keyed reports whether only members are let in.
func (r *Ring) Keyed() bool { return r != nil && r.cfg.Keyed }

// Allows returns nil if nodes of that role can be made, else the refusal.
func (r *Ring) Allows(role string) *Refusal {
	if r == nil || r.cfg.Credential.Allows(role) {
		return nil
	}
	return refuse(CodeRoleDenied, "a %s token makes no %s", r.cfg.Credential.role, role)
}

// credentials are those that count now, the current one first.
func (r *Ring) credentials(now time.Time) []*Credential {
	if r.cfg.Previous != nil && now.Before(r.cfg.Until) {
		return []*Credential{r.cfg.Credential, r.cfg.Previous}
	}
	return []*Credential{r.cfg.Credential}
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
	list := r.revoked
	r.mu.Unlock()
	if ok {
		return cert, nil
	}
	cert = tls.Certificate{Certificate: [][]byte{id.cert.Certificate[0]}, PrivateKey: id.key}
	for n, c := range r.credentials(time.Now()) {
		chain, err := c.certify(id, role, list)
		if err != nil && n == 0 {
			return tls.Certificate{}, err
		}
		if err == nil { // the previous one may have been good for another role
			cert.Certificate = append(cert.Certificate, chain...)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.shown) >= maxCached || r.revoked != list {
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
	// Role is the role that it proved; empty for a guest. Node is the node that its token is for; empty for other tokens.
	Role, Node string

	stranger bool // it showed a certificate of a cluster, but not of this one
	expires  time.Time
	vouchers []ID // whose certificates stand above its own, and its own
	root     ed25519.PublicKey
}

// Names returns who may be revoked to revoke the node: the id of the token for a single node, if it has one, and its own.
func (s Standing) Names() []ID {
	if s.Node != "" && len(s.vouchers) == 3 {
		return []ID{s.vouchers[1], s.ID}
	}
	return []ID{s.ID}
}

// Judge returns the standing of the node at the other end of a TLS connection, whose handshake is what binds the proof to the connection. The
// error is PeerID's: a node that proves no membership is a guest, and no error. Whether it is let in is for Admit.
func (r *Ring) Judge(cs tls.ConnectionState) (Standing, error) {
	id, err := PeerID(cs)
	s := Standing{ID: id, stranger: len(cs.PeerCertificates) > 1}
	if err != nil || r == nil {
		return s, err
	}
	pub := publicKey(cs.PeerCertificates[0])
	for _, chain := range chains(cs.PeerCertificates[1:]) {
		for _, c := range r.credentials(time.Now()) {
			if member, ok := c.verify(pub, chain); ok {
				return member, nil
			}
		}
	}
	return s, nil
}

// Admit returns nil if a node of that standing is let in: as a member, or as a guest, whose address is for the caller to judge.
func (r *Ring) Admit(s Standing) *Refusal {
	switch {
	case r == nil:
		return nil
	case s.Member:
		return r.Valid(s, time.Now())
	case !r.cfg.Keyed:
		return nil
	case s.stranger:
		return refuse(CodeWrongKey, "the two nodes hold keys of different clusters")
	}
	return refuse(CodeKeyRequired, "only nodes that hold the cluster's key are let in")
}

// Valid returns nil if a member is still one at that time: neither revoked nor expired, and of a key that still counts.
func (r *Ring) Valid(s Standing, now time.Time) *Refusal {
	if r == nil || !s.Member || s.root == nil {
		return nil
	}
	r.mu.Lock()
	list := r.revoked
	r.mu.Unlock()
	for _, id := range append(s.vouchers, s.ID) {
		if list.holds(id, now) {
			return refuse(CodeKeyRevoked, "the token was revoked")
		}
	}
	if now.After(s.expires) {
		return refuse(CodeKeyRevoked, "the token has expired, on %s", s.expires.Format(time.DateOnly))
	}
	for _, c := range r.credentials(now) {
		if c.root.Equal(s.root) {
			return nil
		}
	}
	return refuse(CodeKeyRevoked, "the key was replaced by another")
}

// Revoked returns the newest list of revocations that is known, encoded; nil if there is none.
func (r *Ring) Revoked() []byte {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revoked.Encode()
}

// RevokedCount counts the changes of that list: a higher count is newer. It is 0 if there is none.
func (r *Ring) RevokedCount() uint64 {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revoked.Counter()
}

// Learn takes a list of revocations from another node, and reports whether it is newer than what was known. An older one
// is never taken back. The error wraps ErrRevocations.
func (r *Ring) Learn(encoded []byte) (newer bool, err error) {
	if r == nil {
		return false, ErrRevocations
	}
	list, err := r.cfg.Credential.ReadRevocations(encoded)
	if err != nil {
		return false, err
	}
	r.mu.Lock()
	newer = list.counter > r.revoked.Counter()
	if newer {
		r.revoked = list
		clear(r.shown)
	}
	r.mu.Unlock()
	if newer && r.cfg.OnRevoked != nil {
		r.cfg.OnRevoked(list)
	}
	return newer, nil
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

// AsRefusal returns the refusal that err is or wraps: also for ErrRole and ErrBadKey.
func AsRefusal(err error) (*Refusal, bool) {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r, true
	}
	switch {
	case errors.Is(err, ErrRole):
		return refuse(CodeRoleDenied, "%v", err), true
	case errors.Is(err, ErrBadKey):
		return refuse(CodeKeyBad, "%v", err), true
	}
	return nil, false
}
