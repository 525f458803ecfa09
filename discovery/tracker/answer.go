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
	"net/netip"
	"strconv"
	"strings"
	"time"

	"supercluster/net/trust"
)

// hostsAvailable answers the seed document's request, in both its forms.
func (s *Server) hostsAvailable(w http.ResponseWriter, r *http.Request, from netip.Addr) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		if _, ok := s.take(w, r, from); !ok {
			return
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		fail(w, http.StatusMethodNotAllowed, "ERR_METHOD", "GET or POST")
		return
	}
	s.whole(w, r, form{plain: true, view: s.view(r)})
}

// announce answers the request of a Client: it waits until there is something to say, at most as long as asked.
func (s *Server) announce(w http.ResponseWriter, r *http.Request, from netip.Addr) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		fail(w, http.StatusMethodNotAllowed, "ERR_METHOD", "POST")
		return
	}
	entries, ok := s.take(w, r, from)
	if !ok {
		return
	}
	q := r.URL.Query()
	f := form{want: wanted(q.Get("want")), view: s.view(r)}
	switch f.want {
	case "masters", "workers", "none":
	default:
		f.want = "" // one form of the cache, whatever is written
	}
	version, ok := s.cursor(q.Get("since"))
	if !ok {
		s.tellRevoked(w)
		s.whole(w, r, f)
		return
	}
	a, ok := s.changes(w, r.Context(), f, version, s.wait(q.Get("wait")), entries)
	s.tellRevoked(w)
	if !ok {
		s.whole(w, r, f)
		return
	}
	body, err := encode(a)
	if err != nil {
		fail(w, http.StatusInternalServerError, "ERR_INTERNAL", err.Error())
		return
	}
	send(w, http.StatusOK, body)
}

// take reads the body and takes in what it announces; if that fails it has answered, and returns false.
func (s *Server) take(w http.ResponseWriter, r *http.Request, from netip.Addr) ([]*entry, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "ERR_TOO_LARGE", fmt.Sprintf("read the body: %v", err))
		return nil, false
	}
	hosts, err := decodeBody(body)
	if err != nil {
		fail(w, http.StatusBadRequest, "ERR_ANNOUNCEMENT", err.Error())
		return nil, false
	}
	var entries []*entry
	who := s.standing(r)
	for _, h := range hosts {
		e, err := s.one(h, from, who)
		switch {
		case errors.Is(err, errQuota):
			fail(w, http.StatusTooManyRequests, "ERR_QUOTA", err.Error())
		case errors.Is(err, errSignature):
			fail(w, http.StatusForbidden, "ERR_SIGNATURE", err.Error())
		case errors.Is(err, errCluster):
			fail(w, http.StatusForbidden, "ERR_CLUSTER", err.Error())
		case err != nil:
			fail(w, http.StatusBadRequest, "ERR_ANNOUNCEMENT", err.Error())
		}
		if err != nil {
			return nil, false
		}
		if e != nil {
			entries = append(entries, e)
		}
	}
	return entries, true
}

// errCluster means that a node belongs to another cluster than the tracker.
var errCluster = errors.New("tracker of another cluster")

// one takes in one node that a member announced, if the cluster is keyed; the entry is nil if it is not listed now.
func (s *Server) one(h host, from netip.Addr, who trust.Standing) (*entry, error) {
	if h.Cluster != "" && h.Cluster != s.cfg.Cluster {
		return nil, fmt.Errorf("%w: this one is of %q", errCluster, s.cfg.Cluster)
	}
	a, err := h.announcement(h.listedAt(from, s.cfg.Public))
	if err != nil {
		return nil, err
	}
	if err := h.verify(); err != nil {
		return nil, err
	}
	a.Cluster = s.cfg.Cluster
	now := time.Now()
	if a.Seq == 0 {
		a.Seq = uint64(now.UnixMicro()) // a node without a count of its own: each request is news
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.store.announce(a, from, now)
	if e != nil {
		e.who = who
	}
	if len(s.store.events) > 0 {
		select {
		case s.news <- struct{}{}:
		default: // said already
		}
	}
	return e, err
}

// listedAt is the address that a node which announced itself from there is listed at. What it says itself counts among
// private addresses, and any address if it has signed it and the tracker is not public: strangers on the Internet must not make
// somebody there the target of others' dials.
func (h host) listedAt(from netip.Addr, public bool) netip.Addr {
	said, err := netip.ParseAddr(h.Addr)
	said = said.Unmap()
	if err != nil || said.Zone() != "" || !said.IsGlobalUnicast() {
		return from
	}
	if said.IsPrivate() && private(from) || h.ID != "" && !public {
		return said
	}
	return from
}

// view is the address by which a caller that is not on this host reached the tracker.
func (s *Server) view(r *http.Request) netip.Addr {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || remote(r.RemoteAddr).IsLoopback() {
		return netip.Addr{}
	}
	return remote(addr.String())
}

// cursor reads "epoch.version"; false if it is none of this run.
func (s *Server) cursor(since string) (uint64, bool) {
	epoch, v, _ := strings.Cut(since, ".")
	version, err := strconv.ParseUint(v, 10, 64)
	return version, err == nil && epoch == s.epoch
}

// wait is how long a caller that says so many seconds is let wait: not at all if that is no number, or not above zero.
func (s *Server) wait(text string) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0) { // NaN is not
		return 0
	}
	return min(time.Duration(min(seconds, 3600)*float64(time.Second)), s.cfg.Limits.MaxWait)
}

// changes waits until something changed after version, and returns it; false if the whole list is needed.
func (s *Server) changes(w http.ResponseWriter, ctx context.Context, f form, version uint64, wait time.Duration, entries []*entry) (answer, bool) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the request is read: its deadline would end the wait
	_ = control.SetWriteDeadline(time.Now().Add(wait + sendTime))
	timer := time.NewTimer(wait)
	defer timer.Stop()
	ring := make(chan struct{}, 1)
	for over := wait <= 0; ; {
		s.mu.Lock()
		l, removed, ok := s.store.since(version, f.want, f.view)
		a := answer{Epoch: s.epoch, Version: s.store.version, lists: l, Removed: removed, Next: s.store.interval().Milliseconds()}
		if ok {
			a.Calls = s.store.called(entries, time.Now())
		}
		masters, workers, learned := s.store.wake[0], s.store.wake[1], s.learned
		if !ok || over || len(l.Masters)+len(l.Workers)+len(removed)+len(a.Calls) > 0 {
			s.mu.Unlock()
			return a, ok
		}
		for _, e := range entries {
			s.store.hold(e, ring)
		}
		s.mu.Unlock()
		if !f.want.has("master") {
			masters = nil
		}
		if !f.want.has("worker") {
			workers = nil
		}
		select {
		case <-masters:
		case <-workers:
		case <-ring:
		case <-timer.C:
			over = true
		case <-learned:
			over = true
		case <-ctx.Done():
			over = true
		}
		now := time.Now()
		s.mu.Lock()
		for _, e := range entries {
			s.store.release(e, ring, now)
		}
		s.mu.Unlock()
	}
}

// whole answers with the whole list.
func (s *Server) whole(w http.ResponseWriter, r *http.Request, f form) {
	s.mu.Lock()
	version := s.store.version
	s.mu.Unlock()
	zip := acceptsGzip(r)
	p := s.cache.get(f, version, time.Now(), zip, func() (uint64, []byte) {
		s.mu.Lock()
		a := answer{Epoch: s.epoch, Version: s.store.version, Full: true, Next: s.store.interval().Milliseconds()}
		a.lists = s.store.list(f.want, f.view)
		s.mu.Unlock()
		var v any = a
		if f.plain {
			v = a.lists
		}
		body, err := encode(v)
		if err != nil {
			s.cfg.Logger.Error("list cannot be encoded", "err", err)
		}
		return a.Version, body
	})
	etag := fmt.Sprintf(`W/"%s.%d"`, s.epoch, p.version)
	if f.view.IsValid() {
		etag = fmt.Sprintf(`W/"%s.%d.%v"`, s.epoch, p.version, f.view)
	}
	p.serve(w, r, etag, zip)
}

// encode writes v as JSON without HTML's escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// send answers with JSON.
func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller is gone: nothing to do about it
}

// failHint is fail with what to do about it.
func failHint(w http.ResponseWriter, status int, code, message, hint string) {
	body, _ := json.Marshal(map[string]string{"code": code, "message": message, "hint": hint}) // strings always encode
	send(w, status, append(body, '\n'))
}

// fail answers with an error: a code that never changes its meaning, and a sentence.
func fail(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(map[string]string{"code": code, "message": message}) // strings always encode
	send(w, status, append(body, '\n'))
}
