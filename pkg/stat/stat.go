// Package stat gives the numbers of files as Node.js shows them: what stat(2) says, modes and the flags of open.
package stat

import "io/fs"

// Mode is Go's mode of the 12 permission bits of unix.
func Mode(bits int64) fs.FileMode {
	mode := fs.FileMode(bits & 0o777)
	if bits&0o4000 != 0 {
		mode |= fs.ModeSetuid
	}
	if bits&0o2000 != 0 {
		mode |= fs.ModeSetgid
	}
	if bits&0o1000 != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}
