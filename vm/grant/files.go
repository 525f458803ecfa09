package grant

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"supercluster/pkg/stat"
)

// fileOperations are about open files and folders.
var fileOperations = map[string]operation{
	"open": (*Session).open, "read": (*Session).read, "write": (*Session).write, "fstat": (*Session).fstat,
	"ftruncate": (*Session).truncate, "fsync": (*Session).sync, "fchmod": (*Session).chmodFile, "futime": (*Session).timesOfFile,
	"fchown": (*Session).chownFile, "opendir": (*Session).openDir, "nextdir": (*Session).nextDir, "constants": constants,
}

// constants() → [name, number, …] of the flags of open
func constants(*Session, context.Context, arguments) (any, error) {
	list := []any{}
	for name, n := range stat.Constants() {
		list = append(list, name, n)
	}
	return list, nil
}

// open(path, flags, mode) → handle
func (s *Session) open(_ context.Context, a arguments) (any, error) {
	path, flags := a.str(0), int(a.num(1))
	p, err := s.openPlace(path, flags)
	if err != nil {
		return nil, failed(err, "open", path)
	}
	defer p.close()
	f, err := p.root.OpenFile(p.name, flags|openFlags, stat.Mode(a.num(2)))
	if err != nil {
		return nil, failed(err, "open", path)
	}
	n, err := s.add(f)
	return n, failed(err, "open", path)
}

// openPlace checks path for what flags ask of it.
func (s *Session) openPlace(path string, flags int) (place, error) {
	follow := flags&noFollow == 0 && flags&(os.O_CREATE|os.O_EXCL) != os.O_CREATE|os.O_EXCL
	const changes = os.O_CREATE | os.O_TRUNC | os.O_APPEND
	access := flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
	if access == os.O_RDONLY && flags&changes == 0 {
		return s.b.read.place(path, follow)
	}
	if access != os.O_WRONLY {
		p, err := s.b.read.place(path, follow)
		if err != nil {
			return place{}, err
		}
		p.close()
	}
	return s.b.write.place(path, follow)
}

// read(handle, count, position) → bytes; position -1 reads on from where the file stands.
func (s *Session) read(_ context.Context, a arguments) (any, error) {
	f, err := handleOf[*os.File](s, a.num(0))
	if err != nil {
		return nil, failed(err, "read")
	}
	var r io.Reader = f
	if at := a.num(2); at >= 0 {
		r = io.NewSectionReader(f, at, maxChunk)
	}
	b, err := readSome(r, a.num(1))
	return b, failed(err, "read")
}

// write(handle, bytes, position) → count
func (s *Session) write(_ context.Context, a arguments) (any, error) {
	f, err := handleOf[*os.File](s, a.num(0))
	if err != nil {
		return nil, failed(err, "write")
	}
	var n int
	if at := a.num(2); at >= 0 {
		n, err = f.WriteAt(a.bytes(1), at)
	} else {
		n, err = f.Write(a.bytes(1))
	}
	return n, failed(err, "write")
}

// onFile does something to the open file that the first argument names.
func (s *Session) onFile(a arguments, syscall string, do func(*os.File) error) (any, error) {
	f, err := handleOf[*os.File](s, a.num(0))
	if err == nil {
		err = do(f)
	}
	return nil, failed(err, syscall)
}

// fstat(handle) → numbers
func (s *Session) fstat(_ context.Context, a arguments) (any, error) {
	f, err := handleOf[*os.File](s, a.num(0))
	if err != nil {
		return nil, failed(err, "fstat")
	}
	info, err := f.Stat()
	if err != nil {
		return nil, failed(err, "fstat")
	}
	return stat.Numbers("", info), nil
}

// ftruncate(handle, length)
func (s *Session) truncate(_ context.Context, a arguments) (any, error) {
	return s.onFile(a, "ftruncate", func(f *os.File) error { return f.Truncate(a.num(1)) })
}

// fsync(handle)
func (s *Session) sync(_ context.Context, a arguments) (any, error) {
	return s.onFile(a, "fsync", (*os.File).Sync)
}

// A file that is open to read can still be changed in these three ways, so write access to it is needed.

// fchmod(handle, mode)
func (s *Session) chmodFile(_ context.Context, a arguments) (any, error) {
	return s.onFile(a, "fchmod", func(f *os.File) error { return s.owned(f, func() error { return f.Chmod(stat.Mode(a.num(1))) }) })
}

// fchown(handle, uid, gid)
func (s *Session) chownFile(_ context.Context, a arguments) (any, error) {
	return s.onFile(a, "fchown", func(f *os.File) error {
		return s.owned(f, func() error { return f.Chown(int(a.num(1)), int(a.num(2))) })
	})
}

// futime(handle, atime, mtime); times in seconds since 1970
func (s *Session) timesOfFile(_ context.Context, a arguments) (any, error) {
	return s.onFile(a, "futime", func(f *os.File) error {
		return s.owned(f, func() error { return fileTimes(f, seconds(a.float(1)), seconds(a.float(2))) })
	})
}

// owned does something to an open file that needs write access to its path.
func (s *Session) owned(f *os.File, do func() error) error {
	p, err := s.b.write.place(f.Name(), true)
	if err != nil {
		return err
	}
	p.close()
	return do()
}

// seconds makes a time of seconds since 1970.
func seconds(t float64) time.Time {
	whole := int64(t)
	return time.Unix(whole, int64((t-float64(whole))*1e9))
}

// A dir is an open folder whose entries are read.
type dir struct{ f *os.File }

func (d *dir) Close() error { return d.f.Close() }

// openDir(path) → handle
func (s *Session) openDir(_ context.Context, a arguments) (any, error) {
	path := a.str(0)
	p, err := s.b.read.place(path, true)
	if err != nil {
		return nil, failed(err, "scandir", path)
	}
	defer p.close()
	f, err := p.root.OpenFile(p.name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, failed(err, "scandir", path)
	}
	if info, err := f.Stat(); err != nil || !info.IsDir() {
		_ = f.Close() // it was only looked at
		return nil, failed(cmpError(err, syscall.ENOTDIR), "scandir", path)
	}
	n, err := s.add(&dir{f})
	return n, failed(err, "scandir", path)
}

// cmpError is err, or other if that is nil.
func cmpError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// entries is how many names one answer of nextDir may have: each takes up to 255 bytes.
const entries = 200

// nextDir(handle) → [name, type, …], empty at the end; the types are those of constants.UV_DIRENT_*.
func (s *Session) nextDir(_ context.Context, a arguments) (any, error) {
	d, err := handleOf[*dir](s, a.num(0))
	if err != nil {
		return nil, failed(err, "scandir")
	}
	defer s.reading(a.num(0))()
	list := []any{}
	found, err := d.f.ReadDir(entries)
	for _, e := range found {
		list = append(list, e.Name(), typeNumber(e.Type()))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return list, failed(err, "scandir", d.f.Name())
}

// typeNumber is libuv's number for the type of an entry.
func typeNumber(mode fs.FileMode) int {
	switch {
	case mode.IsRegular():
		return 1
	case mode.IsDir():
		return 2
	case mode&fs.ModeSymlink != 0:
		return 3
	case mode&fs.ModeNamedPipe != 0:
		return 4
	case mode&fs.ModeSocket != 0:
		return 5
	case mode&fs.ModeCharDevice != 0:
		return 6
	case mode&fs.ModeDevice != 0:
		return 7
	}
	return 0
}
