package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/net/link"
	"supercluster/net/wire"
)

// TestReach: which of two ways to a node is taken, and whether the relay is asked.
func TestReach(t *testing.T) {
	type way struct {
		after time.Duration
		err   error // nil: a link
	}
	never := way{time.Hour, nil}
	refused := &link.CloseError{Code: wire.ByeRefused, Remote: true}
	silent := fmt.Errorf("%w within 5s", link.ErrHandshake)
	for _, c := range []struct {
		why            string
		direct, relay  way
		linked         bool // the other node has come by itself
		asked          bool
		want           string
		took           time.Duration
		relayedIsEnded bool
	}{
		{why: "it can be dialled", direct: way{10 * time.Millisecond, nil}, relay: never, want: "direct", took: 10 * time.Millisecond},
		{why: "it takes its time", direct: way{900 * time.Millisecond, nil}, relay: never, want: "direct", took: 900 * time.Millisecond},
		{why: "it does not answer", direct: never, relay: way{time.Second, nil}, asked: true, want: "relayed", took: 2 * time.Second},
		{why: "there is no way to it", direct: way{0, silent}, relay: way{time.Second, nil}, asked: true, want: "relayed", took: time.Second},
		{why: "it refuses", direct: way{time.Millisecond, refused}, relay: never, want: "closed by peer", took: time.Millisecond},
		{why: "it comes by itself", direct: way{5 * time.Second, silent}, relay: never, linked: true, want: "no handshake", took: 5 * time.Second},
		{why: "both ways at once", direct: way{1500 * time.Millisecond, nil}, relay: way{time.Second, nil}, asked: true, want: "direct", took: 2 * time.Second, relayedIsEnded: true},
		{why: "the relay does not work, and the direct way does late", direct: way{3 * time.Second, nil}, relay: way{0, errors.New("no relay")}, asked: true, want: "direct", took: 3 * time.Second},
		{why: "neither", direct: way{2 * time.Second, silent}, relay: way{0, errors.New("no relay")}, asked: true, want: "no handshake within 5s\nno relay", took: 2 * time.Second},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := NewMesh(MeshConfig{})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- m.Run(ctx) }()
				direct, _ := link.Pipe(wire.Hello{}, wire.Hello{})
				relayed, _ := link.Pipe(wire.Hello{}, wire.Hello{})
				asked := false
				take := func(w way, c *link.Link, asked *bool) func(context.Context) (*link.Link, error) {
					return func(ctx context.Context) (*link.Link, error) {
						*asked = true
						select {
						case <-ctx.Done():
							return nil, ctx.Err()
						case <-time.After(w.after):
						}
						if w.err != nil {
							return nil, w.err
						}
						return c, nil
					}
				}
				to := &tie{pair: newPair(true)}
				if c.linked {
					to.current = &stillConn{}
				}
				begin := time.Now()
				got, err := m.reach(ctx, to, take(c.direct, direct, new(bool)), take(c.relay, relayed, &asked))
				took := time.Since(begin)
				names := map[*link.Link]string{direct: "direct", relayed: "relayed", nil: fmt.Sprint(err)}
				if !strings.Contains(names[got], c.want) || (got == nil) != (err != nil) {
					t.Errorf("the link is %s, %v, want %s", names[got], err, c.want)
				}
				if asked != c.asked || took != c.took {
					t.Errorf("after %v; the relay was asked: %v, want after %v, %v", took, asked, c.took, c.asked)
				}
				if closed := relayed.Send(ctx, &wire.Ping{}) != nil; closed != c.relayedIsEnded {
					t.Errorf("the relayed link is closed: %v, want %v", closed, c.relayedIsEnded)
				}
				cancel()
				direct.Close(wire.ByeLeave, "")
				relayed.Close(wire.ByeLeave, "")
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestDirectIsBetter: whoever dialled, and whichever came first, a direct link stays rather than a relayed one.
func TestDirectIsBetter(t *testing.T) {
	for _, c := range []struct {
		why                string
		current, other     bool // is relayed
		lower, otherByUs   bool
		quiet, after       time.Duration
		want               verdict
		currentDialledHere bool
	}{
		{why: "a direct one after a relayed one of the lower id", current: true, currentDialledHere: true, lower: true, want: replace},
		{why: "a relayed one after a direct one", other: true, want: reject},
		{why: "a relayed one after a direct one, much later", other: true, after: time.Hour, want: reject},
		{why: "a relayed one after a direct one that is silent", other: true, quiet: suspectAfter, after: time.Hour, want: replace},
		{why: "both relayed, the first by the lower id", current: true, other: true, currentDialledHere: true, lower: true, want: reject},
		{why: "both relayed, the other by the lower id", current: true, other: true, lower: true, otherByUs: true, want: replace},
	} {
		p := steadyPair(c.lower)
		p.find(bothAddr, 1, start)
		p.linked(&stillConn{relayed: c.current, dialled: c.currentDialledHere, quiet: c.quiet}, 1, start)
		if got := p.linked(&stillConn{relayed: c.other, dialled: c.otherByUs}, 1, start.Add(c.after)); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.why, got, c.want)
		}
	}
}
