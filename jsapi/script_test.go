package jsapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supercluster/jsapi/loader"
	"supercluster/jsapi/node"
	"supercluster/vm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are those of a cluster that no other test sees.
func testSettings(t testing.TB) Settings {
	t.Helper()
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return Settings{
		Cluster:       "test-" + rand.Text(),
		BroadcastPort: c.LocalAddr().(*net.UDPAddr).Port,
		Isolation:     isolationVM,
		Local:         2,
	}
}

// runScript runs source as runFile runs a file.
func runScript(t testing.TB, s Settings, source string) (stdout, stderr string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return runFile(t, s, path)
}

// runFile runs a script as sc run would, with local workers in this process,
// and returns what it printed to stdout and stderr.
func runFile(t testing.TB, s Settings, path string) (stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	session := NewSession(s)
	served := make(chan error, 1)
	go func() { served <- session.Run(ctx) }()
	var out, errs bytes.Buffer
	loop := vm.NewLoop(vm.LoopConfig{})
	n := node.New(node.Config{Loop: loop, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	script, err := session.NewScript(loop, n)
	if err != nil {
		t.Fatal(err)
	}
	l := loader.New(loader.Config{Loop: loop, Builtin: script.Builtin})
	script.SetSource(l)
	exit, err := loop.Run(ctx, func() error {
		if err := n.Install(); err != nil {
			return err
		}
		return l.Run(path)
	})
	cancel()
	if serveErr := <-served; serveErr != nil {
		t.Errorf("session: %v", serveErr)
	}
	if err != nil {
		t.Fatalf("script: %v\n%s", l.Describe(err).Text, errs.String())
	}
	if exit.Err != nil {
		t.Fatalf("script: %v\n%s", l.DescribeValue(exit.Err.Value).Text, errs.String())
	}
	return out.String(), errs.String()
}

// BenchmarkRun is a small function from a script, through loop, handle and
// master to a VM in this process and back, 64 in flight.
func BenchmarkRun(b *testing.B) {
	s := testSettings(b)
	b.ReportAllocs()
	out, _ := runScript(b, s, `
		const master = require('supercluster').createMaster();
		let left = `+strconv.Itoa(b.N)+`, flying = 0;
		const add = (a, b) => a + b;
		function more() {
			while (left > 0 && flying < 64) {
				left--; flying++;
				master.run(add, [1, 2]).then((v) => { if (v !== 3) throw new Error(v); flying--; more(); });
			}
			if (left === 0 && flying === 0) master.leave();
		}
		more();`)
	if out != "" {
		b.Fatal(out)
	}
}

// BenchmarkMap is an item of a map, in chunks.
func BenchmarkMap(b *testing.B) {
	s := testSettings(b)
	b.ReportAllocs()
	runScript(b, s, `
		const master = require('supercluster').createMaster();
		function* items() { for (let i = 0; i < `+strconv.Itoa(b.N)+`; i++) yield i; }
		master.map(items(), (x) => x * x).then((r) => {
			if (r.length !== `+strconv.Itoa(b.N)+`) throw new Error(r.length);
			return master.leave();
		});`)
}
