package nodepkg

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// copyTree copies the folder from to to, which it makes: files and links, as they are. Where the file system can, the
// copies share their blocks until they are written to. What is neither, such as a socket, is an error.
func copyTree(ctx context.Context, from, to string) error {
	src, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	defer src.Close()
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	dst, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * runtime.NumCPU())
	err = fs.WalkDir(src.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if gctx.Err() != nil {
			return context.Cause(gctx)
		}
		name = filepath.FromSlash(name)
		switch t := d.Type(); {
		case t.IsDir():
			return dst.Mkdir(name, 0o700)
		case t&fs.ModeSymlink != 0:
			link, err := src.Readlink(name)
			if err != nil {
				return err
			}
			return dst.Symlink(link, name)
		case t.IsRegular():
			g.Go(func() error { return copyFile(src, dst, name) })
			return nil
		default:
			return &fs.PathError{Op: "copy", Path: name, Err: errors.New("neither file, folder nor link")}
		}
	})
	return errors.Join(err, g.Wait())
}

func copyFile(src, dst *os.Root, name string) error {
	in, err := src.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := dst.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// sizeOf adds up the files below path, in bytes.
func sizeOf(path string) int64 {
	var n int64
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
