//go:build unix

package node

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

const numberOfPipe = -int(syscall.EPIPE)

// retryWrite waits until a terminal or pipe that another process made non-blocking takes more; false if err is final.
func retryWrite(err error, out io.Writer) bool {
	if errors.Is(err, syscall.EINTR) {
		return true
	}
	f, ok := out.(*os.File)
	if !ok || !errors.Is(err, syscall.EAGAIN) {
		return false
	}
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLOUT}}
	_, err = unix.Poll(fds, -1)
	return err == nil || errors.Is(err, syscall.EINTR)
}

// ignoreBrokenPipe makes a write to a pipe that nobody reads an error, as node does, not the end of the process. The
// signal is taken and dropped, not ignored: what is ignored stays so in the processes that a script starts.
func ignoreBrokenPipe() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
