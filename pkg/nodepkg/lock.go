package nodepkg

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// lockEvery is how often a lock is tried that another process holds.
const lockEvery = 20 * time.Millisecond

// lock takes the lock that a file stands for, which no other process, and nobody else in this one, then has. The file
// is made if need be, and stays.
func lock(ctx context.Context, path string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	for {
		release, ok, err := tryLock(path)
		if ok || err != nil {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lockEvery):
		}
	}
}

// tryLock is lock that does not wait; it reports whether it has the lock.
func tryLock(path string) (release func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	ok, err = lockFile(f)
	if !ok || err != nil {
		f.Close()
		return nil, false, err
	}
	// Whoever sweeps removes lock files while it holds them: this one must still be the one of that name.
	mine, err1 := f.Stat()
	there, err2 := os.Stat(path)
	if err1 != nil || err2 != nil || !os.SameFile(mine, there) {
		f.Close()
		return nil, false, nil
	}
	return func() { f.Close() }, true, nil
}
