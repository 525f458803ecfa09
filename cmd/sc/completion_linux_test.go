package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTab presses Tab in the shells that are here, for ids of tasks, workers
// and runs.
func TestTab(t *testing.T) {
	for _, shell := range []struct {
		name   string
		args   []string
		source string
	}{
		{"bash", []string{"--norc", "--noprofile", "-i"}, "source <(sc completion bash)"},
		{"zsh", []string{"-f", "-i"}, "source <(sc completion zsh)"},
		{"fish", []string{"--no-config", "-i"}, "sc completion fish | source"},
	} {
		t.Run(shell.name, func(t *testing.T) {
			path, err := exec.LookPath(shell.name)
			if err != nil {
				t.Skipf("%s is not here", shell.name)
			}
			t.Parallel()
			env, home := ptyCluster(t)
			worker, task := startBusy(t, env, home)
			run := recordRun(t, env, home)
			cmd := exec.Command(path, shell.args...)
			cmd.Env, cmd.Dir = env, home
			p := startPty(t, cmd, 200, 50)
			p.press(shell.source + "; echo here''after\r")
			p.await(0, `hereafter`)
			for _, c := range []struct{ typed, want string }{
				{"sc explain ", task},
				{"sc cancel " + task[:2], task[2:]},
				{"sc logs -f ", task},
				{"sc drain ", worker},
				{"sc logs --worker=", worker},
				{"sc report ", run},
			} {
				p.completes(c.typed, c.typed+c.want)
			}
			from := len(p.printed(0))
			p.press("sc ls --broadcast-port=1 run\t\x01echo got: \r")
			p.await(from, `(?m)^got: sc ls --broadcast-port=1 runs$`)
		})
	}
}

// completes types a line, then Tab, and sees what has become of it, by having
// the shell print it. A look at a cluster is short: one that has not heard of
// anybody leaves the line as it is, and is tried again.
func (p *pty) completes(typed, want string) {
	p.t.Helper()
	for range 20 {
		from := len(p.printed(0))
		p.press(typed + "\t\x01echo got: \r") // Ctrl-A goes to the begin of the line
		got := p.await(from, `(?m)^got: (.*?) *\n`)[1]
		switch got {
		case want:
			return
		case typed, typed[:len(typed)-1]: // the shell leaves out a last blank
		default:
			p.t.Errorf("%q and Tab give %q, want %q", typed, got, want)
			return
		}
	}
	p.t.Errorf("%q and Tab give nothing, 20 times; want %q", typed, want)
}

// recordRun records a run and returns its id.
func recordRun(t *testing.T, env []string, home string) string {
	t.Helper()
	file := filepath.Join(home, "one.js")
	if err := os.WriteFile(file, []byte("console.log(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t), "run", "--record", file)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sc run --record: %v\n%s", err, out)
	}
	dir := filepath.Join(home, ".local", "state", "supercluster", "runs")
	list, err := recordedRuns(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d runs in %s: %v", len(list), dir, err)
	}
	return list[0].head.Run
}
