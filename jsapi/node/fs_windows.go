package node

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// smallDescriptors: Windows gives handles, which are no small numbers.
const smallDescriptors = false

func openFile(path string, flags int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, flags, mode&0o777)
}

// checkAccess looks whether path is there and, for W_OK, is not read-only.
func checkAccess(path string, mode uint32) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode&2 != 0 && !info.IsDir() && info.Mode()&0o200 == 0 {
		return syscall.ERROR_ACCESS_DENIED
	}
	return nil
}

func removeDir(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return windows.ERROR_DIRECTORY
	}
	return os.Remove(path)
}

func unlink(path string) error {
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return syscall.ERROR_ACCESS_DENIED
	}
	return os.Remove(path)
}

func linkTimes(path string, atime, mtime time.Time) error { return os.Chtimes(path, atime, mtime) }

func setUmask(int) int { return 0 }

// statNumbers lists dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, then seconds and nanoseconds of
// atime, mtime, ctime and birthtime.
func statNumbers(_ string, info fs.FileInfo) []int64 {
	mode := int64(info.Mode().Perm())
	switch {
	case info.IsDir():
		mode |= 0o040000
	case info.Mode()&fs.ModeSymlink != 0:
		mode |= 0o120000
	case info.Mode()&fs.ModeCharDevice != 0:
		mode |= 0o020000
	default:
		mode |= 0o100000
	}
	m := info.ModTime()
	a, b := m, m
	if st, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		a, b = time.Unix(0, st.LastAccessTime.Nanoseconds()), time.Unix(0, st.CreationTime.Nanoseconds())
	}
	return []int64{
		0, mode, 1, 0, 0, 0, 4096, 0, info.Size(), (info.Size() + 511) / 512,
		a.Unix(), int64(a.Nanosecond()), m.Unix(), int64(m.Nanosecond()), m.Unix(), int64(m.Nanosecond()),
		b.Unix(), int64(b.Nanosecond()),
	}
}

// fsConstants is fs.constants.
func fsConstants() map[string]any {
	return map[string]any{
		"O_RDONLY": os.O_RDONLY, "O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR, "O_CREAT": os.O_CREATE,
		"O_EXCL": os.O_EXCL, "O_TRUNC": os.O_TRUNC, "O_APPEND": os.O_APPEND, "O_SYNC": os.O_SYNC,
	}
}
