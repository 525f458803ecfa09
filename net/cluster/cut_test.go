package cluster

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/net/link"
	"supercluster/net/wire"
)

// cable joins a master and a worker by a Pipe that can be cut, as by pulling a plug: nothing arrives any more, and
// after link.DefaultIdle both sides notice.
type cable struct {
	cutAt atomic.Pointer[time.Time]
	noise chan struct{} // closed when the cut is noticed
	ended chan struct{} // closed when both nodes know
}

// cableEnd is a conn at one end of a cable.
type cableEnd struct {
	*link.Link
	*cable
}

func (c cableEnd) Send(ctx context.Context, m wire.Message) error {
	if c.cutAt.Load() != nil {
		return nil
	}
	return c.Link.Send(ctx, m)
}

func (c cableEnd) Quiet() time.Duration {
	if at := c.cutAt.Load(); at != nil {
		return time.Since(*at)
	}
	return 0
}

func (c cableEnd) Run(ctx context.Context, handle func(wire.Message) error) error {
	var g errgroup.Group
	over := make(chan error, 1)
	g.Go(func() error {
		over <- c.Link.Run(ctx, func(m wire.Message) error {
			if c.cutAt.Load() != nil {
				return nil
			}
			return handle(m)
		})
		return nil
	})
	var err error
	select {
	case <-c.noise:
		err = link.ErrIdle
		c.Link.Close(wire.ByeInternal, "cut")
	case err = <-over:
	}
	_ = g.Wait()
	return err
}

// cut cuts the cable.
func (c *cable) cut() {
	now := time.Now()
	c.cutAt.Store(&now)
	time.AfterFunc(link.DefaultIdle, func() { close(c.noise) })
}

// connect joins two nodes until the test ends or the cable is cut. The nodes must be run by start.
func connect(t testing.TB, m *Master, w *Worker) *cable {
	t.Helper()
	c := &cable{noise: make(chan struct{}), ended: make(chan struct{})}
	hello := func(n Node) wire.Hello {
		d := n.describe()
		d.Boot = 1
		return wire.Hello{ProtoMin: wire.ProtoMin, ProtoMax: wire.ProtoMax, Node: d}
	}
	a, b := link.Pipe(hello(m), hello(w))
	ctx, cancel := context.WithCancel(context.Background())
	var g errgroup.Group
	for n, end := range map[Node]conn{m: cableEnd{a, c}, w: cableEnd{b, c}} {
		g.Go(func() error {
			s := n.linked(end)
			pumping, stop := context.WithCancel(ctx)
			var pump errgroup.Group
			pump.Go(func() error { s.box.pump(pumping, end); return nil })
			err := end.Run(ctx, func(msg wire.Message) error { return n.handle(s, msg) })
			reason, _, left := endOf(err)
			n.unlinked(s, end, reason, left)
			stop()
			return pump.Wait()
		})
	}
	go func() { _ = g.Wait(); close(c.ended) }()
	t.Cleanup(func() { cancel(); <-c.ended })
	return c
}

// begin runs nodes without a mesh until the test ends.
func begin(t testing.TB, nodes ...Node) {
	t.Helper()
	for _, n := range nodes {
		runInBackground(t, n.run)
	}
}
