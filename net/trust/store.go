package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Stored is what is kept of a keyed cluster between runs. The zero Stored is that of an open one.
type Stored struct {
	// Token is what the account's nodes prove themselves with; empty in an open cluster.
	Token string `json:"token,omitempty"`
	// Previous is the token that counts, too, until then, while a key is replaced by another.
	Previous string    `json:"previous,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	// Revoked is the encoded list of revocations.
	Revoked []byte `json:"revoked,omitempty"`
}

// A Store keeps what an account holds of the keys of clusters, a file for each, readable for the account alone.
type Store struct{ dir string }

// NewStore returns the store in a folder, which is made when something is put into it.
func NewStore(dir string) Store { return Store{filepath.Join(dir, "keys")} }

// Path is the file of a cluster. A cluster's name may hold any characters, so those that a file's may not are written in hexadecimal.
func (s Store) Path(cluster string) string {
	if cluster == "" {
		cluster = DefaultCluster
	}
	var b strings.Builder
	for _, c := range []byte(cluster) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return filepath.Join(s.dir, b.String()+".json")
}

// Load returns what is kept of a cluster; nothing is no error. A file that is not as Save wrote it, or that others may
// read, is one that wraps ErrBadKey.
func (s Store) Load(cluster string) (Stored, error) {
	var kept Stored
	b, err := readPrivate(s.Path(cluster))
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return kept, err
	}
	if err := json.Unmarshal(b, &kept); err != nil {
		return kept, fmt.Errorf("%w: %s is not as it was written", ErrBadKey, s.Path(cluster)) // err may quote the key
	}
	return kept, nil
}

// Save keeps what is to be kept of a cluster, in one step; of an open one, nothing.
func (s Store) Save(cluster string, kept Stored) error {
	path := s.Path(cluster)
	if kept.Token == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	b, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, "new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(append(b, '\n')); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// ReadKeyFile reads the token in a file that somebody named. One that is not there, is empty, or that others may read is an error that
// wraps ErrBadKey: it is never passed over for another.
func ReadKeyFile(path string) (string, error) {
	b, err := readPrivate(path)
	if err != nil {
		if !errors.Is(err, ErrBadKey) {
			err = fmt.Errorf("%w: %w", ErrBadKey, err)
		}
		return "", err
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", fmt.Errorf("%w: %s is empty", ErrBadKey, path)
	}
	return token, nil
}

// readPrivate reads a small file that is readable for its owner alone.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%w: %s: mode %04o lets others read it; chmod 600 it", ErrBadKey, path, mode)
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, fmt.Errorf("%w: %s is no file of a key", ErrBadKey, path)
	}
	return io.ReadAll(f)
}
