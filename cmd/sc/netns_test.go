package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"supercluster/net/netlab"
)

// program is the path of a file by which this test binary is sc; see TestMain.
func program(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sc")
	if err := os.Link(self, path); err == nil {
		return path
	}
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// startWorker starts a worker on host, which says when it is listening.
func startWorker(t testing.TB, host *netlab.Host, sc string, args ...string) {
	t.Helper()
	cmd := host.Command(sc, append([]string{"worker"}, args...)...)
	said := newWatcher("listens on")
	cmd.Stderr = said
	start(t, cmd)
	<-said.seen
}

// A watcher keeps what is written to it and closes seen at the first write
// that completes the words.
type watcher struct {
	words string
	seen  chan struct{}
	once  sync.Once
	mu    sync.Mutex
	text  bytes.Buffer // guarded by mu
}

func newWatcher(words string) *watcher {
	return &watcher{words: words, seen: make(chan struct{})}
}

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.words) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

func run(t *testing.T, cmd *exec.Cmd) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// folder is what the tests count words in: as large as is bearable with the
// race detector, and the same on every machine that has this Go.
func folder(t *testing.T) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "src", "encoding")
}

var share = regexp.MustCompile(`(?m)^worker \w+ counted [1-9]\d* files$`)

// TestWordcountOverHosts: workers and master in four network namespaces on
// one bridge count the same as this machine alone, and each did a share.
func TestWordcountOverHosts(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.77.0.0/24")
	sc := program(t)
	wordcount, err := filepath.Abs(filepath.Join("..", "..", "examples", "wordcount.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"w1", "w2", "w3"} {
		startWorker(t, lab.Host(name, lan), sc, "--slots=1")
	}
	master := lab.Host("m", lan)
	got, talk := run(t, master.Command(sc, "run", waitFor(t, 3, wordcount), folder(t)))
	want, _ := run(t, master.Command(sc, "run", "--cluster=alone", "--local=1", wordcount, folder(t)))
	if got != want {
		t.Errorf("counted on three hosts:\n%s\ncounted here:\n%s", got, want)
	}
	if n := len(share.FindAllString(talk, -1)); n != 3 {
		t.Errorf("%d of 3 workers did a share:\n%s", n, talk)
	}
}

// TestWordcountOffline: two processes on a host whose only interface is lo.
func TestWordcountOffline(t *testing.T) {
	lab := netlab.New(t)
	host := lab.Host("laptop")
	sc := program(t)
	wordcount, err := filepath.Abs(filepath.Join("..", "..", "examples", "wordcount.js"))
	if err != nil {
		t.Fatal(err)
	}
	startWorker(t, host, sc, "--slots=2")
	got, talk := run(t, host.Command(sc, "run", wordcount, folder(t)))
	want, _ := run(t, host.Command(sc, "run", "--cluster=alone", "--local=1", wordcount, folder(t)))
	if got != want {
		t.Errorf("counted by the other process:\n%s\ncounted here:\n%s", got, want)
	}
	if n := len(share.FindAllString(talk, -1)); n != 1 {
		t.Errorf("%d workers counted, want 1:\n%s", n, talk)
	}
}

// TestSeedOverTracker: the founding document's tracker, worker and master, on
// three hosts of two subnets, with tracker.mynet.com as the tracker's name.
func TestSeedOverTracker(t *testing.T) {
	lab := netlab.New(t)
	left, right := lab.Subnet("10.71.0.0/24"), lab.Subnet("10.72.0.0/24")
	lab.Router("router", left, right)
	sc := program(t)
	seed := func(name string) string {
		path, err := filepath.Abs(filepath.Join("..", "..", "examples", "seed", name))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	trackerHost, workerHost, masterHost := lab.Host("t", left), lab.Host("w", right), lab.Host("m", left)
	for _, h := range []*netlab.Host{workerHost, masterHost} {
		h.Resolve("tracker.mynet.com", trackerHost.Addr(left))
	}
	start(t, trackerHost.Command(sc, "run", seed("tracker.js")))
	start(t, workerHost.Command(sc, "run", seed("tracked-worker.js")))
	master := masterHost.Command(sc, "run", seed("tracked-master.js"))
	said := newWatcher("1+1= [ 2 ]\n")
	master.Stdout = said
	start(t, master) // as it stands in the document, it never ends
	<-said.seen
}

// start starts a command that is stopped when the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err == nil {
			cmd.Wait() // however it ends, it has ended
		}
	})
}

// waitFor wraps a script: it begins when so many workers are there, so that
// each can have a share.
func waitFor(t *testing.T, workers int, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wait.js")
	text := "const master = require('supercluster').createMaster();\n" +
		"master.on('workerAvailable', function begin() {\n" +
		"  if (master.peers().length < " + string(rune('0'+workers)) + ") return;\n" +
		"  master.removeListener('workerAvailable', begin);\n" +
		"  require(" + quoteJS(script) + ");\n});\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func quoteJS(s string) string { return `"` + strings.ReplaceAll(s, `\`, `\\`) + `"` }
