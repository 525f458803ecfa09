package tracker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"supercluster/discovery"
	"supercluster/net/relay"
	"supercluster/net/trust"
)

const (
	// relayPurpose stands before what is signed for /relay; see purpose.
	relayPurpose = "sc relay 1\x00"
	// maxCalls is how many calls wait for a node, and callTime how long.
	maxCalls = 16
	callTime = 15 * time.Second
	// maxRelayBody is the longest body of a request for /relay, in bytes.
	maxRelayBody = 1 << 10
)

// relayRequest asks for a place in a session between two nodes.
type relayRequest struct {
	ID      string `json:"id"`                // who asks
	Peer    string `json:"peer"`              // whom it wants to reach
	Session string `json:"session,omitempty"` // empty for a new one
	Pub     []byte `json:"pub"`
	Sig     []byte `json:"sig"`
}

// relayGrant is the answer: where to send packets, on the tracker's host, and with what token.
type relayGrant struct {
	Session string `json:"session"`
	Token   string `json:"token"`
	Port    uint16 `json:"port"`
}

// call tells a node that another wants to reach it by a session.
type call struct {
	ID      string `json:"id"` // who is called
	Peer    string `json:"peer"`
	Session string `json:"session"`

	until time.Time
}

// signed returns the bytes that a node signs.
func (r relayRequest) signed() []byte {
	return fmt.Appendf(nil, "%s%s\n%s\n%s", relayPurpose, r.ID, r.Peer, r.Session)
}

// sign adds the signature of the node.
func (r *relayRequest) sign(id *trust.Identity) {
	r.ID, r.Pub = id.ID().String(), id.PublicKey()
	r.Sig = id.Sign(r.signed())
}

// check returns an error if r is not from the node that it names, or names none.
func (r relayRequest) check() error {
	if _, err := trust.ParseID(r.Peer); err != nil {
		return fmt.Errorf("%w: peer: %w", discovery.ErrAnnouncement, err)
	}
	if _, err := relay.ParseToken(r.Session); r.Session != "" && err != nil { // a session's name has the form of a token
		return fmt.Errorf("%w: session of %d characters", discovery.ErrAnnouncement, len(r.Session))
	}
	if id, ok := trust.Verify(r.Pub, r.signed(), r.Sig); !ok || id.String() != r.ID {
		return errSignature
	}
	return nil
}

// listenRelay opens the relay's socket: on the port after that of the HTTP listener, so that a firewall can be told, or
// any other. It returns nil, and has said so, if there is none.
func (s *Server) listenRelay(http net.Addr) *net.UDPConn {
	tcp, ok := http.(*net.TCPAddr)
	if !ok {
		return nil
	}
	at := net.UDPAddr{IP: tcp.IP, Port: (tcp.Port + 1) % (1 << 16), Zone: tcp.Zone}
	conn, err := net.ListenUDP("udp", &at)
	if err != nil {
		at.Port = 0
		conn, err = net.ListenUDP("udp", &at)
	}
	if err != nil {
		s.cfg.Logger.Warn("nothing is relayed", "err", err)
		return nil
	}
	port := conn.LocalAddr().(*net.UDPAddr).Port
	s.cfg.Logger.Info("relays for nodes that cannot reach each other", "port", port)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relayPort = port
	return conn
}

// relay answers a node that wants to reach another through us.
func (s *Server) relay(w http.ResponseWriter, r *http.Request, from netip.Addr) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		fail(w, http.StatusMethodNotAllowed, "ERR_METHOD", "POST")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRelayBody))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "ERR_TOO_LARGE", fmt.Sprintf("read the body: %v", err))
		return
	}
	var q relayRequest
	if err := json.Unmarshal(body, &q); err != nil {
		fail(w, http.StatusBadRequest, "ERR_ANNOUNCEMENT", "the body is not the JSON of a request to relay")
		return
	}
	grant, err := s.grant(q, from)
	switch {
	case err == nil:
		body, _ := json.Marshal(grant) // strings and a number always encode
		send(w, http.StatusOK, append(body, '\n'))
	case errors.Is(err, errSignature):
		fail(w, http.StatusForbidden, "ERR_SIGNATURE", err.Error())
	case errors.Is(err, discovery.ErrAnnouncement):
		fail(w, http.StatusBadRequest, "ERR_ANNOUNCEMENT", err.Error())
	case errors.Is(err, errNotListed):
		fail(w, http.StatusNotFound, "ERR_NO_NODE", err.Error())
	case errors.Is(err, errNoRelay):
		fail(w, http.StatusNotImplemented, "ERR_NO_RELAY", err.Error())
	default:
		fail(w, http.StatusTooManyRequests, "ERR_QUOTA", err.Error())
	}
}

var (
	// errNotListed means that a node is wanted that is not listed.
	errNotListed = errors.New("no such node is listed")
	// errNoRelay means that nothing is relayed here.
	errNoRelay = errors.New("this tracker does not relay")
)

// grant lets a node into a session, and calls its peer if the session is new. One of the two is listed: who calls need
// not be, as somebody who only looks, nor who was called, as after a restart.
func (s *Server) grant(q relayRequest, from netip.Addr) (relayGrant, error) {
	if err := q.check(); err != nil {
		return relayGrant{}, err
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.relayPort == 0 {
		return relayGrant{}, errNoRelay
	}
	peer := s.store.named[q.Peer]
	if peer == nil && (q.Session == "" || s.store.named[q.ID] == nil) {
		return relayGrant{}, fmt.Errorf("%w: %s", errNotListed, q.Peer)
	}
	if peer != nil {
		peer.calls = slices.DeleteFunc(peer.calls, func(c call) bool { return now.After(c.until) })
	}
	if q.Session == "" && len(peer.calls) >= maxCalls {
		return relayGrant{}, fmt.Errorf("%w: %d others want to reach %s", errQuota, len(peer.calls), q.Peer)
	}
	session, token, err := s.relays.Join(q.Session, q.ID, q.Peer, from)
	if err != nil {
		return relayGrant{}, err
	}
	if q.Session == "" {
		peer.call(call{ID: q.Peer, Peer: q.ID, Session: session, until: now.Add(callTime)})
	}
	return relayGrant{Session: session, Token: token.String(), Port: uint16(s.relayPort)}, nil
}

// call has e's node told of c as soon as it asks, or at once if it waits.
func (e *entry) call(c call) {
	e.calls = append(e.calls, c)
	if e.ring != nil {
		select {
		case e.ring <- struct{}{}:
		default: // it is told already
		}
	}
}

// called takes what the nodes of a request are to be told.
func (s *store) called(entries []*entry, now time.Time) (all []call) {
	for _, e := range entries {
		for _, c := range e.calls {
			if now.Before(c.until) {
				all = append(all, c)
			}
		}
		e.calls = nil
	}
	return all
}
