//go:build unix

package grant

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// tree makes a folder with "in", which is allowed, and "out", which is not, and returns it.
func tree(t *testing.T) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"in/sub", "in-law", "out"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"in/a", "in/sub/b", "in-law/c", "out/secret"} {
		if err := os.WriteFile(filepath.Join(top, file), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"in/good": "sub/b", "in/bad": "../out/secret", "in/dir": "../out", "in/up": "..", "in/abs": top + "/out/secret",
		"in/loop": "loop", "in/chain": "bad", "in/dangling": "../out/new", "out/back": "../in/a", "in/root": "/", "in/proc": "/proc/self/environ",
	} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// TestPathMatrix is every kind of access to files, where it is allowed, denied and allowed in part.
func TestPathMatrix(t *testing.T) {
	top := tree(t)
	const P, Q = "\x00P", "\x00Q"                                // stand for the two paths
	need := func(s string) []string { return strings.Fields(s) } // of what, in the order in which it is looked at
	read, write, both := need("Pread"), need("Pwrite"), need("Pread Pwrite")
	calls := []struct {
		op    string
		needs []string
		args  []any
	}{
		{"open", read, []any{P, os.O_RDONLY, 0}}, {"stat", read, []any{P}}, {"lstat", read, []any{P}}, {"access", read, []any{P, 4}},
		{"realpath", read, []any{P}}, {"opendir", read, []any{P}}, {"readlink", read, []any{P}}, {"access", both, []any{P, 2}},
		{"open", write, []any{P, os.O_WRONLY, 0}}, {"open", write, []any{P, os.O_WRONLY | os.O_CREATE | os.O_TRUNC, 0o600}},
		{"open", both, []any{P, os.O_RDONLY | os.O_CREATE, 0o600}}, {"open", both, []any{P, os.O_RDWR, 0}},
		{"open", both, []any{P, os.O_RDONLY | os.O_TRUNC, 0}}, {"mkdir", write, []any{P, 0o700, false}},
		{"mkdir", write, []any{P, 0o700, true}}, {"mkdtemp", write, []any{P}}, {"rmdir", write, []any{P}}, {"unlink", write, []any{P}},
		{"rm", write, []any{P}}, {"chmod", write, []any{P, 0o600}}, {"chown", write, []any{P, -1, -1}},
		{"lchown", write, []any{P, -1, -1}}, {"utime", write, []any{P, 1.5, 2.5}}, {"lutime", write, []any{P, 1.5, 2.5}},
		{"copyfile", need("Pread Qwrite"), []any{P, Q, 0}},
		{"rename", need("Pread Pwrite Qwrite"), []any{P, Q}},
		{"link", need("Pread Pwrite Qwrite Qread"), []any{P, Q}},
	}
	in, out := top+"/in", top+"/out"
	for name, p := range map[string]Permissions{
		"no files": {Net: everything}, "read in": {Read: list(in)}, "write in": {Write: list(in)}, "both in": {Read: list(in), Write: list(in)},
		"read in, write all": {Read: list(in), Write: everything}, "all": {Read: everything, Write: everything},
	} {
		s := open(t, p)
		for _, c := range calls {
			for _, paths := range [][2]string{{in, in}, {in, out}, {out, in}, {out, out}} {
				at := map[string]string{"P": paths[0] + "/none/p", "Q": paths[1] + "/none/q"}
				args := slices.Clone(c.args)
				for i, a := range args {
					if a == P || a == Q {
						args[i] = at[a.(string)[1:]]
					}
				}
				want := ""
				for _, n := range c.needs {
					kind, path := n[1:], at[n[:1]]
					if l := p.Of(kind); !l.All && (len(l.Items) == 0 || !strings.HasPrefix(path, in+"/")) {
						want = deniedText(kind, path, "--allow-"+kind+"="+path)
						break
					}
				}
				_, fault := s.ask(t, c.op, args...)
				if refused := strings.HasPrefix(fault, codeDenied); refused != (want != "") || refused && fault != want {
					t.Errorf("%s: %s(%q) = %q, want refusal %q", name, c.op, args, fault, want)
				}
			}
		}
	}
}

func TestDeniedTexts(t *testing.T) {
	top := tree(t)
	in := top + "/in"
	s := open(t, Permissions{Read: list(in), Write: list(in + "/sub")})
	for path, flag := range map[string]string{
		top + "/out/secret":     "--allow-read=" + top + "/out/secret",
		in + "/../out/secret":   "--allow-read=" + top + "/out/secret",
		in + "-law/c":           "--allow-read=" + top + "/in-law/c",
		in + "/sub/../../out/x": "--allow-read=" + top + "/out/x",
		"/etc/passwd":           "--allow-read=/etc/passwd",
		"/":                     "--allow-read=/",
		top:                     "--allow-read=" + top,
	} {
		s.want(t, deniedText("read", path, flag), "open", path, 0, 0)
		s.want(t, deniedText("read", path, flag), "stat", path)
	}
	for _, link := range []string{"bad", "abs", "chain", "dir/secret", "dir", "up", "up/out/secret", "dangling", "root/etc/passwd"} {
		path := in + "/" + link
		s.want(t, fmt.Sprintf("ERR_ACCESS_DENIED: Requires read access to %q, which leads elsewhere by a symbolic link: start the worker with --allow-read for where that is", path),
			"open", path, 0, 0)
	}
	s.want(t, deniedText("write", in+"/a", "--allow-write="+in+"/a"), "open", in+"/a", os.O_WRONLY, 0)
	s.want(t, deniedText("write", in+"/a", "--allow-write="+in+"/a"), "rename", in+"/a", in+"/sub/a")
	s.want(t, fmt.Sprintf("ERR_ACCESS_DENIED: Requires read access to %q, and to all other paths, to make a symbolic link: start the worker with --allow-read --allow-write", in+"/sub/l"),
		"symlink", "/etc", in+"/sub/l")
	s.want(t, "ELOOP: too many symbolic links encountered, open '"+in+"/loop'", "open", in+"/loop", 0, 0)
	s.want(t, "ENOENT: no such file or directory, open '"+in+"/none'", "open", in+"/none", 0, 0)
	s.want(t, "EINVAL: invalid argument, open '"+in+"/a\x00b'", "open", in+"/a\x00b", 0, 0)
}

// TestLinks checks what links may do, and that none is followed where it leads out.
func TestLinks(t *testing.T) {
	top := tree(t)
	in := top + "/in"
	s := open(t, Permissions{Read: list(in), Write: list(in)})
	fd := s.must(t, "open", in+"/good", 0, 0)
	if b := s.must(t, "read", fd, 100, -1); string(b.([]byte)) != "in/sub/b" {
		t.Errorf("read through a link that stays inside: %q", b)
	}
	if target := s.must(t, "readlink", in+"/bad"); target != "../out/secret" {
		t.Errorf("readlink = %q", target)
	}
	s.must(t, "lstat", in+"/bad")
	s.must(t, "rename", in+"/bad", in+"/sub/bad") // it leads to another place now
	s.want(t, "ENOENT: no such file or directory, stat '"+in+"/sub/bad'", "stat", in+"/sub/bad")
	s.must(t, "unlink", in+"/dir")
	if _, err := os.Stat(top + "/out/secret"); err != nil {
		t.Errorf("what a link led to is gone with it: %v", err)
	}
	s.want(t, deniedText("read", top+"/out/secret", "--allow-read="+top+"/out/secret"), "link", top+"/out/secret", in+"/mine")
	s.want(t, deniedText("write", top+"/out/mine", "--allow-write="+top+"/out/mine"), "link", in+"/a", top+"/out/mine")
	s.want(t, deniedText("write", top+"/out/mine", "--allow-write="+top+"/out/mine"), "rename", in+"/a", top+"/out/mine")
	s.must(t, "rm", in+"/root")
	if _, err := os.Stat("/etc"); err != nil {
		t.Fatal(err)
	}
	apart := open(t, Permissions{Read: list(in, top+"/in-law"), Write: list(in, top+"/in-law")})
	apart.must(t, "rename", in+"/a", top+"/in-law/a")
	apart.must(t, "link", top+"/in-law/a", in+"/a2")
	if b, err := os.ReadFile(in + "/a2"); string(b) != "in/a" {
		t.Errorf("moved and linked between two folders: %q, %v", b, err)
	}
}

// TestRoots checks what is inside of a list and what is not: a file, the root, what is part of the system.
func TestRoots(t *testing.T) {
	top := tree(t)
	s := open(t, Permissions{Read: list(top+"/in/a", top+"/later")})
	s.must(t, "stat", top+"/in/a")
	s.want(t, deniedText("read", top+"/in/sub", "--allow-read="+top+"/in/sub"), "stat", top+"/in/sub")
	s.want(t, "ENOENT: no such file or directory, stat '"+top+"/later'", "stat", top+"/later")
	if err := os.Symlink(top+"/out", top+"/later"); err != nil {
		t.Fatal(err)
	}
	s.want(t, fmt.Sprintf("ERR_ACCESS_DENIED: Requires read access to %q, which leads elsewhere by a symbolic link: start the worker with --allow-read for where that is", top+"/later/secret"),
		"stat", top+"/later/secret")

	all := open(t, Permissions{Read: everything, Write: everything})
	all.must(t, "stat", top+"/out/secret")
	all.must(t, "stat", "/")
	all.must(t, "symlink", "../out/secret", top+"/in/made")
	all.must(t, "open", "/dev/null", os.O_RDWR, 0)
	for _, path := range []string{"/proc/self/environ", "/proc/self/mem", "/proc/1/cwd/etc/passwd", "/sys", "/dev/mem", "/proc"} {
		all.want(t, fmt.Sprintf("ERR_ACCESS_DENIED: Requires read access to %q, which is part of the system itself: start the worker with -A, or --allow-read=%s", path, path),
			"open", path, 0, 0)
	}
	if _, fault := all.ask(t, "stat", top+"/in/proc"); !strings.HasPrefix(fault, "ERR_ACCESS_DENIED") {
		t.Errorf("a link to /proc/self/environ = %q", fault)
	}
	open(t, Permissions{All: true}).must(t, "stat", "/proc/self/environ")
	open(t, Permissions{Read: list("/proc")}).must(t, "stat", "/proc/uptime")
}

// TestFiles uses files and folders as fs does.
func TestFiles(t *testing.T) {
	top := tree(t)
	in := top + "/in"
	s := open(t, Permissions{Read: list(in), Write: list(in)})
	if first := s.must(t, "mkdir", in+"/x/y/z", 0o755, true); first != in+"/x" {
		t.Errorf("mkdir made %v first", first)
	}
	if first := s.must(t, "mkdir", in+"/x/y/z", 0o755, true); first != nil {
		t.Errorf("mkdir of what is there made %v", first)
	}
	fd := s.must(t, "open", in+"/x/f", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if n := s.must(t, "write", fd, []byte("hello world"), -1); n != 11.0 {
		t.Errorf("write = %v", n)
	}
	s.must(t, "write", fd, []byte("W"), 6)
	s.must(t, "ftruncate", fd, 8)
	s.must(t, "fsync", fd)
	s.must(t, "fchmod", fd, 0o600)
	s.must(t, "futime", fd, 1.5, 2.25)
	if b := s.must(t, "read", fd, 100, 0); string(b.([]byte)) != "hello Wo" {
		t.Errorf("read = %q", b)
	}
	numbers := s.must(t, "fstat", fd).([]any)
	if numbers[1] != float64(0o100600) || numbers[8] != 8.0 || numbers[12] != 2.0 || numbers[13] != 25e7 {
		t.Errorf("fstat = %v", numbers)
	}
	s.must(t, "close", fd)
	s.want(t, "EBADF: bad file descriptor, read", "read", fd, 1, -1)
	s.must(t, "copyfile", in+"/x/f", in+"/x/g", 0)
	s.want(t, "EEXIST: file already exists, copyfile '"+in+"/x/f' -> '"+in+"/x/g'", "copyfile", in+"/x/f", in+"/x/g", 1)
	s.want(t, "EISDIR: illegal operation on a directory, unlink '"+in+"/x'", "unlink", in+"/x")
	s.want(t, "ENOTDIR: not a directory, rmdir '"+in+"/x/g'", "rmdir", in+"/x/g")
	d := s.must(t, "opendir", in+"/x")
	names := map[string]bool{}
	for part := s.must(t, "nextdir", d).([]any); len(part) > 0; part = s.must(t, "nextdir", d).([]any) {
		for i := 0; i < len(part); i += 2 {
			names[part[i].(string)] = true
		}
	}
	if len(names) != 3 || !names["f"] || !names["g"] || !names["y"] {
		t.Errorf("the folder holds %v", names)
	}
	s.must(t, "rm", in+"/x")
	if _, err := os.Stat(in + "/x"); !os.IsNotExist(err) {
		t.Errorf("after rm: %v", err)
	}
}

// TestFileLimits checks what one task may hold, and that a pipe without a writer holds up nobody.
func TestFileLimits(t *testing.T) {
	top := tree(t)
	in := top + "/in"
	b, err := New(Permissions{Read: list(in)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Open()
	for range maxHandles {
		s.must(t, "open", in+"/a", 0, 0)
	}
	s.want(t, "EMFILE: too many open files, open '"+in+"/a'", "open", in+"/a", 0, 0)
	s.Close()
	s.want(t, "EMFILE: too many open files, open '"+in+"/a'", "open", in+"/a", 0, 0)

	if err := syscall.Mkfifo(in+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	s = b.Open()
	fd := s.must(t, "open", in+"/pipe", os.O_RDONLY, 0)
	var g sync.WaitGroup
	g.Go(func() { s.ask(t, "read", fd, 10, -1) })
	s.Close()
	g.Wait()
	s = b.Open()
	defer s.Close()
	if got := s.Ask(t.Context(), bytes.Repeat([]byte{0x91}, maxRequest+1)); !bytes.Contains(got, []byte("limit 131072")) {
		t.Errorf("a request that is too long: %q", got)
	}
}

// TestSwap has a folder of what is allowed swapped for a link all the time: nothing outside is ever read or written.
func TestSwap(t *testing.T) {
	top := tree(t)
	in := top + "/in"
	if err := os.WriteFile(in+"/sub/secret", []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, Permissions{Read: list(in), Write: list(in)})
	stop := make(chan struct{})
	var g sync.WaitGroup
	g.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = os.Rename(in+"/sub", in+"/was") // each of the four may find nothing to do
				_ = os.Symlink(top+"/out", in+"/sub")
				_ = os.Remove(in + "/sub")
				_ = os.Rename(in+"/was", in+"/sub")
			}
		}
	})
	rounds := 20000
	if testing.Short() {
		rounds = 1000
	}
	for range rounds {
		if fd, fault := s.ask(t, "open", in+"/sub/secret", os.O_RDWR, 0); fault == "" {
			if b := s.must(t, "read", fd, 100, 0); string(b.([]byte)) != "mine" {
				t.Fatalf("read %q", b)
			}
			s.must(t, "write", fd, []byte("mine"), 0)
			s.must(t, "close", fd)
		}
		s.ask(t, "unlink", in+"/sub/none")
	}
	close(stop)
	g.Wait()
	if b, err := os.ReadFile(top + "/out/secret"); string(b) != "out/secret" {
		t.Errorf("what is outside is %q, %v", b, err)
	}
}
