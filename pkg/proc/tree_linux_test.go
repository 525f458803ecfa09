package proc

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// awaitGone waits until the process, of whomever it is a child, has ended.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for end := time.Now().Add(20 * time.Second); ; {
		n, err := unix.Poll(polled, int(time.Until(end).Milliseconds()))
		if n == 1 {
			return
		}
		if !errors.Is(err, unix.EINTR) {
			t.Fatalf("process %d lives on", pid)
		}
	}
}

func TestSignal(t *testing.T) {
	p := start(t, self(t, "deaf"))
	if err := syscall.Kill(p.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if st := p.Wait(); st.Signal != "killed" || st.Code != -1 || st.Killed {
		t.Errorf("state %+v, want a signal that was not ours", st)
	}
}

// TestWholeTreeEnds checks that what a child started ends with it, whether the child is killed or exits by itself.
func TestWholeTreeEnds(t *testing.T) {
	for _, how := range []string{"killed", "exits"} {
		t.Run(how, func(t *testing.T) {
			stdin, hold := io.Pipe()
			defer hold.Close()
			out, write := io.Pipe()
			cfg := self(t, "tree")
			cfg.Stdin, cfg.Stdout = stdin, write
			p := start(t, cfg)
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			if how == "killed" {
				p.Kill()
			}
			hold.Close()
			p.Wait()
			awaitGone(t, pid)
		})
	}
}

// TestKillAfterEnd checks that the number of a process that was reaped is never signalled.
func TestKillAfterEnd(t *testing.T) {
	p := start(t, self(t, "exit", "3"))
	p.Wait()
	p.Kill()
	if st := p.Wait(); st.Killed || st.Code != 3 {
		t.Errorf("state %+v, want code 3", st)
	}
}

func TestStateString(t *testing.T) {
	for want, st := range map[string]State{
		"exited with code 2":                               {Code: 2},
		"was ended by signal killed":                       {Code: -1, Signal: "killed", Killed: true},
		"was lost: no child processes":                     {Err: unix.ECHILD},
		"was ended by the system, which ran out of memory": {Signal: "killed", OOM: true},
	} {
		if got := st.String(); got != want {
			t.Errorf("%+v: %q, want %q", st, got, want)
		}
	}
	if oomKills() < 0 {
		t.Error("a negative count of kills")
	}
}
