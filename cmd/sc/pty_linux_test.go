package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A pty is a program on a terminal of its own, whose keys a test presses.
type pty struct {
	t     *testing.T
	cmd   *exec.Cmd
	file  *os.File // the end that people sit at
	mu    sync.Mutex
	text  string        // what was printed
	news  chan struct{} // holds a token when something was
	ended chan struct{} // closed when nothing more will be
}

// startPty starts cmd on a terminal of so many columns and rows.
func startPty(t *testing.T, cmd *exec.Cmd, columns, rows uint16) *pty {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	p := &pty{t: t, cmd: cmd, file: os.NewFile(uintptr(fd), "/dev/ptmx"), news: make(chan struct{}, 1), ended: make(chan struct{})}
	t.Cleanup(func() { p.file.Close() })
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		<-p.ended
	})
	go p.read()
	return p
}

// read takes what is printed until nobody has the terminal any more.
func (p *pty) read() {
	defer close(p.ended)
	buf := make([]byte, 4096)
	for {
		n, err := p.file.Read(buf)
		p.mu.Lock()
		p.text += string(buf[:n])
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
		if err != nil { // EIO when the last program is gone
			return
		}
	}
}

// press sends keys.
func (p *pty) press(keys string) {
	p.t.Helper()
	if _, err := p.file.WriteString(keys); err != nil {
		p.t.Fatalf("press %q: %v", keys, err)
	}
}

// printed is what was printed from a place on.
func (p *pty) printed(from int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text[from:]
}

// ptyTime bounds a wait for what a terminal shows.
const ptyTime = time.Minute

// await waits until what was printed from a place on fits the pattern, and
// returns its groups. What steers the terminal is left out.
func (p *pty) await(from int, pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(ptyTime)
	for {
		if m := re.FindStringSubmatch(plainText(p.printed(from))); m != nil {
			return m
		}
		select {
		case <-p.news:
		case <-late:
			p.t.Fatalf("not shown within %v: %s\nprinted: %q", ptyTime, pattern, p.printed(from))
		}
	}
}

// steering is what moves the cursor, colours and names a window: ECMA-48 8.3
// and xterm's.
var steering = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)|\x1b[()][0-9A-Za-z]|\x1b[=>78]|[\r\x07]")

func plainText(text string) string { return steering.ReplaceAllString(text, "") }

// ptyCluster gives commands of a test a cluster, a port and a home of their own.
func ptyCluster(t *testing.T) (env []string, home string) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	home = t.TempDir()
	return []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "SC_CLUSTER=test-" + strings.ToLower(rand.Text()),
		fmt.Sprint("SC_BROADCAST_PORT=", port),
	}, home
}

// startBusy starts a worker with one slot and a task that runs there until the
// test ends, and returns the beginnings of their ids that sc prints.
func startBusy(t *testing.T, env []string, home string) (worker, task string) {
	t.Helper()
	const script = `const fs = require('fs');
const { createMaster, createWorker } = require('supercluster');
const broadcast = { interval: 100 }; // so that a short look hears it
createWorker({ slots: 1, broadcast });
const task = createMaster({ broadcast }).run(function spins() { console.log('here'); return new Promise((r) => setTimeout(r, 1e9)); });
task.catch(() => {});
task.on('log', () => { fs.writeFileSync('ids.new', task.worker.id + ' ' + task.id); fs.renameSync('ids.new', 'ids'); });
`
	file := filepath.Join(home, "busy.js")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t), "run", file)
	cmd.Env, cmd.Dir = env, home
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
	})
	late := time.After(ptyTime)
	for {
		if text, err := os.ReadFile(filepath.Join(home, "ids")); err == nil {
			ids := strings.Fields(string(text))
			return ids[0][:sureWorker], ids[1][:sureTask]
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case err := <-ended:
			ended <- err
			t.Fatalf("sc run busy.js ended: %v\n%s", err, said.String())
		case <-late:
			t.Fatalf("no task ran within %v", ptyTime)
		}
	}
}
