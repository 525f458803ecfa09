package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"supercluster/net/netlab"
)

// ownJS gives a worker a task that prints and waits, tells its id, and what became of it.
const ownJS = `
const master = require('supercluster').createMaster();
const handle = master.run(function secretive(s) { console.log(s); return new Promise((done) => setTimeout(done, 1e6)); }, ['canary-23']);
handle.on('log', () => console.log('runs', handle.id));
handle.catch((err) => { console.log('failed', err.code, err.message); process.exit(0); });
`

// TestThreat23OthersTasks: a master that is no member of the worker's cluster asks for the task of another, for its logs, and would have
// it cancelled. It learns nothing and changes nothing; to members all of that is open.
func TestThreat23OthersTasks(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.105.0.0/24")
	sc := program(t)
	worker, nosy := newAccount(t, lab.Host("w", lan)), newAccount(t, lab.Host("b", lan))
	owner := worker.on(lab.Host("a", lan))
	worker.worker(sc)
	m := read(t, owner.command(sc, "run", script(t, ownJS)))
	id := strings.TrimPrefix(m.await("runs"), "runs ")
	for _, args := range [][]string{{"explain", id}, {"cancel", id}, {"logs", id}, {"ls", "tasks"}} {
		code, out, errs := nosy.do("", append([]string{sc}, args...)...)
		for _, secret := range []string{"secretive", "canary-23"} {
			if strings.Contains(out+errs, secret) {
				t.Errorf("sc %v tells a stranger of %q (code %d):\n%s%s", args, secret, code, out, errs)
			}
		}
		if strings.Contains(out, id[:8]) || args[0] != "ls" && code == 0 {
			t.Errorf("sc %v works for a stranger (code %d):\n%s%s", args, code, out, errs)
		}
		if !strings.Contains(errs, "only who holds the cluster's key may ask") {
			t.Errorf("sc %v does not say what keeps a stranger from it:\n%s%s", args, out, errs)
		}
	}
	if out, _ := worker.must("", sc, "explain", id); !strings.Contains(out, "(secretive)") || !strings.Contains(out, "\nstate running") {
		t.Errorf("a member is told of the task:\n%s", out)
	}
	worker.must("", sc, "cancel", id)
	if got := m.await("failed"); !strings.Contains(got, "sc cancel") {
		t.Errorf("the owner of the task is told %q, want that a member cancelled it", got)
	}
}

// escapesJS has a task print what steers terminals: a title, OSC 52, which writes to the clipboard, returns over what stood there,
// C1 controls, text that runs backwards; then a line of 100 MB.
const escapesJS = `
const master = require('supercluster').createMaster();
const evil = '\x1b]0;title\x07 \x1b]52;c;aGk=\x07 over\rwritten \x9b31m \u202egnp.exe \u2066x\u2069 \x08\x08 \x1b[2J';
process.exitCode = 0;
(async () => {
  await master.run((s) => { console.log(s); console.error(s); }, [evil]);
  const err = await master.run((s) => { const err = new Error(s); err.name = s; throw err; }, [evil]).catch((e) => e);
  console.error('thrown', typeof err.message);
  const long = await master.run(() => { for (let i = 0; i < 100; i++) console.log('x'.repeat(1 << 20)); }).catch((e) => e);
  console.error('long', long && long.code);
  await master.leave();
  throw err;
})();
`

// TestThreat22TerminalEscapes: what tasks print and throw, and what nodes say of themselves, reaches this terminal as text.
func TestThreat22TerminalEscapes(t *testing.T) {
	sc := program(t)
	var out, errs bytes.Buffer
	cmd := exec.Command(sc, "run", "--local=1", "--limit-output=64KB", script(t, escapesJS))
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err == nil {
		t.Errorf("the script that throws ended well:\n%.2000s", errs.String())
	}
	for name, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
		checkPrintable(t, name, text)
	}
	for _, want := range []string{"over\ufffdwritten", "thrown string", "long ERR_TASK_OUTPUT"} {
		if !strings.Contains(out.String()+errs.String(), want) {
			t.Errorf("%q was not printed:\n%.2000s\n%.2000s", want, out.String(), errs.String())
		}
	}
	if n := out.Len() + errs.Len(); n > 256<<10 {
		t.Errorf("%d bytes were printed, of which a task may print 65536", n)
	}
	// A worker's data, as sc ls shows it.
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	broadcast := fmt.Sprint("--broadcast-port=", port)
	worker := exec.Command(sc, "worker", "--slots=1", broadcast, `--data={"\u001b]0;t\u0007":"\u001b[2J\u202e\u009b"}`)
	said := newWatcher("listens on")
	worker.Stderr = said
	start(t, worker)
	<-said.seen
	list, _ := run(t, exec.Command(sc, "ls", "workers", broadcast))
	checkPrintable(t, "sc ls", list)
}

// checkPrintable complains of characters that steer a terminal.
func checkPrintable(t *testing.T, where, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s has bytes that are no UTF-8, among which C1 controls may be", where)
	}
	for i, r := range text {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Errorf("%s has %U: …%q…", where, r, text[max(0, i-20):min(len(text), i+20)])
			return
		}
	}
}
