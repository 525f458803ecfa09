package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"supercluster/net/trust"
)

// canaryJS runs a task that looks for a secret wherever it can, throws in it,
// and keeps it alive until it is looked at from outside.
const canaryJS = `
const master = require('supercluster').createMaster();
console.log(JSON.stringify(process.env), process.argv);
master.on('workerAvailable', async (w) => {
  console.log('member', w.member, JSON.stringify(w));
  await master.run(() => { console.log(typeof process, Object.keys(globalThis).join()); throw new Error('boom'); }).catch((e) => console.error(e));
  const long = master.run(() => new Promise((done) => setTimeout(done, 60000))).catch(() => {});
  console.log('at work now');
});
`

// TestNoSecretLeaks plants a key in each place that a key may come from, and
// looks for it in all that is said and in what other processes can see: logs
// with --verbose, errors, the output of a crash, arguments, the environment of
// every child.
func TestNoSecretLeaks(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("environments of processes are read from /proc")
	}
	key := trust.NewSecret().Token()
	sc := program(t)
	script := filepath.Join(t.TempDir(), "canary.js")
	if err := os.WriteFile(script, []byte(canaryJS), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string][]string{
		"SC_KEY":      {"SC_KEY=" + key},
		"SC_KEY_FILE": {"SC_KEY_FILE=" + file},
		"stored":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			env := append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "SC_CLUSTER=canary", "SC_BROADCAST_PORT=" + strconv.Itoa(port)}, env...)
			if name == "stored" {
				join := exec.Command(sc, "join")
				join.Env, join.Stdin = env, strings.NewReader(key)
				run(t, join)
			}
			said := newWatcher("at work now")
			worker := exec.Command(sc, "worker", "--slots=1", "--verbose")
			master := exec.Command(sc, "run", "--verbose", script)
			for _, cmd := range []*exec.Cmd{worker, master} {
				cmd.Env, cmd.Stdout, cmd.Stderr = env, said, said
				start(t, cmd)
			}
			select {
			case <-said.seen:
			case <-time.After(30 * time.Second):
				t.Fatalf("no task runs:\n%s", said)
			}
			if !strings.Contains(said.String(), "member true") || !strings.Contains(said.String(), "boom") {
				t.Errorf("the key was not used, or the task did not fail:\n%s", said)
			}
			lookIn(t, key, worker.Process.Pid, name == "SC_KEY")
			lookIn(t, key, master.Process.Pid, name == "SC_KEY")
			// SIGQUIT has Go print all goroutines and what they were called with.
			for _, cmd := range []*exec.Cmd{worker, master} {
				if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
					t.Fatal(err)
				}
				cmd.Wait() // it ends with 2
			}
			if !strings.Contains(said.String(), "goroutine ") {
				t.Errorf("no crash was printed:\n%s", said)
			}
			for _, mistyped := range []string{key[:40], key + "a", key[5:]} {
				wrong := exec.Command(sc, "join")
				wrong.Env, wrong.Stdin, wrong.Stdout, wrong.Stderr = env, strings.NewReader(mistyped), said, said
				if wrong.Run() == nil {
					t.Errorf("%d characters of a key were taken for one", len(mistyped))
				}
			}
			if i := strings.Index(said.String(), key[5:17]); i >= 0 {
				t.Errorf("the key is in what was said: …%s…", said.String()[max(0, i-80):min(len(said.String()), i+80)])
			}
		})
	}
}

// lookIn looks for a key in the arguments and environments of a process and of
// its children. own says that the process was given it in its environment,
// where the system shows it to the same account for as long as it lives.
func lookIn(t *testing.T, key string, pid int, own bool) {
	t.Helper()
	children := childrenOf(t, pid)
	for i, p := range append([]int{pid}, children...) {
		for _, file := range []string{"cmdline", "environ"} {
			if i == 0 && own && file == "environ" {
				continue
			}
			b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p), file))
			if err == nil && bytes.Contains(b, []byte(key[5:17])) {
				t.Errorf("the key is in the %s of process %d (child %d)", file, p, i)
			}
		}
	}
}

// childrenOf returns the processes below one.
func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var list []int
	for _, e := range entries {
		p, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			list = append(list, p)
			list = append(list, childrenOf(t, p)...)
		}
	}
	return list
}
