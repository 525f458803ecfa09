package grant

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// maxLinks is how many symbolic links a path may go through, as in Linux (path_resolution(7)).
const maxLinks = 40

// resolve returns path, absolute and clean, with the symbolic links in it followed, the last part's only with follow.
// What does not exist, or cannot be looked at, stays as it is named.
func resolve(path string, follow bool) (string, error) {
	rest, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	links := 0
	done := filepath.VolumeName(rest) + string(filepath.Separator)
	rest = strings.TrimPrefix(rest[len(done)-1:], string(filepath.Separator))
	for rest != "" {
		part, after, _ := strings.Cut(rest, string(filepath.Separator))
		next := filepath.Join(done, part)
		info, err := os.Lstat(next)
		if err != nil {
			return filepath.Join(done, rest), nil
		}
		if info.Mode()&fs.ModeSymlink == 0 || after == "" && !follow {
			done, rest = next, after
			continue
		}
		target, err := os.Readlink(next)
		if err != nil {
			return filepath.Join(done, rest), nil
		}
		if links++; links > maxLinks {
			return "", syscall.ELOOP
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(done, target)
		}
		full := filepath.Join(target, after)
		done = filepath.VolumeName(full) + string(filepath.Separator)
		rest = strings.TrimPrefix(full[len(done)-1:], string(filepath.Separator))
	}
	return done, nil
}

// A folder is what one item of a list of paths allows, held open. If the item is a file, only is its name, and the
// folder is the one that it is in.
type folder struct {
	path string // resolved
	only string

	mu   sync.Mutex
	root *os.Root // nil while it does not exist
}

func newFolder(item string) (*folder, error) {
	path, err := resolve(item, true)
	if err != nil {
		return nil, &fs.PathError{Op: "resolve", Path: item, Err: err}
	}
	f := &folder{path: path}
	if info, err := os.Lstat(path); err == nil && !info.IsDir() {
		f.path, f.only = filepath.Dir(path), filepath.Base(path)
	}
	_, _ = f.open() // what is not there yet may come
	return f, nil
}

// holds returns the name of path below the folder.
func (f *folder) holds(path string) (name string, ok bool) {
	name, err := filepath.Rel(f.path, path)
	if err != nil || !filepath.IsLocal(name) || f.only != "" && name != f.only {
		return "", false
	}
	return name, true
}

// open returns the folder's descriptor, which it keeps. A folder that came after the worker started must be what its
// path still resolves to.
func (f *folder) open() (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		return f.root, nil
	}
	if now, err := resolve(f.path, true); err != nil || now != f.path {
		return nil, fs.ErrPermission
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	f.root = root
	return root, nil
}

func (f *folder) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		_ = f.root.Close() // it was only looked through
	}
}

// folders are what a list of paths allows.
type folders struct {
	kind string
	all  bool // but what is special
	full bool // what is special, too
	list []*folder
}

// harmless are the devices that are no danger to anybody.
var harmless = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// special reports whether path is one of those through which a system can be read or changed.
func special(path string) bool {
	if runtime.GOOS == "windows" {
		return strings.HasPrefix(path, `\\`)
	}
	for _, h := range harmless {
		if path == h {
			return false
		}
	}
	for _, top := range []string{"/proc", "/sys", "/dev"} {
		if path == top || strings.HasPrefix(path, top+"/") {
			return true
		}
	}
	return false
}

func newFolders(kind string, l List, full bool) (*folders, error) {
	f := &folders{kind: kind, all: l.All, full: full}
	for _, item := range l.Items {
		one, err := newFolder(item)
		if err != nil {
			f.close()
			return nil, err
		}
		f.list = append(f.list, one)
	}
	return f, nil
}

// find returns the folder that allows the resolved path, and the name below it; nil if none does. Of all that is
// allowed the root of the file system is the folder.
func (f *folders) find(path string) (*folder, string) {
	for _, one := range f.list {
		if name, ok := one.holds(path); ok {
			return one, name
		}
	}
	if !f.all || special(path) && !f.full {
		return nil, ""
	}
	top := &folder{path: filepath.VolumeName(path) + string(filepath.Separator)}
	name, _ := top.holds(path)
	return top, name
}

func (f *folders) close() {
	for _, one := range f.list {
		one.close()
	}
}

// A place is a path that may be used: a name below an open folder.
type place struct {
	root *os.Root
	name string
	path string // resolved
	own  bool   // root is to be closed after use
}

func (p place) close() {
	if p.own {
		_ = p.root.Close() // it was only looked through
	}
}

// place checks path. It is used after all its links were followed, the last part's only with follow.
func (f *folders) place(path string, follow bool) (place, error) {
	if strings.ContainsRune(path, 0) {
		return place{}, syscall.EINVAL
	}
	real, err := resolve(path, follow)
	if err != nil {
		return place{}, err
	}
	one, name := f.find(real)
	if one == nil {
		return place{}, f.refuse(path, real)
	}
	root, err := one.open()
	if errors.Is(err, fs.ErrPermission) {
		return place{}, f.refuse(path, real)
	}
	if err != nil {
		return place{}, err
	}
	return place{root: root, name: name, path: real, own: !f.keeps(one)}, nil
}

// keeps reports whether one is of the list, and so closed with it.
func (f *folders) keeps(one *folder) bool {
	for _, other := range f.list {
		if one == other {
			return true
		}
	}
	return false
}

// refuse names the path as it was given; where it leads is told only if it is special, which is known anyhow.
func (f *folders) refuse(path, real string) error {
	d := denied(f.kind, path)
	named, err := filepath.Abs(path)
	if err != nil {
		return d
	}
	d.Flag = "--allow-" + f.kind + "=" + named
	switch one, _ := f.find(named); {
	case special(named):
		d.Why = "which is part of the system itself"
		d.Flag = "-A, or " + d.Flag
	case one != nil:
		d.Why = "which leads elsewhere by a symbolic link"
		d.Flag = "--allow-" + f.kind + " for where that is"
	}
	return d
}
