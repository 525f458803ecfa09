package trust

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// A token is a credential as text: a prefix by which secret scanners find it, base32, and a check of 4 bytes.
const (
	keyPrefix = "sck1_" // the cluster's key: 63 characters
	checkLen  = 4
	maxToken  = 4000 // characters: a terminal's line holds no more than 4095
)

// partPrefixes are those of tokens that are good for one role.
var partPrefixes = map[string]string{RoleWorker: "scw1_", RoleTracker: "sct1_", RoleMaster: "scm1_"}

// A ParseError says why a text is no token. It never holds the text, which may be most of a secret.
type ParseError struct{ why string }

func (e *ParseError) Error() string { return ErrBadKey.Error() + ": " + e.why }

// Unwrap returns ErrBadKey.
func (e *ParseError) Unwrap() error { return ErrBadKey }

// Token returns a key as text.
func (s Secret) Token() string { return wrap(keyPrefix, s[:]) }

// wrap adds prefix and check.
func wrap(prefix string, b []byte) string {
	return prefix + idText.EncodeToString(append(b[:len(b):len(b)], check(prefix, b)...))
}

func check(prefix string, b []byte) []byte {
	sum := sha256.Sum256(append([]byte(prefix), b...))
	return sum[:checkLen]
}

// Parse returns the credential that a token is. A key does not say its cluster's name; other tokens do, and then cluster
// must be that or empty. The error wraps ErrBadKey.
func Parse(cluster, token string) (*Credential, error) {
	token = strings.TrimSpace(token)
	prefix, rest, ok := strings.Cut(token, "_")
	prefix += "_"
	if len(token) > maxToken || !ok {
		return nil, &ParseError{fmt.Sprintf("%d characters that are no token; one begins with sck1_, scw1_ or sct1_", len(token))}
	}
	b, err := idText.DecodeString(rest)
	if err != nil || len(b) < checkLen {
		return nil, &ParseError{fmt.Sprintf("a token of %d characters, cut short or mistyped", len(token))}
	}
	b, sum := b[:len(b)-checkLen], b[len(b)-checkLen:]
	if string(sum) != string(check(prefix, b)) || wrap(prefix, b) != token {
		return nil, &ParseError{fmt.Sprintf("a token of %d characters whose check does not fit: it was cut short or mistyped", len(token))}
	}
	if prefix == keyPrefix && len(b) == secretSize {
		return FromKey(cluster, Secret(b))
	}
	for role, p := range partPrefixes {
		if p == prefix {
			return parsePart(cluster, role, b)
		}
	}
	return nil, &ParseError{fmt.Sprintf("a token of kind %.8q, which this version does not know", prefix)}
}

// Part returns a token that is good for one role. With the name of a node it is good for that node alone, and until then if
// that is not zero. The error wraps ErrRole if c is not the whole key.
func (c *Credential) Part(role, node string, until time.Time, list *Revocations) (token string, id ID, err error) {
	prefix := partPrefixes[role]
	if !c.Whole() || prefix == "" {
		return "", id, fmt.Errorf("%w: a token for a %s is made with the cluster's key", ErrRole, role)
	}
	i, err := c.issuer(role, list)
	if err != nil {
		return "", id, err
	}
	if node != "" {
		if i, err = i.below(role, node, until); err != nil {
			return "", id, err
		}
	}
	b := append([]byte(nil), i.key.Seed()...)
	b = append(append(b, c.network[:]...), c.root...)
	for _, field := range append([][]byte{[]byte(c.cluster)}, i.chain...) {
		b = binary.BigEndian.AppendUint16(b, uint16(len(field)))
		b = append(b, field...)
	}
	return wrap(prefix, b), IDOf(i.public()), nil
}

// below returns an authority for one node.
func (i *issuer) below(role, node string, until time.Time) (*issuer, error) {
	if !nodeName(node) {
		return nil, fmt.Errorf("node %.40q: a name has 1 to %d letters, digits, dots and hyphens", node, maxNode)
	}
	if until.IsZero() {
		until = never
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	own := &issuer{key: key}
	der, err := sign(i.key, own.public(), nodeURI(role, nodePath[1:]+node), true, until.UTC().Truncate(time.Second))
	if err != nil {
		return nil, err
	}
	own.chain = append([][]byte{der}, i.chain...)
	return own, nil
}

// nodeName reports whether s may name a node, in a URI and on a terminal.
func nodeName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxNode
}

// parsePart reads what Part wrote.
func parsePart(cluster, role string, b []byte) (*Credential, error) {
	broken := &ParseError{"a token that is not as it should be inside"}
	if len(b) < 3*32 {
		return nil, broken
	}
	c := &Credential{network: Secret(b[32:64]), root: ed25519.PublicKey(b[64:96]), role: role}
	c.part = &issuer{key: ed25519.NewKeyFromSeed(b[:32])}
	var fields [][]byte
	for b = b[96:]; len(b) > 0; {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) || len(fields) > 3 {
			return nil, broken
		}
		n := 2 + int(binary.BigEndian.Uint16(b))
		fields = append(fields, b[2:n])
		b = b[n:]
	}
	if len(fields) < 2 || len(fields[0]) > maxCluster {
		return nil, broken
	}
	c.cluster, c.part.chain = string(fields[0]), fields[1:]
	if cluster != "" && cluster != c.cluster {
		return nil, &ParseError{fmt.Sprintf("a token of cluster %q, not of %q", c.cluster, cluster)}
	}
	if err := c.try(); err != nil {
		return nil, broken
	}
	return c, nil
}

// try makes sure that nodes which c makes are members: so a token that was tampered with is found at once.
func (c *Credential) try() error {
	id, err := NewIdentity()
	if err != nil {
		return err
	}
	ders, err := c.certify(id, c.role, nil)
	if err != nil {
		return err
	}
	var chain []*x509.Certificate
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		chain = append(chain, cert)
	}
	if s, ok := c.verify(id.PublicKey(), chain); !ok || s.Role != c.role {
		return ErrBadKey
	}
	return nil
}
