package tracker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"supercluster/net/relay"
	"supercluster/net/trust"
)

const (
	// maxAnswered is how many ways through relays are open at once to nodes that called.
	maxAnswered = 256
	// grantTime is how long a tracker may take to let a node into a session.
	grantTime = 3 * time.Second
)

// Dial returns a way through a tracker on which packets to and from the node peer travel, and the address that they come
// from: for the local node that id is of, when neither can dial the other. The peer is called, and waits for a connection. Trackers are asked
// one after the other; the error is that of the last.
func (c *Client) Dial(ctx context.Context, id *trust.Identity, peer string) (net.PacketConn, netip.AddrPort, error) {
	last := errors.New("no tracker answers")
	for _, r := range c.working() {
		conn, err := c.join(ctx, r, id, peer, "")
		if err == nil {
			return conn, conn.Remote(), nil
		}
		last = fmt.Errorf("tracker %s: %w", r.base, err)
	}
	return nil, netip.AddrPort{}, last
}

// working returns the trackers that last answered.
func (c *Client) working() (all []*remoteTracker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r := range c.remotes {
		if r.answers.Load() {
			all = append(all, r)
		}
	}
	return all
}

// join opens a way into a session with peer, a new one if it has no name.
func (c *Client) join(ctx context.Context, r *remoteTracker, id *trust.Identity, peer, session string) (*relay.Conn, error) {
	g, at, err := r.grant(ctx, id, peer, session)
	if err != nil {
		return nil, err
	}
	token, err := relay.ParseToken(g.Token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotTracker, err)
	}
	return relay.Dial(at, token, relay.Config{
		Local: c.cfg.BindTo,
		Renew: func(ctx context.Context) (netip.AddrPort, relay.Token, error) {
			r.announce() // one of the two must be listed
			again, at, err := r.grant(ctx, id, peer, g.Session)
			if err != nil {
				return netip.AddrPort{}, relay.Token{}, err
			}
			token, err := relay.ParseToken(again.Token)
			return at, token, err
		},
	})
}

// grant asks the tracker for a place in a session, and returns where the relay is.
func (r *remoteTracker) grant(ctx context.Context, id *trust.Identity, peer, session string) (relayGrant, netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(ctx, grantTime)
	defer cancel()
	q := relayRequest{Peer: peer, Session: session}
	q.sign(id)
	body, err := json.Marshal(q)
	if err != nil {
		return relayGrant{}, netip.AddrPort{}, err
	}
	var mu sync.Mutex // guards at: the trace is called by the connection's goroutine
	var at netip.Addr
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		mu.Lock()
		defer mu.Unlock()
		at = remote(info.Conn.RemoteAddr().String())
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+"/relay", bytes.NewReader(body))
	if err != nil {
		return relayGrant{}, netip.AddrPort{}, err
	}
	res, err := r.client.http.Do(req)
	if err != nil {
		return relayGrant{}, netip.AddrPort{}, err
	}
	defer res.Body.Close()
	g, err := decodeGrant(res.StatusCode, res.Header.Get("Content-Type"), io.LimitReader(res.Body, maxRelayBody))
	mu.Lock()
	defer mu.Unlock()
	return g, netip.AddrPortFrom(at, g.Port), err
}

// decodeGrant reads the answer to a request for /relay; it may be anything.
func decodeGrant(status int, contentType string, r io.Reader) (relayGrant, error) {
	body, err := readAnswer(status, contentType, r)
	if err != nil {
		return relayGrant{}, err
	}
	var g relayGrant
	if err := json.Unmarshal(body, &g); err != nil || g.Port == 0 {
		return relayGrant{}, fmt.Errorf("%w: it relays, and does not say where", ErrNotTracker)
	}
	if _, err := relay.ParseToken(g.Token); err != nil {
		return relayGrant{}, fmt.Errorf("%w: %w", ErrNotTracker, err)
	}
	return g, nil
}

// called is a call, and who tells of it.
type called struct {
	call
	by *remoteTracker
}

// answer hands calls of local nodes on, unless too many wait: who calls does it again.
func (r *remoteTracker) answer(calls []call) {
	if r.client.cfg.Accept == nil {
		return
	}
	for _, c := range calls {
		select {
		case r.client.calls <- called{c, r}:
		default:
		}
	}
}

// answerCalls opens a way to each node that calls, and lets Config.Accept wait for it there, until ctx is done.
func (c *Client) answerCalls(ctx context.Context) {
	var g sync.WaitGroup
	defer g.Wait()
	places := semaphore.NewWeighted(maxAnswered)
	for {
		select {
		case <-ctx.Done():
			return
		case from := <-c.calls:
			id := c.cfg.Identity(from.ID)
			if id == nil || !places.TryAcquire(1) {
				continue
			}
			g.Go(func() {
				defer places.Release(1)
				conn, err := c.join(ctx, from.by, id, from.Peer, from.Session)
				if err == nil {
					err = c.cfg.Accept(ctx, conn)
				}
				if err != nil && ctx.Err() == nil {
					c.cfg.Logger.Debug("no link through the tracker", "tracker", from.by.base, "node", from.Peer, "err", err)
				}
			})
		}
	}
}
