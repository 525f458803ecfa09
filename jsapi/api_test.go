package jsapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScripts runs each script of testdata; it must print what its lines
// "// want: …" say.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.js"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".js"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(text)) {
				if w, ok := strings.CutPrefix(line, "// want: "); ok {
					want = append(want, strings.TrimSpace(w))
				}
			}
			s := testSettings(t)
			if strings.Contains(string(text), "createWorker") {
				s.Local = 0 // it makes its own
			}
			if strings.Contains(string(text), "local slots too") || strings.HasSuffix(file, "errors.js") {
				s.Local = 1
			}
			out, _ := runScript(t, s, string(text))
			if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(out), "\n")); diff != "" {
				t.Errorf("prints (-want +got):\n%s", diff)
			}
		})
	}
}
