package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary stand in for sc, so that scripts run the real
// program in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sc": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: isolate,
	})
}

// isolate gives a script a cluster and a discovery port that no other has.
func isolate(env *testscript.Env) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		return err
	}
	env.Setenv("SC_CLUSTER", "test-"+strings.ToLower(rand.Text()))
	env.Setenv("SC_BROADCAST_PORT", fmt.Sprint(port))
	if port, err = freePort(); err != nil {
		return err
	}
	env.Setenv("FREE_PORT", fmt.Sprint(port))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("EXAMPLES", examples)
	return nil
}

// freePort is a UDP port that is free now. Discovery sockets share theirs, so
// another test that gets the same one does no harm: its cluster has another
// name.
func freePort() (int, error) {
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port, nil
}
