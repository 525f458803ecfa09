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
