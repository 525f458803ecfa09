//go:build unix

package node

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// smallDescriptors: the system's descriptors are small numbers that can be given to scripts.
const smallDescriptors = true

// openFile opens with the flags of open(2).
func openFile(path string, flags int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, flags, fileMode(int64(mode)))
}

func checkAccess(path string, mode uint32) error { return unix.Access(path, mode) }

func removeDir(path string) error { return unix.Rmdir(path) }

func unlink(path string) error {
	err := unix.Unlink(path)
	if err == unix.EPERM && isDir(path) { // what POSIX says and Linux does not
		return unix.EISDIR
	}
	return err
}

func isDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

func linkTimes(path string, atime, mtime time.Time) error {
	times := []unix.Timespec{timespec(atime), timespec(mtime)}
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, times, unix.AT_SYMLINK_NOFOLLOW)
}

func timespec(t time.Time) unix.Timespec { return unix.NsecToTimespec(t.UnixNano()) }

// setUmask sets the mask of permission bits and returns the old one.
func setUmask(mask int) int { return syscall.Umask(mask) }

// statNumbers lists dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, then seconds and nanoseconds of
// atime, mtime, ctime and birthtime.
func statNumbers(path string, info fs.FileInfo) []int64 {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	a, m, c, b := statTimes(path, st)
	return []int64{
		int64(st.Dev), int64(st.Mode), int64(st.Nlink), int64(st.Uid), int64(st.Gid), int64(st.Rdev), int64(st.Blksize),
		int64(st.Ino), st.Size, st.Blocks,
		a.Unix(), int64(a.Nanosecond()), m.Unix(), int64(m.Nanosecond()), c.Unix(), int64(c.Nanosecond()),
		b.Unix(), int64(b.Nanosecond()),
	}
}

// fsConstants is fs.constants.
func fsConstants() map[string]any {
	return map[string]any{
		"O_RDONLY": unix.O_RDONLY, "O_WRONLY": unix.O_WRONLY, "O_RDWR": unix.O_RDWR, "O_CREAT": unix.O_CREAT,
		"O_EXCL": unix.O_EXCL, "O_NOCTTY": unix.O_NOCTTY, "O_TRUNC": unix.O_TRUNC, "O_APPEND": unix.O_APPEND,
		"O_DIRECTORY": unix.O_DIRECTORY, "O_NOFOLLOW": unix.O_NOFOLLOW, "O_SYNC": unix.O_SYNC, "O_DSYNC": unix.O_DSYNC,
		"O_NONBLOCK": unix.O_NONBLOCK,
	}
}
