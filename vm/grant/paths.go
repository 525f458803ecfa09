package grant

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"supercluster/pkg/stat"
)

// pathOperations are about paths.
var pathOperations = map[string]operation{
	"stat": statOperation("stat", true), "lstat": statOperation("lstat", false), "access": (*Session).access,
	"realpath": (*Session).realpath, "readlink": (*Session).readlink, "cwd": (*Session).cwd,
	"mkdir": (*Session).mkdir, "mkdtemp": (*Session).mkdtemp, "copyfile": (*Session).copyFile,
	"rename": (*Session).rename, "link": (*Session).link, "symlink": (*Session).symlink,
	"rmdir": change("rmdir", false, removeDir), "unlink": change("unlink", false, unlink),
	"rm": change("rm", false, func(p place, _ arguments) error { return p.root.RemoveAll(p.name) }),
	"chmod": change("chmod", true, func(p place, a arguments) error {
		return p.root.Chmod(p.name, stat.Mode(a.num(1)))
	}),
	"chown": change("chown", true, func(p place, a arguments) error {
		return p.root.Chown(p.name, int(a.num(1)), int(a.num(2)))
	}),
	"lchown": change("lchown", false, func(p place, a arguments) error {
		return p.root.Lchown(p.name, int(a.num(1)), int(a.num(2)))
	}),
	"utime": change("utime", true, func(p place, a arguments) error {
		return p.root.Chtimes(p.name, seconds(a.float(1)), seconds(a.float(2)))
	}),
	"lutime": change("lutime", false, func(p place, a arguments) error {
		return linkTimes(p, seconds(a.float(1)), seconds(a.float(2)))
	}),
}

// change is an operation that changes what its first argument names, without a result.
func change(name string, follow bool, do func(place, arguments) error) operation {
	return func(s *Session, _ context.Context, a arguments) (any, error) {
		path := a.str(0)
		p, err := s.b.write.place(path, follow)
		if err != nil {
			return nil, failed(err, name, path)
		}
		defer p.close()
		return nil, failed(do(p, a), name, path)
	}
}

// statOperation is stat(path) → numbers
func statOperation(name string, follow bool) operation {
	return func(s *Session, _ context.Context, a arguments) (any, error) {
		path := a.str(0)
		p, err := s.b.read.place(path, follow)
		if err != nil {
			return nil, failed(err, name, path)
		}
		defer p.close()
		info, err := p.root.Lstat(p.name)
		if err != nil {
			return nil, failed(err, name, path)
		}
		return stat.Numbers("", info), nil
	}
}

// access(path, mode); what asks about writing needs that access.
func (s *Session) access(_ context.Context, a arguments) (any, error) {
	path, mode := a.str(0), uint32(a.num(1))
	p, err := s.b.read.place(path, true)
	if err == nil && mode&2 != 0 {
		p.close()
		p, err = s.b.write.place(path, true)
	}
	if err != nil {
		return nil, failed(err, "access", path)
	}
	defer p.close()
	return nil, failed(checkAccess(p, mode), "access", path)
}

// realpath(path) → path
func (s *Session) realpath(_ context.Context, a arguments) (any, error) {
	path := a.str(0)
	p, err := s.b.read.place(path, true)
	if err != nil {
		return nil, failed(err, "lstat", path)
	}
	defer p.close()
	if _, err := p.root.Lstat(p.name); err != nil {
		return nil, failed(err, "lstat", path)
	}
	return p.path, nil
}

// readlink(path) → target
func (s *Session) readlink(_ context.Context, a arguments) (any, error) {
	path := a.str(0)
	p, err := s.b.read.place(path, false)
	if err != nil {
		return nil, failed(err, "readlink", path)
	}
	defer p.close()
	target, err := p.root.Readlink(p.name)
	return target, failed(err, "readlink", path)
}

// cwd() → the worker's folder
func (s *Session) cwd(context.Context, arguments) (any, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, failed(err, "uv_cwd")
	}
	p, err := s.b.read.place(dir, true)
	if err != nil {
		return nil, &Denied{Kind: Read, Why: "to the folder that the worker was started in", Flag: "--allow-read=."}
	}
	p.close()
	return dir, nil
}

// mkdir(path, mode, recursive) → the first folder made; none if nothing had to be, or if not recursive
func (s *Session) mkdir(_ context.Context, a arguments) (any, error) {
	path, mode := a.str(0), stat.Mode(a.num(1))
	p, err := s.b.write.place(path, a.truth(2))
	if err != nil {
		return nil, failed(err, "mkdir", path)
	}
	defer p.close()
	if !a.truth(2) {
		return nil, failed(p.root.Mkdir(p.name, mode), "mkdir", path)
	}
	first := firstMissing(p)
	if err := p.root.MkdirAll(p.name, mode&fs.ModePerm); err != nil || first == "" {
		return nil, failed(err, "mkdir", path)
	}
	return first, nil
}

// firstMissing is the topmost part of a path that does not exist; "" if all of it does.
func firstMissing(p place) string {
	missing := ""
	for name, path := p.name, p.path; ; name, path = filepath.Dir(name), filepath.Dir(path) {
		if _, err := p.root.Lstat(name); err == nil || name == "." {
			return missing
		}
		missing = path
	}
}

const tempLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// mkdtemp(prefix) → path
func (s *Session) mkdtemp(_ context.Context, a arguments) (any, error) {
	prefix := a.str(0)
	for {
		suffix := make([]byte, 6)
		_, _ = rand.Read(suffix) // never returns an error
		for i, b := range suffix {
			suffix[i] = tempLetters[int(b)%len(tempLetters)]
		}
		path := prefix + string(suffix)
		p, err := s.b.write.place(path, false)
		if d := (*Denied)(nil); errors.As(err, &d) {
			return nil, denied(Write, prefix)
		}
		if err == nil {
			err = p.root.Mkdir(p.name, 0o700)
			p.close()
		}
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, failed(err, "mkdtemp", prefix+"XXXXXX")
		}
	}
}

// A copy is made piece by piece, so that the end of the task ends it.

// copyfile(from, to, mode): mode 1 refuses to replace a file.
func (s *Session) copyFile(ctx context.Context, a arguments) (any, error) {
	from, to := a.str(0), a.str(1)
	source, err := s.b.read.place(from, true)
	if err != nil {
		return nil, failed(err, "copyfile", from, to)
	}
	defer source.close()
	target, err := s.b.write.place(to, true)
	if err != nil {
		return nil, failed(err, "copyfile", from, to)
	}
	defer target.close()
	return nil, failed(copyContents(ctx, source, target, a.num(2)&1 != 0), "copyfile", from, to)
}

func copyContents(ctx context.Context, from, to place, exclusive bool) error {
	source, err := from.root.OpenFile(from.name, os.O_RDONLY|openFlags, 0)
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
	if old, err := to.root.Lstat(to.name); err == nil && os.SameFile(info, old) {
		if exclusive {
			return fs.ErrExist
		}
		return nil
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC | openFlags
	if exclusive {
		flags |= os.O_EXCL
	}
	target, err := to.root.OpenFile(to.name, flags, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err = io.Copy(target, &contextReader{ctx, source}); err != nil {
		_ = target.Close() // the first error is the one to tell
		return err
	}
	return target.Close()
}

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// rename(from, to) needs to read what it moves, too: it is to be read in another place.
func (s *Session) rename(_ context.Context, a arguments) (any, error) {
	return s.pair(a, "rename", (*os.Root).Rename)
}

// link(existing, path)
func (s *Session) link(_ context.Context, a arguments) (any, error) {
	return s.pair(a, "link", (*os.Root).Link)
}

// pair is an operation on two paths, each of which is changed; below does it in a folder that allows both.
func (s *Session) pair(a arguments, name string, below func(r *os.Root, from, to string) error) (any, error) {
	from, to := a.str(0), a.str(1)
	read, err := s.b.read.place(from, false)
	if err != nil {
		return nil, failed(err, name, from, to)
	}
	defer read.close()
	source, err := s.b.write.place(from, false)
	if err != nil {
		return nil, failed(err, name, from, to)
	}
	defer source.close()
	target, err := s.b.write.place(to, false)
	if err != nil {
		return nil, failed(err, name, from, to)
	}
	defer target.close()
	if name == "link" { // a second name must not be readable where the first is not to be
		seen, err := s.b.read.place(to, false)
		if err != nil {
			return nil, failed(err, name, from, to)
		}
		seen.close()
	}
	if source.root == target.root {
		return nil, failed(below(source.root, source.name, target.name), name, from, to)
	}
	return nil, failed(across(source, target, name == "link"), name, from, to)
}

// symlink(target, path) needs to read and write everything, as in Deno: what a link leads to is for others to find.
func (s *Session) symlink(_ context.Context, a arguments) (any, error) {
	target, path := a.str(0), a.str(1)
	for _, f := range []*folders{s.b.read, s.b.write} {
		if !f.all {
			return nil, &Denied{Kind: f.kind, Target: path, Why: "and to all other paths, to make a symbolic link", Flag: "--allow-read --allow-write"}
		}
	}
	p, err := s.b.write.place(path, false)
	if err != nil {
		return nil, failed(err, "symlink", target, path)
	}
	defer p.close()
	return nil, failed(p.root.Symlink(target, p.name), "symlink", target, path)
}

// removeDir removes an empty folder, and nothing else.
func removeDir(p place, _ arguments) error {
	info, err := p.root.Lstat(p.name)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil {
		err = p.root.Remove(p.name)
	}
	return err
}

// unlink removes what is no folder.
func unlink(p place, _ arguments) error {
	info, err := p.root.Lstat(p.name)
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err == nil {
		err = p.root.Remove(p.name)
	}
	return err
}
