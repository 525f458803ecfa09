//go:build unix

package node

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pollReader waits with poll(2) for its file and for the end of the context, so that nothing sits in read(2).
type pollReader struct{ fd int }

func fileReader(f *os.File) contextReader { return &pollReader{fd: int(f.Fd())} }

// ReadContext is of contextReader.
func (r *pollReader) ReadContext(ctx context.Context, p []byte) (int, error) {
	var wake [2]int
	if err := unix.Pipe(wake[:]); err != nil {
		return 0, os.NewSyscallError("pipe", err)
	}
	unix.CloseOnExec(wake[0])
	unix.CloseOnExec(wake[1])
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(wake[1], []byte{0})
	})
	defer func() {
		if !stop() {
			<-woken // it may still write: the pipe must not be closed, its number not be used again
		}
		_ = unix.Close(wake[0])
		_ = unix.Close(wake[1])
	}()
	for {
		fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(wake[0]), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if fds[1].Revents != 0 {
			return 0, errPaused
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := unix.Read(r.fd, p)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
