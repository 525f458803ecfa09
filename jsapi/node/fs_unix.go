//go:build unix

package node

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"supercluster/pkg/stat"
)

// smallDescriptors: the system's descriptors are small numbers that can be given to scripts.
const smallDescriptors = true

// openFile opens with the flags of open(2).
func openFile(path string, flags int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, flags, stat.Mode(int64(mode)))
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

// fileSystemNumbers are what statfs gives, in the order of js/fs_stats.js.
func fileSystemNumbers(path string) ([]int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return nil, err
	}
	return []int64{int64(s.Type), int64(s.Bsize), int64(s.Blocks), int64(s.Bfree), int64(s.Bavail), int64(s.Files), int64(s.Ffree)}, nil
}
