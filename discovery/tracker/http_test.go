package tracker

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// output runs a program that somebody else wrote and returns what it prints, or skips the test without it.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, stderr.String())
	}
	return out
}

// seedList is the answer as the founding document shows it.
type seedList struct {
	Masters, Workers []struct {
		Addr string
		Port int
		Data map[string]any
	}
}

func decodeSeed(t *testing.T, text []byte) (l seedList) {
	t.Helper()
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return l
}

// curl announces a node, reads the list, and asks for changes by ETag.
func TestCurl(t *testing.T) {
	_, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	url := "http://" + addr + "/hostsAvailable"
	empty := decodeSeed(t, output(t, "curl", "-sS", "--noproxy", "*", url))
	if empty.Masters == nil || empty.Workers == nil || len(empty.Masters)+len(empty.Workers) > 0 {
		t.Errorf("nobody: %+v", empty)
	}
	output(t, "curl", "-sS", "--noproxy", "*", "-d", `{"role":"master","port":4000,"data":{}}`, url)
	posted := decodeSeed(t, output(t, "curl", "-sS", "--noproxy", "*", "--json", `{"role":"worker","port":5000,"data":{"str":"Hello world!"}}`, url))
	got := decodeSeed(t, output(t, "curl", "-sS", "--noproxy", "*", "--compressed", url))
	if diff := cmp.Diff(posted, got); diff != "" {
		t.Errorf("GET and POST differ: %s", diff)
	}
	if len(got.Masters) != 1 || len(got.Workers) != 1 || got.Masters[0].Port != 4000 {
		t.Fatalf("list %+v, want a master and a worker", got)
	}
	if w := got.Workers[0]; w.Addr != "127.0.0.1" || w.Port != 5000 || w.Data["str"] != "Hello world!" {
		t.Errorf("worker %+v", w)
	}
	head := string(output(t, "curl", "-sSI", "--noproxy", "*", url))
	_, etag, _ := strings.Cut(head, "Etag: ")
	etag, _, _ = strings.Cut(etag, "\r")
	if again := string(output(t, "curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", "-H", "If-None-Match: "+etag, url)); again != "304" {
		t.Errorf("status %s with ETag %s, want 304", again, etag)
	}
	bad := string(output(t, "curl", "-sS", "--noproxy", "*", "-w", " %{http_code}", "-d", "rubbish", url))
	if !strings.Contains(bad, "ERR_ANNOUNCEMENT") || !strings.HasSuffix(bad, " 400") {
		t.Errorf("rubbish is answered %s", bad)
	}
}

// nodeClient is a client as a user of node writes one: nothing but its http module.
const nodeClient = `
const http = require('http');
const [host, port] = process.argv[1].split(':');
function call(method, body, done) {
  const req = http.request({ host, port, method, path: '/hostsAvailable' }, (res) => {
    let text = '';
    res.setEncoding('utf8');
    res.on('data', (chunk) => { text += chunk; });
    res.on('end', () => done(res, JSON.parse(text)));
  });
  req.end(body && JSON.stringify(body));
}
call('POST', { role: 'worker', port: 5000, data: { mem: 8 } }, (res, first) => {
  call('GET', null, (_, second) => {
    console.log(JSON.stringify([res.statusCode, res.headers['content-type'], first, second]));
  });
});
`

func TestNodeClient(t *testing.T) {
	_, addr, _ := serve(t, ServerConfig{}, "127.0.0.1:0")
	var got []any
	if err := json.Unmarshal(output(t, "node", "-e", nodeClient, addr), &got); err != nil {
		t.Fatal(err)
	}
	if got[0] != 200.0 || got[1] != "application/json" {
		t.Errorf("answer %v %v, want 200 application/json", got[0], got[1])
	}
	if diff := cmp.Diff(got[2], got[3]); diff != "" {
		t.Errorf("POST and GET differ: %s", diff)
	}
	workers, _ := got[3].(map[string]any)["workers"].([]any)
	if len(workers) != 1 {
		t.Fatalf("workers %v, want one", workers)
	}
	w := workers[0].(map[string]any)
	if w["addr"] != "127.0.0.1" || w["port"] != 5000.0 || !cmp.Equal(w["data"], map[string]any{"mem": 8.0}) {
		t.Errorf("worker %v", w)
	}
}
