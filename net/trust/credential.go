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
type Credential struct {
	cluster string
	root    ed25519.PublicKey
	rootKey ed25519.PrivateKey // nil without the cluster's key
	network Secret             // what every member knows
	issuers map[string]*issuer // by role
}

// An issuer signs the certificates of nodes of one role.
type issuer struct {
	key   ed25519.PrivateKey
	chain [][]byte // its own certificate and those above it, but for the root's
}

// FromKey returns the credential of a holder of the key of the cluster with that name; "" is DefaultCluster. One key gives
// clusters of different names nothing in common.
func FromKey(cluster string, key Secret) (*Credential, error) {
	if cluster == "" {
		cluster = DefaultCluster
	}
	c := &Credential{cluster: cluster, issuers: make(map[string]*issuer)}
	var err error
	if c.network, err = key.Derive("1 network\x00" + cluster); err != nil {
		return nil, err
	}
	if c.rootKey, err = key.signer("1 root\x00" + cluster); err != nil {
		return nil, err
	}
	c.root = c.rootKey.Public().(ed25519.PublicKey)
	for _, role := range roles {
		i := &issuer{}
		if i.key, err = key.signer("1 authority " + role + "\x00" + cluster); err != nil {
			return nil, err
		}
		der, err := sign(c.rootKey, i.key.Public().(ed25519.PublicKey), roleURI(role), true, never)
		if err != nil {
			return nil, err
		}
		i.chain = [][]byte{der}
		c.issuers[role] = i
	}
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

// Allows reports whether nodes of that role can be made with the credential.
func (c *Credential) Allows(role string) bool { return c.issuers[role] != nil }

// certify returns the certificates that show id to be a node of that role, its own first.
func (c *Credential) certify(id *Identity, role string) ([][]byte, error) {
	i := c.issuers[role]
	if i == nil {
		return nil, fmt.Errorf("%w: the token makes no %s", ErrRole, role)
	}
	der, err := sign(i.key, id.PublicKey(), nodeURI(role, id.ID()), false, never)
	if err != nil {
		return nil, err
	}
	return append([][]byte{der}, i.chain...), nil
}

// verify reports whether chain shows the node with the public key pub to be a member, and of which role. The chain is one that certify made
// or any other bytes that parse as certificates. Each link of it names the role, so that the authority of one role vouches for no other.
func (c *Credential) verify(pub ed25519.PublicKey, chain []*x509.Certificate, now time.Time) (role string, ok bool) {
	if len(chain) != 2 {
		return "", false
	}
	above := c.root
	for _, cert := range slices.Backward(chain) {
		if cert.SignatureAlgorithm != x509.PureEd25519 || !ed25519.Verify(above, cert.RawTBSCertificate, cert.Signature) {
			return "", false
		}
		if above, ok = cert.PublicKey.(ed25519.PublicKey); !ok || now.After(cert.NotAfter) || len(cert.URIs) != 1 {
			return "", false
		}
	}
	leaf, authority := chain[0], chain[1]
	for _, r := range roles {
		if *authority.URIs[0] == *roleURI(r) {
			role = r
		}
	}
	if role == "" || !authority.IsCA || leaf.IsCA || !pub.Equal(above) || *leaf.URIs[0] != *nodeURI(role, IDOf(pub)) {
		return "", false
	}
	return role, true
}

// roleURI names the authority of a role, nodeURI a node of it.
func roleURI(role string) *url.URL { return &url.URL{Scheme: Scheme, Path: "/" + role} }

func nodeURI(role string, id ID) *url.URL {
	return &url.URL{Scheme: Scheme, Path: "/" + role + "/" + id.String()}
}

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
