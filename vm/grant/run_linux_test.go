package grant

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// alive reports whether a process is there, and no zombie.
func alive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(b), ") Z ")
}

// TestDaemons checks that a process which left its group, as daemons do, ends with its task.
func TestDaemons(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid")
	}
	b, err := New(Permissions{Run: everything})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Open()
	p := s.must(t, "spawn", "/bin/sh", []string{"-c", "setsid sleep 1000 & echo $!; wait"}, nil, "").([]any)
	line := string(s.must(t, "recv", p[3], 100).([]byte))
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	for range 1000 { // SIGKILL was sent; the kernel takes its time
		if !alive(pid) {
			return
		}
		syscall.Kill(pid, 0)
	}
	if alive(pid) {
		t.Errorf("the daemon %d is alive", pid)
	}
}
