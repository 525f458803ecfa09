package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// SignalKill is no State.Signal of this system, which has no signals.
const SignalKill = "killed"

// killedCode is the exit code of processes that Kill ended, that of a shell for SIGKILL.
const killedCode = 137

// tree is a job object: the child and all that it starts, which end with the job's last handle.
type tree struct{ job windows.Handle }

func newTree(p *os.Process, cfg *Config) (tree, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return tree{}, fmt.Errorf("job object: %w", err)
	}
	t := tree{job}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if cfg.Memory > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY
		info.ProcessMemoryLimit = uintptr(cfg.Memory)
	}
	if cfg.Isolate {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS
		info.BasicLimitInformation.ActiveProcessLimit = 1
	}
	if _, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		t.close()
		return tree{}, fmt.Errorf("job object: %w", err)
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		t.close()
		return tree{}, fmt.Errorf("open process %d: %w", p.Pid, err)
	}
	defer windows.CloseHandle(h)
	if err = windows.AssignProcessToJobObject(job, h); err != nil {
		t.close()
		return tree{}, fmt.Errorf("put process %d into its job: %w", p.Pid, err)
	}
	return t, nil
}

func (t tree) kill() { _ = windows.TerminateJobObject(t.job, killedCode) }

func (t tree) close() { _ = windows.CloseHandle(t.job) }

func setGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}

// attach makes two pipes, the child's ends of which are its stdin and stdout. Release closes those in the parent.
func attach(cmd *exec.Cmd) (conn io.ReadWriteCloser, release func(), err error) {
	if cmd.Stdin != nil || cmd.Stdout != nil {
		return nil, nil, errors.New("a connection takes stdin and stdout on Windows, both were given")
	}
	in, toChild, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	fromChild, out, err := os.Pipe()
	if err != nil {
		in.Close()
		toChild.Close()
		return nil, nil, err
	}
	cmd.Stdin, cmd.Stdout = in, out
	return pipes{fromChild, toChild}, func() { in.Close(); out.Close() }, nil
}

// pipes is a connection made of two pipes, one each way.
type pipes struct{ r, w *os.File }

func (c pipes) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c pipes) Write(b []byte) (int, error) { return c.w.Write(b) }
func (c pipes) Close() error                { return errors.Join(c.w.Close(), c.r.Close()) }

// ChildConn is, in a child that was started with Config.Conn, the child's end of the connection. It must be called
// at most once, and nothing else may use stdin and stdout.
func ChildConn() (io.ReadWriteCloser, error) {
	return pipes{os.Stdin, os.Stdout}, nil
}

// signalName is always "": the system has no signals.
func signalName(*os.ProcessState) string { return "" }
