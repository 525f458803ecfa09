package nodepkg

import (
	"context"
	"strings"
	"testing"
)

// TestRun runs what a repository or a package.json has, in each of the ways.
func TestRun(t *testing.T) {
	reg := newRegistry(t)
	reg.add(t, "tiny", nil, map[string]string{"index.js": `module.exports = (n) => n * 2;`})
	dir := t.TempDir()
	g := newRepo(t, dir, "app", map[string]string{
		"package.json": `{"name":"app","dependencies":{}}`,
		"index.js":     `exports.main = () => 'from main';`,
		"lib/job.js": `const tiny = require('tiny');
			exports.double = (n) => tiny(n);
			exports.whole = async (...args) => ({ args, cwd: require('path').basename(process.cwd()) });
			exports.number = 5;
			exports.fails = () => { const e = new RangeError('no'); e.errno = -2; e.code = 'EX'; throw e; };
			exports.never = () => new Promise(() => {});
			exports.cannot = () => ({ a: [Symbol()] });
			exports.exits = () => process.exit(7);
			exports.dies = () => process.kill(process.pid, 'SIGKILL');
			exports.env = () => Object.keys(process.env).sort().join();`,
		"esm.mjs":    `import { task } from 'supercluster'; import tiny from 'tiny'; export const f = (n) => [task.worker.id, tiny(n)]; export default () => 'default';`,
		"print.js":   `console.log(JSON.stringify({ argv: process.argv.slice(2), main: require.main === module }));`,
		"report.js":  `const { task } = require('supercluster'); console.log('text'); console.error('to stderr'); task.setProgress(0.5); task.sendToMaster('ev', { a: 1 }); task.setResult(new Map([[1, 2n]]).size + task.args[0]);`,
		"exit.js":    `console.error('last words'); process.exitCode = 3;`,
		"throw.mjs":  `throw new TypeError('thrown');`,
		"words.js":   `console.log('not JSON');`,
		"sub/cwd.js": `console.log(JSON.stringify(process.cwd().split('/').pop()));`,
	})
	url := smartHTTP(t, dir).URL + "/app.git"
	r := newRunner(t, func(c *Config) { c.Registry = reg.URL })
	with := manifestJSON(t, map[string]any{"name": "task", "dependencies": map[string]string{"tiny": "^1.0.0"}})
	for _, c := range []struct {
		name string
		p    Package
		args string
		want string // in JSON
		code string // of the error, or its name
		text string // in its message
	}{
		{name: "export", p: Package{File: "lib/job.js", Export: "double"}, args: `[21]`, want: `42`},
		{name: "async export", p: Package{File: "./lib/job.js", Export: "whole", Cwd: "lib"}, args: `["a",{"b":null}]`, want: `{"args":["a",{"b":null}],"cwd":"lib"}`},
		{name: "ES module", p: Package{File: "esm.mjs", Export: "f"}, args: `[2]`, want: `["w1",4]`},
		{name: "default export", p: Package{File: "esm.mjs", Export: "default"}, want: `"default"`},
		{name: "main file", p: Package{Export: "main"}, want: `"from main"`},
		{name: "file that prints JSON", p: Package{File: "print.js"}, args: `["x",2,{"a":[1]},"ü"]`, want: `{"argv":["x","2","{\"a\":[1]}","ü"],"main":true}`},
		{name: "file that reports", p: Package{File: "report.js"}, args: `[10]`, want: `11`},
		{name: "file that prints words", p: Package{File: "words.js"}, want: "undefined"},
		{name: "file in another folder", p: Package{File: "sub/cwd.js", Cwd: "sub"}, want: `"sub"`},
		{name: "environment", p: Package{File: "lib/job.js", Export: "env"}, want: `"HOME,LANG,PATH,TMPDIR"`},
		{name: "exit code", p: Package{File: "exit.js"}, code: CodeExit, text: "exit.js exited with code 3\nlast words"},
		{name: "thrown in a file", p: Package{File: "throw.mjs"}, code: "TypeError", text: "thrown"},
		{name: "thrown by a function", p: Package{File: "lib/job.js", Export: "fails"}, code: "EX", text: "no"},
		{name: "never settles", p: Package{File: "lib/job.js", Export: "never"}, code: "ERR_TASK_UNSETTLED", text: "can never settle"},
		{name: "result that cannot travel", p: Package{File: "lib/job.js", Export: "cannot"}, code: CodeResult, text: "result.a[0]: a symbol cannot be sent"},
		{name: "process.exit", p: Package{File: "lib/job.js", Export: "exits"}, code: CodeExit, text: "lib/job.js exited with code 7"},
		{name: "killed", p: Package{File: "lib/job.js", Export: "dies"}, code: CodeKilled, text: "was ended by signal killed"},
		{name: "missing file", p: Package{File: "lib/jop.js"}, code: CodeFile, text: `run.file: there is no "lib/jop.js" in the package; beside it there is ["job.js"]`},
		{name: "folder as file", p: Package{File: "lib"}, code: CodeFile, text: `"lib" is no file`},
		{name: "missing export", p: Package{File: "lib/job.js", Export: "doubel"}, code: "ERR_PACKAGE_EXPORT", text: `lib/job.js has no export "doubel"; it has`},
		{name: "export that is no function", p: Package{File: "lib/job.js", Export: "number"}, code: "ERR_PACKAGE_EXPORT", text: "is no function but of type number"},
		{name: "missing cwd", p: Package{File: "print.js", Cwd: "nowhere"}, code: CodeFile, text: `run.cwd: there is no "nowhere"`},
		{name: "missing dir", p: Package{Dir: "nowhere", File: "print.js"}, code: CodeFile, text: `dir: there is no "nowhere"`},
		{name: "bad ref", p: Package{Ref: "nosuch", File: "print.js"}, code: CodeRef, text: `has no branch, tag or commit "nosuch"`},
		{name: "nothing to run", code: CodeFile, text: "nothing is to run"},
	} {
		c.p.Repository, c.p.Manifest = url, with
		o := runTask(t, context.Background(), r, &c.p, c.args, nil)
		got := o.err.Code
		if got == "" {
			got = o.err.Name
		}
		if o.json != c.want || got != c.code || !strings.Contains(o.err.Message, c.text) {
			t.Errorf("%s: %s, error %s %q; want %s, error %s %q\n%s", c.name, o.json, got, o.err.Message, c.want, c.code, c.text, o.rec)
		}
	}
	empty(t, r)
	if n := r.installs.Load(); n != 1 {
		t.Errorf("%d installations, want 1 for one package.json", n)
	}
	_ = g
}
