package beacon

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// TestMain is also the program that the tests run on other hosts: "node CLUSTER ROLE…" announces a node for each role
// on the real interfaces and the real port until it is interrupted, and prints each event as a line of JSON, its own
// nodes first.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "node" {
		if err := nodeMain(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// line is what the program prints.
type line struct {
	Kind  string // "self", or the event's
	ID    string
	Role  string
	Path  string
	Addrs []netip.AddrPort
}

func nodeMain(cluster string, roles []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sealer, err := trust.NewSealer(cluster, nil)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	ids := make(map[string]*trust.Identity)
	var nodes []discovery.Announcement
	for i, role := range roles {
		id, err := trust.NewIdentity()
		if err != nil {
			return err
		}
		var boot [8]byte
		rand.Read(boot[:])
		ids[id.ID().String()] = id
		nodes = append(nodes, discovery.Announcement{
			ID: id.ID().String(), Role: role, Cluster: cluster, Boot: binary.BigEndian.Uint64(boot[:]),
			Addr: netip.AddrPortFrom(netip.Addr{}, uint16(5000+i)),
		})
		if err := out.Encode(line{Kind: "self", ID: id.ID().String(), Role: role}); err != nil {
			return err
		}
	}
	b := New(Config{Sealer: sealer, Identity: func(id string) *trust.Identity { return ids[id] }})
	var mu sync.Mutex
	table := discovery.NewTable()
	show := func(events []discovery.Event) {
		for _, e := range events {
			_ = out.Encode(line{e.Kind.String(), e.Node.ID, e.Node.Role, e.Node.Path.String(), e.Node.Addrs})
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	go func() { // ends with the process
		for range tick.C {
			mu.Lock()
			show(table.Expire(time.Now()))
			mu.Unlock()
		}
	}()
	seq := uint64(0)
	return b.Run(ctx, func() []discovery.Announcement {
		seq++
		for i := range nodes {
			nodes[i].Seq = seq
		}
		return append([]discovery.Announcement(nil), nodes...)
	}, func(a discovery.Announcement) {
		mu.Lock()
		defer mu.Unlock()
		show(table.Observe(a, time.Now()))
	})
}
