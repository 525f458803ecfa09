//go:build unix

package grant

import (
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// openFlags are added to all: what is opened was resolved, so its last part is no link, and a named pipe without a
// reader must not hold a goroutine for good.
const openFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY

const noFollow = unix.O_NOFOLLOW

// inParent calls do with a descriptor of the folder that p is in, and p's name there.
func inParent(p place, do func(dir int, name string) error) error {
	parent, err := p.root.Open(filepath.Dir(p.name))
	if err != nil {
		return err
	}
	defer parent.Close()
	return do(int(parent.Fd()), filepath.Base(p.name))
}

func checkAccess(p place, mode uint32) error {
	return inParent(p, func(dir int, name string) error { return unix.Faccessat(dir, name, mode, unix.AT_EACCESS) })
}

func linkTimes(p place, atime, mtime time.Time) error {
	return inParent(p, func(dir int, name string) error {
		times := []unix.Timespec{unix.NsecToTimespec(atime.UnixNano()), unix.NsecToTimespec(mtime.UnixNano())}
		return unix.UtimesNanoAt(dir, name, times, unix.AT_SYMLINK_NOFOLLOW)
	})
}

func fileTimes(f *os.File, atime, mtime time.Time) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	times := []unix.Timeval{unix.NsecToTimeval(atime.UnixNano()), unix.NsecToTimeval(mtime.UnixNano())}
	var set error
	if err := c.Control(func(fd uintptr) { set = unix.Futimes(int(fd), times) }); err != nil {
		return err
	}
	return set
}

// across moves from one folder that is held open to another, or makes a link there.
func across(from, to place, link bool) error {
	return inParent(from, func(a int, name string) error {
		return inParent(to, func(b int, other string) error {
			if link {
				return unix.Linkat(a, name, b, other, 0)
			}
			return unix.Renameat(a, name, b, other)
		})
	})
}
