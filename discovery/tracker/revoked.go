package tracker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"supercluster/net/trust"
)

// The tracker of a keyed cluster passes on which tokens were revoked, to nodes that have no link to who knows. Each answer says by a
// header how new its list is; a node with a newer one posts that, one with an older one fetches it. The list is signed with the cluster's
// key, which both sides check: a tracker can keep it back, and neither change it nor bring an old one. What a revoked node has
// announced is taken off the list.

const (
	// revokedHeader counts the changes of the sender's list.
	revokedHeader = "Sc-Revoked"
	// revokedPath is where the list is read and posted.
	revokedPath = "/revoked"
	// revokedType is what it is.
	revokedType = "application/octet-stream"
)

// revoked answers a request for the list, or takes a newer one.
func (s *Server) revoked(w http.ResponseWriter, r *http.Request) {
	if !s.cfg.Trust.Keyed() {
		fail(w, http.StatusNotFound, "ERR_NOT_FOUND", "this tracker's cluster has no key, and no tokens")
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		list, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			fail(w, http.StatusRequestEntityTooLarge, "ERR_TOO_LARGE", fmt.Sprintf("read the body: %v", err))
			return
		}
		newer, err := s.cfg.Trust.Learn(list)
		if err != nil {
			fail(w, http.StatusForbidden, "ERR_SIGNATURE", err.Error())
			return
		}
		if newer {
			s.cfg.Logger.Warn("tokens were revoked", "list", "new")
			now := time.Now()
			s.mu.Lock()
			s.store.dismiss(func(who trust.Standing) bool { return s.cfg.Trust.Valid(who, now) == nil }, now)
			close(s.learned) // whoever waits for a change hears of it at once
			s.learned = make(chan struct{})
			s.mu.Unlock()
		}
		s.tellRevoked(w)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		fail(w, http.StatusMethodNotAllowed, "ERR_METHOD", "GET or POST")
		return
	}
	w.Header().Set("Content-Type", revokedType)
	_, _ = w.Write(s.cfg.Trust.Revoked()) // who has gone asks again
}

// tellRevoked says in an answer's header how new the list is.
func (s *Server) tellRevoked(w http.ResponseWriter) {
	if s.cfg.Trust.Keyed() {
		w.Header().Set(revokedHeader, strconv.FormatUint(s.cfg.Trust.RevokedCount(), 10))
	}
}

// exchange brings a tracker's list and ours to the newer of both, after an answer that says how new the tracker's is.
func (r *remoteTracker) exchange(ctx context.Context, header http.Header) {
	ring := r.client.cfg.Trust
	theirs, err := strconv.ParseUint(header.Get(revokedHeader), 10, 64)
	if !ring.Keyed() || err != nil {
		return // a tracker that knows no lists, or not our cluster's
	}
	ours := ring.RevokedCount()
	switch {
	case theirs < ours:
		err = r.giveRevoked(ctx, ring)
	case theirs > ours:
		err = r.takeRevoked(ctx, ring)
	}
	if err != nil && ctx.Err() == nil {
		r.client.cfg.Logger.Debug("list of revoked tokens was not exchanged", "tracker", r.base, "err", err)
	}
}

func (r *remoteTracker) giveRevoked(ctx context.Context, ring *trust.Ring) error {
	res, err := r.call(ctx, http.MethodPost, revokedPath, ring.Revoked())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers status %d", res.StatusCode)
	}
	return nil
}

func (r *remoteTracker) takeRevoked(ctx context.Context, ring *trust.Ring) error {
	res, err := r.call(ctx, http.MethodGet, revokedPath, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var list bytes.Buffer
	if _, err := list.ReadFrom(io.LimitReader(res.Body, maxBody)); err != nil {
		return err
	}
	newer, err := ring.Learn(list.Bytes())
	if newer {
		r.client.cfg.Logger.Warn("tokens were revoked", "list", "new", "tracker", r.base)
	}
	return err
}
