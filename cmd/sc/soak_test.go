//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

// TestSoak has a master and a worker work for 15 s, or for 20 minutes with
// SC_LONG=1, while other workers come, are killed and leave. Afterwards memory,
// goroutines, descriptors and temporary folders of the two are what they were
// after the first load.
func TestSoak(t *testing.T) {
	length, settle := 15*time.Second, 4*time.Second
	if os.Getenv("SC_LONG") != "" {
		length, settle = 20*time.Minute, 15*time.Second
	}
	s := newSoak(t)
	worker := s.start("worker", "--slots=2")
	master := s.start("run", s.script)
	s.wait(2)
	s.load(master, 4*time.Second)
	time.Sleep(settle)
	before := map[string]figures{"worker": s.figures(worker), "master": s.figures(master)}
	tasks := s.churn(master, length)
	time.Sleep(settle)
	for name, cmd := range map[string]*exec.Cmd{"worker": worker, "master": master} {
		b, a := before[name], s.figures(cmd)
		t.Logf("%s: %v before, %v after %v with %d tasks", name, b, a, length, tasks)
		if a.goroutines > b.goroutines+8 || a.files > b.files+8 {
			t.Errorf("%s: %d goroutines and %d descriptors, before %d and %d", name, a.goroutines, a.files, b.goroutines, b.files)
		}
		if limit := b.memory*3/2 + 32<<20; a.memory > limit {
			t.Errorf("%s: %d MiB of memory, before %d", name, a.memory>>20, b.memory>>20)
		}
		if a.folders > b.folders {
			t.Errorf("%s: %d temporary files and folders, before %d", name, a.folders, b.folders)
		}
	}
}

// soakScript keeps 30 tasks going while the file "load" is there.
const soakScript = `
const fs = require('fs');
const master = require('supercluster').createMaster();
let open = 0, n = 0;
setInterval(() => {
  if (!fs.existsSync('load')) return;
  for (; open < 30; open++) {
    master.run(async (i) => {
      console.log('task', i);
      await new Promise((r) => setTimeout(r, i % 20));
      return 'x'.repeat(i % 5000);
    }, [n++]).catch(() => {}).finally(() => open--);
  }
}, 20);
`

// soak is the test's cluster, which no other process sees.
type soak struct {
	t        *testing.T
	sc, dir  string
	temp     string
	env      []string
	script   string
	observer *jsapi.Observer
}

func newSoak(t *testing.T) *soak {
	s := &soak{t: t, sc: program(t), dir: t.TempDir(), temp: t.TempDir()}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("soak-%d", os.Getpid())
	s.env = append(os.Environ(), "SC_CLUSTER="+name, fmt.Sprintf("SC_BROADCAST_PORT=%d", port), "TMPDIR="+s.temp, "HOME="+s.dir, "XDG_CONFIG_HOME="+s.dir)
	s.script = filepath.Join(s.dir, "soak.js")
	if err := os.WriteFile(s.script, []byte(soakScript), 0o600); err != nil {
		t.Fatal(err)
	}
	session := jsapi.NewSession(jsapi.Settings{Cluster: name, BroadcastPort: port, Version: version, KeyDirs: []string{filepath.Join(s.dir, "supercluster")}})
	ctx, stop := context.WithCancel(context.Background())
	var g errgroup.Group
	g.Go(func() error { return session.Run(ctx) })
	t.Cleanup(func() {
		stop()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	if s.observer, err = session.OpenObserver(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *soak) start(args ...string) *exec.Cmd {
	cmd := exec.Command(s.sc, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	start(s.t, cmd)
	return cmd
}

// wait waits until the observer is linked to so many nodes.
func (s *soak) wait(nodes int) {
	for deadline := time.Now().Add(30 * time.Second); len(s.observer.Linked()) < nodes; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d nodes after 30 s, want %d", len(s.observer.Linked()), nodes)
		}
	}
}

// node is the observer's view of a process.
func (s *soak) node(cmd *exec.Cmd) (id string) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for _, p := range s.observer.Linked() {
			if p.Pid == cmd.Process.Pid {
				return p.ID
			}
		}
	}
	s.t.Fatalf("process %d is not linked", cmd.Process.Pid)
	return ""
}

// load has the master send tasks for a while, and returns when none is open.
func (s *soak) load(master *exec.Cmd, d time.Duration) {
	file := filepath.Join(s.dir, "load")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(d)
	if err := os.Remove(file); err != nil {
		s.t.Fatal(err)
	}
	id := s.node(master)
	var f cluster.Figures
	var err error
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if f, err = s.observer.Console(id).Figures(s.t.Context()); err == nil && f.Running+f.Queued == 0 {
			return
		}
	}
	s.t.Fatalf("the master still has %d tasks: %v", f.Running+f.Queued, err)
}

// churn loads the master while workers come, and are killed or leave.
func (s *soak) churn(master *exec.Cmd, d time.Duration) (tasks uint64) {
	done := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		for n := 0; ; n++ {
			select {
			case <-done:
				return nil
			default:
			}
			cmd := exec.Command(s.sc, "worker", "--slots=1")
			cmd.Env, cmd.Dir = s.env, s.dir
			if err := cmd.Start(); err != nil {
				return err
			}
			time.Sleep(3 * time.Second)
			sig := []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}[n%2]
			if err := cmd.Process.Signal(sig); err != nil {
				return err
			}
			_ = cmd.Wait() // a killed one ends with an error
		}
	})
	s.load(master, d)
	close(done)
	if err := g.Wait(); err != nil {
		s.t.Error(err)
	}
	f, err := s.observer.Console(s.node(master)).Figures(s.t.Context())
	if err != nil {
		s.t.Error(err)
	}
	return f.Done
}

// figures is what a process takes.
type figures struct {
	memory            int64
	goroutines, files int
	folders           int // in the folder for temporary files
}

func (f figures) String() string {
	return fmt.Sprintf("%d MiB, %d goroutines, %d descriptors, %d temporary files", f.memory>>20, f.goroutines, f.files, f.folders)
}

func (s *soak) figures(cmd *exec.Cmd) figures {
	f, err := s.observer.Console(s.node(cmd)).Figures(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "fd"))
	if err != nil {
		s.t.Fatal(err)
	}
	temp, err := os.ReadDir(s.temp)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range temp {
		if !strings.HasPrefix(e.Name(), "supercluster-") { // the account's, which stays
			n++
		}
	}
	return figures{memory: f.Memory, goroutines: f.Goroutines, files: len(files), folders: n}
}
