package node

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScripts runs each testdata/*.js and compares what it prints with the golden file beside it, which Node.js 20
// wrote. Where that is installed, its output is compared with the golden file as well. SC_UPDATE=1 has it written.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".js")
		t.Run(name, func(t *testing.T) {
			golden := strings.TrimSuffix(script, ".js") + ".txt"
			if os.Getenv("SC_UPDATE") != "" {
				if err := os.WriteFile(golden, nodeOutput(t, script), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			full, err := filepath.Abs(script)
			if err != nil {
				t.Fatal(err)
			}
			got := runFile(t, full, string(text), "")
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.stdout+got.stderr, "\n")); diff != "" {
				t.Errorf("%s prints other than Node.js (-node +sc):\n%s", script, diff)
			}
			if got.code != 0 {
				t.Errorf("exit status %d", got.code)
			}
		})
	}
}

// TestGolden runs the same scripts on the Node.js of this machine: the golden files are what it says.
func TestGolden(t *testing.T) {
	version, err := exec.Command("node", "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "v20.") {
		t.Skip("no Node.js 20 here")
	}
	scripts, err := filepath.Glob("testdata/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		want, err := os.ReadFile(strings.TrimSuffix(script, ".js") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if got := nodeOutput(t, script); !bytes.Equal(got, want) {
			t.Errorf("%s: the golden file is not what node prints:\n%s", script, cmp.Diff(string(want), string(got)))
		}
	}
}

func nodeOutput(t *testing.T, script string) []byte {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.Command("node", script)
	cmd.Env = append(os.Environ(), "NODE_NO_WARNINGS=1")
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s", script, err, errOut.Bytes())
	}
	return append(out.Bytes(), errOut.Bytes()...)
}
