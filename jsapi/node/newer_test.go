package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNewer runs each testdata/newer/*.js: what Node.js has since later versions than the golden files of TestScripts
// come from. What they print was written by hand, after its documentation.
func TestNewer(t *testing.T) {
	scripts, err := filepath.Glob("testdata/newer/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(script, ".js") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			full, err := filepath.Abs(script)
			if err != nil {
				t.Fatal(err)
			}
			got := runFile(t, full, string(text), "")
			if diff := cmp.Diff(string(want), got.stdout); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.code != 0 {
				t.Errorf("exit status %d, stderr %s", got.code, got.stderr)
			}
		})
	}
}
