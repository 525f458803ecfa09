//go:build unix

package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// channelsWork says whether children can be forked here.
const channelsWork = true

// socketPair makes two ends of a connection; neither is inherited by chance.
func socketPair() (a, b *os.File, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	return os.NewFile(uintptr(fds[0]), "pair"), os.NewFile(uintptr(fds[1]), "pair"), nil
}

// unixConn makes a connection of f, which it closes.
func unixConn(f *os.File) (*net.UnixConn, error) {
	defer f.Close() // FileConn has a copy
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := conn.(*net.UnixConn)
	if !ok {
		_ = conn.Close() // not of use here
		return nil, fmt.Errorf("descriptor %d is no channel", f.Fd())
	}
	return u, nil
}

// receive reads what is there, with the descriptors that came along.
func receive(conn *net.UnixConn, buf []byte) (n int, files []*os.File, err error) {
	oob := make([]byte, unix.CmsgSpace(16*4))
	n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
	if err == nil && n == 0 {
		err = errors.New("closed")
	}
	messages, parseErr := unix.ParseSocketControlMessage(oob[:oobn])
	if parseErr != nil {
		return n, nil, err
	}
	for _, m := range messages {
		fds, rightsErr := unix.ParseUnixRights(&m)
		if rightsErr != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	return n, files, err
}

// transmit writes text, the descriptor of file with its beginning.
func transmit(conn *net.UnixConn, text []byte, file *os.File) error {
	if file != nil {
		raw, err := file.SyscallConn()
		if err != nil {
			return err
		}
		n := 0
		if controlErr := raw.Control(func(fd uintptr) { n, _, err = conn.WriteMsgUnix(text, unix.UnixRights(int(fd)), nil) }); controlErr != nil {
			err = controlErr
		}
		if err != nil {
			return err
		}
		text = text[n:]
	}
	for len(text) > 0 {
		n, err := conn.Write(text)
		if err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}
