package crypto

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// PBKDF2 derives size bytes from a password, RFC 8018 §5.2.
func PBKDF2(digest string, password, salt []byte, iterations, size int) ([]byte, error) {
	h := NewHash(digest)
	if h == nil {
		return nil, invalidDigest(digest)
	}
	return pbkdf2.Key(h, string(password), salt, iterations, size)
}

// HKDF derives size bytes from a key, RFC 5869.
func HKDF(digest string, key, salt, info []byte, size int) ([]byte, error) {
	h := NewHash(digest)
	if h == nil {
		return nil, invalidDigest(digest)
	}
	if size > 255*h().Size() {
		return nil, fail("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length")
	}
	return hkdf.Key(h, key, salt, string(info), size)
}

// Scrypt derives size bytes from a password, RFC 7914. Memory of more than maxmem bytes is refused, as OpenSSL counts
// it: 128·N·r, and 128·r·p besides.
func Scrypt(password, salt []byte, n, r, p, size int, maxmem int64) ([]byte, error) {
	if err := CheckScrypt(n, r, p, maxmem); err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, nil
	}
	return scrypt.Key(password, salt, n, r, p, size)
}

// CheckScrypt says what is wrong with the parameters of Scrypt.
func CheckScrypt(n, r, p int, maxmem int64) error {
	switch {
	case n < 2 || n&(n-1) != 0 || r < 1 || p < 1 || int64(r)*int64(p) >= 1<<30 || n > 1<<(16*min(r, 3)) && r < 4:
		return &Error{"ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params", "RangeError"}
	case 128*int64(n)*int64(r)+128*int64(r)*int64(p)+32*int64(r)*4 > maxmem:
		return &Error{"ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params: memory limit exceeded", "RangeError"}
	}
	return nil
}

func invalidDigest(name string) error {
	return &Error{"ERR_CRYPTO_INVALID_DIGEST", fmt.Sprintf("Invalid digest: %s", name), "TypeError"}
}
