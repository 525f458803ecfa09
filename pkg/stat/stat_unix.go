//go:build unix

package stat

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// Numbers lists dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, then seconds and nanoseconds of
// atime, mtime, ctime and birthtime.
func Numbers(path string, info fs.FileInfo) []int64 {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	a, m, c, b := times(path, st)
	return []int64{
		int64(st.Dev), int64(st.Mode), int64(st.Nlink), int64(st.Uid), int64(st.Gid), int64(st.Rdev), int64(st.Blksize),
		int64(st.Ino), st.Size, st.Blocks,
		a.Unix(), int64(a.Nanosecond()), m.Unix(), int64(m.Nanosecond()), c.Unix(), int64(c.Nanosecond()),
		b.Unix(), int64(b.Nanosecond()),
	}
}

// Constants are the flags of open in fs.constants.
func Constants() map[string]int {
	return map[string]int{
		"O_RDONLY": unix.O_RDONLY, "O_WRONLY": unix.O_WRONLY, "O_RDWR": unix.O_RDWR, "O_CREAT": unix.O_CREAT,
		"O_EXCL": unix.O_EXCL, "O_NOCTTY": unix.O_NOCTTY, "O_TRUNC": unix.O_TRUNC, "O_APPEND": unix.O_APPEND,
		"O_DIRECTORY": unix.O_DIRECTORY, "O_NOFOLLOW": unix.O_NOFOLLOW, "O_SYNC": unix.O_SYNC, "O_DSYNC": unix.O_DSYNC,
		"O_NONBLOCK": unix.O_NONBLOCK,
	}
}
