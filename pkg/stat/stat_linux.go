package stat

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// times returns access, modification, change and birth; Linux keeps the birth where only statx finds it.
func times(path string, st *syscall.Stat_t) (a, m, c, b time.Time) {
	a, m, c = time.Unix(st.Atim.Unix()), time.Unix(st.Mtim.Unix()), time.Unix(st.Ctim.Unix())
	b = c
	var x unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME|unix.STATX_INO, &x)
	if err == nil && x.Ino != st.Ino { // path was a link
		err = unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME|unix.STATX_INO, &x)
	}
	if err == nil && x.Ino == st.Ino && x.Mask&unix.STATX_BTIME != 0 {
		b = time.Unix(x.Btime.Sec, int64(x.Btime.Nsec))
	}
	return a, m, c, b
}
