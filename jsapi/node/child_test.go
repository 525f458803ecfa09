//go:build unix

package node

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child starts this test binary as a process that runs text, or node where that is wanted.
func child(t *testing.T, program, text string) *exec.Cmd {
	t.Helper()
	script := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var cmd *exec.Cmd
	if program == "node" {
		cmd = exec.Command("node", script)
	} else {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command(exe)
		cmd.Env = append(os.Environ(), "SC_NODE_TEST_SCRIPT="+script)
	}
	watch := time.AfterFunc(30*time.Second, func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	t.Cleanup(func() { watch.Stop() })
	return cmd
}

// programs are what the cases of this file run on: ours, and node where it is installed.
func programs() []string {
	if _, err := exec.LookPath("node"); err != nil || testing.Short() {
		return []string{"sc"}
	}
	return []string{"sc", "node"}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal())
		}
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// TestProcesses runs scripts in processes of their own, with text on stdin.
func TestProcesses(t *testing.T) {
	for _, c := range []struct {
		name, script, stdin, stdout string
		code                        int
	}{
		{"exit status", `process.exit(7)`, "", "", 7},
		{"exit code", `process.exitCode = 3; console.log('x')`, "", "x\n", 3},
		{"exit code as text", `process.exitCode = '4'`, "", "", 4},
		{"exit event", `process.on('exit', (c) => console.log('exit', c, process.exitCode)); process.exitCode = 2`, "", "exit 2 2\n", 2},
		{"exit event changes the code", `process.on('exit', () => { process.exitCode = 9; })`, "", "", 9},
		{"exit in exit", `process.on('exit', () => process.exit(5)); process.exit(2)`, "", "", 5},
		{"exit skips finally", `try { process.exit(1) } finally { console.log('no') }`, "", "", 1},
		{"uncaught", `process.on('exit', (c) => console.log('exit', c)); throw new Error('x')`, "", "exit 1\n", 1},
		{"uncaught is caught", `process.on('uncaughtException', (e, o) => console.log(e.message, o)); setTimeout(() => console.log('on'), 5); throw new Error('x')`, "", "x uncaughtException\non\n", 0},
		{"monitor", `process.on('uncaughtExceptionMonitor', (e, o) => console.log(e.message, o)); Promise.reject(new Error('m'))`, "", "m unhandledRejection\n", 1},
		{"capture", `process.setUncaughtExceptionCaptureCallback((e) => console.log('got', e.message)); throw new Error('c')`, "", "got c\n", 0},
		{"unhandled rejection", `process.on('unhandledRejection', (r, p) => console.log(r.message, p instanceof Promise)); Promise.reject(new Error('r'))`, "", "r true\n", 0},
		{"unhandled rejection ends", `Promise.reject(new Error('r'))`, "", "", 1},
		{"rejection of no error", `process.on('uncaughtException', (e) => console.log(e.code, e.message)); Promise.reject(5)`, "", "ERR_UNHANDLED_REJECTION This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason \"5\".\n", 0},
		{"handled late", `process.on('unhandledRejection', () => {}); process.on('rejectionHandled', () => console.log('handled')); const p = Promise.reject(1); setTimeout(() => p.catch(() => {}), 5)`, "", "handled\n", 0},
		{"beforeExit", `let n = 0; process.on('beforeExit', (c) => { console.log('before', c, n); if (n++ < 1) setTimeout(() => {}, 1); })`, "", "before 0 0\nbefore 0 1\n", 0},
		{"order", `setTimeout(() => console.log('timeout')); setImmediate(() => console.log('immediate')); Promise.resolve().then(() => console.log('job')); process.nextTick((a, b) => console.log('tick', a, b), 1, 2); console.log('now')`, "", "now\ntick 1 2\njob\ntimeout\nimmediate\n", 0},
		{"stdin data", `process.stdin.setEncoding('utf8'); let s = ''; process.stdin.on('data', (d) => { s += d; }).on('end', () => console.log([s]))`, "a\nbü", "[ 'a\\nbü' ]\n", 0},
		{"stdin buffers", `process.stdin.on('data', (d) => console.log(d)); process.stdin.on('close', () => console.log('close'))`, "ab", "<Buffer 61 62>\nclose\n", 0},
		{"stdin readable", `process.stdin.on('readable', () => { let c; while ((c = process.stdin.read()) !== null) console.log(String(c)); }).on('end', () => console.log('end'))`, "xyz", "xyz\nend\n", 0},
		{"stdin iteration", `(async () => { let n = 0; for await (const c of process.stdin) n += c.length; console.log(n); })()`, strings.Repeat("x", 200000), "200000\n", 0},
		{"stdin empty", `process.stdin.on('data', () => console.log('data')).on('end', () => console.log('end'))`, "", "end\n", 0},
		{"stdin pipe", `process.stdin.pipe(process.stdout)`, "through", "through", 0},
		{"stdin unused", `console.log('done')`, "never read", "done\n", 0},
		{"stdin sync", `console.log(require('fs').readFileSync(0, 'utf8'))`, "sync", "sync\n", 0},
		{"stdin path", `console.log(require('fs').readFileSync('/dev/stdin', 'utf8'))`, "dev", "dev\n", 0},
		{"lines", `const rl = require('readline').createInterface({ input: process.stdin }); rl.on('line', (l) => console.log([l])).on('close', () => console.log('closed'))`, "one\r\ntwo\n\nlast", "[ 'one' ]\n[ 'two' ]\n[ '' ]\n[ 'last' ]\nclosed\n", 0},
		{"lines iterated", `(async () => { const rl = require('readline').createInterface({ input: process.stdin }); for await (const l of rl) console.log(l); console.log('end'); })()`, "a\nb\nc", "a\nb\nc\nend\n", 0},
		{"question", `const rl = require('readline').createInterface({ input: process.stdin, output: process.stdout }); rl.question('name? ', (n) => { console.log('hi', n); rl.close(); })`, "bob\n", "name? hi bob\n", 0},
		{"question promise", `const rl = require('readline/promises').createInterface({ input: process.stdin, output: process.stdout }); rl.question('q ').then((a) => { console.log([a]); rl.close(); })`, "yes\n", "q [ 'yes' ]\n", 0},
		{"write callback", `process.stdout.write('a', () => console.log('c')); process.stdout.write(Buffer.from('b\n')); console.log(process.stdout.isTTY, process.stdout.columns)`, "", "ab\nundefined undefined\nc\n", 0},
		{"write encodings", `process.stdout.write('6869', 'hex'); process.stdout.write(new Uint8Array([33, 10]))`, "", "hi!\n", 0},
		{"write bad", `try { process.stdout.write(5) } catch (e) { console.log(e.code) } try { process.stdout.write(null) } catch (e) { console.log(e.code) }`, "", "ERR_INVALID_ARG_TYPE\nERR_STREAM_NULL_VALUES\n", 0},
		{"no signal name", `try { process.kill(process.pid, 'SIGNOPE') } catch (e) { console.log(e.code, e.message) }`, "", "ERR_UNKNOWN_SIGNAL Unknown signal: SIGNOPE\n", 0},
		{"kill nobody", `try { process.kill(2 ** 22 + 7, 0) } catch (e) { console.log(e.code, e.message, e.syscall) } console.log(process.kill(process.pid, 0))`, "", "ESRCH kill ESRCH kill\ntrue\n", 0},
		{"kill itself", `process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 5000)`, "", "", 128 + 15},
		{"own signal", `process.on('SIGUSR2', (s, n) => { console.log(s, n); clearInterval(t); }); const t = setInterval(() => {}, 1000); process.kill(process.pid, 'SIGUSR2')`, "", "SIGUSR2 12\n", 0},
		{"once a signal, then its default", `const t = setInterval(() => {}, 1000); process.once('SIGTERM', () => { console.log('first'); process.kill(process.pid, 'SIGTERM'); }); process.kill(process.pid, 'SIGTERM')`, "", "first\n", 128 + 15},
		{"chdir", `process.chdir('/'); console.log(process.cwd()); try { process.chdir('/nope-x') } catch (e) { console.log(e.code, e.message) }`, "", "/\nENOENT ENOENT: no such file or directory, chdir '/' -> '/nope-x'\n", 0},
		{"env", `process.env.N = 5; process.env.U = undefined; console.log(process.env.N, process.env.U, 'PATH' in process.env, delete process.env.N, process.env.N, process.env.NOPE)`, "", "5 undefined true true undefined undefined\n", 0},
		{"bad arguments", `for (const f of [() => process.exit('x'), () => { process.exitCode = 1.5; }, () => process.nextTick(5), () => process.chdir(5), () => process.hrtime(5), () => process.umask('9'), () => process.emitWarning(5), () => process.kill('x')]) { try { f() } catch (e) { console.log(e.code) } }`, "", "ERR_INVALID_ARG_TYPE\nERR_OUT_OF_RANGE\nERR_INVALID_ARG_TYPE\nERR_INVALID_ARG_TYPE\nERR_INVALID_ARG_TYPE\nERR_INVALID_ARG_VALUE\nERR_INVALID_ARG_TYPE\nERR_INVALID_ARG_TYPE\n", 0},
		{"times", `const a = process.hrtime(); const b = process.hrtime(a); console.log(a.length, b[0], typeof process.hrtime.bigint(), process.uptime() > 0, process.memoryUsage().rss > 1e6, typeof process.cpuUsage().user, typeof process.memoryUsage.rss())`, "", "2 0 bigint true true number number\n", 0},
		{"facts", `console.log(process.platform, process.arch.length > 2, typeof process.pid, typeof process.ppid, /^v20\./.test(process.version), typeof process.versions.node, process.release.name, typeof process.getuid(), process.umask().toString(8).length > 0, String(process), Object.prototype.toString.call(process))`, "", "linux true number number true string node number true [object process] [object process]\n", 0},
		{"console streams", `console.error('err'); console.warn('w'); console.info('i'); console.debug('d'); console.trace`, "", "i\nd\n", 0},
		{"warning", `process.on('warning', (w) => console.log(w.name, w.message, w.code, w.detail)); process.emitWarning('w', { type: 'T', code: 'C', detail: 'D' }); process.emitWarning(new Error('e'))`, "", "T w C D\nError e undefined undefined\n", 0},
		{"active listener alone does not keep it alive", `process.on('SIGINT', () => {}); process.on('exit', () => console.log('bye'))`, "", "bye\n", 0},
		{"unhandled error event", `new (require('events'))().emit('error', new Error('ev'))`, "", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, program := range programs() {
				script := c.script
				if program == "sc" && strings.Contains(script, "for await") {
					script = strings.ReplaceAll(script, "for await (const c of process.stdin) n += c.length;", "const i = process.stdin[Symbol.asyncIterator](); for (let c = await i.next(); !c.done; c = await i.next()) n += c.value.length;")
					script = strings.ReplaceAll(script, "for await (const l of rl) console.log(l);", "const i = rl[Symbol.asyncIterator](); for (let l = await i.next(); !l.done; l = await i.next()) console.log(l.value);")
				}
				cmd := child(t, program, script)
				cmd.Stdin = strings.NewReader(c.stdin)
				out, err := cmd.Output()
				if string(out) != c.stdout || exitCode(err) != c.code {
					var stderr []byte
					var exit *exec.ExitError
					if errors.As(err, &exit) {
						stderr = exit.Stderr
					}
					t.Errorf("%s: stdout %q, exit status %d, want %q, %d; stderr:\n%s", program, out, exitCode(err), c.stdout, c.code, stderr)
				}
			}
		})
	}
}

// TestPausedStdin: a process whose stdin stays open ends once nobody reads it.
func TestPausedStdin(t *testing.T) {
	for _, script := range []string{
		`process.stdin.once('data', (d) => { console.log(String(d)); process.stdin.pause(); })`,
		`process.stdin.on('data', (d) => { console.log(String(d)); process.exit(); })`,
		`const rl = require('readline').createInterface({ input: process.stdin }); rl.once('line', (l) => { console.log(l); rl.close(); })`,
		`process.stdin.on('data', (d) => { console.log(String(d)); process.stdin.destroy(); })`,
	} {
		cmd := child(t, "sc", script)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(in, "ping\n"); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(out)
		if err != nil || strings.TrimSpace(string(text)) != "ping" {
			t.Errorf("%s: printed %q, %v, want ping", script, text, err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		_ = in.Close()
	}
}

// TestSignals: a listener gets the signal; without one the signal does what it does.
func TestSignals(t *testing.T) {
	for _, c := range []struct {
		name, script string
		signal       syscall.Signal
		want         string
		code         int
	}{
		{"a listener", `process.on('SIGINT', () => { console.log('int'); process.exit(4); }); console.log('ready'); setInterval(() => {}, 1000)`, syscall.SIGINT, "int\n", 4},
		{"no listener", `console.log('ready'); setInterval(() => {}, 1000)`, syscall.SIGTERM, "", 128 + 15},
		{"a listener taken away", `const f = () => {}; process.on('SIGTERM', f); process.off('SIGTERM', f); console.log('ready'); setInterval(() => {}, 1000)`, syscall.SIGTERM, "", 128 + 15},
		{"a listener for another", `process.on('SIGUSR2', () => {}); console.log('ready'); setInterval(() => {}, 1000)`, syscall.SIGTERM, "", 128 + 15},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := child(t, "sc", c.script)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(out)
			if line, err := r.ReadString('\n'); err != nil || line != "ready\n" {
				t.Fatalf("first line %q, %v", line, err)
			}
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(r)
			if err := cmd.Wait(); exitCode(err) != c.code || string(rest) != c.want {
				t.Errorf("printed %q, exit status %d, want %q, %d", rest, exitCode(err), c.want, c.code)
			}
		})
	}
}

// TestBrokenPipe: writing to a pipe that nobody reads is an error event, which ends the process with 1 as in node.
func TestBrokenPipe(t *testing.T) {
	for _, program := range programs() {
		for script, code := range map[string]int{
			`setInterval(() => console.log('x'), 1)`: 1,
			`process.stdout.on('error', (e) => { process.exit(e.code === 'EPIPE' ? 3 : 4); }); setInterval(() => console.log('x'), 1)`: 3,
		} {
			cmd := child(t, program, script)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdout = w
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			if _, err := r.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			_ = r.Close()
			if err := cmd.Wait(); exitCode(err) != code {
				t.Errorf("%s: %s: exit status %d, want %d", program, script, exitCode(err), code)
			}
		}
	}
}
