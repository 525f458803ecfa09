package trust

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The roles that a credential may be good for. A holder of the cluster's key may be any of them.
const (
	RoleAdmin   = "admin"
	RoleMaster  = "master"
	RoleWorker  = "worker"
	RoleTracker = "tracker"
)

// roles are all of these.
var roles = []string{RoleAdmin, RoleMaster, RoleWorker, RoleTracker}

// ErrRole means that a credential is not good for a role. The error around it names both.
var ErrRole = errors.New("role denied")

const (
	// maxCluster is the longest name of a cluster, maxNode of a node that a token is for, in bytes.
	maxCluster, maxNode = 64, 32
	// maxEpoch is how often the authority of a role can be replaced by another.
	maxEpoch = 64
)

var (
	begin = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	never = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) // RFC 5280 section 4.1.2.5: no expiry
)

// A Credential is what a process proves its membership of a cluster with: the cluster's key, or a part of it that makes
// nodes of one role. It never changes and is safe for concurrent use.
//
// From the key follow, by HKDF, the root's ed25519 key and a certificate authority for each role. All holders of the key derive the same
// ones, so no server hands them out, and no authority leaves the process: a node shows a certificate for its own public
// key, and that of the role's authority, which the root signed. Who knows the root's public key can tell.
//
// A token for one node holds an authority of its own, below the role's, which vouches for the processes of that node. So several
// processes may use it at once, each with an identity of its own, and it can expire or be revoked alone.
type Credential struct {
	cluster string
	root    ed25519.PublicKey
	network Secret // what every member knows
	key     Secret // the cluster's key; zero without it
	rootKey ed25519.PrivateKey
	part    *issuer // of a token that is good for one role
	role    string  // likewise
}

// An issuer signs the certificates of nodes of one role.
type issuer struct {
	key   ed25519.PrivateKey
	chain [][]byte // its own certificate and those above it, but for the root's
}

func (i *issuer) public() ed25519.PublicKey { return i.key.Public().(ed25519.PublicKey) }

// FromKey returns the credential of a holder of the key of the cluster with that name; "" is DefaultCluster. One key gives
// clusters of different names nothing in common.
func FromKey(cluster string, key Secret) (*Credential, error) {
	if cluster == "" {
		cluster = DefaultCluster
	}
	if len(cluster) > maxCluster {
		return nil, fmt.Errorf("name of a cluster of %d bytes, limit %d", len(cluster), maxCluster)
	}
	c := &Credential{cluster: cluster, key: key}
	var err error
	if c.network, err = key.Derive("1 network\x00" + cluster); err != nil {
		return nil, err
	}
	if c.rootKey, err = key.signer("1 root\x00" + cluster); err != nil {
		return nil, err
	}
	c.root = c.rootKey.Public().(ed25519.PublicKey)
	return c, nil
}

// signer returns the ed25519 key that s derives for a purpose.
func (s Secret) signer(purpose string) (ed25519.PrivateKey, error) {
	seed, err := s.Derive(purpose)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed[:]), nil
}

// Cluster returns the name of the cluster.
func (c *Credential) Cluster() string { return c.cluster }

// NetworkKey returns what all members share and nobody else knows, whatever their role: it seals announcements.
func (c *Credential) NetworkKey() []byte { return c.network[:] }

// Whole reports whether the credential is the cluster's key, and not a token that is good for one role.
func (c *Credential) Whole() bool { return c.rootKey != nil }

// Allows reports whether nodes of that role can be made with the credential.
func (c *Credential) Allows(role string) bool {
	if c.Whole() {
		return slices.Contains(roles, role)
	}
	return role == c.role
}

// issuer returns the authority of a role: the first that is not revoked.
func (c *Credential) issuer(role string, list *Revocations) (*issuer, error) {
	if !c.Allows(role) {
		return nil, fmt.Errorf("%w: a %s token makes no %s", ErrRole, c.role, role)
	}
	if !c.Whole() {
		return c.part, nil
	}
	for epoch := range maxEpoch {
		key, err := c.key.signer(fmt.Sprintf("1 authority %d %s\x00%s", epoch, role, c.cluster))
		if err != nil {
			return nil, err
		}
		i := &issuer{key: key}
		if list.names(IDOf(i.public())) {
			continue
		}
		der, err := sign(c.rootKey, i.public(), roleURI(role), true, never)
		if err != nil {
			return nil, err
		}
		i.chain = [][]byte{der}
		return i, nil
	}
	return nil, fmt.Errorf("%w: the %s token was replaced %d times; make a new key", ErrRole, role, maxEpoch)
}

// certify returns the certificates that show id to be a node of that role, its own first.
func (c *Credential) certify(id *Identity, role string, list *Revocations) ([][]byte, error) {
	i, err := c.issuer(role, list)
	if err != nil {
		return nil, err
	}
	der, err := sign(i.key, id.PublicKey(), nodeURI(role, id.ID().String()), false, never)
	if err != nil {
		return nil, err
	}
	return append([][]byte{der}, i.chain...), nil
}

// verify returns the standing of the node with the public key pub that shows chain, which is one that certify made or any other bytes that
// parse as certificates. Each link of it names the role, so that the authority of one role vouches for no other.
func (c *Credential) verify(pub ed25519.PublicKey, chain []*x509.Certificate) (s Standing, ok bool) {
	if len(chain) < 2 || len(chain) > 3 {
		return s, false
	}
	s = Standing{ID: IDOf(pub), Member: true, root: c.root}
	above := c.root
	for _, cert := range slices.Backward(chain) {
		if cert.SignatureAlgorithm != x509.PureEd25519 || !ed25519.Verify(above, cert.RawTBSCertificate, cert.Signature) {
			return s, false
		}
		if above = publicKey(cert); above == nil || len(cert.URIs) != 1 {
			return s, false
		}
		if s.expires.IsZero() || cert.NotAfter.Before(s.expires) {
			s.expires = cert.NotAfter
		}
		s.vouchers = append(s.vouchers, IDOf(above))
	}
	top, leaf := chain[len(chain)-1], chain[0]
	for _, r := range roles {
		if *top.URIs[0] == *roleURI(r) {
			s.Role = r
		}
	}
	if s.Role == "" || !top.IsCA || leaf.IsCA || !pub.Equal(above) || *leaf.URIs[0] != *nodeURI(s.Role, s.ID.String()) {
		return s, false
	}
	if len(chain) == 3 {
		node := chain[1]
		prefix := "/" + s.Role + nodePath
		if !node.IsCA || node.URIs[0].Scheme != Scheme || !strings.HasPrefix(node.URIs[0].Path, prefix) {
			return s, false
		}
		s.Node = strings.TrimPrefix(node.URIs[0].Path, prefix)
	}
	return s, true
}

// nodePath stands before the name of a node that a token is for.
const nodePath = "/node/"

// roleURI names the authority of a role, nodeURI what is below it.
func roleURI(role string) *url.URL { return &url.URL{Scheme: Scheme, Path: "/" + role} }

func nodeURI(role, id string) *url.URL { return &url.URL{Scheme: Scheme, Path: "/" + role + "/" + id} }

// sign returns a certificate for pub. Ed25519 signatures are deterministic, and nothing in it is random.
func sign(by crypto.Signer, pub ed25519.PublicKey, uri *url.URL, ca bool, until time.Time) ([]byte, error) {
	id := IDOf(pub)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		URIs:         []*url.URL{uri},
		NotBefore:    begin,
		NotAfter:     until,
		SubjectKeyId: id[:],
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	if ca {
		template.KeyUsage, template.IsCA, template.BasicConstraintsValid = x509.KeyUsageCertSign, true, true
	}
	der, err := x509.CreateCertificate(rand.Reader, template, &x509.Certificate{}, pub, by)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return der, nil
}
