package stat

import (
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Numbers lists dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, then seconds and nanoseconds of
// atime, mtime, ctime and birthtime.
func Numbers(_ string, info fs.FileInfo) []int64 {
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

// Constants are the flags of open in fs.constants.
func Constants() map[string]int {
	return map[string]int{
		"O_RDONLY": os.O_RDONLY, "O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR, "O_CREAT": os.O_CREATE,
		"O_EXCL": os.O_EXCL, "O_TRUNC": os.O_TRUNC, "O_APPEND": os.O_APPEND, "O_SYNC": os.O_SYNC,
	}
}
