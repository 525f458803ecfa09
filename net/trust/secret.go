package trust

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// secretSize is the length of an account's secret, in bytes.
const secretSize = 32

// Secret is known to the processes of one account on one host, and to nobody else.
type Secret [secretSize]byte

// LoadSecret returns the secret kept in the file "secret" of dir, which is made, readable for its owner alone, when
// there is none. A file of another length, or one that others may read, is an error: it is no secret.
func LoadSecret(dir string) (Secret, error) {
	path := filepath.Join(dir, "secret")
	s, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Secret{}, err
	}
	if err := writeSecret(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Secret{}, err
	}
	return readSecret(path) // another process may have been first
}

func readSecret(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return Secret{}, fmt.Errorf("%s: mode %04o lets others read it; chmod 600 it, or remove it to get a new one", path, mode)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, err
	}
	if len(b) != secretSize {
		return Secret{}, fmt.Errorf("%s: %d bytes instead of %d; remove it to get a new one", path, len(b), secretSize)
	}
	return Secret(b), nil
}

// writeSecret puts a new secret in place in one step, so that no process sees half of one, and the first one stays.
func writeSecret(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	var s Secret
	if _, err := rand.Read(s[:]); err != nil {
		f.Close()
		return err
	}
	if _, err := f.Write(s[:]); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// Derive returns a key for one purpose; keys of different purposes tell nothing of each other or of the secret
// (HKDF-SHA256, RFC 5869).
func (s Secret) Derive(purpose string) ([32]byte, error) {
	key, err := hkdf.Key(sha256.New, s[:], nil, "supercluster "+purpose, 32)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(key), nil
}
