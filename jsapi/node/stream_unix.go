//go:build unix

package node

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// chunks are buffers that are held only while something is being read, so that an idle connection costs none.
var chunks = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// readChunk waits for data and returns a copy of what is there, at most chunkSize bytes.
func readChunk(conn io.Reader) (data []byte, err error) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		buf := make([]byte, chunkSize/4)
		n, err := conn.Read(buf)
		return buf[:n:n], err
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil, err
	}
	var failure error
	err = raw.Read(func(fd uintptr) bool {
		buf := chunks.Get().(*[]byte)
		defer chunks.Put(buf)
		for {
			n, err := unix.Read(int(fd), *buf)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case errors.Is(err, unix.EAGAIN):
				return false
			case err != nil:
				failure = err
			case n == 0:
				failure = io.EOF
			default:
				data = append([]byte(nil), (*buf)[:n]...)
			}
			return true
		}
	})
	if failure == nil {
		failure = err
	}
	return data, failure
}

// tryWrite writes what the system takes at once and returns how much that was.
func tryWrite(conn io.Writer, data []byte) (int, error) {
	sc, ok := conn.(syscall.Conn)
	if !ok || len(data) == 0 {
		return 0, nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, err
	}
	written := 0
	var failure error
	err = raw.Write(func(fd uintptr) bool {
		for written < len(data) {
			n, err := unix.Write(int(fd), data[written:])
			if n > 0 {
				written += n
			}
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil && !errors.Is(err, unix.EAGAIN) {
				failure = err
			}
			if err != nil || n <= 0 {
				return true
			}
		}
		return true
	})
	if failure == nil {
		failure = err
	}
	return written, failure
}
