package nodepkg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A folder is where one task, or one installation, has all that it writes.
type folder struct{ path string }

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// newFolder makes a folder of that name among those of the Runner's tasks, with a home and a place for temporary files.
func (r *Runner) newFolder(name string) (*folder, error) {
	f := &folder{filepath.Join(r.own, name)}
	for _, dir := range []string{f.path, f.join("home"), f.join("tmp")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, diskError("", err)
		}
	}
	return f, nil
}

// remove ends what still runs in the folder, and removes it.
func (f *folder) remove() error {
	endProcesses(f.path)
	return removeAll(f.path)
}

// removeAll is os.RemoveAll that gets into folders without permission to write, as packages and tasks may leave them.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700) // what is left then is for RemoveAll to say
		}
		return nil
	})
	return os.RemoveAll(path)
}

// replaceFile writes a file at a path below root, in the place of whatever was there: never through a link.
func replaceFile(root *os.Root, name string, text []byte) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// maxRead is the longest package.json or lockfile that is read, in bytes.
const maxRead = 64 << 20

// readFile reads a file below root; links that lead out of it are an error. A file that is not there is nil.
func readFile(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxRead:
		return nil, fmt.Errorf("%s is no file of at most %d bytes", name, maxRead)
	}
	return root.ReadFile(name)
}

// below returns the real path of a folder or file below root, and an error if a link leads out of it.
func below(root *os.Root, field, name string, dir bool) (string, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", failf(CodeFile, "", "%s: there is no %q in the package%s", field, name, others(root, name))
	case err != nil:
		return "", failf(CodePath, "", "%s %q: %w", field, name, err)
	case dir && !info.IsDir():
		return "", failf(CodeFile, "", "%s: %q is no folder", field, name)
	case !dir && !info.Mode().IsRegular():
		return "", failf(CodeFile, "", "%s: %q is no file", field, name)
	}
	return filepath.Join(root.Name(), filepath.FromSlash(name)), nil
}

// others names what is in the folder in which a file was looked for.
func others(root *os.Root, name string) string {
	f, err := root.Open(filepath.Dir(filepath.FromSlash(name)))
	if err != nil {
		return ""
	}
	defer f.Close()
	names, err := f.Readdirnames(12)
	if err != nil || len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("; beside it there is %q", names)
}

func diskError(phase string, err error) error {
	var is *Error
	if errors.As(err, &is) {
		return err
	}
	return failf(CodeDisk, phase, "%w", err)
}
