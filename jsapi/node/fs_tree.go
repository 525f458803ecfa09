package node

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/dop251/goja"

	"supercluster/pkg/stat"
)

// mkdir(path, mode, recursive) → the first folder made, undefined if none or not recursive
func (f *fileSystem) mkdir(a arguments) work {
	path, mode, recursive := a.str(0), fs.FileMode(a.num(1)), a.truth(2)
	if !recursive {
		return done("mkdir", func() error { return os.Mkdir(path, mode) }, path)
	}
	return func() (outcome, error) {
		first, err := mkdirAll(path, mode)
		if err != nil {
			return nil, failed(err, "mkdir", path)
		}
		if first == "" {
			return nil, nil
		}
		return value(first), nil
	}
}

// mkdirAll makes path and the folders above it; first is the topmost that it made, absolute.
func mkdirAll(path string, mode fs.FileMode) (first string, err error) {
	err = os.Mkdir(path, mode)
	switch {
	case err == nil:
		return absolute(path), nil
	case errors.Is(err, fs.ErrExist):
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return "", nil
		}
		return "", err
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	parent := filepath.Dir(path)
	if parent == path {
		return "", err
	}
	if first, err = mkdirAll(parent, mode); err != nil {
		return "", err
	}
	if err = os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if first == "" {
		first = absolute(path)
	}
	return first, nil
}

const tempLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// mkdtemp(prefix) → path
func (f *fileSystem) mkdtemp(a arguments) work {
	prefix := a.str(0)
	return func() (outcome, error) {
		for {
			suffix := make([]byte, 6)
			_, _ = rand.Read(suffix) // never returns an error
			for i, b := range suffix {
				suffix[i] = tempLetters[int(b)%len(tempLetters)]
			}
			path := prefix + string(suffix)
			err := os.Mkdir(path, 0o700)
			if err == nil {
				return value(path), nil
			}
			if !errors.Is(err, fs.ErrExist) {
				return nil, failed(err, "mkdtemp", prefix+"XXXXXX")
			}
		}
	}
}

// rmdir(path)
func (f *fileSystem) rmdir(a arguments) work {
	path := a.str(0)
	return done("rmdir", func() error { return removeDir(path) }, path)
}

// unlink(path)
func (f *fileSystem) unlink(a arguments) work {
	path := a.str(0)
	return done("unlink", func() error { return unlink(path) }, path)
}

// rm(path) removes a whole tree; the checks for options stand in js/fs_tree.js.
func (f *fileSystem) rm(a arguments) work {
	path := a.str(0)
	return done("rm", func() error { return os.RemoveAll(path) }, path)
}

// rename(from, to)
func (f *fileSystem) rename(a arguments) work {
	from, to := a.str(0), a.str(1)
	return done("rename", func() error { return os.Rename(from, to) }, from, to)
}

// copyfile(from, to, mode): mode 1 refuses to replace a file.
func (f *fileSystem) copyFile(a arguments) work {
	from, to, mode := a.str(0), a.str(1), a.num(2)
	return done("copyfile", func() error { return copyContents(from, to, mode&1 != 0) }, from, to)
}

func copyContents(from, to string, exclusive bool) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return syscall.EISDIR
	}
	if old, err := os.Stat(to); err == nil && os.SameFile(info, old) {
		if exclusive {
			return fs.ErrExist
		}
		return nil
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		flags |= os.O_EXCL
	}
	target, err := os.OpenFile(to, flags, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err = io.Copy(target, source); err != nil {
		_ = target.Close() // the first error is the one to tell
		return err
	}
	return target.Close()
}

// realpath(path) → path; the path must exist. The error names the first part that does not, as node's does.
func (f *fileSystem) realpath(a arguments) work {
	path := a.str(0)
	return func() (outcome, error) {
		full := absolute(path)
		real, err := filepath.EvalSymlinks(full)
		if err != nil {
			part, err := firstMissing(full, err)
			return nil, failed(err, "lstat", part)
		}
		return value(real), nil
	}
}

// firstMissing finds the topmost part of path that cannot be looked at, and the system's own error for it.
func firstMissing(path string, err error) (string, error) {
	for i := 1; i <= len(path); i++ {
		if i < len(path) && !os.IsPathSeparator(path[i]) {
			continue
		}
		if _, statErr := os.Stat(path[:i]); statErr != nil {
			return path[:i], statErr
		}
	}
	return path, err
}

// readlink(path) → target
func (f *fileSystem) readlink(a arguments) work {
	path := a.str(0)
	return func() (outcome, error) {
		target, err := os.Readlink(path)
		if err != nil {
			return nil, failed(err, "readlink", path)
		}
		return value(target), nil
	}
}

// symlink(target, path)
func (f *fileSystem) symlink(a arguments) work {
	target, path := a.str(0), a.str(1)
	return done("symlink", func() error { return os.Symlink(target, path) }, target, path)
}

// link(existing, path)
func (f *fileSystem) link(a arguments) work {
	existing, path := a.str(0), a.str(1)
	return done("link", func() error { return os.Link(existing, path) }, existing, path)
}

// chmod(path, mode)
func (f *fileSystem) chmod(a arguments) work {
	path, mode := a.str(0), stat.Mode(a.num(1))
	return done("chmod", func() error { return os.Chmod(path, mode) }, path)
}

// fchmod(fd, mode)
func (f *fileSystem) fchmod(a arguments) work {
	mode := stat.Mode(a.num(1))
	return f.onFile("fchmod", a.num(0), func(file *os.File) error { return file.Chmod(mode) })
}

// chown(path, uid, gid)
func (f *fileSystem) chown(a arguments) work {
	path, uid, gid := a.str(0), int(a.num(1)), int(a.num(2))
	return done("chown", func() error { return os.Chown(path, uid, gid) }, path)
}

// lchown(path, uid, gid)
func (f *fileSystem) lchown(a arguments) work {
	path, uid, gid := a.str(0), int(a.num(1)), int(a.num(2))
	return done("lchown", func() error { return os.Lchown(path, uid, gid) }, path)
}

// fchown(fd, uid, gid)
func (f *fileSystem) fchown(a arguments) work {
	uid, gid := int(a.num(1)), int(a.num(2))
	return f.onFile("fchown", a.num(0), func(file *os.File) error { return file.Chown(uid, gid) })
}

// utime(path, atime, mtime); times in seconds since 1970
func (f *fileSystem) utime(a arguments) work {
	path, atime, mtime := a.str(0), seconds(a.float(1)), seconds(a.float(2))
	return done("utime", func() error { return os.Chtimes(path, atime, mtime) }, path)
}

// lutime(path, atime, mtime) is utime of a link itself.
func (f *fileSystem) lutime(a arguments) work {
	path, atime, mtime := a.str(0), seconds(a.float(1)), seconds(a.float(2))
	return done("lutime", func() error { return linkTimes(path, atime, mtime) }, path)
}

// futime(fd, atime, mtime)
func (f *fileSystem) futime(a arguments) work {
	atime, mtime := seconds(a.float(1)), seconds(a.float(2))
	return f.onFile("futime", a.num(0), func(file *os.File) error { return os.Chtimes(file.Name(), atime, mtime) })
}

// ftruncate(fd, length)
func (f *fileSystem) ftruncate(a arguments) work {
	length := a.num(1)
	return f.onFile("ftruncate", a.num(0), func(file *os.File) error { return file.Truncate(length) })
}

// fsync(fd)
func (f *fileSystem) fsync(a arguments) work {
	return f.onFile("fsync", a.num(0), (*os.File).Sync)
}

// stat(path), lstat(path) and fstat(fd) give the array that js/fs_stats.js reads.
func (f *fileSystem) stat(a arguments) work { return statOf("stat", os.Stat, a.str(0)) }

func (f *fileSystem) lstat(a arguments) work { return statOf("lstat", os.Lstat, a.str(0)) }

func (f *fileSystem) fstat(a arguments) work {
	fd := int(a.num(0))
	return func() (outcome, error) {
		file, err := f.files.get(fd)
		if err != nil {
			return nil, failed(err, "fstat")
		}
		info, err := file.Stat()
		if err != nil {
			return nil, failed(err, "fstat")
		}
		return statValue(file.Name(), info), nil
	}
}

func statOf(syscall string, stat func(string) (fs.FileInfo, error), path string) work {
	return func() (outcome, error) {
		info, err := stat(path)
		if err != nil {
			return nil, failed(err, syscall, path)
		}
		return statValue(path, info), nil
	}
}

func statValue(path string, info fs.FileInfo) outcome {
	numbers := stat.Numbers(path, info)
	return func(rt *goja.Runtime) goja.Value {
		list := make([]any, len(numbers))
		for i, v := range numbers {
			list[i] = v
		}
		return rt.NewArray(list...)
	}
}

// statfs(path) → type, size of a block, blocks, free ones, those free for users, files and how many more there may be
func (f *fileSystem) statfs(a arguments) work {
	path := a.str(0)
	return func() (outcome, error) {
		numbers, err := fileSystemNumbers(path)
		if err != nil {
			return nil, failed(err, "statfs", path)
		}
		return func(rt *goja.Runtime) goja.Value {
			list := make([]any, len(numbers))
			for i, v := range numbers {
				list[i] = v
			}
			return rt.NewArray(list...)
		}, nil
	}
}
