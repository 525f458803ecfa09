package grant

import (
	"os"
	"syscall"
	"time"
)

// openFlags are added to all.
const openFlags = 0

const noFollow = 0

// checkAccess looks whether the file is there and, for W_OK, is not read-only.
func checkAccess(p place, mode uint32) error {
	info, err := p.root.Stat(p.name)
	if err != nil {
		return err
	}
	if mode&2 != 0 && !info.IsDir() && info.Mode()&0o200 == 0 {
		return syscall.ERROR_ACCESS_DENIED
	}
	return nil
}

func linkTimes(p place, atime, mtime time.Time) error { return p.root.Chtimes(p.name, atime, mtime) }

func fileTimes(f *os.File, atime, mtime time.Time) error { return os.Chtimes(f.Name(), atime, mtime) }

// across moves between two folders, by the paths that were resolved, or makes a link.
func across(from, to place, link bool) error {
	if link {
		return os.Link(from.path, to.path)
	}
	return os.Rename(from.path, to.path)
}
