package trust

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

func TestSecretIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config", "supercluster")
	secrets := make([]Secret, 16)
	var g errgroup.Group
	for i := range secrets {
		g.Go(func() (err error) {
			secrets[i], err = LoadSecret(dir)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if s != secrets[0] || s == (Secret{}) {
			t.Fatalf("processes that start at once have the secrets %x and %x", s, secrets[0])
		}
	}
	if again, err := LoadSecret(dir); err != nil || again != secrets[0] {
		t.Errorf("later it is %x, %v", again, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the folder holds %v, want the secret alone", left)
	}
}

func TestSecretRefuses(t *testing.T) {
	for _, c := range []struct {
		why  string
		data string
		mode os.FileMode
		want string
	}{
		{"a file cut short", "abc", 0o600, "3 bytes instead of 32"},
		{"a file that others may read", strings.Repeat("k", 32), 0o644, "mode 0644 lets others read it"},
	} {
		if runtime.GOOS == "windows" && c.mode != 0o600 {
			continue
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "secret")
		if err := os.WriteFile(path, []byte(c.data), c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadSecret(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.why, err, c.want)
		}
	}
}

func TestDeriveKeepsPurposesApart(t *testing.T) {
	s := Secret{1}
	a, err := s.Derive("a")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Derive("b")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Derive("a")
	if err != nil || a == b || a != again || a == [32]byte(s) {
		t.Errorf("keys %x, %x and %x again, %v", a, b, again, err)
	}
}
