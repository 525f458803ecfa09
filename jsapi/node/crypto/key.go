package crypto

import (
	"bytes"
	std "crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
)

// Key is a key of Node's: a secret, or half of a pair. It does not change.
type Key struct {
	// Type is what asymmetricKeyType says: "rsa", "rsa-pss", "ec", "ed25519", "x25519"; empty for a secret.
	Type string
	// Secret holds the bytes of a secret key.
	Secret []byte
	// Private is *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or *ecdh.PrivateKey; nil for others.
	Private any
	// Public is *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or *ecdh.PublicKey; nil for a secret.
	Public any
}

// curves are those of elliptic keys, by their names in Node, with the names that JWK and OpenSSL have for them.
var curves = []struct {
	curve     elliptic.Curve
	name, jwk string
	aliases   []string
}{
	{elliptic.P224(), "secp224r1", "", []string{"P-224"}},
	{elliptic.P256(), "prime256v1", "P-256", []string{"P-256", "secp256r1"}},
	{elliptic.P384(), "secp384r1", "P-384", []string{"P-384"}},
	{elliptic.P521(), "secp521r1", "P-521", []string{"P-521"}},
}

// CurveNames lists the curves that keys may have.
func CurveNames() []string {
	var names []string
	for _, c := range curves {
		names = append(names, c.name)
	}
	return names
}

// Curve finds a curve by one of its names; nil if it is unknown.
func Curve(name string) elliptic.Curve {
	for _, c := range curves {
		if c.name == name {
			return c.curve
		}
		for _, a := range c.aliases {
			if a == name {
				return c.curve
			}
		}
	}
	return nil
}

// CurveName returns Node's name of a curve, or JWK's.
func CurveName(curve elliptic.Curve, jwk bool) string {
	for _, c := range curves {
		if c.curve == curve && jwk {
			return c.jwk
		} else if c.curve == curve {
			return c.name
		}
	}
	return ""
}

// NewPrivateKey makes the Key of a private key of Go's.
func NewPrivateKey(k any) (*Key, error) {
	switch k := k.(type) {
	case *rsa.PrivateKey:
		return &Key{Type: "rsa", Private: k, Public: &k.PublicKey}, nil
	case *ecdsa.PrivateKey:
		return &Key{Type: "ec", Private: k, Public: &k.PublicKey}, nil
	case ed25519.PrivateKey:
		return &Key{Type: "ed25519", Private: k, Public: k.Public()}, nil
	case *ecdh.PrivateKey:
		return &Key{Type: "x25519", Private: k, Public: k.PublicKey()}, nil
	}
	return nil, openssl("UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported")
}

// NewPublicKey makes the Key of a public key of Go's.
func NewPublicKey(k any) (*Key, error) {
	switch k := k.(type) {
	case *rsa.PublicKey:
		return &Key{Type: "rsa", Public: k}, nil
	case *ecdsa.PublicKey:
		return &Key{Type: "ec", Public: k}, nil
	case ed25519.PublicKey:
		return &Key{Type: "ed25519", Public: k}, nil
	case *ecdh.PublicKey:
		return &Key{Type: "x25519", Public: k}, nil
	}
	return nil, openssl("UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported")
}

// PublicKey returns the public half of k.
func (k *Key) PublicKey() *Key { return &Key{Type: k.Type, Public: k.Public} }

// Equal reports whether both are the same key.
func (k *Key) Equal(other *Key) bool {
	switch {
	case k.Secret != nil || other.Secret != nil:
		return bytes.Equal(k.Secret, other.Secret) && (k.Secret == nil) == (other.Secret == nil)
	case (k.Private == nil) != (other.Private == nil) || k.Type != other.Type:
		return false
	}
	same, ok := k.Public.(interface{ Equal(std.PublicKey) bool })
	return ok && same.Equal(other.Public)
}

// Encoding says how a key is written: Format is "pem" or "der"; Type "pkcs1", "pkcs8", "spki", "sec1", or empty for
// whatever it turns out to be. A private key may be encrypted under Passphrase, nil for none, by the cipher of that name.
type Encoding struct {
	Format, Type, Cipher string
	Passphrase           []byte
}

var errUnsupported = openssl("UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported")

// ParsePrivate reads a private key.
func ParsePrivate(data []byte, e Encoding) (*Key, error) {
	kind := e.Type
	if e.Format == "pem" {
		b, err := findPEM(data, "PRIVATE KEY")
		if err != nil {
			return nil, err
		}
		if data, err = decryptPEM(b, e.Passphrase); err != nil {
			return nil, err
		}
		kind = map[string]string{"RSA PRIVATE KEY": "pkcs1", "EC PRIVATE KEY": "sec1", "PRIVATE KEY": "pkcs8", "ENCRYPTED PRIVATE KEY": "encrypted"}[b.Type]
	}
	var k any
	var err error
	switch kind {
	case "pkcs1":
		k, err = x509.ParsePKCS1PrivateKey(data)
	case "sec1":
		k, err = x509.ParseECPrivateKey(data)
	case "pkcs8", "encrypted":
		if inner, ok, bad := decryptPKCS8(data, e.Passphrase); bad != nil {
			return nil, bad
		} else if ok {
			data = inner
		}
		k, err = x509.ParsePKCS8PrivateKey(data)
		if err != nil {
			return parsePSS(data, true)
		}
	default:
		return nil, fmt.Errorf("a private key cannot have type %q", kind)
	}
	if err != nil {
		return nil, errUnsupported
	}
	return NewPrivateKey(k)
}

// ParsePublic reads a public key, or the public half of a private key or a certificate.
func ParsePublic(data []byte, e Encoding) (*Key, error) {
	kind := e.Type
	if e.Format == "pem" {
		b, err := findPEM(data, "")
		if err != nil {
			return nil, err
		}
		switch b.Type {
		case "PUBLIC KEY":
			kind = "spki"
		case "RSA PUBLIC KEY":
			kind = "pkcs1"
		case "CERTIFICATE":
			kind = "certificate"
		default:
			k, err := ParsePrivate(data, e)
			if err != nil {
				return nil, err
			}
			return k.PublicKey(), nil
		}
		data = b.Bytes
	}
	var k any
	var err error
	switch kind {
	case "pkcs1":
		if k, err = x509.ParsePKCS1PublicKey(data); err != nil {
			var p *Key
			if p, err = ParsePrivate(data, Encoding{Format: "der", Type: kind}); err == nil {
				return p.PublicKey(), nil
			}
		}
	case "spki":
		if k, err = x509.ParsePKIXPublicKey(data); err != nil {
			return parsePSS(data, false)
		}
	case "certificate":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(data); err == nil {
			k = c.PublicKey
		}
	default:
		return nil, fmt.Errorf("a public key cannot have type %q", kind)
	}
	if err != nil {
		return nil, errUnsupported
	}
	return NewPublicKey(k)
}

// findPEM returns the first block whose type ends with suffix.
func findPEM(data []byte, suffix string) (*pem.Block, error) {
	for {
		b, rest := pem.Decode(data)
		if b == nil {
			return nil, errUnsupported
		}
		if bytes.HasSuffix([]byte(b.Type), []byte(suffix)) {
			return b, nil
		}
		data = rest
	}
}

// ExportPrivate writes a private key.
func (k *Key) ExportPrivate(e Encoding) ([]byte, error) {
	var der []byte
	var err error
	block := "PRIVATE KEY"
	switch e.Type {
	case "pkcs1":
		r, ok := k.Private.(*rsa.PrivateKey)
		if !ok {
			return nil, incompatible("pkcs1", "can only be used for RSA keys")
		}
		der, block = x509.MarshalPKCS1PrivateKey(r), "RSA PRIVATE KEY"
	case "sec1":
		ec, ok := k.Private.(*ecdsa.PrivateKey)
		if !ok {
			return nil, incompatible("sec1", "can only be used for EC keys")
		}
		der, err = x509.MarshalECPrivateKey(ec)
		block = "EC PRIVATE KEY"
	default:
		if der, err = x509.MarshalPKCS8PrivateKey(k.Private); err == nil && k.Type == "rsa-pss" {
			der, err = asPSS(der, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if e.Cipher == "" {
		return encoded(e, block, der, nil), nil
	}
	if e.Type == "pkcs8" {
		if der, err = encryptPKCS8(der, e.Passphrase, e.Cipher); err != nil {
			return nil, err
		}
		return encoded(e, "ENCRYPTED PRIVATE KEY", der, nil), nil
	}
	headers, der, err := encryptLegacy(der, e.Passphrase, e.Cipher)
	if err != nil {
		return nil, err
	}
	return encoded(e, block, der, headers), nil
}

// ExportPublic writes the public half of a key.
func (k *Key) ExportPublic(e Encoding) ([]byte, error) {
	if e.Type == "pkcs1" {
		r, ok := k.Public.(*rsa.PublicKey)
		if !ok {
			return nil, incompatible("pkcs1", "can only be used for RSA keys")
		}
		return encoded(e, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(r), nil), nil
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public)
	if err == nil && k.Type == "rsa-pss" {
		der, err = asPSS(der, false)
	}
	if err != nil {
		return nil, err
	}
	return encoded(e, "PUBLIC KEY", der, nil), nil
}

func incompatible(kind, why string) error {
	return fail("ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", fmt.Sprintf("The selected key encoding %s %s.", kind, why))
}

func encoded(e Encoding, block string, der []byte, headers map[string]string) []byte {
	if e.Format == "der" {
		return der
	}
	return pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der, Headers: headers})
}

// oidPSS is id-RSASSA-PSS, RFC 4055 §3.1.
var oidPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}

// algorithm is an AlgorithmIdentifier, RFC 5280 §4.1.1.2.
type algorithm struct {
	OID        asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

type privateInfo struct { // RFC 5208 §5
	Version   int
	Algorithm algorithm
	Key       []byte
}

type publicInfo struct { // RFC 5280 §4.1
	Algorithm algorithm
	Key       asn1.BitString
}

// parsePSS reads a key of RSA-PSS, which x509 does not know.
func parsePSS(data []byte, private bool) (*Key, error) {
	if private {
		var info privateInfo
		if _, err := asn1.Unmarshal(data, &info); err != nil || !info.Algorithm.OID.Equal(oidPSS) {
			return nil, errUnsupported
		}
		k, err := x509.ParsePKCS1PrivateKey(info.Key)
		if err != nil {
			return nil, errUnsupported
		}
		return &Key{Type: "rsa-pss", Private: k, Public: &k.PublicKey}, nil
	}
	var info publicInfo
	if _, err := asn1.Unmarshal(data, &info); err != nil || !info.Algorithm.OID.Equal(oidPSS) {
		return nil, errUnsupported
	}
	k, err := x509.ParsePKCS1PublicKey(info.Key.Bytes)
	if err != nil {
		return nil, errUnsupported
	}
	return &Key{Type: "rsa-pss", Public: k}, nil
}

// asPSS replaces the algorithm of an encoded RSA key.
func asPSS(der []byte, private bool) ([]byte, error) {
	if private {
		var info privateInfo
		if _, err := asn1.Unmarshal(der, &info); err != nil {
			return nil, err
		}
		info.Algorithm = algorithm{OID: oidPSS}
		return asn1.Marshal(info)
	}
	var info publicInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	info.Algorithm = algorithm{OID: oidPSS}
	return asn1.Marshal(info)
}

// JWK is a key as RFC 7517 writes it, without base64: numbers are big-endian bytes.
type JWK struct {
	Type, Curve string
	Fields      map[string][]byte
}

// ExportJWK returns the members of a key's JWK.
func (k *Key) ExportJWK() (JWK, error) {
	j := JWK{Fields: map[string][]byte{}}
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		j.Type = "RSA"
		j.Fields["n"], j.Fields["e"] = pub.N.Bytes(), big.NewInt(int64(pub.E)).Bytes()
		if p, ok := k.Private.(*rsa.PrivateKey); ok {
			p.Precompute()
			j.Fields["d"], j.Fields["p"], j.Fields["q"] = p.D.Bytes(), p.Primes[0].Bytes(), p.Primes[1].Bytes()
			j.Fields["dp"], j.Fields["dq"], j.Fields["qi"] = p.Precomputed.Dp.Bytes(), p.Precomputed.Dq.Bytes(), p.Precomputed.Qinv.Bytes()
		}
		if k.Type == "rsa-pss" {
			return j, fail("ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE", "Unsupported JWK Key Type.")
		}
	case *ecdsa.PublicKey:
		j.Type, j.Curve = "EC", CurveName(pub.Curve, true)
		if j.Curve == "" {
			return j, fail("ERR_CRYPTO_JWK_UNSUPPORTED_CURVE", fmt.Sprintf("Unsupported JWK EC curve: %s.", CurveName(pub.Curve, false)))
		}
		point, err := pub.Bytes()
		if err != nil {
			return j, err
		}
		size := (len(point) - 1) / 2
		j.Fields["x"], j.Fields["y"] = point[1:1+size], point[1+size:]
		if p, ok := k.Private.(*ecdsa.PrivateKey); ok {
			if j.Fields["d"], err = p.Bytes(); err != nil {
				return j, err
			}
		}
	case ed25519.PublicKey:
		j.Type, j.Curve = "OKP", "Ed25519"
		j.Fields["x"] = pub
		if p, ok := k.Private.(ed25519.PrivateKey); ok {
			j.Fields["d"] = p.Seed()
		}
	case *ecdh.PublicKey:
		j.Type, j.Curve = "OKP", "X25519"
		j.Fields["x"] = pub.Bytes()
		if p, ok := k.Private.(*ecdh.PrivateKey); ok {
			j.Fields["d"] = p.Bytes()
		}
	}
	return j, nil
}

// ParseJWK makes a key of a JWK's members; private says whether its private half is wanted.
func ParseJWK(j JWK, private bool) (*Key, error) {
	invalid := fail("ERR_CRYPTO_INVALID_JWK", "Invalid JWK data")
	f := j.Fields
	switch {
	case j.Type == "RSA":
		pub := &rsa.PublicKey{N: new(big.Int).SetBytes(f["n"]), E: int(new(big.Int).SetBytes(f["e"]).Int64())}
		if pub.N.Sign() == 0 || pub.E < 2 {
			return nil, invalid
		}
		if !private {
			return NewPublicKey(pub)
		}
		p := &rsa.PrivateKey{PublicKey: *pub, D: new(big.Int).SetBytes(f["d"]), Primes: []*big.Int{new(big.Int).SetBytes(f["p"]), new(big.Int).SetBytes(f["q"])}}
		if p.Validate() != nil {
			return nil, invalid
		}
		p.Precompute()
		return NewPrivateKey(p)
	case j.Type == "EC":
		curve := Curve(j.Curve)
		if curve == nil {
			return nil, &Error{"ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name", "TypeError"}
		}
		if private {
			p, err := ecdsa.ParseRawPrivateKey(curve, f["d"])
			if err != nil {
				return nil, invalid
			}
			return NewPrivateKey(p)
		}
		pub, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, f["x"]...), f["y"]...))
		if err != nil {
			return nil, invalid
		}
		return NewPublicKey(pub)
	case j.Type == "OKP":
		return RawKey(j.Curve, map[bool][]byte{true: f["d"], false: f["x"]}[private], private)
	}
	return nil, invalid
}

// RawKey makes a key of "Ed25519" or "X25519" from its bytes.
func RawKey(curve string, b []byte, private bool) (*Key, error) {
	invalid := fail("ERR_CRYPTO_INVALID_JWK", "Invalid JWK data")
	if len(b) != 32 {
		return nil, invalid
	}
	switch {
	case curve == "Ed25519" && private:
		return NewPrivateKey(ed25519.NewKeyFromSeed(b))
	case curve == "Ed25519":
		return NewPublicKey(ed25519.PublicKey(b))
	case curve == "X25519" && private:
		k, err := ecdh.X25519().NewPrivateKey(b)
		if err != nil {
			return nil, invalid
		}
		return NewPrivateKey(k)
	case curve == "X25519":
		k, err := ecdh.X25519().NewPublicKey(b)
		if err != nil {
			return nil, invalid
		}
		return NewPublicKey(k)
	}
	return nil, invalid
}
