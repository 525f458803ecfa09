package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	defaultTail = 8 << 10
	// pipeDelay bounds the wait for the output pipes once the process and its group are gone: only a descendant
	// that left the group can still hold them.
	pipeDelay = time.Second
)

// Config says what to start. Start does not keep it.
type Config struct {
	Path string   // of the program; a bare name is looked up in PATH
	Args []string // without the program's name
	Env  []string // the whole environment as KEY=value; nil is an empty one, nothing is inherited
	Dir  string   // working directory; "" is the parent's
	Conn bool     // give the child a connection: a socket on descriptor 3, on Windows its stdin and stdout

	Stdin  io.Reader // nil: the null device
	Stdout io.Writer // nil: the null device
	Stderr io.Writer // gets what the Tail gets, from a goroutine of its own; nil: the Tail only
	// StderrFile gets stderr itself, at the pace of its reader; then Stderr and the Tail get nothing. Nil: they do.
	StderrFile *os.File
	Tail       int // bytes of stderr kept at its beginning and at its end; zero means 8 KiB

	Memory int64 // bytes the process may commit, where the parent can say so (Windows); zero: no limit
	// Isolate gives the process user, network, process, IPC and host name namespaces of its own (Linux), or lets it
	// start no other process (Windows); elsewhere it does nothing. Start fails if the system refuses them, as many
	// containers do.
	Isolate bool
	// EndWithParent has the system end the process when this one ends, whatever it is at (Linux: PR_SET_PDEATHSIG; on
	// Windows that is so in any case); elsewhere it does nothing. A program that changes its user loses it, and has to
	// ask for it again.
	EndWithParent bool
}

// Process is a started child. All methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	conn io.ReadWriteCloser
	tail *Tail
	done chan struct{}
	ooms int64 // the kernel's count of out-of-memory kills at the start

	state State // set before done is closed

	mu     sync.Mutex // guards what follows, and that no group is signalled once its number may be reused
	killed bool
	ended  bool
	tree   tree
}

// Start starts the program. The child's end of the connection and of the pipes is closed in the parent, so reading
// from Conn ends when the child (and whoever inherited it) does. The caller must see to it that the process
// ends: Kill, or closing Conn if the child heeds that.
func Start(cfg Config) (*Process, error) {
	cmd := exec.Command(cfg.Path, cfg.Args...)
	if cmd.Err != nil {
		return nil, fmt.Errorf("start %s: %w", cfg.Path, cmd.Err)
	}
	size := cfg.Tail
	if size == 0 {
		size = defaultTail
	}
	p := &Process{cmd: cmd, tail: NewTail(size), done: make(chan struct{}), ooms: oomKills()}
	cmd.Env = append([]string{}, cfg.Env...) // not nil: nil would inherit
	cmd.Dir = cfg.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = cfg.Stdin, cfg.Stdout, p.tail
	if cfg.Stderr != nil {
		cmd.Stderr = io.MultiWriter(p.tail, cfg.Stderr)
	}
	if cfg.StderrFile != nil {
		cmd.Stderr = cfg.StderrFile
	}
	cmd.WaitDelay = pipeDelay
	setGroup(cmd)
	if cfg.Isolate {
		isolate(cmd)
	}
	release := func() {}
	if cfg.Conn {
		var err error
		if p.conn, release, err = attach(cmd); err != nil {
			return nil, fmt.Errorf("start %s: %w", cfg.Path, err)
		}
	}
	var err error
	if cfg.EndWithParent {
		err = p.startBound()
	} else {
		err = cmd.Start()
	}
	release()
	if err == nil {
		if p.tree, err = newTree(cmd.Process, &cfg); err != nil {
			err = errors.Join(err, cmd.Process.Kill(), cmd.Wait())
		}
	}
	if err != nil {
		if p.conn != nil {
			p.conn.Close()
		}
		close(p.done)
		return nil, fmt.Errorf("start %s: %w", cfg.Path, err)
	}
	go p.wait()
	return p, nil
}

// Conn is the parent's end of the connection, nil if Config asked for none. Closing it tells the child to end. On
// unix it is a *net.UnixConn and has deadlines.
func (p *Process) Conn() io.ReadWriteCloser { return p.conn }

// Pid is the number of the process, which on unix is also that of its group.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended, its group has been killed and its stderr has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for Done and says how the process ended.
func (p *Process) Wait() State {
	<-p.done
	return p.state
}

// Tail returns the beginning and the end of the process's stderr so far; all there will be after Done.
func (p *Process) Tail() string { return p.tail.String() }

// Kill ends the process and its whole group at once, and returns without waiting for it. It does nothing once the
// process has ended.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.killed = true
	p.tree.kill()
}

// Signal sends sig to the process alone. It returns os.ErrProcessDone once that has ended, and an error where the
// system has no such signal.
func (p *Process) Signal(sig os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return os.ErrProcessDone
	}
	return p.cmd.Process.Signal(sig)
}

// wait reaps the process and kills what its group left behind: on Linux while the process is still a zombie, as then
// no other group can have come by its number.
func (p *Process) wait() {
	var err error
	if !awaitExit(p.cmd.Process.Pid) {
		err = p.cmd.Wait()
	}
	p.mu.Lock()
	p.tree.kill()
	p.ended = true
	killed := p.killed
	p.mu.Unlock()
	if p.cmd.ProcessState == nil {
		err = p.cmd.Wait()
	}
	p.tree.close()
	p.state = p.describe(err, killed)
	close(p.done)
}

func (p *Process) describe(err error, killed bool) State {
	ps := p.cmd.ProcessState
	if ps == nil {
		return State{Code: -1, Killed: killed, Err: err}
	}
	s := State{Code: ps.ExitCode(), Signal: signalName(ps), Killed: killed, CPU: ps.UserTime() + ps.SystemTime()}
	s.OOM = s.Signal == SignalKill && !killed && oomKills() > p.ooms
	return s
}
