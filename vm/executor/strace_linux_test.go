package executor

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"supercluster/vm"
)

// workCalls are the system calls that an executor may be seen to make while it runs tasks.
var workCalls = strings.Fields(`read write readv writev futex epoll_pwait epoll_wait epoll_ctl nanosleep clock_nanosleep
	clock_gettime gettimeofday sched_yield madvise munmap mmap mprotect mremap mincore brk rt_sigprocmask rt_sigreturn
	rt_sigaction sigaltstack tgkill getpid gettid getrandom getrusage clone clone3 set_robust_list rseq sched_getaffinity
	prctl restart_syscall exit exit_group close`)

// TestAudit watches an executor from outside while it runs tasks of all kinds: it makes no system call but those
// of a runtime that computes, and none of them is refused, but for names of mappings and the C library's clone3.
func TestAudit(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("there is no strace")
	}
	p := newPool(t, "engine", Config{})
	pid := idleChild(p).proc.Pid()
	file := filepath.Join(t.TempDir(), "calls")
	cmd := exec.Command(strace, "-f", "-qq", "-o", file, "-p", fmt.Sprint(pid))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	attached := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stderr).ReadString('\n')
		attached <- line
	}()
	if !traced(t, pid, attached) {
		cmd.Process.Kill()
		cmd.Wait()
		t.Skip("strace may not look at a process here")
	}
	for _, source := range []string{
		"() => 1", "() => { console.log('x'); return new Date().toString() + new Date(2024, 1, 1).getTimezoneOffset() }",
		"async () => { await new Promise(r => setTimeout(r, 5)); return require('crypto').randomBytes(8).toString('hex') }",
		"() => { let s = 0; for (let i = 0; i < 1e6; i++) s += i; return s }",
		"() => { const a = []; for (let i = 0; i < 3e5; i++) a.push({ i }); return a.length }",
		"() => ['fs', 'net', 'child_process'].map(m => { try { require(m) } catch (e) { return e.code } })",
		"() => { const o = { toString() { return String(o) } }; try { return new URL('http://ä.example/?ö').href } finally { null }  }",
		"() => new Intl.NumberFormat().format(1)", "() => import('fs')", "() => { null.x }",
	} {
		task := jsTask(t, source)
		task.Timeout = 20 * second
		p.Execute(context.Background(), task, quiet)
	}
	if p.Execute(context.Background(), vm.Task{ID: "bad", Code: []byte("no code")}, quiet).Err == nil {
		t.Error("a task without code ran")
	}
	cmd.Process.Signal(os.Interrupt) // detaches
	cmd.Wait()
	checkCalls(t, file)
}

// traced waits until all threads of pid have a tracer; false if that is not allowed.
func traced(t *testing.T, pid int, failed <-chan string) bool {
	t.Helper()
	for end := time.Now().Add(20 * second); time.Now().Before(end); yield() {
		select {
		case <-failed:
			return false
		default:
		}
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
		if len(threads) > 0 && !slices.ContainsFunc(threads, func(file string) bool {
			b, _ := os.ReadFile(file)
			return strings.Contains(string(b), "TracerPid:\t0\n")
		}) {
			return true
		}
	}
	return false
}

var callLine = regexp.MustCompile(`(?m)^\d+ +(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed>)(.*)$`)

// checkCalls reads what strace wrote.
func checkCalls(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	for _, m := range callLine.FindAllStringSubmatch(string(b), -1) {
		name, rest := m[1], m[2]
		if count[name]++; !slices.Contains(workCalls, name) {
			t.Errorf("an executor called %s(%s", name, rest)
		}
		if strings.Contains(rest, "EPERM") && name != "prctl" {
			t.Errorf("an executor was refused %s(%s", name, rest)
		}
	}
	if count["futex"]+count["write"] == 0 {
		t.Errorf("no calls were seen in %d bytes", len(b))
	}
	t.Logf("calls: %v", count)
}
