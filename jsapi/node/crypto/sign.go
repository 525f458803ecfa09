package crypto

import (
	std "crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Paddings of RSA, as crypto.constants numbers them.
const (
	PaddingPKCS1 = 1
	PaddingNone  = 3
	PaddingOAEP  = 4
	PaddingPSS   = 6
)

// Special lengths of a salt, as crypto.constants numbers them.
const (
	saltDigest = -1
	saltMax    = -2
)

// SignOptions say how a signature is made.
type SignOptions struct {
	Digest  string // empty for Ed25519
	Padding int    // of RSA; zero is PKCS #1, or PSS for a key of that type
	Salt    int    // of PSS, in bytes, or -1 for the digest's length, -2 for the most there can be
	P1363   bool   // a signature of ECDSA is r and s, one behind the other, instead of DER
}

func (k *Key) padding(given int) int {
	switch {
	case given != 0:
		return given
	case k.Type == "rsa-pss":
		return PaddingPSS
	}
	return PaddingPKCS1
}

// digestOf hashes data.
func digestOf(name string, data []byte) (std.Hash, []byte, error) {
	id, ok := stdHash[digestName(name)]
	make := NewHash(name)
	if !ok || make == nil {
		return 0, nil, invalidDigest(name)
	}
	h := make()
	_, _ = h.Write(data) // never fails
	return id, h.Sum(nil), nil
}

var errKeyType = &Error{"ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE",
	"error:03000096:digital envelope routines::operation not supported for this keytype", ""}

// Sign signs data.
func (k *Key) Sign(data []byte, o SignOptions) ([]byte, error) {
	if p, ok := k.Private.(ed25519.PrivateKey); ok {
		return ed25519.Sign(p, data), nil
	}
	id, sum, err := digestOf(o.Digest, data)
	if err != nil {
		return nil, err
	}
	switch p := k.Private.(type) {
	case *rsa.PrivateKey:
		switch k.padding(o.Padding) {
		case PaddingPSS:
			salt := o.Salt
			switch salt {
			case saltDigest:
				salt = rsa.PSSSaltLengthEqualsHash
			case saltMax:
				salt = rsa.PSSSaltLengthAuto
			}
			return rsa.SignPSS(rand.Reader, p, id, sum, &rsa.PSSOptions{SaltLength: salt, Hash: id})
		case PaddingPKCS1:
			return rsa.SignPKCS1v15(rand.Reader, p, id, sum)
		}
		return nil, openssl("RSA_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE", "error:1C8000A5:Provider routines::illegal or unsupported padding mode")
	case *ecdsa.PrivateKey:
		der, err := ecdsa.SignASN1(rand.Reader, p, sum)
		if err != nil || !o.P1363 {
			return der, err
		}
		return toP1363(der, pointSize(&p.PublicKey))
	}
	return nil, errKeyType
}

// Verify reports whether signature is one of data.
func (k *Key) Verify(data, signature []byte, o SignOptions) (bool, error) {
	if p, ok := k.Public.(ed25519.PublicKey); ok {
		return ed25519.Verify(p, data, signature), nil
	}
	id, sum, err := digestOf(o.Digest, data)
	if err != nil {
		return false, err
	}
	switch p := k.Public.(type) {
	case *rsa.PublicKey:
		if k.padding(o.Padding) == PaddingPSS {
			salt := rsa.PSSSaltLengthAuto
			switch {
			case o.Salt == saltDigest:
				salt = rsa.PSSSaltLengthEqualsHash
			case o.Salt > 0:
				salt = o.Salt
			}
			return rsa.VerifyPSS(p, id, sum, signature, &rsa.PSSOptions{SaltLength: salt, Hash: id}) == nil, nil
		}
		return rsa.VerifyPKCS1v15(p, id, sum, signature) == nil, nil
	case *ecdsa.PublicKey:
		if o.P1363 {
			if signature = fromP1363(signature, pointSize(p)); signature == nil {
				return false, nil
			}
		}
		return ecdsa.VerifyASN1(p, sum, signature), nil
	}
	return false, errKeyType
}

func pointSize(p *ecdsa.PublicKey) int { return (p.Curve.Params().N.BitLen() + 7) / 8 }

type signaturePair struct{ R, S *big.Int }

func toP1363(der []byte, size int) ([]byte, error) {
	var pair signaturePair
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	out := make([]byte, 2*size)
	pair.R.FillBytes(out[:size])
	pair.S.FillBytes(out[size:])
	return out, nil
}

// fromP1363 returns nil for what is no such signature.
func fromP1363(b []byte, size int) []byte {
	if len(b) != 2*size {
		return nil
	}
	der, err := asn1.Marshal(signaturePair{new(big.Int).SetBytes(b[:size]), new(big.Int).SetBytes(b[size:])})
	if err != nil {
		return nil
	}
	return der
}

// Encrypt encrypts by RSA with the public key.
func (k *Key) Encrypt(data []byte, padding int, digest string, label []byte) ([]byte, error) {
	p, ok := k.Public.(*rsa.PublicKey)
	if !ok {
		return nil, errKeyType
	}
	switch padding {
	case PaddingOAEP:
		h := NewHash(digest)
		if h == nil {
			return nil, invalidDigest(digest)
		}
		out, err := rsa.EncryptOAEP(h(), rand.Reader, p, data, label)
		if err != nil {
			return nil, openssl("RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", "error:0200006E:rsa routines::data too large for key size")
		}
		return out, nil
	case PaddingPKCS1:
		//lint:ignore SA1019 Node has it
		out, err := rsa.EncryptPKCS1v15(rand.Reader, p, data)
		if err != nil {
			return nil, openssl("RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", "error:0200006E:rsa routines::data too large for key size")
		}
		return out, nil
	case PaddingNone:
		return rawRSA(data, new(big.Int).SetInt64(int64(p.E)), p)
	}
	return nil, fail("ERR_INVALID_ARG_VALUE", fmt.Sprintf("Invalid RSA padding: %d", padding))
}

// Decrypt decrypts by RSA with the private key.
func (k *Key) Decrypt(data []byte, padding int, digest string, label []byte) ([]byte, error) {
	p, ok := k.Private.(*rsa.PrivateKey)
	if !ok {
		return nil, errKeyType
	}
	switch padding {
	case PaddingOAEP:
		h := NewHash(digest)
		if h == nil {
			return nil, invalidDigest(digest)
		}
		out, err := rsa.DecryptOAEP(h(), nil, p, data, label)
		if err != nil {
			return nil, openssl("RSA_OAEP_DECODING_ERROR", "error:02000079:rsa routines::oaep decoding error")
		}
		return out, nil
	case PaddingPKCS1:
		//lint:ignore SA1019 Node has it
		out, err := rsa.DecryptPKCS1v15(nil, p, data)
		if err != nil {
			return nil, openssl("RSA_PKCS_DECODING_ERROR", "error:0200009F:rsa routines::pkcs decoding error")
		}
		return out, nil
	case PaddingNone:
		return rawRSA(data, p.D, &p.PublicKey)
	}
	return nil, fail("ERR_INVALID_ARG_VALUE", fmt.Sprintf("Invalid RSA padding: %d", padding))
}

// PrivateEncrypt pads data as a signature of PKCS #1 does and encrypts it with the private key.
func (k *Key) PrivateEncrypt(data []byte, padding int) ([]byte, error) {
	p, ok := k.Private.(*rsa.PrivateKey)
	if !ok {
		return nil, errKeyType
	}
	if padding == PaddingNone {
		return rawRSA(data, p.D, &p.PublicKey)
	}
	out, err := rsa.SignPKCS1v15(nil, p, 0, data)
	if err != nil {
		return nil, openssl("RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", "error:0200006E:rsa routines::data too large for key size")
	}
	return out, nil
}

// PublicDecrypt undoes PrivateEncrypt.
func (k *Key) PublicDecrypt(data []byte, padding int) ([]byte, error) {
	p, ok := k.Public.(*rsa.PublicKey)
	if !ok {
		return nil, errKeyType
	}
	text, err := rawRSA(data, new(big.Int).SetInt64(int64(p.E)), p)
	if err != nil || padding == PaddingNone {
		return text, err
	}
	bad := openssl("RSA_INVALID_PADDING", "error:0200008A:rsa routines::invalid padding")
	if len(text) < 11 || text[0] != 0 || text[1] != 1 { // RFC 8017 §9.2
		return nil, bad
	}
	for i := 2; i < len(text); i++ {
		switch {
		case text[i] == 0 && i >= 10:
			return text[i+1:], nil
		case text[i] != 0xff:
			return nil, bad
		}
	}
	return nil, bad
}

// rawRSA computes data^exponent mod n; data has the length of n.
func rawRSA(data []byte, exponent *big.Int, p *rsa.PublicKey) ([]byte, error) {
	n := new(big.Int).SetBytes(data)
	switch {
	case len(data) != p.Size():
		if len(data) > p.Size() {
			return nil, openssl("RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", "error:0200006E:rsa routines::data too large for key size")
		}
		return nil, openssl("RSA_DATA_TOO_SMALL_FOR_KEY_SIZE", "error:0200007A:rsa routines::data too small for key size")
	case n.Cmp(p.N) >= 0:
		return nil, openssl("RSA_DATA_TOO_LARGE_FOR_MODULUS", "error:02000084:rsa routines::data too large for modulus")
	}
	return n.Exp(n, exponent, p.N).FillBytes(make([]byte, p.Size())), nil
}
