package nodepool

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"supercluster/pkg/proc"
)

// outside is a task that breaks out of its context and then does what its body says, with node's own process.
func outside(body string) string {
	return `async () => {
		const process = Buffer.constructor('return process')();
		const attempt = async (f) => { try { return 'did: ' + await f(); } catch (e) { return 'refused: ' + (e.code || e.message); } };
		` + body + `
	}`
}

// TestEscape: a task that is out of its context still reaches nothing.
func TestEscape(t *testing.T) {
	if !launched {
		t.Skip("this system confines no process")
	}
	t.Setenv("SC_SECRET", "secret")
	p := newPool(t, Config{})
	for _, c := range []struct{ name, body string }{
		{"node's own parts", `return attempt(() => process.binding('fs'));`},
		{"load an addon", `return attempt(() => { process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libm.so.6'); return 'loaded'; });`},
		{"signal the parent", `return attempt(() => { if (process.ppid === 0) throw new Error('there is none'); process.kill(process.ppid, 'SIGTERM'); return 'signalled'; });`},
		{"require", `return attempt(() => process.mainModule.require('fs'));`},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := taskOf(t, outside(c.body), `[]`)
			task.Timeout = 10 * time.Second
			r := execute(t, p, task, &recorder{})
			if got := shown(r.Value); !strings.HasPrefix(got, `"refused: `) {
				t.Errorf("gave %s, error %s", got, r.Err)
			}
		})
	}
	r := execute(t, p, taskOf(t, `() => { const process = Buffer.constructor('return process')(); return [Object.keys(process.env), process.getuid(), process.cwd()]; }`, `[]`), &recorder{})
	want := fmt.Sprintf(`[[],%d,"/"]`, os.Getuid())
	if os.Getuid() == 0 {
		want = `[[],65534,"/"]`
	}
	if got := shown(r.Value); got != want {
		t.Errorf("environment, user and folder are %s, want %s", got, want)
	}
}

// TestLaunch: a node without permissions of its own is held by the launcher.
func TestLaunch(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := newPool(t, Config{})
	for _, c := range []struct{ name, script, want string }{
		{"what is allowed", `done(1 + 1)`, "2"},
		{"read a file", `done(require('fs').readFileSync(` + strconv.Quote(secret) + `, 'utf8'))`, "EACCES"},
		{"read the passwords", `done(require('fs').readFileSync('/etc/passwd', 'utf8'))`, "EACCES"},
		{"list a folder", `done(require('fs').readdirSync('/').join())`, "EACCES"},
		{"write a file", `done(require('fs').writeFileSync('/tmp/sc-escape', 'x'))`, "EACCES"},
		{"connect", `require('net').connect(` + fmt.Sprint(l.Addr().(*net.TCPAddr).Port) + `, '127.0.0.1', () => done('connected')).on('error', (e) => done(e.code))`, "EPERM"},
		{"a socket of datagrams", `require('dgram').createSocket('udp4').on('error', (e) => done(e.code)).bind(0, () => done('bound'))`, "EPERM"},
		{"spawn", `require('child_process').spawn('/bin/true').on('error', (e) => done(e.code)).on('exit', () => done('ran'))`, "EPERM"},
		{"a process of its own", `require('child_process').spawn(process.execPath, ['-v']).on('error', (e) => done(e.code)).on('exit', () => done('ran'))`, "EPERM"},
		{"signal another", `done(process.kill(` + fmt.Sprint(os.Getpid()) + `, 'SIGUSR2'))`, "EPERM"},
		{"threads", `new (require('worker_threads').Worker)('require("worker_threads").parentPort.postMessage(3)', { eval: true }).on('message', done)`, "3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := `const done = (v) => { const b = Buffer.from(String(v)); const h = Buffer.alloc(4); h.writeUInt32BE(b.length); require('fs').writeSync(3, Buffer.concat([h, b])); process.exit(0); };
				try { ` + c.script + ` } catch (e) { done(e.code || e.message); }`
			how := launch{memory: 512 << 20, files: true, argv: []string{p.cfg.Node, "-e", script}}
			x, err := proc.Start(proc.Config{Path: p.cfg.Launcher[0], Args: append([]string{"__node"}, how.arguments()...), Dir: "/", Conn: true})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Wait()
			defer x.Kill()
			defer x.Conn().Close()
			body, err := readFrame(x.Conn())
			if err != nil {
				t.Fatalf("launcher: %v: %s", err, x.Tail())
			}
			lines, err := parseConfined(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				if strings.HasPrefix(line, "without landlock") || strings.HasPrefix(line, "without seccomp") {
					t.Skip("this system is without: " + line)
				}
			}
			if body, err = readFrame(x.Conn()); err != nil || string(body) != c.want {
				t.Errorf("gave %q, %v, want %q; %s", body, err, c.want, x.Tail())
			}
		})
	}
}

// TestParentDies: with its parent a node process ends, whatever it is at.
func TestParentDies(t *testing.T) {
	if !launched {
		t.Skip("this system does not end processes with their parents")
	}
	if os.Getenv("SC_TEST_PARENT") != "" {
		p := newPool(t, Config{})
		h := &recorder{seen: make(chan string, 1)}
		go func() {
			_, _ = p.Execute(t.Context(), taskOf(t, `() => { console.log('loops'); for (;;) ; }`, `[]`), h)
		}()
		<-h.seen
		fmt.Printf("pids %v\n", p.pids())
		select {} // until it is killed
	}
	newPool(t, Config{}) // skips without node
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestParentDies$")
	cmd.Env = append(os.Environ(), "SC_TEST_PARENT=1")
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	defer r.Close()
	var text string
	b := make([]byte, 1000)
	for !strings.Contains(text, "\n") {
		n, err := r.Read(b)
		if err != nil {
			t.Fatalf("the parent said %q: %v", text, err)
		}
		text += string(b[:n])
	}
	var pid int
	if _, err := fmt.Sscanf(text, "pids [%d", &pid); err != nil {
		t.Fatalf("the parent said %q: %v", text, err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("process %d of a living parent: %v", pid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it was to be
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err := syscall.Kill(pid, 0); err == syscall.ESRCH || isZombie(pid) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d goes on without its parent", pid)
		}
		time.Sleep(10 * time.Millisecond) // its end is not announced to anybody here
	}
}

// isZombie reports whether a process has ended and only waits to be reaped.
func isZombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return os.IsNotExist(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return strings.HasPrefix(rest, "Z")
}
