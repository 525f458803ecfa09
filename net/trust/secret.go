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

// ErrBadKey means that there is a key which cannot be used as it is. It is never passed over for another one.
var ErrBadKey = errors.New("bad key")

// LoadAccount returns the account's secret: the one that the first of dirs holds that may be read and written, where it is made if
// there is none. If no directory will do it is a fresh one, which no other process has. The second of dirs and
// those after it may be places that other accounts reach, such as below /tmp; they must then be this account's own.
// The error wraps ErrBadKey.
func LoadAccount(dirs ...string) (Secret, error) {
	for i, dir := range dirs {
		if dir == "" || i > 0 && ownDir(dir) != nil {
			continue
		}
		s, err := LoadSecret(dir)
		if err == nil || errors.Is(err, ErrBadKey) {
			return s, err
		}
	}
	return NewSecret(), nil
}

// NewSecret returns a random secret.
func NewSecret() (s Secret) {
	rand.Read(s[:]) // never fails, says crypto/rand
	return s
}

// ownDir makes dir if there is none, and refuses one that another account made or may write to.
func ownDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !isOwn(info) || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("%s is not a folder of this account's own", dir)
	}
	return nil
}

// LoadSecret returns the secret kept in the file "secret" of dir, which is made, readable for its owner alone, when
// there is none. A file of another length, or one that others may read, is an error that wraps ErrBadKey: it is no secret.
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
		return Secret{}, fmt.Errorf("%w: %s: mode %04o lets others read it; chmod 600 it, or remove it to get a new one", ErrBadKey, path, mode)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, err
	}
	if len(b) != secretSize {
		return Secret{}, fmt.Errorf("%w: %s: %d bytes instead of %d; remove it to get a new one", ErrBadKey, path, len(b), secretSize)
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
	s := NewSecret()
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
