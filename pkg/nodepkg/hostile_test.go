package nodepkg

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// hostileURLs are refused before any process starts.
var hostileURLs = []string{
	"", " ", "ext::sh -c id", "ext::sh", "fd::17", "ssh://-oProxyCommand=id/x", "ssh://git@-oProxyCommand=id/x", "ssh://-oProxyCommand@host/x",
	"--upload-pack=id", "-u", "--", "https://", "https:///x", "https://host", "https://host/", "https://user:pw@host/x", "https://tok@host/x",
	"https://host:0/x", "https://host:99999/x", "https://host:/x", "https://host:1x/x", "https://host:+80/x", "https://ho st/x", "https://host/a b",
	"https://host/x\n", "https://host/\x00x", "https://host/x\r\nHost: y", "https://host/x?y", "https://[::1/x", "https://[::1]x/y", "https://[zz]/x",
	"https://host/../x", "https://host/a/../../x", "https://host/%2e%2e/x", "https://host/a%2Fb/x", "https://host/%00", "https://host/-oX",
	"https://0x7f000001/x", "https://127.1/x", "https://2130706433/x", "https://017700000001/x", "https://-host/x", "https://host-/x", "https://.host/x",
	"https://ho..st/x", "https://exa\u0441mple.org/x", "https://host/x`id`", "https://host/$(id)", "https://host/x;id", "https://host/x|id", "https://host/x&id",
	"https://host/x\\y", "https://host/'x'", "https://host/\"x\"", "https://host/<x>", "https://host/{a,b}", "https://host/x*", "ftp://host/x", "ftps://host/x",
	"gopher://host/x", "javascript:alert(1)", "data:text/plain,x", "http+unix://x/y", "file://host/x", "file:///a/../b", "file://", "/etc", "./repo", "../repo",
	"C:\\repo", "\\\\host\\share", "host:path", "git@host:/abs", "git@-host:x", "git@host:", "@host:x", "user/repo/more", "-user/repo", "user/..", "gist:abc", "npm:x",
	"git+ext::sh", "git+ssh://-x/y", "https://h/" + strings.Repeat("a", 3000),
}

// hostilePaths lead out of the folder, or may mean something else somewhere.
func hostilePaths() []string {
	list := []string{
		"..", "../", "../x", "a/..", "a/../b", "a/../../b", "./../x", "x/./../y", ".././x", "/", "/x", "//x", "///etc", "~", "~/x", "~root", "-x", "--version",
		"\\", "a\\b", "..\\x", "a\\..\\b", "\\\\host\\x", "C:", "C:x", "C:/x", "c:\\x", "a:b", "x:y:z", "file:x", "a\x00b", "\x00", "a\nb", "a\rb", "a\tb", "\x1b[2J", "a\x7f",
		"a\u0085b", "*", "a*", "?", "a?b", "\"x\"", "<x", "x>", "a|b", ".git", ".git/config", "a/.git/hooks", ".GIT/x", ".Git", "git~1/x", "GIT~1", ". /x", "x ", "x.", "x. ", "a./b",
		"a /b", "...", "a/...", "con", "CON", "con.js", "prn", "aux.js", "nul", "NUL.txt", "a/nul", "com1", "COM9.js", "lpt1", "lpt9.x", "conin$", "CONOUT$", "a/con/b",
		"\xff", "a\xfe", "\xc0\xae\xc0\xae/x", strings.Repeat("a", 256), strings.Repeat("a/", 600) + "b", "x/" + strings.Repeat("b", 300), "a/../..", "..;/x/..",
	}
	for _, up := range []string{"../", "./../", "a/../../", "a/b/../../../"} {
		for _, to := range []string{"etc/passwd", "x.js", "node_main.js", "tree", ".ssh/id"} {
			list = append(list, up+to)
		}
	}
	return list
}

func TestHostileURLs(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	fake := filepath.Join(t.TempDir(), "git")
	if err := os.WriteFile(fake, []byte("#!/bin/sh\ntouch "+started+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, func(c *Config) { c.Tools = Tools{Git: fake, Npm: fake, Node: fake} })
	for _, url := range hostileURLs {
		if url == "" {
			if _, err := parseAddress(url); err == nil {
				t.Error("an empty URL was taken")
			}
			continue
		}
		o := runTask(t, context.Background(), r, &Package{Repository: mend(url), File: "x.js"}, "", nil)
		if o.err.Code != CodeURL {
			t.Errorf("repository %.60q: %s %q, want %s", url, o.err.Code, o.err.Message, CodeURL)
		}
	}
	for _, ref := range []string{"-x", "--upload-pack=id", "a..b", "a b", "a\nb", "@", "@{1}", "a@{u}", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a^", "a~1", "a:b", "a?", "a*", "[a]", "\\", strings.Repeat("a", 201)} {
		o := runTask(t, context.Background(), r, &Package{Repository: "https://example.org/x.git", Ref: ref, File: "x.js"}, "", nil)
		if o.err.Code != CodeRef {
			t.Errorf("ref %.60q: %s %q, want %s", ref, o.err.Code, o.err.Message, CodeRef)
		}
	}
	if len(hostileURLs) < 60 {
		t.Errorf("%d URLs, want at least 60", len(hostileURLs))
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("a program was started")
	}
}

func TestGoodURLs(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org/a/b.git": "https://example.org/a/b.git", "git+https://Example.ORG:8443/a": "https://example.org:8443/a",
		"user/repo": "https://github.com/user/repo.git", "github:user/repo": "https://github.com/user/repo.git", "gitlab:u/r.git": "https://gitlab.com/u/r.git",
		"git@github.com:user/repo.git": "ssh://git@github.com/user/repo.git", "git+ssh://git@example.org/x": "ssh://git@example.org/x",
		"git://github.com/hookio/hook.io.git": "https://github.com/hookio/hook.io.git", "git://example.org/x": "git://example.org/x",
		"https://[2001:db8::1]:443/x": "https://[2001:db8::1]:443/x", "file:///srv/x.git": "file:///srv/x.git",
	} {
		a, err := parseAddress(in)
		if err != nil || a.String() != want {
			t.Errorf("parseAddress(%q) = %v, %v, want %s", in, a, err, want)
		}
	}
}

func TestHostilePaths(t *testing.T) {
	paths := hostilePaths()
	if len(paths) < 100 {
		t.Errorf("%d paths, want at least 100", len(paths))
	}
	for _, p := range paths {
		if clean, err := localPath("run.file", p); err == nil {
			t.Errorf("localPath(%.60q) = %q, want an error", p, clean)
		}
		for field, pkg := range map[string]Package{"file": {File: p}, "cwd": {File: "x.js", Cwd: p}, "dir": {File: "x.js", Dir: p}} {
			var e *Error
			if err := pkg.Check(); !errors.As(err, &e) || e.Code != CodePath {
				t.Errorf("%s %.60q: %v, want %s", field, p, err, CodePath)
			}
		}
	}
}

// TestPrivateHosts has tasks ask for hosts that are not public, and be redirected to one: nobody there hears of it.
func TestPrivateHosts(t *testing.T) {
	var hits atomic.Int64
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inner.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(inner.URL, "http://"), ":")
	r := newRunner(t, func(c *Config) { c.AllowHosts = nil })
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:7f00:1]", "[::1]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1",
		"0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "100.100.100.200"} {
		for _, scheme := range []string{"http", "git"} {
			o := runTask(t, context.Background(), r, &Package{Repository: scheme + "://" + host + ":" + port + "/x.git", File: "x.js"}, "", nil)
			if o.err.Code != CodeURL || !strings.Contains(o.err.Message, "not an address of the public Internet") {
				t.Errorf("%s://%s: %s %q", scheme, host, o.err.Code, o.err.Message)
			}
		}
	}
	outer := httptest.NewServer(http.RedirectHandler("http://127.0.0.2:"+port+"/x.git/info/refs", http.StatusFound))
	defer outer.Close()
	r = newRunner(t, func(c *Config) { c.AllowHosts = []string{"127.0.0.1"} })
	o := runTask(t, context.Background(), r, &Package{Repository: outer.URL + "/x.git", File: "x.js"}, "", nil)
	if o.err.Code != CodeURL {
		t.Errorf("redirected: %s %q, want %s", o.err.Code, o.err.Message, CodeURL)
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests reached a host that is not public", hits.Load())
	}
	for in, want := range map[string]bool{"8.8.8.8": false, "2606:4700::1111": false, "::ffff:10.0.0.1": true, "fd00:ec2::254": true} {
		if got := private(netip.MustParseAddr(in)); got != want {
			t.Errorf("private(%s) = %v, want %v", in, got, want)
		}
	}
}

// TestLinksLeadNowhere clones a repository whose links lead out of it.
func TestLinksLeadNowhere(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.js")
	if err := os.WriteFile(secret, []byte(`console.log("secret")`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(outside, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	newRepo(t, dir, "links", map[string]string{
		"out": "link:" + outside, "file.js": "link:" + secret, "up": "link:../../../..", "pkg/package.json": "link:" + filepath.Join(outside, "package.json"),
		"ok.js": `console.log('"fine"')`, "inner.js": "link:ok.js",
	})
	url := smartHTTP(t, dir).URL + "/links.git"
	r := newRunner(t, nil)
	for _, p := range []Package{
		{File: "file.js"}, {File: "out/secret.js"}, {File: "ok.js", Cwd: "out"}, {File: "ok.js", Cwd: "out/sub"}, {File: "ok.js", Cwd: "up"}, {Dir: "out", File: "secret.js"},
	} {
		p.Repository = url
		if o := runTask(t, context.Background(), r, &p, "", nil); o.err.Code != CodePath || strings.Contains(o.rec.String(), "secret") {
			t.Errorf("%+v: %s %q %s, want %s", p, o.err.Code, o.err.Message, o.json, CodePath)
		}
	}
	p := Package{Repository: url, Dir: "pkg", Manifest: []byte(`{"name":"x"}`), Code: nil, File: "none.js"}
	runTask(t, context.Background(), r, &p, "", nil)
	if _, err := os.Stat(filepath.Join(outside, "package.json")); err == nil {
		t.Error("package.json was written through a link")
	}
	if o := runTask(t, context.Background(), r, &Package{Repository: url, File: "inner.js"}, "", nil); o.json != `"fine"` {
		t.Errorf("a link within the repository: %s %v", o.json, o.err)
	}
}

// TestRacingLink swaps a folder for a link out of the package all the while that files are read and written through it.
func TestRacingLink(t *testing.T) {
	outside, work := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "f"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(work)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	stop, swapped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				swapped <- n
				return
			default:
			}
			os.RemoveAll(filepath.Join(work, "d"))
			if n%2 == 0 {
				os.Symlink(outside, filepath.Join(work, "d"))
			} else {
				os.Mkdir(filepath.Join(work, "d"), 0o755)
			}
		}
	}()
	for i := range 20_000 {
		if text, err := readFile(root, filepath.Join("d", "f")); err == nil && string(text) == "secret" {
			t.Fatal("a file outside was read")
		}
		_ = writeBelow(root, "d/w", fmt.Append(nil, i))
		_, _ = below(root, "cwd", "d/f", false)
	}
	close(stop)
	if n := <-swapped; n < 100 {
		t.Errorf("the folder was swapped %d times only", n)
	}
	if _, err := os.Stat(filepath.Join(outside, "w")); err == nil {
		t.Error("a file outside was written")
	}
	if text, err := os.ReadFile(filepath.Join(outside, "f")); err != nil || string(text) != "secret" {
		t.Errorf("the file outside is %q, %v", text, err)
	}
}

// TestFakeGit: a git in the current folder, or in a folder that everybody may write to, is not run.
func TestFakeGit(t *testing.T) {
	open, good := t.TempDir(), t.TempDir()
	for _, dir := range []string{open, good} {
		if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(good)
	real, err := filepath.EvalSymlinks(good)
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Join([]string{"", ".", open, good}, string(filepath.ListSeparator))
	if got := FindTools(list)[Git]; got != filepath.Join(real, "git") {
		t.Errorf("FindTools(%q) finds %q, want that in %s", list, got, real)
	}
	if got := FindTools("." + string(filepath.ListSeparator) + open); len(got) != 0 {
		t.Errorf("FindTools of bad folders finds %v", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add((&Package{Repository: "user/repo", File: "a.js", Manifest: []byte(`{}`), Keep: true}).Encode())
	f.Add((&Result{Data: []byte{1}, ExitCode: 2, Output: true, Stdout: "a"}).Encode())
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, in []byte) {
		if p, err := Decode(in); err == nil {
			again, err := Decode(p.Encode())
			if err != nil || string(again.Encode()) != string(p.Encode()) {
				t.Errorf("Decode(%x) does not come back: %v", in, err)
			}
			_ = p.Check()
		}
		if r, err := DecodeResult(in); err == nil {
			if _, err := DecodeResult(r.Encode()); err != nil {
				t.Errorf("DecodeResult(%x) does not come back: %v", in, err)
			}
		}
	})
}
