package nodepkg

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// endProcesses ends all processes that belong to the folder at path: those that have their home in it, as all that we
// start and all that these start, or work in it. It finds those too that have left their process group or whose parents
// are gone.
func endProcesses(path string) {
	home := []byte("HOME=" + path + "/")
	for range 20 { // what is found may be starting another one just now
		found := false
		entries, err := os.ReadDir("/proc")
		if err != nil {
			return
		}
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil || pid == os.Getpid() {
				continue
			}
			found = end(pid, path, home) || found
		}
		if !found {
			return
		}
	}
}

// end ends one process if it belongs to the folder. The descriptor keeps its number from becoming another's.
func end(pid int, path string, home []byte) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	if !belongs(dir, path, home) {
		return false
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	if !belongs(dir, path, home) {
		return false
	}
	if unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) != nil {
		return false
	}
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 1000) // it is gone, or the next round finds it
	return true
}

// belongs looks at the environment that a process began with, and at where it works. Of one that has ended and waits
// for its parent neither can be read.
func belongs(dir, path string, home []byte) bool {
	if env, err := os.ReadFile(filepath.Join(dir, "environ")); err == nil {
		for kv := range bytes.SplitSeq(env, []byte{0}) {
			if bytes.HasPrefix(kv, home) {
				return true
			}
		}
	}
	cwd, err := os.Readlink(filepath.Join(dir, "cwd"))
	return err == nil && (cwd == path || strings.HasPrefix(cwd, path+"/"))
}
