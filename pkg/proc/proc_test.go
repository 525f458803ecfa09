package proc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// self returns the Config that starts this test's program as role.
func self(t *testing.T, role ...string) Config {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Config{Path: exe, Args: role}
}

func start(t *testing.T, cfg Config) *Process {
	t.Helper()
	p, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		p.Wait()
		if p.Conn() != nil {
			p.Conn().Close()
		}
	})
	return p
}

func TestExitCode(t *testing.T) {
	for code, want := range map[string]State{"0": {Code: 0}, "7": {Code: 7}, "255": {Code: 255}} {
		got := start(t, self(t, "exit", code)).Wait()
		got.CPU = 0
		if got != want {
			t.Errorf("exit %s: %+v, want %+v", code, got, want)
		}
	}
}

func TestOutput(t *testing.T) {
	var out, copied bytes.Buffer
	cfg := self(t, "say", "to stdout", strings.Repeat("e", 100))
	cfg.Stdout, cfg.Stderr, cfg.Tail = &out, &copied, 10
	p := start(t, cfg)
	p.Wait()
	if got := out.String(); got != "to stdout" {
		t.Errorf("stdout = %q", got)
	}
	if want := "eeeeeeeeee\n[80 bytes left out]\neeeeeeeeee"; p.Tail() != want {
		t.Errorf("Tail() = %q, want %q", p.Tail(), want)
	}
	if copied.Len() != 100 {
		t.Errorf("Stderr got %d bytes, want 100", copied.Len())
	}
}

func TestEnvironmentIsNotInherited(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot do without SYSTEMROOT")
	}
	t.Setenv("SECRET", "x")
	for _, tt := range []struct {
		env  []string
		want string
	}{{nil, `[] /`}, {[]string{"A=1"}, `["A=1"] /`}} {
		var out bytes.Buffer
		cfg := self(t, "env")
		cfg.Env, cfg.Dir, cfg.Stdout = tt.env, "/", &out
		start(t, cfg).Wait()
		if out.String() != tt.want {
			t.Errorf("Env %q: the child has %s, want %s", tt.env, out.String(), tt.want)
		}
	}
}

func TestConn(t *testing.T) {
	cfg := self(t, "echo")
	cfg.Conn = true
	p := start(t, cfg)
	sent := bytes.Repeat([]byte("0123456789"), 100_000)
	var g sync.WaitGroup
	g.Go(func() { p.Conn().Write(sent) })
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(p.Conn(), got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("echo of %d bytes differs, or %v", len(sent), err)
	}
	g.Wait()
	p.Conn().Close()
	if st := p.Wait(); st.Code != 7 {
		t.Errorf("after Conn().Close() the child %v (%s), want code 7", st, p.Tail())
	}
}

func TestConnEndsWithChild(t *testing.T) {
	cfg := self(t, "exit", "0")
	cfg.Conn = true
	p := start(t, cfg)
	if n, err := p.Conn().Read(make([]byte, 1)); err == nil {
		t.Errorf("Read = %d bytes, want an error: the child never wrote", n)
	}
	p.Wait()
}

func TestNoConn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("stdin and stdout always are there")
	}
	p := start(t, self(t, "echo"))
	if st := p.Wait(); st.Code != 1 || !strings.Contains(p.Tail(), "not started by sc") {
		t.Errorf("ChildConn without a connection: the child %v: %q", st, p.Tail())
	}
}

func TestStartErrors(t *testing.T) {
	if _, err := Start(Config{Path: "no-such-program-here"}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("Start of a missing program = %v, want ErrNotFound", err)
	}
	cfg := self(t, "exit", "0")
	cfg.Dir, cfg.Conn = "/no/such/folder", true
	if p, err := Start(cfg); err == nil {
		p.Wait()
		t.Error("Start in a missing folder succeeded")
	}
}

// TestWaitByMany checks that every caller of Wait gets the same answer, with Kill called all the while.
func TestWaitByMany(t *testing.T) {
	p := start(t, self(t, "deaf"))
	var g sync.WaitGroup
	states := make([]State, 8)
	for i := range states {
		g.Go(func() { p.Kill(); states[i] = p.Wait(); p.Kill() })
	}
	g.Wait()
	for _, st := range states {
		if st != states[0] || !st.Killed || st.OOM {
			t.Errorf("state %+v, another caller got %+v; want killed by us", st, states[0])
		}
	}
}

func BenchmarkStart(b *testing.B) {
	exe, _ := os.Executable()
	for b.Loop() {
		p, err := Start(Config{Path: exe, Args: []string{"exit", "0"}, Conn: true})
		if err != nil {
			b.Fatal(err)
		}
		p.Wait()
		p.Conn().Close()
	}
}

// BenchmarkEcho is a message of 100 bytes to a child and back, without anything around it.
func BenchmarkEcho(b *testing.B) {
	exe, _ := os.Executable()
	p, err := Start(Config{Path: exe, Args: []string{"echo"}, Conn: true})
	if err != nil {
		b.Fatal(err)
	}
	msg := make([]byte, 100)
	for b.Loop() {
		p.Conn().Write(msg)
		io.ReadFull(p.Conn(), msg)
	}
	p.Conn().Close()
	p.Wait()
}
