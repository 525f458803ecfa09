package trust

import (
	"errors"
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

func TestAccountWithoutAHome(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may write everywhere: a file stands where the folder would be")
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	temp := filepath.Join(t.TempDir(), "temp")
	a, err := LoadAccount(blocked, temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{"", filepath.Join(blocked, "below")} {
		if b, err := LoadAccount(home, temp); err != nil || a != b {
			t.Errorf("home %q: two processes have %x and %x, %v", home, a, b, err)
		}
	}
	if b, err := LoadAccount("", ""); err != nil || b == (Secret{}) || b == a {
		t.Errorf("without any folder: %x, %v; want one of its own", b, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(temp, 0o777); err != nil {
		t.Fatal(err)
	}
	if b, err := LoadAccount("", temp); err != nil || b == a {
		t.Errorf("a folder that others may write to: %x, %v; want it passed over", b, err)
	}
	if err := os.Chmod(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(temp, "secret"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadAccount("", temp); !errors.Is(err, ErrBadKey) {
		t.Errorf("a secret that others may read: %v, want %v", err, ErrBadKey)
	}
}
