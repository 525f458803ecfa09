package tracker

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"supercluster/discovery"
	"supercluster/discovery/discoverytest"
	"supercluster/net/trust"
)

// quick are limits for tests that wait for intervals to pass.
var quick = Limits{Interval: 200 * time.Millisecond, DataInterval: time.Millisecond}

// serve runs a tracker on loopback until the test ends or stop is called, and returns where.
func serve(t testing.TB, cfg ServerConfig, at string) (s *Server, addr string, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	s = NewServer(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return s, ln.Addr().String(), stop
}

// newClient returns a client of the test, which announces several times a second.
func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.Interval == 0 {
		cfg.Interval = 200 * time.Millisecond
	}
	if cfg.Wait == 0 {
		cfg.Wait = 500 * time.Millisecond
	}
	c, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSuite(t *testing.T) {
	discoverytest.Run(t, func(t *testing.T) discoverytest.Factory {
		_, addr, _ := serve(t, ServerConfig{Cluster: "test", Limits: quick}, "127.0.0.1:0")
		return func(t *testing.T, identity func(string) *trust.Identity) discovery.Source {
			return newClient(t, Config{Trackers: []string{addr}, Identity: identity})
		}
	})
}

// The same with three trackers, of which one is down.
func TestSuiteOfSeveralTrackers(t *testing.T) {
	discoverytest.Run(t, func(t *testing.T) discoverytest.Factory {
		_, a, _ := serve(t, ServerConfig{Cluster: "test", Limits: quick}, "127.0.0.1:0")
		_, b, stop := serve(t, ServerConfig{Cluster: "test", Limits: quick}, "127.0.0.1:0")
		_, c, _ := serve(t, ServerConfig{Cluster: "test", Limits: quick}, "127.0.0.1:0")
		stop()
		return func(t *testing.T, identity func(string) *trust.Identity) discovery.Source {
			return newClient(t, Config{Trackers: []string{a, b, c}, Identity: identity})
		}
	})
}
