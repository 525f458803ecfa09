package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ask gives the places of a source, or its error, as text.
func ask(t *testing.T, text string, cfg Config) string {
	t.Helper()
	s, err := New(text, cfg)
	if err != nil {
		return err.Error()
	}
	places, err := s.Lookup(t.Context())
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(places)
}

func TestIs(t *testing.T) {
	for text, want := range map[string]bool{
		"dns:tracker.internal": true, "exec:echo": true, "https://a/b": true, "file:/a": true, "srv:a": true, "k8s:a": true, "dns:": true,
		"tracker": false, "tracker:80": false, "http://tracker": false, "10.0.0.5:80": false, "dns:53": false, "[::1]:5": false,
	} {
		if Is(text) != want {
			t.Errorf("Is(%q) = %t", text, !want)
		}
	}
}

func TestBadSources(t *testing.T) {
	for text, want := range map[string]string{
		"dns:":         `bad source "dns:": "" is not an address`,
		"dns:a b":      `bad source "dns:a b": "a b" is not an address`,
		"srv:":         `bad source "srv:": it needs a domain, as srv:example.com, or the name of records, as srv:_sc._tcp.example.com`,
		"k8s:/tracker": `bad source "k8s:/tracker": it needs the name of a service, as k8s:tracker or k8s:jobs/tracker`,
		"exec: ":       `bad source "exec: ": it needs a command, as exec:./trackers.sh`,
		"file:":        `bad source "file:": it needs a path, as file:/etc/supercluster/trackers`,
		"https:":       `bad source "https:": it is no URL, as https://example.com/cluster`,
		"ftp:x":        `bad source "ftp:x": it begins with none of dns, srv, k8s, exec, file and https`,
	} {
		_, err := New(text, Config{})
		if err == nil || err.Error() != want || !errors.Is(err, ErrSource) {
			t.Errorf("New(%q): %v, want %s", text, err, want)
		}
	}
}

func TestDNS(t *testing.T) {
	cfg := Config{Resolver: nameServer(t)}
	for text, want := range map[string]string{
		"dns:tracker.example":       "[10.0.0.5:44201 10.0.0.6:44201]",
		"dns:tracker.example:80":    "[10.0.0.5:80 10.0.0.6:80]",
		"dns:tracker.example:5/udp": "[10.0.0.5:5/udp 10.0.0.6:5/udp]",
		"dns:10.0.0.9":              "[10.0.0.9:44201]",
		"srv:example.com":           "[t1.example:4000 w1.example:5000/udp]",
		"srv:_any._tcp.example.com": "[t2.example:4001]",
	} {
		if got := ask(t, text, cfg); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"dns:nobody.example", "srv:nobody.example", "k8s:nobody"} {
		if got := ask(t, text, cfg); !strings.Contains(got, "no such host") {
			t.Errorf("%s: %s, want that there is no such host", text, got)
		}
	}
}

func TestKubernetes(t *testing.T) {
	namespace := filepath.Join(t.TempDir(), "namespace")
	if err := os.WriteFile(namespace, []byte("jobs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Resolver: nameServer(t), Namespace: namespace}
	for text, want := range map[string]string{
		"k8s:tracker":       "[10.1.0.1:44201]",
		"k8s:tracker:80":    "[10.1.0.1:80]",
		"k8s:jobs/tracker":  "[10.1.0.1:44201]",
		"k8s:other/workers": "[w-0.workers.other.svc:5000/udp w-1.workers.other.svc:5000/udp]",
	} {
		if got := ask(t, text, cfg); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	cfg := Config{Resolver: nameServer(t)}
	for _, tt := range []struct {
		place Place
		want  string
	}{
		{Place{Host: "10.0.0.1", Port: 5}, "[10.0.0.1:5]"},
		{Place{Host: "tracker.example", Port: 5}, "[10.0.0.5:5 10.0.0.6:5]"},
	} {
		addrs, err := cfg.Resolve(t.Context(), tt.place)
		if got := fmt.Sprint(addrs); got != tt.want || err != nil {
			t.Errorf("Resolve(%v) = %s, %v, want %s", tt.place, got, err, tt.want)
		}
	}
}

func TestExec(t *testing.T) {
	for text, want := range map[string]string{
		"exec:echo 10.0.0.5; echo 10.0.0.6:80": "[10.0.0.5:44201 10.0.0.6:80]",
		"exec:echo no rights >&2; exit 3":      "the command ended with code 3: no rights",
		"exec:exit 1":                          "the command ended with code 1",
		"exec:true":                            "it names nobody",
		"exec:yes a":                           "its answer is longer than 1048576 bytes",
	} {
		if text == "exec:yes a" {
			if _, err := exec.LookPath("head"); err != nil {
				continue // a bare machine has no command that prints so much
			}
			text = "exec:yes a | head -c 3000000"
		}
		if got := ask(t, text, Config{}); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A command that hangs ends with the question.
func TestExecThatHangs(t *testing.T) {
	s, err := New("exec:sleep 1000", Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := s.Lookup(ctx); err == nil {
		t.Error("no error")
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "trackers")
	if err := os.WriteFile(path, []byte("10.0.0.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"file:" + path:   "[10.0.0.5:44201]",
		"file://" + path: "[10.0.0.5:44201]",
		"file:" + dir:    "it is no plain file",
	} {
		if got := ask(t, text, Config{}); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := ask(t, "file:"+path+"x", Config{}); !strings.Contains(got, "no such file") {
		t.Errorf("a file that is not there: %s", got)
	}
}

func TestHTTPS(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/list":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `["10.0.0.5"]`)
		case "/page":
			fmt.Fprint(w, "<!DOCTYPE html><html>")
		case "/plain": // the way on could be read and changed
			http.Redirect(w, r, "http://"+r.Host+"/list", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	client := srv.Client()
	client.CheckRedirect = stayEncrypted
	for path, want := range map[string]string{
		"/list":    "[10.0.0.5:44201]",
		"/page":    `it answers a web page ("text/html"), not addresses`,
		"/plain":   "it answers status 302",
		"/missing": "it answers status 404",
	} {
		if got := ask(t, srv.URL+path, Config{Client: client}); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := ask(t, srv.URL+"/list", Config{Client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}); !strings.Contains(got, "certificate") {
		t.Errorf("an unknown certificate: %s", got)
	}
	client.CloseIdleConnections()
}
