package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"supercluster/net/netlab"
	"supercluster/net/trust"
)

func TestCheckBuffers(t *testing.T) {
	for _, c := range []struct{ why, rmem, want string }{
		{"small", "212992", "warn"},
		{"large", "8388608", "ok"},
		{"unknown", "", "skip"},
	} {
		dir := t.TempDir()
		for _, name := range []string{"rmem_max", "wmem_max"} {
			if c.rmem == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(c.rmem+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if f := checkBuffers(dir); f.Status != c.want || f.Status == "warn" && !(strings.Contains(f.Mend, "sysctl -w") && strings.HasPrefix(f.Found, "UDP buffers are small, which costs speed: rmem_max is ")) {
			t.Errorf("%s buffers: %+v, want %s", c.why, f, c.want)
		}
	}
}

// TestDoctorPortTaken: a program that does not share the port is named.
func TestDoctorPortTaken(t *testing.T) {
	holder, err := net.ListenUDP("udp4", &net.UDPAddr{}) // without SO_REUSEADDR
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	list := checkBroadcast(t.Context(), holder.LocalAddr().(*net.UDPAddr).Port)
	if len(list) != 1 || list[0].Status != "fail" || !strings.Contains(list[0].Found, "cannot be shared:") || list[0].Mend == "" {
		t.Errorf("a port that is taken: %+v", list)
	}
}

// TestDoctorInHosts runs the doctor on a good host and on broken ones.
func TestDoctorInHosts(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.71.0.0/24")
	sc := program(t)
	ask := func(h *netlab.Host) string {
		out, _ := h.Command(sc, "doctor", "--look=100ms").Output() // its exit code is that of the checks
		return string(out)
	}
	good := lab.Host("good", lan)
	if out := ask(good); !strings.Contains(out, "10.71.0.") || !strings.Contains(out, "heard on port 44201") ||
		!strings.Contains(out, "ok    offload      one call sends many packets (GSO)") || !strings.Contains(out, "this network drops broadcasts, as clouds do") ||
		!strings.Contains(out, "is open: machines of this network are guests") || strings.Contains(out, "fail") {
		t.Errorf("a good host: %s", out)
	}
	bare := lab.Host("bare")
	if out := ask(bare); !strings.Contains(out, "fail  network      no interface with an IPv4 address can broadcast") {
		t.Errorf("a host without a network: %s", out)
	}
	walled := lab.Host("walled", lan)
	rules := "add table ip doctor; add chain ip doctor in { type filter hook input priority 0; }; add rule ip doctor in udp dport 44201 drop"
	if out, err := walled.Command("nft", rules).CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
	if out := ask(walled); !strings.Contains(out, "sent to port 44201 and not heard: a firewall drops it") || !strings.Contains(out, "mend: let UDP port 44201 in") {
		t.Errorf("a host behind a firewall: %s", out)
	}
	narrow := lab.Host("narrow", lan)
	if out, err := narrow.Command("ip", "link", "set", narrow.Interface(lan), "mtu", "1000").CombinedOutput(); err != nil {
		t.Fatalf("ip: %v: %s", err, out)
	}
	if out := ask(narrow); !strings.Contains(out, "packets of 1000 bytes at most, QUIC needs 1280") {
		t.Errorf("a host with small packets: %s", out)
	}
}

// TestDoctorInTakenHost: somebody has the port for himself.
func TestDoctorInTakenHost(t *testing.T) {
	lab := netlab.New(t)
	lan := lab.Subnet("10.71.1.0/24")
	sc := program(t)
	taken := lab.Host("taken", lan)
	read(t, taken.Command(sc, "run", script(t, `require('dgram').createSocket('udp4').bind(44201, () => console.log('bound'))`))).await("bound")
	out, err := taken.Command(sc, "doctor", "--look=100ms").Output()
	if err == nil || !strings.Contains(string(out), "fail  broadcast    UDP port 44201 cannot be shared: ") || !strings.Contains(string(out), "'ss -lunp sport = 44201' names it") {
		t.Errorf("a host whose port is taken: %v, %s", err, out)
	}
}

// TestDoctorNodes judges lists of nodes.
func TestDoctorNodes(t *testing.T) {
	mine := listed{Path: "direct", Version: version}
	for _, c := range []struct {
		why     string
		nodes   []listed
		tracked bool
		want    string // of all findings
	}{
		{"all well", []listed{mine, mine}, false, "ok nodes: 2 found, 2 of them linked"},
		{"nobody", nil, false, "ok nodes: 0 found, 0 of them linked; if other machines run some, this network drops broadcasts"},
		{"nobody at the tracker", nil, true, "ok nodes: 0 found, 0 of them linked; if there are some, see that they have the same --tracker and --cluster"},
		{"one that is deaf", []listed{mine, {Path: "none", Addr: "10.0.0.9:1"}}, false, "fail nodes: 1 node found and not reached: 10.0.0.9:1; let UDP pass"},
		{"another version", []listed{mine, {Path: "direct", Version: "0.0.1"}}, false, "warn versions: this is " + version + ", others run 0.0.1; update sc"},
	} {
		text := ""
		for _, f := range judgeNodes(c.nodes, c.tracked) {
			text += f.Status + " " + f.Check + ": " + f.Found + "; " + f.Mend + "\n"
		}
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %s, want %s", c.why, text, c.want)
		}
	}
}

// TestDoctorTrust: a refusal is told with its code and the mend for it.
func TestDoctorTrust(t *testing.T) {
	r := &trust.Refusal{Code: trust.CodeKeyRequired, Message: "it wants a key"}
	f := checkTrust(new(settings), r)
	if f.Status != "warn" || f.Found != "a node was refused, or refused us: ERR_KEY_REQUIRED: it wants a key" || f.Mend != r.Hint() || f.Mend == "" {
		t.Errorf("a refusal: %+v", f)
	}
	if f := checkTrust(&settings{token: "sck1_x"}, nil); f.Status != "ok" || !strings.Contains(f.Found, "has a key, and this account holds it") {
		t.Errorf("a key: %+v", f)
	}
}

func TestDoctorOffload(t *testing.T) {
	for _, c := range []struct {
		why  string
		err  error
		off  string
		want finding
	}{
		{"there", nil, "", ok("offload", "one call sends many packets (GSO)")},
		{"refused", fmt.Errorf("UDP_SEGMENT: %w", syscall.ENOPROTOOPT), "", warn("offload", "Linux 4.18 or newer has it; a container may hide it", "no segmentation offload, which costs speed: UDP_SEGMENT: protocol not available")},
		{"off", nil, "true", warn("offload", "unset QUIC_GO_DISABLE_GSO", "segmentation offload is switched off, which costs speed")},
		{"elsewhere", errNoOffload, "", finding{1, "offload", "skip", "segmentation offload is for Linux", ""}},
	} {
		if f := checkOffload(c.err, c.off); f != c.want {
			t.Errorf("%s: %+v, want %+v", c.why, f, c.want)
		}
	}
}

// TestDoctorTracker asks servers that are no tracker, or have another clock.
func TestDoctorTracker(t *testing.T) {
	for _, c := range []struct {
		why    string
		status int
		date   time.Time
		want   string
	}{
		{"a tracker", 200, time.Now(), "ok answers"},
		{"no tracker", 404, time.Now(), "fail is no tracker: it answers 404 Not Found"},
		{"another clock", 200, time.Now().Add(-time.Hour), "warn answers, and its clock is 1h0m"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", c.date.UTC().Format(http.TimeFormat))
			w.WriteHeader(c.status)
		}))
		addr := srv.Listener.Addr().String()
		f := checkTracker(t.Context(), addr)
		srv.Close()
		if got := f.Status + " " + strings.TrimPrefix(f.Found, addr+" "); !strings.HasPrefix(got, c.want) || (f.Status == "ok") != (f.Mend == "") {
			t.Errorf("%s: %+v, want %s", c.why, f, c.want)
		}
	}
}

// TestDoctorBrokenHost: what a host cannot do is said with the mend.
func TestDoctorBrokenHost(t *testing.T) {
	if f := checkConfig(""); f.Status != "warn" || f.Found != "there is no folder for this account's key: each process is a stranger to the others" || f.Mend != "set HOME" {
		t.Errorf("no home: %+v", f)
	}
	if f := checkSocket(&settings{bind: "192.0.2.77"}); f.Status != "fail" || !strings.HasPrefix(f.Found, "cannot listen on UDP 192.0.2.77:0: ") || f.Mend == "" {
		t.Errorf("an address that is not ours: %+v", f)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if list := checkTools(t.Context(), dir); list[0].Status != "fail" || !strings.HasSuffix(list[0].Found, "git does not tell its version") {
		t.Errorf("a git that says nothing: %+v", list)
	}
}
