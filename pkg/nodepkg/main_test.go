package nodepkg

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"supercluster/vm/value"
)

// TestMain is also the worker that TestKilled kills: its first argument says so.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "victim" {
		victim(os.Args[2], os.Args[3])
		return
	}
	goleak.VerifyTestMain(m)
}

// tools are those of this machine; the test is skipped where one is missing.
func tools(t testing.TB) Tools {
	t.Helper()
	found := FindTools(os.Getenv("PATH"))
	if err := found.require([]Tool{Git, Npm, Node}); err != nil {
		if os.Getenv("SC_NPM") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return found
}

// newRunner makes a Runner that may reach this machine.
func newRunner(t testing.TB, change func(*Config)) *Runner {
	t.Helper()
	cfg := Config{
		Dir: filepath.Join(t.TempDir(), "cache"), Tools: tools(t),
		Protocols: []string{"https", "http", "git"}, AllowHosts: []string{"127.0.0.0/8"},
	}
	if change != nil {
		change(&cfg)
	}
	r, err := New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

// A recorder is a Sink that keeps all in order.
type recorder struct {
	mu    sync.Mutex
	lines []string
	watch func(line string) // may be nil
}

func (r *recorder) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.mu.Lock()
	r.lines = append(r.lines, line)
	r.mu.Unlock()
	if r.watch != nil {
		r.watch(line)
	}
}

func (r *recorder) Log(stream, text string)   { r.add("%s %q", stream, text) }
func (r *recorder) Progress(fraction float64) { r.add("progress %v", fraction) }
func (r *recorder) Phase(name string)         { r.add("phase %s", name) }
func (r *recorder) Send(event string, data []byte) {
	text, _ := value.ToJSON(data)
	r.add("send %s %s", event, text)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// outcome is what a task gave, in words.
type outcome struct {
	json string // of the result's data; "undefined" if there is none
	res  *Result
	err  value.Error
	rec  *recorder
}

var taskCount struct {
	sync.Mutex
	n int
}

// runTask runs a package with arguments in JSON.
func runTask(t testing.TB, ctx context.Context, r *Runner, p *Package, args string, rec *recorder) outcome {
	t.Helper()
	if rec == nil {
		rec = &recorder{}
	}
	taskCount.Lock()
	taskCount.n++
	task := Task{ID: fmt.Sprintf("%032x", taskCount.n), Name: "test", Package: p.Encode(), WorkerID: "w1", WorkerData: []byte(`{"gpu":true}`)}
	taskCount.Unlock()
	if args != "" {
		b, err := value.FromJSON([]byte(args))
		if err != nil {
			t.Fatal(err)
		}
		task.Args = b
	}
	res, failure := r.Execute(ctx, task, rec)
	o := outcome{res: res, rec: rec}
	if failure != nil {
		e, ok := value.DecodeError(failure)
		if !ok {
			t.Fatalf("the error is none: %x", failure)
		}
		o.err = e
		return o
	}
	back, err := DecodeResult(res.Encode())
	if err != nil {
		t.Fatal(err)
	}
	o.res, o.json = back, "undefined"
	if len(back.Data) > 0 {
		text, err := value.ToJSON(back.Data)
		if err != nil {
			t.Fatal(err)
		}
		o.json = string(text)
	}
	return o
}

// empty checks that no folder of a task is left.
func empty(t testing.TB, r *Runner) {
	t.Helper()
	if r.own == "" {
		return
	}
	entries, err := os.ReadDir(r.own)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "node_main.js" && e.Name() != "node_modules" {
			t.Errorf("%s is left in the folder of the tasks", e.Name())
		}
	}
}

// A repo is a bare repository with a working copy.
type repo struct {
	t    testing.TB
	work string
	bare string
}

// git runs git as its user would, in the working copy.
func (g *repo) git(args ...string) string {
	g.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = g.work
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit commits files and returns the commit.
func (g *repo) commit(files map[string]string) string {
	g.t.Helper()
	for name, text := range files {
		path := filepath.Join(g.work, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			g.t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(text, "link:"); ok {
			if err := os.Symlink(target, path); err != nil {
				g.t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			g.t.Fatal(err)
		}
	}
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "c")
	g.git("push", "-q", "--all", g.bare)
	g.git("push", "-q", "--tags", g.bare)
	return g.git("rev-parse", "HEAD")
}

// newRepo makes NAME.git below dir with one commit.
func newRepo(t testing.TB, dir, name string, files map[string]string) *repo {
	t.Helper()
	g := &repo{t: t, work: t.TempDir(), bare: filepath.Join(dir, name+".git")}
	g.git("init", "-q", "-b", "main")
	g.git("init", "-q", "--bare", "-b", "main", g.bare)
	if err := os.WriteFile(filepath.Join(g.bare, "git-daemon-export-ok"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if files != nil {
		g.commit(files)
	}
	return g
}

// smartHTTP serves the repositories below dir by git's own program, and counts requests.
func smartHTTP(t testing.TB, dir string) *httptest.Server {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip(err)
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Stderr: io.Discard,
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "HOME=/nonexistent"},
	})
	t.Cleanup(server.Close)
	return server
}

// gitDaemon serves the repositories below dir by git daemon, and returns its "git://host:port".
func gitDaemon(t testing.TB, dir string) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	g.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			g.Go(func() {
				defer conn.Close()
				f, err := conn.(*net.TCPConn).File()
				if err != nil {
					return
				}
				defer f.Close()
				cmd := exec.Command("git", "daemon", "--inetd", "--export-all", "--base-path="+dir, dir)
				cmd.Stdin, cmd.Stdout, cmd.Stderr = f, f, io.Discard
				_ = cmd.Run() // what a client makes of it is what counts
			})
		}
	})
	t.Cleanup(func() { l.Close(); g.Wait() })
	return "git://" + l.Addr().String()
}

// manifestJSON is a package.json.
func manifestJSON(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
