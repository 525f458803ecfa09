package beacon

import (
	"net"
	"slices"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/discovery/discoverytest"
	"supercluster/net/trust"
)

// loopbackOnly keeps a beacon on this host.
func loopbackOnly() ([]attachment, error) {
	all, err := attachments()
	return slices.DeleteFunc(all, func(at attachment) bool { return at.path != discovery.Loopback }), err
}

// freePort returns a UDP port that nobody uses.
func freePort(t *testing.T) int {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// newSealer returns the sealer of an open cluster.
func newSealer(t testing.TB, cluster string) *trust.Sealer {
	t.Helper()
	s, err := trust.NewSealer(cluster, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newIdentity returns a fresh identity.
func newIdentity(t testing.TB) *trust.Identity {
	t.Helper()
	id, err := trust.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSuite(t *testing.T) {
	discoverytest.Run(t, func(t *testing.T) discoverytest.Factory {
		port := freePort(t)
		return func(t *testing.T, identity func(string) *trust.Identity) discovery.Source {
			b := New(Config{Port: port, Interval: 100 * time.Millisecond, Sealer: newSealer(t, "test"), Identity: identity})
			b.links = loopbackOnly
			return b
		}
	})
}
