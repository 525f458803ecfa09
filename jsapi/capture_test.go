package jsapi

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what node printed beside the cases")

// TestCaptures: functions that use what is around them give elsewhere what node gives for them in one process. What
// node printed is kept beside the cases, for where there is none, and for TypeScript, which node does not run.
func TestCaptures(t *testing.T) {
	total := 0
	for _, file := range []string{"closures.js", "modules.mjs", "typed.ts"} {
		t.Run(file, func(t *testing.T) {
			path := filepath.Join("testdata", "capture", file)
			kept := strings.TrimSuffix(path, filepath.Ext(path)) + ".out"
			want, err := os.ReadFile(kept)
			if err != nil && !*update {
				t.Fatal(err)
			}
			if node, err := exec.LookPath("node"); err == nil && filepath.Ext(file) != ".ts" {
				b, err := exec.Command(node, path).Output()
				if err != nil {
					t.Fatalf("node: %v", err)
				}
				if *update {
					if err := os.WriteFile(kept, b, 0o644); err != nil {
						t.Fatal(err)
					}
				} else if !bytes.Equal(b, want) {
					t.Errorf("%s is not what node prints; run the test with -update", kept)
				}
				want = b
			}
			got, _ := runFile(t, testSettings(t), path)
			compareLines(t, got, string(want))
			total += strings.Count(string(want), "\n")
		})
	}
	if total < 200 {
		t.Errorf("%d cases, want at least 200", total)
	}
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("line %d: %s\nnode: %s", i+1, a, b)
		}
	}
}

// TestCapturedPackages has functions use packages of the registry that the script loads at its top, as node does. It
// takes npm and a network: SC_NPM=required says that they are there.
func TestCapturedPackages(t *testing.T) {
	need := os.Getenv("SC_NPM") == "required"
	npm, err := exec.LookPath("npm")
	if err != nil && need {
		t.Fatal(err)
	}
	if !need && (err != nil || testing.Short() || os.Getenv("SC_NPM") == "") {
		t.Skip("SC_NPM is not set")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "packages"))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(npm, "install", "--no-audit", "--no-fund", "--silent")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		if need {
			t.Fatalf("npm install: %v\n%s", err, out)
		}
		t.Skipf("npm install: %v", err)
	}
	for _, file := range []string{"required.js", "imported.mjs"} {
		path := filepath.Join(dir, file)
		want, err := exec.Command("node", path).Output()
		if err != nil {
			t.Fatalf("node: %v", err)
		}
		got, _ := runFile(t, testSettings(t), path)
		compareLines(t, got, string(want))
	}
}
