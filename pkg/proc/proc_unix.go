//go:build unix

package proc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// childFD is where the child finds its connection: the first descriptor after stdin, stdout and stderr.
const childFD = 3

// SignalKill is the name of SIGKILL in State.Signal.
const SignalKill = "killed"

// tree is the process group of a child, whose number is that of the child.
type tree struct{ pid int }

func newTree(p *os.Process, _ *Config) (tree, error) { return tree{p.Pid}, nil }

func (t tree) kill() { _ = syscall.Kill(-t.pid, syscall.SIGKILL) } // ESRCH: nobody is left

func (t tree) close() {}

func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// attach makes a pair of connected sockets, one of them descriptor 3 of cmd. Release closes that one in the parent.
func attach(cmd *exec.Cmd) (conn io.ReadWriteCloser, release func(), err error) {
	syscall.ForkLock.RLock() // no child of ours may be forked between Socketpair and CloseOnExec
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "child end")
	conn, err = fileConn(os.NewFile(uintptr(fds[0]), "parent end"))
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	cmd.ExtraFiles = []*os.File{theirs}
	return conn, func() { theirs.Close() }, nil
}

// fileConn turns a socket into a net.Conn, which has deadlines and writes several buffers with one call. It closes f.
func fileConn(f *os.File) (net.Conn, error) {
	defer f.Close()
	return net.FileConn(f)
}

// ChildConn is, in a child that was started with Config.Conn, the child's end of the connection. It must be called
// at most once, and early: a program started otherwise may have opened descriptor 3 for something else.
func ChildConn() (io.ReadWriteCloser, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(childFD, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFSOCK {
		return nil, errors.New("descriptor 3 is no socket: this process was not started by sc")
	}
	conn, err := fileConn(os.NewFile(childFD, "parent"))
	if err != nil {
		return nil, fmt.Errorf("descriptor 3: %w", err)
	}
	return conn, nil
}

func signalName(ps *os.ProcessState) string {
	if ws, ok := ps.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal().String()
	}
	return ""
}
