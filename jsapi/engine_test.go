package jsapi

import (
	"strings"
	"testing"
	"time"

	"supercluster/net/cluster"
	"supercluster/net/wire"
	"supercluster/pkg/nodepool"
)

func TestScales(t *testing.T) {
	var s scales
	hash := func(n byte) [32]byte { return [32]byte{n} }
	for range 1000 {
		if moves := s.weigh(hash(1), time.Millisecond, ""); moves != "" {
			t.Fatalf("short calls move: %s", moves)
		}
	}
	for i := range 5 {
		moves := s.weigh(hash(2), 25*time.Millisecond, "")
		if want := i == 3; (moves != "") != want {
			t.Errorf("call %d of 25 ms: %q", i+1, moves)
		}
	}
	if moved, _ := s.moved(hash(2)); moved != "node: the function moved there after 4 calls took 100ms of processor time on goja" {
		t.Errorf("moved = %q", moved)
	}
	if moves := s.weigh(hash(3), time.Second, ""); !strings.Contains(moves, "1 call took 1s") {
		t.Errorf("a long call: %q", moves)
	}
	if moves := s.weigh(hash(4), time.Second, "it may not"); moves != "" {
		t.Errorf("what is to stay moves: %s", moves)
	}
	if moved, stays := s.moved(hash(4)); moved != "" || !strings.HasSuffix(stays, "but it may not") {
		t.Errorf("moved = %q, %q", moved, stays)
	}
	s.stay(hash(3), "node is broken")
	if moved, stays := s.moved(hash(3)); moved != "" || stays != "goja: node is broken" {
		t.Errorf("moved = %q, %q", moved, stays)
	}
	if moves := s.weigh(hash(3), time.Second, ""); moves != "" {
		t.Errorf("what was sent back moves again: %s", moves)
	}
	for i := range 3 * maxWeighed {
		s.weigh([32]byte{9, byte(i), byte(i >> 8)}, heavyCall, "")
	}
	if len(s.of) > maxWeighed {
		t.Errorf("%d functions are remembered, limit %d", len(s.of), maxWeighed)
	}
	if moved, _ := s.moved(hash(2)); moved == "" {
		t.Error("a function that moved was forgotten")
	}
}

func TestChoose(t *testing.T) {
	with := &nodeEngine{pool: nodepool.New(nodepool.Config{}), policy: engineAuto}
	all := &nodeEngine{pool: with.pool, policy: engineNode}
	none := &nodeEngine{policy: engineGoja, lacks: "its owner says no"}
	heavy := [32]byte{7}
	with.scales.weigh(heavy, time.Second, "")
	for _, c := range []struct {
		name    string
		e       *nodeEngine
		t       cluster.Task
		granted bool
		want    string // "node", "goja" or an error code
	}{
		{"asked for", with, cluster.Task{Engine: wire.EngineNode, Member: true}, false, "node"},
		{"asked for, with permissions", with, cluster.Task{Engine: wire.EngineNode, Member: true, Code: []byte("fetch")}, true, "node"},
		{"asked for by a guest", with, cluster.Task{Engine: wire.EngineNode}, false, "ERR_KEY_REQUIRED"},
		{"asked for where it is not", none, cluster.Task{Engine: wire.EngineNode, Member: true, WorkerID: "w"}, false, "ERR_NO_WORKER"},
		{"left open", with, cluster.Task{Member: true}, false, "goja"},
		{"heavy", with, cluster.Task{Member: true, Hash: heavy}, false, "node"},
		{"heavy, of a guest", with, cluster.Task{Hash: heavy}, false, "goja"},
		{"heavy, to stay", with, cluster.Task{Member: true, Hash: heavy, Engine: wire.EngineGoja}, false, "goja"},
		{"all on node", all, cluster.Task{Member: true}, false, "node"},
		{"all on node, of a guest", all, cluster.Task{}, false, "goja"},
		{"all on node, with permissions", all, cluster.Task{Member: true, Code: []byte("() => process.env")}, true, "goja"},
		{"all on node, with permissions that it cannot use", all, cluster.Task{Member: true, Code: []byte("() => 1")}, true, "node"},
		{"all on node, with captures that may", all, cluster.Task{Member: true, Code: []byte("() => f()"), Args: []byte("() => require('fs')")}, true, "goja"},
	} {
		node, _, _, failure := c.e.choose(&c.t, c.granted)
		got := map[bool]string{true: "node", false: "goja"}[node]
		if failure != nil {
			got = failure.Code
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLacksNode(t *testing.T) {
	for _, c := range []struct {
		name   string
		peer   cluster.Peer
		code   string
		reason string
	}{
		{"has it", cluster.Peer{Member: true, Host: []byte(`{"engines":["goja","node"]}`)}, "", ""},
		{"no member", cluster.Peer{Host: []byte(`{"engines":["goja","node"]}`)}, "ERR_KEY_REQUIRED", "key"},
		{"an older one", cluster.Peer{Member: true, Host: []byte(`{}`)}, "ERR_NO_WORKER", "node is not installed"},
		{"its owner keeps it", cluster.Peer{Member: true, Host: []byte(`{"engines":["goja"],"tools":["node"]}`)}, "ERR_NO_WORKER", "--engine=goja"},
		{"tells nothing", cluster.Peer{Member: true}, "ERR_NO_WORKER", "not installed"},
	} {
		if code, why := lacksNode(c.peer); code != c.code || !strings.Contains(why, c.reason) {
			t.Errorf("%s: %q, %q, want %q, %q", c.name, code, why, c.code, c.reason)
		}
	}
}
