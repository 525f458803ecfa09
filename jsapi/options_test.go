package jsapi

import (
	"testing"
	"time"

	"github.com/dop251/goja"
)

// confOf reads the JavaScript expression src as the argument of a factory.
func confOf(t *testing.T, role, src string) (nodeConf, error) {
	t.Helper()
	rt := goja.New()
	v, err := rt.RunString("(" + src + ")")
	if err != nil {
		t.Fatal(err)
	}
	return NewSession(Settings{}).readConf(rt, role, v)
}

func TestConfDefaults(t *testing.T) {
	c, err := confOf(t, roleWorker, "undefined")
	if err != nil {
		t.Fatal(err)
	}
	if c.cluster != "default" || c.broadcast.port != 44201 || c.broadcast.interval != time.Second ||
		!c.join || c.ttl != 5*time.Second || c.slots < 1 || string(c.data) != "{}" || len(c.trackers) != 0 {
		t.Errorf("defaults are %+v", c)
	}
}

func TestConfReads(t *testing.T) {
	c, err := confOf(t, roleWorker, `{
		data: {tags: ["gpu"], n: 1}, cluster: "lab", port: 4000, bindTo: "127.0.0.1", ttl: "2s", join: false, slots: 3,
		isolation: "vm", broadcast: {port: 5000, interval: 250},
		tracker: [{addr: "a.net"}, "b.net", "c.net:99", "[::1]:7", {addr: "d", port: 5, bindTo: "10.0.0.1"}],
	}`)
	if err != nil {
		t.Fatal(err)
	}
	if string(c.data) != `{"tags":["gpu"],"n":1}` || c.cluster != "lab" || c.port != 4000 || c.ttl != 2*time.Second ||
		c.join || c.slots != 3 || c.isolation != "vm" || c.broadcast.port != 5000 || c.broadcast.interval != 250*time.Millisecond {
		t.Errorf("read %+v", c)
	}
	want := []string{"a.net:44201", "b.net:44201", "c.net:99", "[::1]:7", "d:5"}
	if len(c.trackers) != len(want) {
		t.Fatalf("trackers %q, want %q", c.trackers, want)
	}
	for i := range want {
		if c.trackers[i] != want[i] {
			t.Errorf("tracker %d is %q, want %q", i, c.trackers[i], want[i])
		}
	}
	if c.bind != "10.0.0.1" {
		t.Errorf("bind is %q, want what the last tracker says", c.bind)
	}
}

func TestConfRefuses(t *testing.T) {
	for _, c := range []struct{ why, role, src, want string }{
		{"a name misspelt", roleWorker, `{prot: 1}`, `createWorker: unknown option "prot"; did you mean "port"?`},
		{"a port too high", roleMaster, `{port: 70000}`, `createMaster: option "port" must be a whole number from 0 to 65535, not 70000`},
		{"a port that is text", roleMaster, `{port: "x"}`, `createMaster: option "port" must be a whole number from 0 to 65535, not the string "x"`},
		{"half a slot", roleWorker, `{slots: 0.5}`, `createWorker: option "slots" must be a whole number from 1 to 10000, not 0.5`},
		{"no slots for masters", roleMaster, `{slots: 1}`, `createMaster: unknown option "slots"; there are "advertise", "bindTo", "broadcast", "cluster", "data", "guests", "join", "key", "keyFile", "port", "tracker" and "ttl"`},
		{"join that is no boolean", roleMaster, `{join: 1}`, `createMaster: option "join" must be true or false, not 1`},
		{"a duration in words", roleMaster, `{ttl: "soon"}`, `createMaster: option "ttl" must be milliseconds or a duration such as "30s", not the string "soon"`},
		{"an isolation unknown", roleWorker, `{isolation: "none"}`, `createWorker: option "isolation" must be one of "process" and "vm", not the string "none"`},
		{"inside an option", roleMaster, `{broadcast: {prot: 1}}`, `createMaster: option "broadcast": unknown option "prot"; did you mean "port"?`},
		{"a tracker without address", roleMaster, `{tracker: {port: 1}}`, `createMaster: option "tracker" needs an addr: the name or IP address of a tracker`},
		{"a tracker port", roleMaster, `{tracker: "a:b"}`, `createMaster: option "tracker": "a:b" has no valid port`},
		{"no object", roleMaster, `"port"`, `createMaster: the options must be an object, not the string "port"`},
		{"an array", roleMaster, `[1]`, `createMaster: the options must be an object, not an array`},
		{"data that JSON cannot hold", roleMaster, `{data: function () {}}`, `createMaster: option "data" must be a JSON value: a function is none`},
		{"a name to listen on", roleMaster, `{bindTo: "host"}`, `createMaster: option "bindTo" must be an IP address such as "10.0.0.5", not the string "host"`},
		{"a name to speak to a tracker from", roleMaster, `{tracker: {addr: "a", bindTo: "b"}}`, `createMaster: option "tracker": option "bindTo" must be an IP address such as "10.0.0.5", not the string "b"`},
		{"a cluster without name", roleMaster, `{cluster: ""}`, `createMaster: option "cluster" must have 1 to 64 bytes, not 0`},
	} {
		_, err := confOf(t, c.role, c.src)
		if err == nil {
			t.Errorf("%s: no error", c.why)
		} else if err.Error() != c.want {
			t.Errorf("%s: error is\n\t%s\nwant\n\t%s", c.why, err, c.want)
		}
	}
}
