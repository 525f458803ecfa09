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

// fileSystemNumbers are what statfs gives, in the order of js/fs_stats.js: Windows says bytes, and nothing of files.
func fileSystemNumbers(path string) ([]int64, error) {
	const block = 4096
	name, err := windows.UTF16PtrFromString(absolute(path))
	if err != nil {
		return nil, err
	}
	var available, total, free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, &total, &free); err != nil {
		return nil, err
	}
	return []int64{0, block, int64(total / block), int64(free / block), int64(available / block), 0, 0}, nil
}
