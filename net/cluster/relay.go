package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"supercluster/net/link"
	"supercluster/net/trust"
	"supercluster/net/wire"
)

// headStart is how long a dial may go without an answer before a relay is asked.
const headStart = time.Second

// Relay is a discovery.Source that also reaches nodes that cannot be dialled, as behind a NAT, through somebody whom both can reach.
type Relay interface {
	// Dial returns a way for the packets of the local node that id is of to the node peer, where that one waits for a
	// connection, and the address that its packets come from.
	Dial(ctx context.Context, id *trust.Identity, peer string) (net.PacketConn, netip.AddrPort, error)
}

// reach makes a link by one of two ways: a relay is asked when the direct way has failed, or has had no answer for
// headStart, and the other node has not come by itself meanwhile, as one does that is behind a NAT when we are not. The
// direct way is taken if it is found after all.
func (m *Mesh) reach(ctx context.Context, t *tie, direct, relayed func(context.Context) (*link.Link, error)) (*link.Link, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		*link.Link
		error
	}
	results := make(chan result, 1)
	go func() { // which is waited for below
		c, err := direct(ctx)
		results <- result{c, err}
	}()
	timer := time.NewTimer(headStart)
	defer timer.Stop()
	select {
	case r := <-results:
		if r.error == nil || isLasting(r.error) || !m.wants(ctx, t) {
			return r.Link, r.error
		}
		results <- r
	case <-timer.C:
		if !m.wants(ctx, t) {
			r := <-results
			return r.Link, r.error
		}
	}
	other, err := relayed(ctx)
	if err == nil {
		cancel() // the direct way had its time
	}
	r := <-results
	switch {
	case err != nil && r.error != nil:
		return nil, errors.Join(r.error, err)
	case err != nil:
		return r.Link, nil
	case r.error == nil:
		other.Close(wire.ByeDuplicate, "there is a direct link")
		return r.Link, nil
	}
	return other, nil
}

// wants reports whether there is still no link to t's node.
func (m *Mesh) wants(ctx context.Context, t *tie) bool {
	result := make(chan bool, 1)
	if m.do(ctx, func(context.Context, *loop) { result <- t.current == nil }) != nil {
		return false
	}
	return <-result
}

// relays returns those sources that are relays.
func (m *Mesh) relays() (all []Relay) {
	for _, src := range m.cfg.Sources {
		if r, ok := src.(Relay); ok {
			all = append(all, r)
		}
	}
	return all
}

// relayed dials through the first relay that knows a way.
func (m *Mesh) relayed(ctx context.Context, mem *member, peer trust.ID, hello wire.Hello) (*link.Link, error) {
	var last error
	for _, r := range m.relays() {
		conn, addr, err := r.Dial(ctx, mem.node.identity(), peer.String())
		if err == nil {
			return m.cfg.Socket.DialRelayed(ctx, conn, addr, mem.node.identity(), peer, hello)
		}
		last = fmt.Errorf("ask a relay: %w", err)
	}
	return nil, last
}
