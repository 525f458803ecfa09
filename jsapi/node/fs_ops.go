package node

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/dop251/goja"

	"supercluster/pkg/errno"
)

// fileSystem is what the operations of fs share.
type fileSystem struct {
	files *files
}

// operations lists every native operation of fs by the name that node gives as syscall.
func (f *fileSystem) operations() map[string]operation {
	return map[string]operation{
		"open": f.open, "close": f.close, "read": f.read, "write": f.write, "readFile": f.readFile, "writeFile": f.writeFile,
		"stat": f.stat, "lstat": f.lstat, "fstat": f.fstat, "access": f.access,
		"scandir": f.scandir, "mkdir": f.mkdir, "mkdtemp": f.mkdtemp, "rmdir": f.rmdir, "unlink": f.unlink, "rm": f.rm,
		"rename": f.rename, "copyfile": f.copyFile, "realpath": f.realpath, "readlink": f.readlink, "symlink": f.symlink,
		"link": f.link, "chmod": f.chmod, "fchmod": f.fchmod, "chown": f.chown, "lchown": f.lchown, "fchown": f.fchown,
		"utime": f.utime, "lutime": f.lutime, "futime": f.futime, "ftruncate": f.ftruncate, "fsync": f.fsync, "statfs": f.statfs,
	}
}

// done is the work of an operation on paths without a result.
func done(syscall string, do func() error, paths ...string) work {
	return func() (outcome, error) { return nil, failed(do(), syscall, paths...) }
}

// onFile is the work of an operation on a descriptor without a result.
func (f *fileSystem) onFile(syscall string, fd int64, do func(*os.File) error) work {
	return func() (outcome, error) {
		file, err := f.files.get(int(fd))
		if err == nil {
			err = do(file)
		}
		return nil, failed(err, syscall)
	}
}

func value(v any) outcome { return func(rt *goja.Runtime) goja.Value { return rt.ToValue(v) } }

// open(path, flags, mode) → descriptor
func (f *fileSystem) open(a arguments) work {
	path, flags, mode := a.str(0), int(a.num(1)), fs.FileMode(a.num(2))
	return func() (outcome, error) {
		file, err := openFile(path, flags, mode)
		if err != nil {
			return nil, failed(err, "open", path)
		}
		return value(f.files.add(file)), nil
	}
}

// close(fd)
func (f *fileSystem) close(a arguments) work {
	fd := int(a.num(0))
	return done("close", func() error { return f.files.close(fd) })
}

// read(fd, bytes, position) → count; position -1 reads on from where the file stands.
func (f *fileSystem) read(a arguments) work {
	fd, into, at := a.num(0), a.memory(1), a.num(2)
	buf := into
	if a.async {
		buf = make([]byte, len(into))
	}
	return func() (outcome, error) {
		file, err := f.files.get(int(fd))
		if err != nil {
			return nil, failed(err, "read")
		}
		var n int
		if at >= 0 {
			n, err = file.ReadAt(buf, at)
		} else {
			n, err = file.Read(buf)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, failed(err, "read")
		}
		return func(rt *goja.Runtime) goja.Value {
			if a.async {
				copy(into, buf[:n])
			}
			return rt.ToValue(n)
		}, nil
	}
}

// write(fd, bytes, position) → count
func (f *fileSystem) write(a arguments) work {
	fd, data, at := a.num(0), a.bytes(1), a.num(2)
	return func() (outcome, error) {
		file, err := f.files.get(int(fd))
		if err != nil {
			return nil, failed(err, "write")
		}
		var n int
		if at >= 0 {
			n, err = writeAt(file, data, at)
		} else {
			n, err = file.Write(data)
		}
		if err != nil {
			return nil, failed(err, "write")
		}
		return value(n), nil
	}
}

// writeAt is WriteAt also for files opened to append, where the system ignores the position.
func writeAt(file *os.File, data []byte, at int64) (int, error) {
	n, err := file.WriteAt(data, at)
	if err != nil && n == 0 && !errors.Is(err, fs.ErrClosed) && isAppendError(err) {
		return file.Write(data)
	}
	return n, err
}

// isAppendError recognises the refusal that package os makes itself, which has no errno.
func isAppendError(err error) bool {
	_, _, known := errno.Platform(err)
	return !known
}

// readFile(path or descriptor, flags) → ArrayBuffer
func (f *fileSystem) readFile(a arguments) work {
	var path string
	fd := int64(-1)
	if goja.IsString(a.at(0)) {
		path = a.str(0)
	} else {
		fd = a.num(0)
	}
	flags := int(a.num(1))
	return func() (outcome, error) {
		data, err := f.contents(path, fd, flags)
		if err != nil {
			return nil, err
		}
		return func(rt *goja.Runtime) goja.Value { return rt.ToValue(rt.NewArrayBuffer(data)) }, nil
	}
}

func (f *fileSystem) contents(path string, fd int64, flags int) ([]byte, error) {
	if fd >= 0 {
		file, err := f.files.get(int(fd))
		if err != nil {
			return nil, failed(err, "read")
		}
		data, err := io.ReadAll(file)
		return data, failed(err, "read")
	}
	file, err := openFile(path, flags, 0o666)
	if err != nil {
		return nil, failed(err, "open", path)
	}
	defer file.Close()
	data, err := readAll(file)
	return data, failed(err, "read")
}

// readAll reads file to its end with a buffer of its size.
func readAll(file *os.File) ([]byte, error) {
	size := 512
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() < math.MaxInt32 {
		size = int(info.Size()) + 1
	}
	data := make([]byte, 0, size)
	for {
		n, err := file.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// writeFile(path or descriptor, bytes, flags, mode)
func (f *fileSystem) writeFile(a arguments) work {
	data, flags, mode := a.bytes(1), int(a.num(2)), fs.FileMode(a.num(3))
	if !goja.IsString(a.at(0)) {
		return f.onFile("write", a.num(0), func(file *os.File) error {
			_, err := file.Write(data)
			return err
		})
	}
	path := a.str(0)
	return func() (outcome, error) {
		file, err := openFile(path, flags, mode)
		if err != nil {
			return nil, failed(err, "open", path)
		}
		_, err = file.Write(data)
		if err != nil {
			_ = file.Close() // the first error is the one to tell
			return nil, failed(err, "write")
		}
		return nil, failed(file.Close(), "close")
	}
}

// scandir(path) → [name, type, …]; the types are those of constants.UV_DIRENT_*.
func (f *fileSystem) scandir(a arguments) work {
	path := a.str(0)
	return func() (outcome, error) {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, failed(err, "scandir", path)
		}
		return func(rt *goja.Runtime) goja.Value {
			list := make([]any, 0, 2*len(entries))
			for _, e := range entries {
				list = append(list, e.Name(), direntType(e.Type()))
			}
			return rt.NewArray(list...)
		}, nil
	}
}

// direntType is libuv's number for the type of a directory entry.
func direntType(mode fs.FileMode) int {
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

// access(path, mode)
func (f *fileSystem) access(a arguments) work {
	path, mode := a.str(0), uint32(a.num(1))
	return done("access", func() error { return checkAccess(path, mode) }, path)
}

// seconds makes a time of seconds since 1970.
func seconds(t float64) time.Time {
	whole, part := math.Modf(t)
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1e3)
}

// absolute resolves path against the working directory, keeping what cannot be resolved.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
