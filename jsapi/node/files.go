package node

import (
	"os"
	"sync"
	"syscall"
)

// files holds the open files of a script by descriptor; safe for concurrent use, as work runs off the loop.
type files struct {
	mu   sync.Mutex
	open map[int]*os.File
}

func newFiles() *files { return &files{open: map[int]*os.File{}} }

// add keeps f and returns its number: the system's own, where that is a small one.
func (t *files) add(f *os.File) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	fd := int(f.Fd())
	if !smallDescriptors {
		for fd = 3; t.open[fd] != nil; fd++ {
			continue
		}
	}
	t.open[fd] = f
	return fd
}

// get returns the file of fd; the three standard streams are open without having been opened.
func (t *files) get(fd int) (*os.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, ok := t.open[fd]; ok {
		return f, nil
	}
	switch fd {
	case 0:
		return os.Stdin, nil
	case 1:
		return os.Stdout, nil
	case 2:
		return os.Stderr, nil
	}
	return nil, syscall.EBADF
}

// close closes and forgets fd.
func (t *files) close(fd int) error {
	f, err := t.get(fd)
	if err != nil {
		return err
	}
	t.mu.Lock()
	delete(t.open, fd)
	t.mu.Unlock()
	return f.Close()
}

// closeAll closes what the script left open.
func (t *files) closeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for fd, f := range t.open {
		_ = f.Close() // the process is about to end: nobody is left to tell
		delete(t.open, fd)
	}
}
