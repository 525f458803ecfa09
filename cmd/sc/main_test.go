package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary stand in for sc, so that scripts run the real
// program in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(homeless{m}, map[string]func(){"sc": main, "rogue": rogue})
}

// homeless runs the tests with a home of their own: whoever runs them keeps
// the keys in theirs.
type homeless struct{ *testing.M }

func (m homeless) Run() int {
	home, err := os.MkdirTemp("", "sc-home-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	os.Setenv("HOME", home)
	os.Unsetenv("XDG_CONFIG_HOME")
	return m.M.Run()
}

// scriptTime bounds one script: one that hangs is ended, and fails.
const scriptTime = 3 * time.Minute

func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testscript.RunT(scriptT{t}, testscript.Params{
				Files:    []string{file},
				Setup:    isolate,
				Deadline: time.Now().Add(scriptTime),
				Condition: func(name string) (bool, error) {
					if name != "race" {
						return false, fmt.Errorf("no such condition; there is race, for the race detector")
					}
					return raceDetector, nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "envfile": envFile, "scrape": scrape},
			})
		})
	}
}

// A scriptT runs a script in a test that there is, whose time counts from the
// moment that it has its turn.
type scriptT struct{ *testing.T }

func (t scriptT) Parallel()                               {}
func (t scriptT) Run(_ string, body func(t testscript.T)) { body(t) }
func (t scriptT) Verbose() bool                           { return testing.Verbose() }

// exits is the script command "exits CODE PROGRAM [ARGS…]": it runs the
// program, which must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code, err = exit.ExitCode(), nil
	}
	if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("%s exits with %d, want %s", args[1], code, args[0])
	}
}

// envFile waits for a file that another process of the script writes, and sets
// a variable to each of its words: envfile FILE NAME...
func envFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: envfile FILE NAME...")
	}
	var words []string
	for deadline := time.Now().Add(20 * time.Second); len(words) < len(args)-1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s has %d words after 20 s, want %d", args[0], len(words), len(args)-1)
		}
		if b, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.HasSuffix(string(b), "\n") {
			words = strings.Fields(string(b))
		}
	}
	for i, name := range args[1:] {
		ts.Setenv(name, words[i])
	}
}

// isolate gives a script a cluster and a discovery port that no other has.
func isolate(env *testscript.Env) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		return err
	}
	env.Setenv("SC_CLUSTER", "test-"+strings.ToLower(rand.Text()))
	env.Setenv("SC_BROADCAST_PORT", fmt.Sprint(port))
	for _, name := range []string{"FREE_PORT", "FREE_PORT2", "FREE_PORT3", "FREE_PORT4"} {
		if port, err = freePort(); err != nil {
			return err
		}
		env.Setenv(name, fmt.Sprint(port))
	}
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", "")
	env.Setenv("EXAMPLES", examples)
	return nil
}

// freePort is a port that is free now, of UDP and of TCP. Discovery sockets share theirs, so it has to be nobody's; and
// it is below those that the system gives out by itself, as other tests take such before it is used.
func freePort() (int, error) {
	for range 100 {
		n, err := rand.Int(rand.Reader, big.NewInt(12000))
		if err != nil {
			return 0, err
		}
		port := 20000 + int(n.Int64())
		u, err := net.ListenUDP("udp4", &net.UDPAddr{Port: port})
		if err != nil {
			continue
		}
		u.Close()
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{Port: port})
		if err != nil {
			continue
		}
		l.Close()
		return port, nil
	}
	return 0, errors.New("no port from 20000 to 31999 is free")
}
