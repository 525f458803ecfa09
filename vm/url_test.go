package vm

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// nodeFaults begin the lines where node 20 departs from the standard and we do not.
var nodeFaults = []string{
	`["b?q#f","x:opaque"]`, `["b?q#f","mailto:a?b"]`, // an opaque path is no base
	`x:/p host=`, `x:/p hostname=""`, // a port is set with a host, and an empty host is one
	`x://h/p host=":80"`, `x://h:9 host=":80"`, // a port needs a host
}

// TestURLAsNode compares some 900 URLs with node's.
func TestURLAsNode(t *testing.T) {
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node here")
	}
	src := readTestdata(t, "urls.js")
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader("console.log(JSON.stringify(" + src + "))")
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []any
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	out, exit, err := script(t, "console.log(JSON.stringify("+src+"))")
	if err != nil || exit.Err != nil {
		t.Fatalf("%v, %+v", err, exit.Err)
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines, in node %d", len(got), len(want))
	}
	bad := 0
	for i := range want {
		known := slices.ContainsFunc(nodeFaults, func(p string) bool { return strings.HasPrefix(fmt.Sprint(want[i]), p) })
		if got[i] != want[i] && !known {
			if bad++; bad <= 40 {
				t.Errorf("%v\n  in node %v", got[i], want[i])
			}
		}
	}
	t.Logf("%d of %d differ", bad, len(want))
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"http://u:p@h:81/p?q#f", "file:///C:/x", "x:opaque", "http://[::1]", "//a", "../b", "http://1.2.3"} {
		f.Add(s, "http://h/a/b")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, s, base string) {
		b, ok := parseURL(base, nil)
		if !ok {
			b = nil
		}
		u, ok := parseURL(s, b)
		if !ok {
			return
		}
		again, ok := parseURL(u.String(), nil)
		if !ok || again.String() != u.String() {
			t.Errorf("%q against %q is %q, which is parsed as %v", s, base, u, again)
		}
	})
}
