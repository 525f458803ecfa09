package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// probeJS tells what a master may have of the first worker that it finds
// within as many milliseconds as its argument says.
const probeJS = `
const master = require('supercluster').createMaster();
const code = (promise) => promise.then((v) => v, (err) => err.code);
setTimeout(() => { console.log('discovery none'); process.exit(0); }, Number(process.argv[2]));
master.on('pong', (data) => console.log('message', data));
master.on('workerAvailable', async (w) => {
  console.log('discovery', w.member ? 'member' : 'guest');
  console.log('function', await code(master.run((a, b) => { task.sendToMaster('pong', 'pong'); return a + b; }, [1, 2])));
  console.log('large', await code(master.run((a) => a.length, ['x'.repeat(2 << 20)])));
  console.log('id', w.id);
  setTimeout(() => process.exit(0), 300);
});
`

// An account is a home on a host of a lab.
type account struct {
	t    *testing.T
	host *netlab.Host
	home string
	uid  string // of another user than the test's; empty otherwise
}

func newAccount(t *testing.T, host *netlab.Host) account {
	t.Helper()
	home := t.TempDir()
	for dir := home; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // another user must get there
			t.Fatal(err)
		}
	}
	return account{t: t, host: host, home: home}
}

// on is the same account on another host, as with a home on a file server.
func (a account) on(host *netlab.Host) account { a.host = host; return a }

func (a account) command(args ...string) *exec.Cmd {
	a.t.Helper()
	if a.uid != "" {
		args = append([]string{"setpriv", "--reuid=" + a.uid, "--clear-groups", "--"}, args...)
		if err := exec.Command("chown", "-R", a.uid, a.home).Run(); err != nil {
			a.t.Fatal(err)
		}
	}
	cmd := a.host.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+a.home, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=")
	return cmd
}

// do runs a command to its end and returns its exit code and what it said.
func (a account) do(stdin string, args ...string) (code int, out, errs string) {
	a.t.Helper()
	cmd := a.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		a.t.Fatalf("%v: %v", args, err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// must is do for a command that ends well.
func (a account) must(stdin string, args ...string) (out, errs string) {
	a.t.Helper()
	code, out, errs := a.do(stdin, args...)
	if code != 0 {
		a.t.Fatalf("%v ended with %d:\n%s%s", args, code, out, errs)
	}
	return out, errs
}

// worker starts a worker, and returns what it says.
func (a account) worker(sc string, args ...string) *watcher {
	a.t.Helper()
	cmd := a.command(append([]string{sc, "worker", "--slots=2"}, args...)...)
	said := newWatcher("listens on")
	cmd.Stderr = said
	start(a.t, cmd)
	<-said.seen
	return said
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await waits until something that fits was said.
func (w *watcher) await(t *testing.T, pattern string) {
	t.Helper()
	fits := regexp.MustCompile("(?m)" + pattern)
	for deadline := time.Now().Add(20 * time.Second); !fits.MatchString(w.String()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing that fits %q was said:\n%s", pattern, w.String())
		}
	}
}

// A cell is what a master and a worker of certain accounts have of each
// other.
type cell struct {
	name   string
	worker func() (account, []string) // with flags
	master func() (account, []string)
	want   string // what the probe prints, but for ids
	code   int    // its exit code
	told   string // what its stderr fits; empty for no refusal
	logged string // what the worker's stderr fits; empty for no refusal
}

const (
	asMember = "discovery member\nfunction 3\nlarge 2097152\nmessage pong\n"
	asGuest  = "discovery guest\nfunction 3\nlarge ERR_PEER_UNTRUSTED\nmessage pong\n"
	unseen   = "discovery none\n"
)

// TestTrustMatrix is the table of who may do what: every kind of peer, as
// both of its ends see it.
func TestTrustMatrix(t *testing.T) {
	lab := netlab.New(t)
	left, right, public := lab.Subnet("10.81.0.0/24"), lab.Subnet("10.82.0.0/24"), lab.Subnet("203.0.113.0/24")
	lab.Router("router", left, right, public)
	w, near, far, world := lab.Host("w", left), lab.Host("near", left), lab.Host("far", right), lab.Host("world", public)
	sc, probe := program(t), filepath.Join(t.TempDir(), "probe.js")
	if err := os.WriteFile(probe, []byte(probeJS), 0o644); err != nil {
		t.Fatal(err)
	}
	own, other, gpu, wrong := newAccount(t, w), newAccount(t, near), newAccount(t, near), newAccount(t, near)
	workers := newAccount(t, near)
	nobody := newAccount(t, w)
	if _, err := exec.LookPath("setpriv"); err == nil {
		nobody.uid = "65534"
	}
	keyed, member := newAccount(t, w), newAccount(t, near)
	token, _ := keyed.must("", sc, "token")
	member.must(token, sc, "join")
	part, _ := keyed.must("", sc, "token", "worker")
	workers.must(part, sc, "join")
	lab2, _ := newAccount(t, w).must("", sc, "token")
	wrong.must(lab2, sc, "join")
	node, said := keyed.must("", sc, "token", "worker", "--node=gpu1")
	gpu.must(node, sc, "join")
	id := regexp.MustCompile(`has the id ([a-z2-7]{26})`).FindStringSubmatch(said)[1]
	keyed.must("", sc, "revoke", id, "--wait=100ms")

	// named finds the worker by its address, which no announcement tells.
	named := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(named, []byte(fmt.Sprintf("%v:5000/udp\n", w.Addr(left))), 0o644); err != nil {
		t.Fatal(err)
	}
	byName := "--tracker=file:" + named
	is := func(a account, flags ...string) func() (account, []string) {
		return func() (account, []string) { return a, flags }
	}
	tracked := []string{"--tracker=127.0.0.1:1"} // a tracker is configured, and down
	for _, c := range []cell{
		{"same user, same host", is(own), is(own), asMember, 0, "", ""},
		{"another user, same host", is(own), is(nobody), asGuest, 0, "", ""},
		{"on-link stranger", is(own), is(other), asGuest, 0, "", ""},
		{"on-link stranger at a closed worker", is(own, "--closed"), is(other), unseen, 0, "ERR_KEY_REQUIRED", "code=ERR_KEY_REQUIRED"},
		{"same user, another host", is(own), is(own.on(near)), asMember, 0, "", ""},
		{"off-link stranger", is(own), is(other.on(far), byName), unseen, 0, "", ""},
		{"off-link stranger, private address, with a tracker", is(own, tracked...), is(other.on(far), byName), asGuest, 0, "", ""},
		{"off-link stranger, public address, with a tracker", is(own, tracked...), is(other.on(world), byName), unseen, 0, "ERR_KEY_REQUIRED", "code=ERR_KEY_REQUIRED"},
		{"member, public address, with a tracker", is(keyed, tracked...), is(member.on(world), byName), asMember, 0, "", ""},
		{"member of a keyed cluster", is(keyed), is(member), asMember, 0, "", ""},
		{"open master, keyed worker", is(keyed), is(other), unseen, 0, "", ""},
		{"open master that knows the keyed worker's address", is(keyed), is(other, byName), unseen, 0, "ERR_WRONG_KEY", "code=ERR_WRONG_KEY"},
		{"keyed master that knows an open worker's address", is(own), is(member, byName), unseen, 0, "ERR_KEY_REQUIRED|ERR_WRONG_KEY", "ERR_KEY_REQUIRED|ERR_WRONG_KEY|came from"},
		{"wrong key", is(keyed), is(wrong), unseen, 0, "", ""},
		{"wrong key, address known", is(keyed), is(wrong, byName), unseen, 0, "ERR_WRONG_KEY", "code=ERR_WRONG_KEY"},
		{"wrong role", is(keyed), is(workers), "", 77, "ERR_ROLE_DENIED", ""},
		{"a worker's token", is(workers), is(member), asMember, 0, "", ""},
		{"revoked", is(gpu), is(keyed.on(near)), unseen, 0, "ERR_KEY_REVOKED", "code=ERR_KEY_REVOKED|refuses this node: ERR_KEY_REVOKED"},
		{"other cluster of one key", is(keyed), is(member, "--cluster=lab"), unseen, 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			worker, flags := c.worker()
			worker.t = t
			log := worker.worker(sc, append(flags, "--port=5000")...)
			master, flags := c.master()
			master.t = t
			code, out, errs := master.do("", append(append([]string{sc, "run"}, flags...), probe, "4000")...)
			got := regexp.MustCompile(`(?m)^id .*\n`).ReplaceAllString(out, "")
			if sorted(got) != sorted(c.want) || code != c.code {
				t.Errorf("the master has %q, code %d; want %q, code %d\n%s", got, code, c.want, c.code, errs)
			}
			check := func(who, said, pattern string) {
				if refusal := regexp.MustCompile(`ERR_[A-Z_]+`).FindString(said); pattern == "" && refusal != "" {
					t.Errorf("%s tells of %s:\n%s", who, refusal, said)
				} else if pattern != "" && !regexp.MustCompile(pattern).MatchString(said) {
					t.Errorf("%s does not tell of %s:\n%s", who, pattern, said)
				}
			}
			check("the master", errs, c.told)
			if c.logged != "" {
				log.await(t, c.logged)
			}
			check("the worker", log.String(), c.logged)
			if came := strings.Contains(log.String(), "came from"); came != strings.Contains(c.want, "function 3") {
				t.Errorf("the worker saw the master come: %t\n%s", came, log.String())
			}
		})
	}
}

// sorted puts lines in order: what happens at once may be told in any.
func sorted(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		for j := i + 1; j < len(lines); j++ {
			if lines[j] < lines[i] {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
	}
	return strings.Join(lines, "\n")
}

// TestNewcomersTwoMachines types what the help says and nothing else: two
// machines that have nothing to do with each other, first open, then with a
// key, by which more than functions travels.
func TestNewcomersTwoMachines(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.83.0.0/24")
	a, b := newAccount(t, lab.Host("a", lan)), newAccount(t, lab.Host("b", lan))
	sc, sum := program(t), filepath.Join(t.TempDir(), "sum.js")
	const text = `const master = require('supercluster').createMaster();
master.run((a, b) => a + b, [1, 2]).then((n) => { console.log(n, master.peers()[0].member); process.exit(0); });
`
	if err := os.WriteFile(sum, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	stop := func(cmd *exec.Cmd) {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
	}
	begin := func() (*watcher, *exec.Cmd) {
		cmd := b.command(sc, "worker")
		said := newWatcher("listens on")
		cmd.Stderr = said
		start(t, cmd)
		<-said.seen
		return said, cmd
	}
	// Machine B: sc worker. Machine A: sc run sum.js.
	said, cmd := begin()
	out, errs := a.must("", sc, "run", sum)
	if out != "3 false\n" || !strings.Contains(errs, "sc: open: workers of others on this network may get your functions") {
		t.Errorf("open: A printed %q and said %q", out, errs)
	}
	if !strings.Contains(said.String(), "sc: open: machines on this network may run sandboxed functions here (no files, no network, 10 s, 128 MiB); 'sc token' closes it") {
		t.Errorf("open: B said %q", said)
	}
	stop(cmd)
	// A: sc token worker; B: sc join, paste, sc worker; A: sc run sum.js.
	token, _ := a.must("", sc, "token", "worker")
	b.must(token, sc, "join")
	said, cmd = begin()
	out, errs = a.must("", sc, "run", sum)
	if out != "3 true\n" || errs != "" || strings.Contains(said.String(), "open:") {
		t.Errorf("closed: A printed %q and said %q, B said %q", out, errs, said)
	}
	stop(cmd)
}
