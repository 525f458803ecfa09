package trust

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
)

// idLen is the length of an ID's text form: 128 bits, five to a character.
const idLen = 26

// idText is RFC 4648 base32 without padding, in lower case so that an ID may stand in a host name, as it
// does in the TLS server name.
var idText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// An ID names a node: the first 16 bytes of the SHA-256 of its ed25519 public key. The zero ID is nobody's; where an ID
// is asked for it means "any". IDs are comparable and may be map keys.
type ID [16]byte

// IDOf returns the ID that belongs to an ed25519 public key.
func IDOf(pub ed25519.PublicKey) ID {
	sum := sha256.Sum256(pub)
	return ID(sum[:16])
}

// String returns the 26 characters, a to z and 2 to 7, by which users and TLS know the node.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// IsZero reports whether id is the zero ID.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID is the inverse of String. It accepts exactly what String returns, so two different texts are never one ID.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != idLen {
		return id, fmt.Errorf("node id of %d characters, want %d", len(s), idLen)
	}
	n, err := idText.Decode(id[:], []byte(s))
	if err != nil || n != len(id) || id.String() != s {
		return ID{}, fmt.Errorf("node id %q is not base32", s)
	}
	return id, nil
}
