package lookup

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", " \n", "[]"},
		{"one address", "10.0.0.5\n", "[10.0.0.5:44201]"},
		{"as the aws command prints them", "10.0.0.5\t10.0.0.6\n", "[10.0.0.5:44201 10.0.0.6:44201]"},
		{"lines with comments", "# trackers\na.example:80, b.example # the spare\n", "[a.example:80 b.example:44201]"},
		{"a node", "10.0.0.5:5000/udp", "[10.0.0.5:5000/udp]"},
		{"a tracker that says so", "10.0.0.5:5000/tcp", "[10.0.0.5:5000]"},
		{"IPv6", "::1 [::1]:80 [fd00::1]", "[[::1]:44201 [::1]:80 [fd00::1]:44201]"},
		{"a byte order mark", "\ufeff10.0.0.5", "[10.0.0.5:44201]"},
		{"a JSON array", `["10.0.0.5", {"addr": "10.0.0.6", "port": 80}]`, "[10.0.0.5:44201 10.0.0.6:80]"},
		{"a tracker's list", `{"masters": [{"addr": "10.0.0.1", "port": 5, "data": {}}], "workers": [{"addr": "10.0.0.2", "port": 6}]}`,
			"[10.0.0.1:5/udp 10.0.0.2:6/udp]"},
		{"trackers by name", `{"trackers": ["a"]}`, "[a:44201]"},
		{"an empty array", "[]", "[]"},
		{"HTML", "<!DOCTYPE html>", `"<!DOCTYPE" is not an address`},
		{"a port too high", "a:70000", `"a:70000" has no valid port`},
		{"port zero", "a:0", `"a:0" has no valid port`},
		{"a path", "a/b", `"a/b" is not an address`},
		{"broken JSON", `["a"`, "its JSON is no list of addresses: unexpected end of JSON input"},
		{"JSON of something else", `[7]`, "its JSON is no list of addresses: a place is a string, or an object with addr and port"},
		{"a port that is none", `[{"addr":"a","port":-1}]`, "its JSON is no list of addresses: a place is a string, or an object with addr and port"},
		{"too many", strings.Repeat("a ", maxPlaces+1), "it names more than 10000 places"},
	}
	for _, tt := range tests {
		places, err := Parse([]byte(tt.in))
		got := fmt.Sprint(places)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Whatever comes is refused or made places that can be written and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"10.0.0.5", "a:80, b/udp # c", `["a", {"addr": "::1", "port": 1}]`, `{"workers": [{"addr": "a"}]}`, "\ufeff[", "[::1%eth0]:5"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		places, err := Parse(text)
		if err != nil {
			return
		}
		if len(places) > maxPlaces {
			t.Fatalf("%d places", len(places))
		}
		for _, p := range places {
			if p.Port < 1 || p.Port > 65535 {
				t.Fatalf("%v has port %d", p, p.Port)
			}
			again, err := parsePlace(p.String())
			if err != nil || again != p {
				t.Fatalf("%v is read back as %v: %v", p, again, err)
			}
		}
	})
}
