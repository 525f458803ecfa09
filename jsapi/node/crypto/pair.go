package crypto

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// GenerateRSA makes a pair of keys of that many bits, "rsa" or "rsa-pss". Only the exponent 65537 can be had.
func GenerateRSA(kind string, bits, exponent int) (*Key, error) {
	if exponent != 65537 {
		return nil, fail("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", fmt.Sprintf("publicExponent %d is not supported here, only 65537", exponent))
	}
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fail("ERR_OSSL_RSA_KEY_SIZE_TOO_SMALL", fmt.Sprintf("modulusLength %d: %v", bits, err))
	}
	return &Key{Type: kind, Private: k, Public: &k.PublicKey}, nil
}

// GenerateEC makes a pair of keys of a curve.
func GenerateEC(name string) (*Key, error) {
	curve := Curve(name)
	if curve == nil {
		return nil, &Error{"ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name", "TypeError"}
	}
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return nil, err
	}
	return NewPrivateKey(k)
}

// GenerateCurve25519 makes a pair of keys, "ed25519" or "x25519".
func GenerateCurve25519(kind string) (*Key, error) {
	if kind == "ed25519" {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return NewPrivateKey(k)
	}
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return NewPrivateKey(k)
}

// Agree returns the secret that the private key k and the other's public key share.
func (k *Key) Agree(other *Key) ([]byte, error) {
	different := openssl("EVP_DIFFERENT_PARAMETERS", "error:03000099:digital envelope routines::different parameters")
	switch p := k.Private.(type) {
	case *ecdh.PrivateKey:
		pub, ok := other.Public.(*ecdh.PublicKey)
		if !ok {
			return nil, different
		}
		return p.ECDH(pub)
	case *ecdsa.PrivateKey:
		pub, ok := other.Public.(*ecdsa.PublicKey)
		if !ok || pub.Curve != p.Curve {
			return nil, different
		}
		return agree(p, pub)
	}
	return nil, errKeyType
}

// ECDH agrees on secrets over a curve, as Node's createECDH does.
type ECDH struct {
	curve   elliptic.Curve
	private []byte
	public  []byte // uncompressed
}

// NewECDH returns an ECDH without keys.
func NewECDH(name string) (*ECDH, error) {
	curve := Curve(name)
	if curve == nil {
		return nil, &Error{"ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name", "TypeError"}
	}
	return &ECDH{curve: curve}, nil
}

// Generate makes a new pair of keys.
func (e *ECDH) Generate() error {
	k, err := ecdsa.GenerateKey(e.curve, rand.Reader)
	if err != nil {
		return err
	}
	return e.take(k)
}

func (e *ECDH) take(k *ecdsa.PrivateKey) (err error) {
	if e.private, err = k.Bytes(); err != nil {
		return err
	}
	e.public, err = k.PublicKey.Bytes()
	return err
}

// SetPrivate sets the private key, and the public one that belongs to it.
func (e *ECDH) SetPrivate(b []byte) error {
	size := (e.curve.Params().N.BitLen() + 7) / 8
	invalid := fail("ERR_CRYPTO_INVALID_KEYTYPE", "Private key is not valid for specified curve.")
	if len(b) > size {
		return invalid
	}
	k, err := ecdsa.ParseRawPrivateKey(e.curve, append(make([]byte, size-len(b)), b...))
	if err != nil {
		return invalid
	}
	return e.take(k)
}

// SetPublic sets the public key.
func (e *ECDH) SetPublic(b []byte) error {
	point, err := ConvertPoint(e.curve, b, "uncompressed")
	if err != nil {
		return fail("ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY", "Failed to convert Buffer to EC_POINT")
	}
	e.public = point
	return nil
}

// Private returns the private key; nil if there is none.
func (e *ECDH) Private() []byte { return e.private }

// Public returns the public key in that format; nil if there is none.
func (e *ECDH) Public(format string) ([]byte, error) {
	if e.public == nil {
		return nil, nil
	}
	return ConvertPoint(e.curve, e.public, format)
}

// Secret returns what is shared with the owner of the other public key.
func (e *ECDH) Secret(other []byte) ([]byte, error) {
	invalid := fail("ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY", "Public key is not valid for specified curve")
	point, err := ConvertPoint(e.curve, other, "uncompressed")
	if err != nil || e.private == nil {
		return nil, invalid
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(e.curve, point)
	if err != nil {
		return nil, invalid
	}
	key, err := ecdsa.ParseRawPrivateKey(e.curve, e.private)
	if err != nil {
		return nil, invalid
	}
	return agree(key, pub)
}

// agree returns the secret shared over a curve.
func agree(key *ecdsa.PrivateKey, other *ecdsa.PublicKey) ([]byte, error) {
	k, err := key.ECDH()
	if err != nil {
		return nil, fail("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", fmt.Sprintf("no key agreement over %s here", CurveName(key.Curve, false)))
	}
	pub, err := other.ECDH()
	if err != nil {
		return nil, err
	}
	return k.ECDH(pub)
}

// ConvertPoint writes a public key as "compressed", "uncompressed" or "hybrid".
func ConvertPoint(curve elliptic.Curve, b []byte, format string) ([]byte, error) {
	invalid := fail("ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to EC_POINT")
	size := (curve.Params().BitSize + 7) / 8
	point := append([]byte{}, b...)
	switch {
	case len(b) == size+1 && (b[0] == 2 || b[0] == 3):
		x, y := elliptic.UnmarshalCompressed(curve, b)
		if x == nil {
			return nil, invalid
		}
		point = append(append([]byte{4}, b[1:]...), y.FillBytes(make([]byte, size))...)
	case len(b) == 2*size+1 && (b[0] == 6 || b[0] == 7): // hybrid: the sign of y besides
		if b[0]&1 != b[2*size]&1 {
			return nil, invalid
		}
		point[0] = 4
	}
	if _, err := ecdsa.ParseUncompressedPublicKey(curve, point); err != nil {
		return nil, invalid
	}
	odd := point[2*size] & 1
	switch format {
	case "compressed":
		return append([]byte{2 | odd}, point[1:1+size]...), nil
	case "hybrid":
		point[0] = 6 | odd
	}
	return point, nil
}
