package nodepkg

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// victim runs a package in a process of its own, and prints what the task says, until it is killed.
func victim(dir, spec string) {
	var p Package
	if err := json.Unmarshal([]byte(spec), &p); err != nil {
		panic(err)
	}
	r, err := New(context.Background(), Config{
		Dir: dir, Tools: FindTools(os.Getenv("PATH")), Protocols: []string{"http"}, AllowHosts: []string{"127.0.0.1"}, Registry: os.Getenv("REGISTRY"),
	})
	if err != nil {
		panic(err)
	}
	rec := &recorder{watch: func(line string) { fmt.Println(line) }}
	_, failure := r.Execute(context.Background(), Task{ID: "0123", Package: p.Encode()}, rec)
	fmt.Printf("ended %x\n", failure)
}

// TestKilled kills a worker in the midst of a package task, in each phase, 20 times. The next Runner leaves no process
// and no folder of it.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("processes are looked for in /proc")
	}
	found := tools(t)
	reg := newRegistry(t)
	reg.add(t, "slow", map[string]any{"scripts": map[string]string{"postinstall": "node hang.js"}}, map[string]string{"hang.js": `
		require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
		require('fs').writeFileSync(process.env.HOME + '/../installing', ''); setInterval(() => {}, 1000);`})
	dir := t.TempDir()
	newRepo(t, dir, "app", map[string]string{"package.json": `{"name":"app"}`, "job.js": `
		const child = require('child_process').spawn(process.execPath, ['-e', 'process.chdir("/"); setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', env: { ...process.env, X: '1' } });
		child.on('spawn', () => { console.log('running'); for (;;); });`})
	url := smartHTTP(t, dir).URL + "/app.git"
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(t.TempDir(), "cache")
	for i := range 20 {
		p := Package{Repository: url, File: "job.js"}
		wait := "running"
		switch i % 4 {
		case 0:
			wait = "phase clone"
		case 1:
			p.Manifest = manifestJSON(t, map[string]any{"dependencies": map[string]string{"slow": "1.0.0"}})
			wait = "phase install"
		}
		spec, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(exe, "victim", cache, string(spec))
		cmd.Env = append(os.Environ(), "REGISTRY="+reg.URL)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		seen := false
		for !seen && lines.Scan() {
			seen = strings.Contains(lines.Text(), wait)
		}
		if !seen {
			t.Errorf("round %d: the worker ended before %q", i, wait)
		}
		if wait == "phase install" {
			awaitFile(t, filepath.Join(cache, "tasks", "*", "*", "installing"))
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		r, err := New(context.Background(), Config{Dir: cache, Tools: found})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(filepath.Join(r.cfg.Dir, "tasks"))
		if err != nil || len(entries) != 0 {
			t.Errorf("round %d: %d entries in the folder of tasks, want none (%v)", i, len(entries), err)
		}
		if pids := alive(filepath.Join(r.cfg.Dir, "tasks")); len(pids) > 0 {
			for _, pid := range pids {
				cmdline, _ := os.ReadFile("/proc/" + pid + "/cmdline")
				t.Errorf("round %d: process %s lives on: %q", i, pid, cmdline)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// alive lists the processes that have their home below path, on Linux.
func alive(path string) (pids []string) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if e.Name()[0] < '0' || e.Name()[0] > '9' {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err == nil && bytes.Contains(env, []byte("HOME="+path+"/")) {
			pids = append(pids, e.Name())
		}
	}
	return pids
}
