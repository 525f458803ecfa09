package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"supercluster/net/netlab"
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
		if f := checkBuffers(dir); f.Status != c.want || f.Status == "warn" && !strings.Contains(f.Mend, "sysctl -w") {
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
	if len(list) != 1 || list[0].Status != "fail" || !strings.Contains(list[0].Found, "cannot be shared") || list[0].Mend == "" {
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
	if out := ask(good); !strings.Contains(out, "10.71.0.") || !strings.Contains(out, "heard on port 44201") {
		t.Errorf("a good host: %s", out)
	}
	bare := lab.Host("bare")
	if out := ask(bare); !strings.Contains(out, "fail  network      no interface") {
		t.Errorf("a host without a network: %s", out)
	}
	walled := lab.Host("walled", lan)
	rules := "add table ip doctor; add chain ip doctor in { type filter hook input priority 0; }; add rule ip doctor in udp dport 44201 drop"
	if out, err := walled.Command("nft", rules).CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
	if out := ask(walled); !strings.Contains(out, "a firewall drops it") || !strings.Contains(out, "mend: let UDP port 44201 in") {
		t.Errorf("a host behind a firewall: %s", out)
	}
	narrow := lab.Host("narrow", lan)
	if out, err := narrow.Command("ip", "link", "set", narrow.Interface(lan), "mtu", "1000").CombinedOutput(); err != nil {
		t.Fatalf("ip: %v: %s", err, out)
	}
	if out := ask(narrow); !strings.Contains(out, "QUIC needs 1280") {
		t.Errorf("a host with small packets: %s", out)
	}
}
