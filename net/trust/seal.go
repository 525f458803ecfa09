package trust

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// DefaultCluster is the name of a cluster that was given none.
	DefaultCluster = "default"
	// MinKey is the least length, in bytes, of a cluster's key. Keys are random, not chosen by people.
	MinKey = 16
	// SealOverhead is by how many bytes a sealed datagram is longer than what it holds.
	SealOverhead = sealHeader + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

	sealMagic  = "SC\x01" // the last byte is the format's version
	sealHeader = len(sealMagic) + 4
)

var (
	// ErrForeign means that a datagram is none of ours: another program's, another version's or another
	// cluster's. It was recognised by its first bytes, before any cryptography.
	ErrForeign = errors.New("datagram of another cluster or program")
	// ErrForged means that a datagram bears our cluster's mark but was not sealed with its key.
	ErrForged = errors.New("datagram not sealed with the cluster's key")
)

// A Sealer seals datagrams for the nodes of one cluster. Make one with NewSealer; it is safe for concurrent use.
//
// A sealed datagram is "SC", the version 1, the hint, a random nonce of 24 bytes, and the XChaCha20-Poly1305 box, which
// authenticates what stands before it. It does not say who sent it, nor when: whoever needs that puts a signature and a
// sequence number inside.
type Sealer struct {
	aead   cipher.AEAD
	hint   [4]byte
	header [sealHeader]byte
}

// NewSealer returns the Sealer of a cluster; an empty name means DefaultCluster. A nil key means an open cluster: the
// key is then derived from the name alone, and anyone can seal and open. A key of less than MinKey bytes is an error.
func NewSealer(cluster string, key []byte) (*Sealer, error) {
	if cluster == "" {
		cluster = DefaultCluster
	}
	mode, secret := "keyed", key
	if key == nil {
		mode, secret = "open", []byte("supercluster open cluster")
	} else if len(key) < MinKey {
		return nil, fmt.Errorf("cluster key of %d bytes, want at least %d", len(key), MinKey)
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "supercluster 1 discovery "+mode+"\x00"+cluster, chacha20poly1305.KeySize+4)
	if err != nil {
		return nil, fmt.Errorf("derive the discovery key: %w", err)
	}
	s := &Sealer{}
	if s.aead, err = chacha20poly1305.NewX(derived[:chacha20poly1305.KeySize]); err != nil {
		return nil, fmt.Errorf("derive the discovery key: %w", err)
	}
	copy(s.hint[:], derived[chacha20poly1305.KeySize:])
	copy(s.header[:], sealMagic)
	copy(s.header[len(sealMagic):], s.hint[:])
	return s, nil
}

// Hint returns the mark by which the cluster's nodes tell their datagrams from others' without decrypting. Two
// clusters have the same one with a chance of 1 in 2^32; then decryption tells them apart.
func (s *Sealer) Hint() [4]byte { return s.hint }

// Seal returns plain sealed, SealOverhead bytes longer.
func (s *Sealer) Seal(plain []byte) []byte {
	out := make([]byte, sealHeader+chacha20poly1305.NonceSizeX, SealOverhead+len(plain))
	copy(out, s.header[:])
	nonce := out[sealHeader:]
	rand.Read(nonce) // never fails, says crypto/rand
	return s.aead.Seal(out, nonce, plain, s.header[:])
}

// Open returns what Seal was given, or ErrForeign or ErrForged. It allocates nothing for what is foreign, so a crowded
// subnet costs little.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	if len(sealed) < SealOverhead || [sealHeader]byte(sealed[:sealHeader]) != s.header {
		return nil, ErrForeign
	}
	nonce, box := sealed[sealHeader:][:chacha20poly1305.NonceSizeX], sealed[sealHeader+chacha20poly1305.NonceSizeX:]
	plain, err := s.aead.Open(nil, nonce, box, s.header[:])
	if err != nil {
		return nil, ErrForged
	}
	return plain, nil
}
