package trust

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxRevoked is how many ids a list of revocations may have.
const maxRevoked = 1024

const (
	revokedContext = "supercluster revocations 1\x00"
	revokedEntry   = len(ID{}) + 8
)

// ErrRevocations means that a list of revocations is malformed, or not signed with the key of the cluster.
var ErrRevocations = errors.New("not a list of revocations of this cluster")

// Revocations is a list of those that are no members any more, signed with the cluster's root key: identities of nodes,
// authorities of single nodes, and authorities of roles, the last from a certain time on. It never changes. A nil list is
// empty.
type Revocations struct {
	counter uint64
	from    map[ID]time.Time // from when on it counts
	encoded []byte
}

// Revoke returns the list with one more id, from a time on. The error wraps ErrRole if c is not the whole key.
func (c *Credential) Revoke(list *Revocations, id ID, from time.Time) (*Revocations, error) {
	if !c.Whole() {
		return nil, fmt.Errorf("%w: what is revoked is signed with the cluster's key", ErrRole)
	}
	next := &Revocations{counter: list.Counter() + 1, from: map[ID]time.Time{id: from}}
	if list != nil {
		for old, from := range list.from {
			if old != id {
				next.from[old] = from
			}
		}
	}
	if len(next.from) > maxRevoked {
		return nil, fmt.Errorf("%d ids are revoked already; make a new key", maxRevoked)
	}
	b := binary.BigEndian.AppendUint64(nil, next.counter)
	for _, id := range next.IDs() {
		b = append(b, id[:]...)
		b = binary.BigEndian.AppendUint64(b, uint64(max(0, next.from[id].Unix())))
	}
	next.encoded = append(b, ed25519.Sign(c.rootKey, append([]byte(revokedContext), b...))...)
	return next, nil
}

// ReplaceRole returns the list with the present authority of a role on it from a time on, so that holders of the whole key make
// another one, and tokens for the role count until then.
func (c *Credential) ReplaceRole(list *Revocations, role string, from time.Time) (*Revocations, error) {
	i, err := c.issuer(role, list)
	if err != nil {
		return nil, err
	}
	return c.Revoke(list, IDOf(i.public()), from)
}

// ReadRevocations is the inverse of Encode; the list must be of c's cluster. The error wraps ErrRevocations.
func (c *Credential) ReadRevocations(b []byte) (*Revocations, error) {
	n := len(b) - 8 - ed25519.SignatureSize
	if n < 0 || n%revokedEntry != 0 || n > maxRevoked*revokedEntry {
		return nil, fmt.Errorf("%w: %d bytes", ErrRevocations, len(b))
	}
	signed, sig := b[:8+n], b[8+n:]
	if !ed25519.Verify(c.root, append([]byte(revokedContext), signed...), sig) {
		return nil, ErrRevocations
	}
	list := &Revocations{counter: binary.BigEndian.Uint64(signed), from: make(map[ID]time.Time), encoded: bytes.Clone(b)}
	for rest := signed[8:]; len(rest) > 0; rest = rest[revokedEntry:] {
		list.from[ID(rest[:16])] = time.Unix(int64(binary.BigEndian.Uint64(rest[16:])), 0)
	}
	return list, nil
}

// Encode returns the list with its signature; nil for an empty one.
func (l *Revocations) Encode() []byte {
	if l == nil {
		return nil
	}
	return l.encoded
}

// Counter counts the changes of the list: a higher one is newer.
func (l *Revocations) Counter() uint64 {
	if l == nil {
		return 0
	}
	return l.counter
}

// IDs returns who is on the list, ordered.
func (l *Revocations) IDs() []ID {
	if l == nil {
		return nil
	}
	ids := make([]ID, 0, len(l.from))
	for id := range l.from {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

// names reports whether id is on the list, from now on or later.
func (l *Revocations) names(id ID) bool {
	if l == nil {
		return false
	}
	_, ok := l.from[id]
	return ok
}

// holds reports whether id is revoked by now.
func (l *Revocations) holds(id ID, now time.Time) bool {
	if l == nil {
		return false
	}
	from, ok := l.from[id]
	return ok && !now.Before(from)
}
