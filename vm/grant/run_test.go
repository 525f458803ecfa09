package grant

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

func programMain(args []string) int {
	switch args[0] {
	case "say":
		fmt.Fprint(os.Stdout, args[1])
		fmt.Fprint(os.Stderr, args[2])
		return 3
	case "echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "env":
		for _, e := range os.Environ() {
			fmt.Println(e)
		}
	case "flood":
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return 1
			}
		}
	case "wait":
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
		select {}
	}
	return 0
}

// readOut reads a stream to its end.
func readOut(t *testing.T, s *Session, handle any) string {
	t.Helper()
	var b strings.Builder
	for {
		part := s.must(t, "recv", handle, maxChunk).([]byte)
		if len(part) == 0 {
			return b.String()
		}
		b.Write(part)
	}
}

func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func TestPrograms(t *testing.T) {
	exe := self(t)
	t.Setenv("GRANT_A", "1")
	t.Setenv("GRANT_B", "2")
	s := open(t, Permissions{Run: list(exe), Env: list("GRANT_A")})
	p := s.must(t, "spawn", exe, []string{"say", "out", "err"}, nil, "").([]any)
	if out, errs := readOut(t, s, p[3]), readOut(t, s, p[4]); out != "out" || errs != "err" {
		t.Errorf("output %q, %q", out, errs)
	}
	if st := s.must(t, "wait", p[0]).([]any); st[0] != 3.0 || st[1] != nil {
		t.Errorf("wait = %v", st)
	}
	p = s.must(t, "spawn", exe, []string{"echo"}, nil, "").([]any)
	s.must(t, "send", p[2], []byte("to and fro"))
	s.must(t, "close", p[2])
	if got := readOut(t, s, p[3]); got != "to and fro" {
		t.Errorf("echo %q", got)
	}
	p = s.must(t, "spawn", exe, []string{"env"}, nil, "").([]any)
	if got := readOut(t, s, p[3]); !strings.Contains(got, "GRANT_A=1\n") || strings.Contains(got, "GRANT_B") {
		t.Errorf("environment of a program: %q", got)
	}
	p = s.must(t, "spawn", exe, []string{"wait"}, []string{"X=1"}, "").([]any)
	s.must(t, "recv", p[3], 100)
	if sent := s.must(t, "kill", p[0], "SIGKILL"); sent != true {
		t.Errorf("kill = %v", sent)
	}
	if st := s.must(t, "wait", p[0]).([]any); st[1] != "SIGKILL" {
		t.Errorf("wait of what was killed = %v", st)
	}
	s.want(t, "ERR_UNKNOWN_SIGNAL: Unknown signal: SIGNOT", "kill", p[0], "SIGNOT")
}

// TestProgramMatrix is which programs may run, and with what.
func TestProgramMatrix(t *testing.T) {
	exe := self(t)
	for _, tt := range []struct {
		name    string
		allowed List
		program string
		env     []string
		want    string
	}{
		{"nothing allowed", List{}, exe, nil, deniedText("run", exe, "--allow-run="+exe)},
		{"another", list("sh"), exe, nil, deniedText("run", exe, "--allow-run="+exe)},
		{"itself", list(exe), exe, nil, ""},
		{"all", everything, exe, nil, ""},
		{"allowed, but not there", list("no-such-program"), "no-such-program", nil, "ENOENT: no such file or directory, spawn no-such-program 'no-such-program'"},
		{"not there, all allowed", everything, "no-such-program", nil, "ENOENT: no such file or directory, spawn no-such-program 'no-such-program'"},
		{"not there, and not allowed", List{}, "no-such-program", nil, deniedText("run", "no-such-program", "--allow-run=no-such-program")},
		{"the loader", list(exe), exe, []string{"LD_PRELOAD=/x.so"}, "ERR_ACCESS_DENIED: Requires run access, to all programs, to set LD_PRELOAD, which changes what a program does: start the worker with --allow-run"},
		{"the loader of macOS", list(exe), exe, []string{"dyld_insert=/x"}, "ERR_ACCESS_DENIED: Requires run access, to all programs, to set dyld_insert, which changes what a program does: start the worker with --allow-run"},
		{"the loader, all allowed", everything, exe, []string{"LD_PRELOAD=/none.so"}, ""},
		{"no variable", list(exe), exe, []string{"X"}, `ERR_INVALID_ARG_VALUE: "X" is no variable of an environment`},
	} {
		s := open(t, Permissions{Run: tt.allowed})
		if v, fault := s.ask(t, "spawn", tt.program, []string{"say", "", ""}, tt.env, ""); fault != tt.want {
			t.Errorf("%s: %v, %q, want %q", tt.name, v, fault, tt.want)
		}
	}
}

func TestEnvMatrix(t *testing.T) {
	for name, v := range map[string]string{"GRANT_ONE": "1", "GRANT_TWO": "2", "OTHER": "3"} {
		t.Setenv(name, v)
	}
	for _, tt := range []struct {
		allowed List
		see     string // in order of GRANT_ONE, GRANT_TWO, OTHER, NOT_SET
	}{
		{List{}, "...."}, {everything, "xxxx"}, {list("GRANT_ONE"), "x..."}, {list("GRANT_*"), "xx.."}, {list("*"), "xxxx"}, {list("GRANT_ONE", "OTHER"), "x.x."},
	} {
		s := open(t, Permissions{Env: tt.allowed, Read: everything})
		visible := fmt.Sprint(s.must(t, "env"))
		for i, name := range []string{"GRANT_ONE", "GRANT_TWO", "OTHER", "NOT_SET"} {
			_, fault := s.ask(t, "envAllowed", name)
			want := ""
			if tt.see[i] == '.' {
				want = deniedText("env", name, "--allow-env="+name)
			}
			if fault != want {
				t.Errorf("%v: %s: %q, want %q", tt.allowed, name, fault, want)
			}
			if got := strings.Contains(visible, name+"="); got != (tt.see[i] == 'x' && name != "NOT_SET") {
				t.Errorf("%v: %s is visible: %v", tt.allowed, name, got)
			}
		}
	}
}

// TestEndOfPrograms checks that nothing of a program outlives its task, whatever it writes meanwhile.
func TestEndOfPrograms(t *testing.T) {
	exe := self(t)
	b, err := New(Permissions{Run: everything})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Open()
	var pids []int
	for _, role := range []string{"flood", "wait"} {
		p := s.must(t, "spawn", exe, []string{role}, nil, "").([]any)
		s.must(t, "recv", p[3], 10)
		pids = append(pids, int(p[1].(float64)))
	}
	s.Close()
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("process %d is alive", pid)
		}
	}
}

func TestBadItems(t *testing.T) {
	for want, p := range map[string]Permissions{
		`--allow-net: "http://x" is no host: want a name or an address, with a port or without, as "example.com:443"`: {Net: list("http://x")},
		`--allow-net: "x:0" is no host: want a name or an address, with a port or without, as "example.com:443"`:      {Net: list("x:0")},
		`--allow-env: "A=B" is no name of a variable; a * may stand at its end`:                                       {Env: list("A=B")},
		`--allow-env: "A*B" is no name of a variable; a * may stand at its end`:                                       {Env: list("A*B")},
	} {
		if b, err := New(p); err == nil || err.Error() != want {
			t.Errorf("New(%+v) = %v, %v, want %s", p, b, err, want)
		}
	}
}
