package nodepkg

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// silent accepts connections and says nothing.
func silent(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// TestEndedInEachPhase cancels a task, or lets its time run out, while it is cloned, installed and run. The error says
// where it was, and nothing of it is left.
func TestEndedInEachPhase(t *testing.T) {
	reg := newRegistry(t)
	reg.hold = make(chan struct{})
	reg.add(t, "tiny", nil, nil)
	dir := t.TempDir()
	newRepo(t, dir, "app", map[string]string{"job.js": `
		require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
		console.error('busy'); setInterval(() => {}, 1000);`})
	url := smartHTTP(t, dir).URL + "/app.git"
	r := newRunner(t, func(c *Config) { c.Registry = reg.URL })
	install := manifestJSON(t, map[string]any{"dependencies": map[string]string{"tiny": "1.0.0"}})
	for _, c := range []struct {
		phase string
		p     Package
	}{
		{"clone", Package{Repository: "git://" + silent(t) + "/x.git", File: "job.js"}},
		{"install", Package{Repository: url, Manifest: install, File: "job.js"}},
		{"run", Package{Repository: url, File: "job.js"}},
		{"pre", Package{Repository: url, Pre: "sleep 1000", Cmd: "true"}},
		{"cmd", Package{Repository: url, Cmd: "echo begun; sleep 1000"}},
		{"post", Package{Repository: url, Cmd: "true", Post: "sleep 1000"}},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		wait := "phase " + map[string]string{"pre": "run", "cmd": "run", "post": "run"}[c.phase]
		if wait == "phase " {
			wait += c.phase
		}
		rec := &recorder{watch: func(line string) {
			if line == wait {
				time.AfterFunc(300*time.Millisecond, func() { cancel(errors.New("enough")) })
			}
		}}
		began := time.Now()
		o := runTask(t, ctx, r, &c.p, "", rec)
		cancel(nil)
		if o.err.Code != CodeCancel || o.err.Props["phase"] != c.phase || !strings.HasPrefix(o.err.Message, c.phase+": the task was cancelled: enough") {
			t.Errorf("%s: %s %q %v after %v\n%s", c.phase, o.err.Code, o.err.Message, o.err.Props, time.Since(began), rec)
		}
		task := c.p
		if o := runLate(t, r, &task); o.err.Code != CodeTimeout {
			t.Errorf("%s: late: %s %q, want %s", c.phase, o.err.Code, o.err.Message, CodeTimeout)
		}
		empty(t, r)
	}
	close(reg.hold)
}

// runLate runs a package that has a second and a half.
func runLate(t *testing.T, r *Runner, p *Package) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(context.Background(), 1500*time.Millisecond, &Error{Code: CodeTimeout, Message: "late"})
	defer cancel()
	return runTask(t, ctx, r, p, "", nil)
}
