//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// strangersFile reports whether a file lies in a folder that everybody may
// write to, such as /tmp, and is somebody else's: then whoever put it there
// must not decide what sc does for others below that folder.
func strangersFile(dir string, file fs.FileInfo) bool {
	folder, err := os.Stat(dir)
	if err != nil || folder.Mode().Perm()&0o002 == 0 {
		return false
	}
	owner, ok := file.Sys().(*syscall.Stat_t)
	return !ok || int(owner.Uid) != os.Getuid() && owner.Uid != 0
}
