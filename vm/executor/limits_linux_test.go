package executor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"supercluster/vm"
)

// limitsOf describes what the process pid may do.
func limitsOf(t *testing.T, pid int) string {
	t.Helper()
	var b strings.Builder
	at := func(name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }
	limits, err := os.ReadFile(at("limits"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		for name, head := range map[string]string{"core": "Max core file size", "fsize": "Max file size", "nofile": "Max open files", "data": "Max data size", "nproc": "Max processes"} {
			if rest, ok := strings.CutPrefix(line, head); ok {
				soft, hard := strings.Fields(rest)[0], strings.Fields(rest)[1]
				fmt.Fprintf(&b, "%s=%s/%s ", name, soft, hard)
			}
		}
	}
	dir, err := os.Readlink(at("cwd"))
	if err != nil {
		t.Fatal(err)
	}
	score, _ := os.ReadFile(at("oom_score_adj"))
	environ, _ := os.ReadFile(at("environ"))
	group, _ := unix.Getpgid(pid)
	fmt.Fprintf(&b, "dir=%s env=%d oom=%s group=%v ", dir, len(environ), strings.TrimSpace(string(score)), group == pid)
	status, _ := os.ReadFile(at("status"))
	for _, field := range []string{"Uid", "CapEff", "NoNewPrivs", "Seccomp"} {
		_, rest, _ := strings.Cut(string(status), "\n"+field+":\t")
		value, _, _ := strings.Cut(rest, "\n")
		fmt.Fprintf(&b, "%s=%s ", field, strings.ReplaceAll(value, "\t", ","))
	}
	fds, _ := os.ReadDir(at("fd"))
	for _, fd := range fds {
		target, _ := os.Readlink(at("fd/" + fd.Name()))
		if strings.HasPrefix(target, "/") && target != "/dev/null" && !strings.HasPrefix(target, "/sys/fs/cgroup/") {
			fmt.Fprintf(&b, "open=%s ", target)
		}
	}
	return b.String()
}

func TestChildIsConfined(t *testing.T) {
	t.Setenv("SC_KEY", "secret")
	for _, role := range []string{"fake", "engine"} { // without and with namespaces
		p := newPool(t, role, Config{Limits: Limits{Memory: 100 << 20}})
		t.Logf("%s: %q", role, p.Confinement(context.Background()))
		pid := idleChild(p).proc.Pid()
		got := limitsOf(t, pid)
		wanted := []string{"core=0/0 ", "fsize=0/0 ", "nofile=32/32 ", "dir=/ ", "env=0 ", "oom=900 ", "group=true ",
			"CapEff=0000000000000000 ", "NoNewPrivs=1 ", "Seccomp=2 "}
		if slices.ContainsFunc(p.Confinement(context.Background()), func(line string) bool { return strings.HasPrefix(line, "threads:") }) {
			wanted = append(wanted, "nproc=64/64 ")
		} else if role == "engine" && slices.Contains(p.Confinement(context.Background()), isolationLine(nil)) {
			t.Errorf("the threads of a child of its own namespaces are not bounded: %q", p.Confinement(context.Background()))
		}
		if os.Geteuid() == 0 {
			wanted = append(wanted, "Uid=65534,65534,65534,65534 ")
		}
		for _, want := range wanted {
			if !strings.Contains(got, want) {
				t.Errorf("the child has %q, want %q", got, want)
			}
		}
		var data int64
		if i := strings.Index(got, "data="); i >= 0 {
			fmt.Sscanf(got[i:], "data=%d/", &data)
		}
		if data < 100<<20+headroom || data > 2<<30 {
			t.Errorf("the limit of data is %d bytes", data)
		}
		if strings.Contains(got, "open=") {
			t.Errorf("open files in the child: %s", got)
		}
	}
}

// TestMemory checks that tasks that want too much memory, steadily or at once, heeding or not, end with the right
// error while others run on and the pool serves on.
func TestMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's memory counts as the child's")
	}
	p := newPool(t, "fake", Config{Size: 2, Limits: Limits{Memory: MinMemory}})
	other, cancel := context.WithCancel(context.Background())
	running := make(chan struct{})
	var g sync.WaitGroup
	g.Go(func() {
		res := p.Execute(other, vm.Task{Name: "wait"}, hostFunc(func(string) { close(running) }))
		wantCode(t, "the other task", res, codeCancelled)
	})
	<-running
	for _, tt := range []struct{ name, words string }{
		{"grow", "bytes in use, limit 67108864"},
		{"bomb", "wanted 8589934592 bytes more"},
		{"grab", "out of memory"},
	} {
		began := time.Now()
		res := p.Execute(context.Background(), vm.Task{ID: "m", Name: tt.name, Timeout: 30 * second}, quiet)
		wantCode(t, tt.name, res, codeMemory, "task m ("+tt.name+")", tt.words, "limit")
		within(t, tt.name, began, 3*second)
		t.Logf("%s after %v: %s", tt.name, time.Since(began).Round(time.Millisecond), errorOf(t, tt.name, res).Message)
		pidOf(t, p)
	}
	// A limit of the task's own is kept by the watch, which leaves the child alive.
	res := p.Execute(context.Background(), vm.Task{ID: "m", Name: "grow", Memory: 32 << 20, Timeout: 30 * second}, quiet)
	wantCode(t, "a task's own limit", res, codeMemory, "bytes in use, limit 33554432")
	cancel()
	g.Wait()
}

// TestParentDeath kills a worker whose children are at work, one of them deaf to interrupts: both must end.
func TestParentDeath(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "middle")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	var pids [2]int
	if _, serr := fmt.Sscan(line, &pids[0], &pids[1]); serr != nil || err != nil {
		t.Fatalf("the worker said %q: %v %v", line, err, serr)
	}
	var fds [2]int
	for i, pid := range pids {
		if fds[i], err = unix.PidfdOpen(pid, 0); err != nil {
			t.Fatalf("child %d is not there while its worker lives: %v", pid, err)
		}
		defer unix.Close(fds[i])
	}
	cmd.Process.Kill()
	io.Copy(io.Discard, out)
	cmd.Wait()
	began := time.Now()
	for i, fd := range fds {
		if !ends(fd, 10*second) {
			t.Errorf("child %d outlives its worker", pids[i])
			unix.Kill(pids[i], unix.SIGKILL)
		}
	}
	within(t, "the end of the children", began, DefaultGrace)
}

// ends waits until the process of that descriptor has ended.
func ends(pidfd int, limit time.Duration) bool {
	polled := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for end := time.Now().Add(limit); ; {
		n, err := unix.Poll(polled, int(time.Until(end).Milliseconds()))
		if n == 1 || !errors.Is(err, unix.EINTR) {
			return n == 1
		}
	}
}

// TestNothingIsLeft checks that a pool that lost many children leaks neither descriptors nor processes.
func TestNothingIsLeft(t *testing.T) {
	open := func() int {
		fds, _ := os.ReadDir("/proc/self/fd")
		return len(fds)
	}
	t.Run("warm up", func(t *testing.T) { pidOf(t, newPool(t, "fake", Config{})) })
	before := open()
	t.Run("lose", func(t *testing.T) {
		p := newPool(t, "fake", Config{Size: 2})
		for range 10 {
			wantCode(t, "suicide", p.Execute(context.Background(), vm.Task{Name: "suicide"}, quiet), codeKilled, "signal killed")
		}
	})
	if after := open(); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG, nil); !errors.Is(err, unix.ECHILD) {
		t.Errorf("children are left: %v", err)
	}
}

// idleChild waits for all children of a pool of one to be idle, and returns the one that is next.
func idleChild(p *Pool) *child {
	for {
		p.mu.Lock()
		if n := len(p.idle); n == 1+spares && len(p.alive) == n {
			defer p.mu.Unlock()
			return p.idle[n-1]
		}
		p.mu.Unlock()
		yield()
	}
}

// halt stops a child from running, and returns when it has.
func halt(t *testing.T, c *child) {
	t.Helper()
	unix.Kill(c.proc.Pid(), unix.SIGSTOP)
	for {
		switch err := unix.Waitid(unix.P_PID, c.proc.Pid(), nil, unix.WSTOPPED|unix.WNOWAIT, nil); err {
		case nil:
			return
		case unix.EINTR:
		default:
			t.Fatal(err)
		}
	}
}

// TestUnreadTaskMovesOn checks that a task whose child dies before it has read it runs in another, unnoticed.
func TestUnreadTaskMovesOn(t *testing.T) {
	p := newPool(t, "fake", Config{})
	for _, size := range []int{10, 1 << 20} {
		c := idleChild(p)
		halt(t, c)
		var g sync.WaitGroup
		g.Go(func() {
			res := p.Execute(context.Background(), vm.Task{Name: "args", Args: make([]byte, size)}, quiet)
			if len(res.Value) != size {
				t.Errorf("%d bytes to a child that died: %d came back, %s", size, len(res.Value), res.Err)
			}
		})
		for !c.hasRun() {
			yield()
		}
		unix.Kill(c.proc.Pid(), unix.SIGKILL)
		g.Wait()
	}
}

// TestDeafChild checks that a child that reads nothing any more is ended in time, also while a frame is being written.
func TestDeafChild(t *testing.T) {
	p := newPool(t, "fake", Config{Grace: 50 * time.Millisecond})
	for _, size := range []int{10, 4 << 20} {
		began := time.Now()
		halt(t, idleChild(p))
		task := vm.Task{ID: "s", Name: "args", Args: make([]byte, size), Timeout: 50 * time.Millisecond}
		wantCode(t, "stopped", p.Execute(context.Background(), task, quiet), codeTimeout, "task s (args)", "50ms")
		within(t, "the end", began, second)
		pidOf(t, p)
	}
}
