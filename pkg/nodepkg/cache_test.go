package nodepkg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// TestOnce runs twenty tasks of one package at once, then one more, then one without a network.
func TestOnce(t *testing.T) {
	reg := newRegistry(t)
	reg.add(t, "tiny", nil, map[string]string{"index.js": `module.exports = (n) => n * 2;`})
	dir := t.TempDir()
	g := newRepo(t, dir, "app", map[string]string{"job.js": `exports.f = (n) => require('tiny')(n);`})
	server := smartHTTP(t, dir)
	r := newRunner(t, func(c *Config) { c.Registry = reg.URL })
	p := Package{Repository: server.URL + "/app.git", File: "job.js", Export: "f", Manifest: manifestJSON(t, map[string]any{"dependencies": map[string]string{"tiny": "^1.0.0"}})}
	check := func(i int) {
		if o := runTask(t, context.Background(), r, &p, fmt.Sprintf("[%d]", i), nil); o.json != fmt.Sprint(2*i) {
			t.Errorf("task %d: %s, %s %s", i, o.json, o.err.Code, o.err.Message)
		}
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { check(i) })
	}
	wg.Wait()
	asked := reg.requests.Load()
	check(20)
	if f, n := r.fetches.Load(), r.installs.Load(); f != 1 || n != 1 || reg.requests.Load() != asked {
		t.Errorf("%d fetches, %d installations, %d requests of the registry for the 21st task; want 1, 1, 0", f, n, reg.requests.Load()-asked)
	}
	commit := g.commit(map[string]string{"job.js": `exports.f = (n) => require('tiny')(n) + 1;`})
	if o := runTask(t, context.Background(), r, &p, "[1]", nil); o.json != "3" {
		t.Errorf("after a push: %s %v", o.json, o.err)
	}
	p.Ref = commit[:10]
	if o := runTask(t, context.Background(), r, &p, "[1]", nil); o.json != "3" {
		t.Errorf("by the beginning of a commit's name: %s %v", o.json, o.err)
	}
	p.Ref = ""
	reg.Close()
	server.Close()
	rec := &recorder{}
	if o := runTask(t, context.Background(), r, &p, "[2]", rec); o.json != "5" || !strings.Contains(rec.String(), "cannot be reached; using commit "+commit[:12]) {
		t.Errorf("without a network: %s %v\n%s", o.json, o.err, rec)
	}
	p.Ref = "other"
	if o := runTask(t, context.Background(), r, &p, "[2]", nil); o.err.Code != CodeClone || !strings.Contains(o.err.Message, "cannot be reached, and is not in the cache") {
		t.Errorf("another ref without a network: %s %q", o.err.Code, o.err.Message)
	}
	empty(t, r)
}

// TestProtocolsAndRefs clones by git's own protocol, by branch, tag and commit.
func TestProtocolsAndRefs(t *testing.T) {
	dir := t.TempDir()
	g := newRepo(t, dir, "app", map[string]string{"v.js": `console.log(1)`})
	g.git("tag", "-a", "-m", "t", "v1")
	first := g.git("rev-parse", "HEAD")
	g.git("checkout", "-q", "-b", "next/two")
	g.commit(map[string]string{"v.js": `console.log(2)`})
	r := newRunner(t, nil)
	url := gitDaemon(t, dir) + "/app.git"
	for ref, want := range map[string]string{"": "1", "main": "1", "v1": "1", "next/two": "2", first: "1", first[:8]: "1"} {
		if o := runTask(t, context.Background(), r, &Package{Repository: url, Ref: ref, File: "v.js"}, "", nil); o.json != want {
			t.Errorf("ref %q: %s, %s %s; want %s", ref, o.json, o.err.Code, o.err.Message, want)
		}
	}
	for _, ref := range []string{"v2", strings.Repeat("0", 40), "0000000"} {
		if o := runTask(t, context.Background(), r, &Package{Repository: url, Ref: ref, File: "v.js"}, "", nil); o.err.Code != CodeRef {
			t.Errorf("ref %q: %s %q, want %s", ref, o.err.Code, o.err.Message, CodeRef)
		}
	}
}

// TestScripts: scripts of packages run unless the owner forbids them; then the error names who wanted one.
func TestScripts(t *testing.T) {
	reg := newRegistry(t)
	reg.add(t, "eager", map[string]any{"scripts": map[string]string{"postinstall": "node make.js"}}, map[string]string{
		"index.js": `module.exports = require('./made.json');`, "make.js": `require('fs').writeFileSync('made.json', JSON.stringify(Object.keys(process.env).filter((k) => /^SC_/.test(k))))`,
	})
	t.Setenv("SC_KEY", "secret")
	p := Package{Manifest: manifestJSON(t, map[string]any{"dependencies": map[string]string{"eager": "1.0.0"}}), Export: "none", File: ""}
	p.Export, p.Cmd = "", ""
	p.File, p.Bundle = "main.js", []byte(`console.log(JSON.stringify(require('eager')))`)
	if o := runTask(t, context.Background(), newRunner(t, func(c *Config) { c.Registry = reg.URL }), &p, "", nil); o.json != "[]" {
		t.Errorf("with scripts: %s %v", o.json, o.err)
	}
	o := runTask(t, context.Background(), newRunner(t, func(c *Config) { c.Registry, c.NoScripts = reg.URL, true }), &p, "", nil)
	if o.err.Code != CodeScripts || !strings.Contains(o.err.Message, "eager wants to run a script") {
		t.Errorf("without: %s %q", o.err.Code, o.err.Message)
	}
}

// npmRegistry is the registry that this machine's npm uses.
func npmRegistry(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("npm", "config", "get", "registry").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestRealRegistry installs small packages from the registry that this machine's npm uses.
func TestRealRegistry(t *testing.T) {
	if os.Getenv("SC_NPM") != "required" {
		t.Skip("SC_NPM is not set")
	}
	r := newRunner(t, func(c *Config) {
		for _, name := range []string{"NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "https_proxy"} {
			if v := os.Getenv(name); v != "" {
				c.Env = append(c.Env, name+"="+v)
			}
		}
		c.Registry = npmRegistry(t)
	})
	p := Package{
		Manifest: manifestJSON(t, map[string]any{"dependencies": map[string]string{"is-odd": "3.0.1", "ms": "2.1.3"}}),
		File:     "main.js", Bundle: []byte(`console.log(JSON.stringify([require('is-odd')(3), require('ms')('2 days')]))`),
	}
	if o := runTask(t, context.Background(), r, &p, "", nil); o.json != "[true,172800000]" {
		t.Errorf("%s %v", o.json, o.err)
	}
}

// TestPrune bounds the cache, and empties it.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	newRepo(t, dir, "app", map[string]string{"a/v.js": `console.log(1)`, "b/v.js": `console.log(2)`, "big": strings.Repeat("x", 100_000)})
	r := newRunner(t, func(c *Config) { c.MaxBytes = 150_000 })
	url := smartHTTP(t, dir).URL + "/app.git"
	for _, sub := range []string{"a", "b", "a"} {
		if o := runTask(t, context.Background(), r, &Package{Repository: url, Dir: sub, File: "v.js"}, "", nil); o.err.Code != "" {
			t.Errorf("%s: %v", sub, o.err)
		}
	}
	trees := func() (n int) {
		entries, err := List(r.cfg.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Kind == "tree" {
				n++
			}
		}
		return n
	}
	if n := trees(); n != 1 {
		t.Errorf("%d trees of 100 kB each in a cache of 150 kB, want 1", n)
	}
	if _, err := Prune(context.Background(), r.cfg.Dir, func(Entry) bool { return true }); err != nil || trees() != 0 {
		t.Errorf("after Prune: %d trees, %v", trees(), err)
	}
	if o := runTask(t, context.Background(), r, &Package{Repository: url, Dir: "b", File: "v.js"}, "", nil); o.json != "2" {
		t.Errorf("after Prune: %s %v", o.json, o.err)
	}
}

// BenchmarkPackage is the first run of a package, and those that follow.
func BenchmarkPackage(b *testing.B) {
	reg := newRegistry(b)
	reg.add(b, "tiny", nil, map[string]string{"index.js": `module.exports = (n) => n * 2;`})
	dir := b.TempDir()
	newRepo(b, dir, "app", map[string]string{"job.js": `exports.f = (n) => require('tiny')(n);`})
	p := Package{Repository: smartHTTP(b, dir).URL + "/app.git", File: "job.js", Export: "f", Manifest: manifestJSON(b, map[string]any{"dependencies": map[string]string{"tiny": "^1.0.0"}})}
	run := func(b *testing.B, r *Runner) {
		if o := runTask(b, context.Background(), r, &p, "[1]", nil); o.json != "2" {
			b.Fatalf("%s %v", o.json, o.err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			r := newRunner(b, func(c *Config) { c.Registry = reg.URL })
			b.StartTimer()
			run(b, r)
		}
	})
	b.Run("second", func(b *testing.B) {
		r := newRunner(b, func(c *Config) { c.Registry = reg.URL })
		run(b, r)
		for b.Loop() {
			run(b, r)
		}
	})
}
