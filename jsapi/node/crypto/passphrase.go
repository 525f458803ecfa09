package crypto

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"hash"
)

// iterations of the key derivation when a private key is encrypted: OpenSSL's default for PKCS #8.
const iterations = 2048

// maxIterations bounds what a stranger's key can make us compute.
const maxIterations = 10_000_000

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidSHA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}
	oidSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	null      = asn1.RawValue{Tag: asn1.TagNull, FullBytes: []byte{5, 0}}

	// cipherOIDs are those that PKCS #8 files use.
	cipherOIDs = map[string]asn1.ObjectIdentifier{
		"aes-128-cbc": {2, 16, 840, 1, 101, 3, 4, 1, 2}, "aes-192-cbc": {2, 16, 840, 1, 101, 3, 4, 1, 22},
		"aes-256-cbc": {2, 16, 840, 1, 101, 3, 4, 1, 42}, "des-ede3-cbc": {1, 2, 840, 113549, 3, 7},
	}
)

type encryptedInfo struct { // RFC 5208 §6
	Algorithm algorithm
	Data      []byte
}

type pbes2 struct{ KDF, Scheme algorithm } // RFC 8018 §A.4

type kdfParameters struct { // RFC 8018 §A.2
	Salt       []byte
	Iterations int
	KeyLength  int       `asn1:"optional"`
	PRF        algorithm `asn1:"optional"`
}

var (
	errPassphrase = openssl("CRYPTO_INTERRUPTED_OR_CANCELLED", "error:07880109:common libcrypto routines::interrupted or cancelled")
	errDecrypt    = openssl("BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt")
)

// decryptPKCS8 returns what an EncryptedPrivateKeyInfo holds; false if der is none.
func decryptPKCS8(der, passphrase []byte) (inner []byte, encrypted bool, err error) {
	var info encryptedInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, false, nil
	}
	if passphrase == nil {
		return nil, true, errPassphrase
	}
	var scheme pbes2
	var kdf kdfParameters
	var iv []byte
	if !info.Algorithm.OID.Equal(oidPBES2) {
		return nil, true, errUnsupported
	}
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &scheme); err != nil || !scheme.KDF.OID.Equal(oidPBKDF2) {
		return nil, true, errUnsupported
	}
	if _, err := asn1.Unmarshal(scheme.KDF.Parameters.FullBytes, &kdf); err != nil || kdf.Iterations < 1 || kdf.Iterations > maxIterations {
		return nil, true, errUnsupported
	}
	if _, err := asn1.Unmarshal(scheme.Scheme.Parameters.FullBytes, &iv); err != nil {
		return nil, true, errUnsupported
	}
	prf := map[string]func() hash.Hash{"": sha1.New, oidSHA1.String(): sha1.New, oidSHA256.String(): sha256.New}[kdf.PRF.OID.String()]
	for name, oid := range cipherOIDs {
		if !oid.Equal(scheme.Scheme.OID) || prf == nil {
			continue
		}
		c, _ := LookupCipher(name)
		key, err := pbkdf2.Key(prf, string(passphrase), kdf.Salt, kdf.Iterations, c.Key)
		if err != nil {
			return nil, true, errUnsupported
		}
		inner, err := apply(c, key, iv, info.Data, true)
		if err != nil {
			return nil, true, errDecrypt
		}
		return inner, true, nil
	}
	return nil, true, errUnsupported
}

// apply encrypts or decrypts all of data.
func apply(info CipherInfo, key, iv, data []byte, decrypt bool) ([]byte, error) {
	c, err := NewCipher(info, key, iv, decrypt, 0)
	if err != nil {
		return nil, err
	}
	out, err := c.Update(data)
	if err != nil {
		return nil, err
	}
	last, err := c.Final()
	return append(out, last...), err
}

// encryptPKCS8 makes an EncryptedPrivateKeyInfo by PBES2.
func encryptPKCS8(der, passphrase []byte, name string) ([]byte, error) {
	c, ok := LookupCipher(name)
	oid := cipherOIDs[c.Name]
	if !ok || oid == nil {
		return nil, &Error{"ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher", ""}
	}
	salt, iv := make([]byte, 16), make([]byte, c.IV)
	_, _ = rand.Read(salt) // never fails
	_, _ = rand.Read(iv)
	key, err := pbkdf2.Key(sha256.New, string(passphrase), salt, iterations, c.Key)
	if err != nil {
		return nil, err
	}
	data, err := apply(c, key, iv, der, false)
	if err != nil {
		return nil, err
	}
	kdf, err := wrap(oidPBKDF2, kdfParameters{Salt: salt, Iterations: iterations, PRF: algorithm{oidSHA256, null}})
	if err != nil {
		return nil, err
	}
	enc, err := wrap(oid, iv)
	if err != nil {
		return nil, err
	}
	outer, err := wrap(oidPBES2, pbes2{kdf, enc})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedInfo{outer, data})
}

// wrap makes an AlgorithmIdentifier.
func wrap(oid asn1.ObjectIdentifier, parameters any) (algorithm, error) {
	der, err := asn1.Marshal(parameters)
	return algorithm{oid, asn1.RawValue{FullBytes: der}}, err
}

// decryptPEM returns what a block holds, decrypted if it is of the old kind that says so in its headers.
func decryptPEM(b *pem.Block, passphrase []byte) ([]byte, error) {
	//lint:ignore SA1019 Node reads such files
	if !x509.IsEncryptedPEMBlock(b) {
		return b.Bytes, nil
	}
	if passphrase == nil {
		return nil, errPassphrase
	}
	//lint:ignore SA1019 Node reads such files
	der, err := x509.DecryptPEMBlock(b, passphrase)
	if err != nil {
		return nil, errDecrypt
	}
	return der, nil
}

// encryptLegacy encrypts as those headers say.
func encryptLegacy(der, passphrase []byte, name string) (map[string]string, []byte, error) {
	c, _ := LookupCipher(name)
	kind, ok := map[string]x509.PEMCipher{
		"des-ede3-cbc": x509.PEMCipher3DES, "aes-128-cbc": x509.PEMCipherAES128,
		"aes-192-cbc": x509.PEMCipherAES192, "aes-256-cbc": x509.PEMCipherAES256,
	}[c.Name]
	if !ok {
		return nil, nil, &Error{"ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher", ""}
	}
	//lint:ignore SA1019 Node writes such files
	b, err := x509.EncryptPEMBlock(rand.Reader, "KEY", der, passphrase, kind)
	if err != nil {
		return nil, nil, err
	}
	return b.Headers, b.Bytes, nil
}
