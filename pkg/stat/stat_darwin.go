package stat

import (
	"syscall"
	"time"
)

// times returns access, modification, change and birth.
func times(_ string, st *syscall.Stat_t) (a, m, c, b time.Time) {
	return time.Unix(st.Atimespec.Unix()), time.Unix(st.Mtimespec.Unix()), time.Unix(st.Ctimespec.Unix()),
		time.Unix(st.Birthtimespec.Unix())
}
