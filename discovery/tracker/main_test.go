package tracker

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
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

// TestMain is also the programs that the tests run on other hosts until they are interrupted: "tracker" serves on the
// real port, or as "tracker ADDR" there and without limits on its callers, and prints where; "node TRACKER ROLE" announces a node, and prints its id and then each event
// as a line of JSON.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "tracker" || os.Args[1] == "node") {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		run := trackerMain
		if os.Args[1] == "node" {
			run = nodeMain
		}
		if err := run(ctx, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func trackerMain(ctx context.Context, args []string) error {
	addr, limits := fmt.Sprintf(":%d", DefaultPort), Limits{}
	if len(args) > 0 {
		addr = args[0]
		limits = Limits{MaxPerHost: 1 << 20, MaxConnsPerHost: 1 << 20, Rate: 1 << 20}
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	return NewServer(ServerConfig{Limits: limits}).Run(ctx, ln)
}

// line is what a node prints.
type line struct {
	Kind string // "self", or the event's
	ID   string
	Addr netip.AddrPort
}

func nodeMain(ctx context.Context, args []string) error {
	id, err := trust.NewIdentity()
	if err != nil {
		return err
	}
	c, err := NewClient(Config{Trackers: args[:1], Identity: func(string) *trust.Identity { return id }})
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(line{Kind: "self", ID: id.ID().String()}); err != nil {
		return err
	}
	var mu sync.Mutex
	table := discovery.NewTable()
	return c.Run(ctx, func() []discovery.Announcement {
		return []discovery.Announcement{{
			ID: id.ID().String(), Role: args[1], Cluster: "default", Boot: uint64(os.Getpid()), Addr: netip.MustParseAddrPort("[::]:5000"),
		}}
	}, func(a discovery.Announcement) {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range table.Observe(a, time.Now()) {
			_ = out.Encode(line{e.Kind.String(), e.Node.ID, e.Node.Addr})
		}
	})
}
