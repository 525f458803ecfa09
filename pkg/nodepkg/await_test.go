package nodepkg

import (
	"path/filepath"
	"testing"
	"time"
)

// awaitFile waits until a file of the pattern is there.
func awaitFile(t testing.TB, pattern string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if found, err := filepath.Glob(pattern); err != nil || len(found) > 0 {
			return
		}
	}
	t.Fatalf("no file %s came", pattern)
}
