package tracker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"supercluster/discovery"
)

const (
	dialTime   = 3 * time.Second        // in which a tracker must accept a connection
	answerTime = 10 * time.Second       // in which it must answer, beyond what it was asked to wait
	byeTime    = 500 * time.Millisecond // in which it must take the goodbye of up to 64 nodes
	spacing    = 50 * time.Millisecond  // between two requests, however often Announce is called
	maxPause   = 30 * time.Second       // between two tries of a tracker that is down
	maxAnswer  = 64 << 20               // bytes, uncompressed: 100,000 nodes with some data
	keep       = 5 * time.Minute        // that the list of a tracker counts which is down
	grumble    = 10 * time.Minute       // between two lines about the same tracker
)

// ErrNotTracker means that something answers at a tracker's address, but no tracker.
var ErrNotTracker = errors.New("not a tracker")

// remoteTracker is a tracker as a Client sees it. It belongs to the goroutine that runs run, but for its lock and poke.
type remoteTracker struct {
	client *Client
	base   string        // URL without a path
	poke   chan struct{} // holds one request of Announce

	answers atomic.Bool // its last answer was one

	mu        sync.Mutex
	interrupt func() // ends the request that is under way; nil if there is none

	members []member // as last announced
	since   string   // cursor; empty: the whole list is wanted
	listed  map[key]listing
	reached bool          // there was a connection since it last failed
	local   bool          // it led over loopback
	plain   bool          // it knows the founding document's form only
	heard   time.Time     // when it last answered
	vouched time.Time     // when all of listed was last reported
	next    time.Duration // the interval
	fails   int           // since it last answered
	said    time.Time     // when the log last told of it; zero: it works
}

// announce makes the tracker hear of the local nodes at once. The request that is under way, if any, may have been
// made before what is to be announced: it is ended.
func (r *remoteTracker) announce() {
	select {
	case r.poke <- struct{}{}:
	default: // one is waiting
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.interrupt != nil {
		r.interrupt()
	}
}

// run uses the tracker until ctx is done, and then says goodbye to it.
func (r *remoteTracker) run(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) {
	r.listed = make(map[key]listing)
	r.next = r.client.cfg.Interval
	for ctx.Err() == nil {
		pause := r.round(ctx, self, found)
		sleep(ctx, min(spacing, pause), nil)
		sleep(ctx, time.Duration(float64(pause)*(0.8+0.4*rand.Float64())), r.poke)
	}
	r.goodbye(context.WithoutCancel(ctx), missing(r.members, nil))
}

// sleep waits for d, for ctx or for poke, whichever is first.
func sleep(ctx context.Context, d time.Duration, poke <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-poke:
	case <-timer.C:
	}
}

// round makes one request, and returns how long to pause after it.
func (r *remoteTracker) round(ctx context.Context, self func() []discovery.Announcement, found func(discovery.Announcement)) time.Duration {
	before := r.members
	r.members = r.client.announced(self)
	r.goodbye(ctx, missing(before, r.members))
	wait := r.client.cfg.Wait
	if r.since == "" || r.plain || len(r.members) > maxPerBody {
		wait = 0
	}
	a, err := r.ask(ctx, wait)
	if err != nil && ctx.Err() == nil && r.turn(err) {
		wait = 0
		a, err = r.ask(ctx, wait)
	}
	now := time.Now()
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil && len(r.poke) > 0:
		return spacing // announce has ended it
	case err != nil:
		return r.failed(err, now, found)
	}
	if !r.said.IsZero() {
		r.client.cfg.Logger.Info("tracker answers again", "tracker", r.base)
	}
	first := r.since == ""
	r.heard, r.fails, r.said = now, 0, time.Time{}
	r.answers.Store(!r.plain)
	r.client.note(r.base, nil)
	r.next = max(r.client.cfg.Interval, min(time.Duration(a.Next)*time.Millisecond, discovery.MaxTTL/3))
	r.merge(a, now, found)
	r.answer(a.Calls)
	switch {
	case first && !r.plain:
		return spacing // from now on it is asked for changes
	case wait == 0:
		return r.next
	}
	return min(r.next/3, spacing+time.Duration(len(r.listed))*time.Millisecond) // changes of a crowd come in lots
}

// ask announces the local nodes and returns what changed, after at most wait.
func (r *remoteTracker) ask(ctx context.Context, wait time.Duration) (answer, error) {
	hosts := r.sign(r.members)
	if r.plain {
		return r.askPlain(ctx, hosts)
	}
	for len(hosts) > maxPerBody {
		if _, err := r.post(ctx, hosts[:maxPerBody], url.Values{"want": {"none"}, "since": {r.since}}); err != nil {
			return answer{}, err
		}
		hosts = hosts[maxPerBody:]
	}
	ctx, cancel := context.WithTimeout(ctx, wait+answerTime)
	defer cancel()
	r.mu.Lock()
	r.interrupt = cancel
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.interrupt = nil
		r.mu.Unlock()
	}()
	if len(r.poke) > 0 {
		wait = 0 // announce was called before interrupt was there, and perhaps after the members were read
	}
	return r.post(ctx, hosts, url.Values{
		"want":  {r.want()},
		"since": {r.since},
		"wait":  {strconv.FormatFloat(wait.Seconds(), 'f', -1, 64)},
	})
}

// want names the roles that the local nodes look for.
func (r *remoteTracker) want() string {
	is := func(role string) bool {
		return slices.ContainsFunc(r.members, func(m member) bool { return m.Role == role })
	}
	switch master, worker := is("master"), is("worker"); {
	case master && !worker:
		return "workers"
	case worker && !master:
		return "masters"
	}
	return "all"
}

// sign makes of members what they send.
func (r *remoteTracker) sign(members []member) []host {
	hosts := make([]host, len(members))
	for i, m := range members {
		h := hostOf(m.Announcement, m.Addr.Addr())
		h.Role = m.Role
		h.sign(m.identity)
		hosts[i] = h
	}
	return hosts
}

// missing returns the members that are in before, but not in now, and have not said goodbye.
func missing(before, now []member) []member {
	return slices.DeleteFunc(slices.Clone(before), func(m member) bool {
		return m.Bye || slices.ContainsFunc(now, func(n member) bool { return n.node() == m.node() })
	})
}

// goodbye tells the tracker, unless it is down, that members leave.
func (r *remoteTracker) goodbye(ctx context.Context, members []member) {
	if len(members) == 0 || !r.reached {
		return
	}
	members = slices.Clone(members)
	for i := range members {
		members[i].Bye = true
		members[i].Seq++
		members[i].Data = nil
	}
	for chunk := range slices.Chunk(members, maxPerBody) {
		hosts := r.sign(chunk)
		short, cancel := context.WithTimeout(ctx, byeTime)
		_, err := r.post(short, hosts, url.Values{"want": {"none"}, "since": {r.since}})
		cancel()
		if err != nil {
			return // they expire
		}
	}
}

// post makes one request.
func (r *remoteTracker) post(ctx context.Context, hosts []host, query url.Values) (answer, error) {
	var out struct {
		Masters []host `json:"masters,omitempty"`
		Workers []host `json:"workers,omitempty"`
	}
	for _, h := range hosts {
		if h.Role == "master" {
			out.Masters = append(out.Masters, h)
		} else {
			out.Workers = append(out.Workers, h)
		}
	}
	body, err := encode(out)
	if err != nil {
		return answer{}, err
	}
	res, err := r.call(ctx, http.MethodPost, "/announce?"+query.Encode(), body)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a, err := decodeAnswer(res.StatusCode, res.Header.Get("Content-Type"), io.LimitReader(res.Body, maxAnswer+1))
	if err == nil {
		r.exchange(ctx, res.Header)
	}
	return a, err
}

// call makes one request; the body of what it returns is to be closed.
func (r *remoteTracker) call(ctx context.Context, method, target string, body []byte) (*http.Response, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		r.reached = true
		r.local = remote(info.Conn.RemoteAddr().String()).IsLoopback()
	}})
	req, err := http.NewRequestWithContext(ctx, method, r.base+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := r.client.http.Do(req)
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // the log names the tracker already
	}
	return res, err
}

// decodeAnswer reads what came from a tracker's address; it may be anything.
func decodeAnswer(status int, contentType string, r io.Reader) (answer, error) {
	body, err := readAnswer(status, contentType, r)
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return answer{}, fmt.Errorf("%w: its answer is not as it should be: %w", ErrNotTracker, err)
	}
	if a.Epoch == "" || len(a.Epoch) > discovery.MaxName || a.Next < 0 {
		return answer{}, fmt.Errorf("%w: its JSON is no list of nodes", ErrNotTracker)
	}
	return a, nil
}

// readAnswer reads the JSON of an answer that says it is well.
func readAnswer(status int, contentType string, r io.Reader) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(contentType); kind != "application/json" {
		return nil, &oddAnswer{status, fmt.Sprintf("it answers status %d with %.60q, want application/json", status, contentType)}
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read its answer: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%w: its answer is longer than %d bytes", ErrNotTracker, maxAnswer)
	}
	if status != http.StatusOK {
		var refusal struct{ Code, Message string }
		if json.Unmarshal(body, &refusal) != nil || refusal.Code == "" {
			return nil, &oddAnswer{status, fmt.Sprintf("it answers status %d", status)}
		}
		return nil, fmt.Errorf("it refuses: %.40q: %.200q", refusal.Code, refusal.Message)
	}
	return body, nil
}

// failed decides when to try again. For a while the list counts on: that the tracker is gone says nothing of the nodes.
func (r *remoteTracker) failed(err error, now time.Time, found func(discovery.Announcement)) time.Duration {
	r.fails++
	r.reached = false
	r.answers.Store(false)
	r.client.note(r.base, err)
	if r.said.IsZero() || now.Sub(r.said) > grumble {
		r.said = now
		message := "tracker does not answer"
		if errors.Is(err, ErrNotTracker) {
			message = "what answers is not a tracker: check its address"
		}
		r.client.cfg.Logger.Warn(message, "tracker", r.base, "err", err)
	}
	if now.Sub(r.heard) < keep {
		r.vouch(now, 2*maxPause+answerTime, found)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return r.next // its host is there, and says so at no cost: it may be starting again
	}
	return min(r.next<<min(r.fails-1, 10), maxPause)
}

// merge takes in what the tracker lists, and reports what is new.
func (r *remoteTracker) merge(a answer, now time.Time, found func(discovery.Announcement)) {
	if a.Full {
		r.listed = make(map[key]listing, len(a.Masters)+len(a.Workers))
	}
	r.since = a.Epoch + "." + strconv.FormatUint(a.Version, 10)
	ttl := r.client.cfg.Wait + 3*r.next
	if r.plain {
		ttl = 3 * r.next
	}
	for i, list := range [...][]host{a.Masters, a.Workers} {
		for _, h := range list {
			h.Role = roles[i]
			an, ok := r.believe(h, now)
			k := key{an.ID, an.Boot}
			if _, known := r.listed[k]; !ok || !known && len(r.listed) >= discovery.MaxNodes {
				continue
			}
			r.listed[k] = listing{an, r.usable(h.Seen, h.Port)}
			if !a.Full {
				r.listed[k].report(ttl, found)
			}
		}
	}
	for _, gone := range a.Removed {
		r.drop(gone, now, found)
	}
	if a.Full || now.Sub(r.vouched) >= r.next {
		r.vouch(now, ttl, found)
	}
}

// believe makes an announcement of what the tracker lists; false if it is of no use to us.
func (r *remoteTracker) believe(h host, now time.Time) (discovery.Announcement, bool) {
	addr := r.usable(h.Addr, h.Port).Addr()
	if !addr.IsValid() {
		return discovery.Announcement{}, false
	}
	h.Bye = false
	if h.Cluster == "" && r.plain {
		h.Cluster = r.client.cfg.Watch // it does not say, and its hello will
		if len(r.members) > 0 {
			h.Cluster = r.members[0].Cluster
		} else if h.Cluster == "" {
			return discovery.Announcement{}, false // nobody looks for it, and it will be listed again
		}
	}
	a, err := h.announcement(addr)
	if err != nil || r.client.owns(key{a.ID, a.Boot}, now) || !named(a) && r.client.isHere(a.Addr) {
		return discovery.Announcement{}, false
	}
	a.Path = discovery.Tracker
	return a, true
}

// usable is an address that the tracker lists; invalid if it is of no use to us.
func (r *remoteTracker) usable(text string, port uint16) netip.AddrPort {
	addr, err := netip.ParseAddr(text)
	addr = addr.Unmap()
	if err != nil || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLoopback() && !r.local {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, port)
}

// listing is a node as a tracker lists it.
type listing struct {
	discovery.Announcement
	seen netip.AddrPort // that it was announced from, if it advertises another address
}

// report tells of the node for ttl: at the address that it advertises first.
func (l listing) report(ttl time.Duration, found func(discovery.Announcement)) {
	a := l.Announcement
	a.TTL = ttl
	found(a)
	if l.seen.IsValid() && l.seen != a.Addr {
		a.Addr = l.seen
		found(a)
	}
}

// drop takes a node off the list; if it said goodbye, that is reported.
func (r *remoteTracker) drop(gone removal, now time.Time, found func(discovery.Announcement)) {
	h := host{ID: gone.ID, Role: gone.Role, Addr: gone.Addr, Port: gone.Port, Boot: gone.Boot}
	if h.ID != "" {
		h.Port = 1 // it is not said again
	}
	addr, _ := netip.ParseAddr(gone.Addr) // of a node without an id only
	a, err := h.announcement(addr)
	if err != nil {
		return
	}
	k := key{a.ID, a.Boot}
	known, ok := r.listed[k]
	last := known.Announcement
	delete(r.listed, k)
	if ok && gone.Bye && gone.Seq > last.Seq {
		last.Bye, last.Seq, last.Data, last.TTL = true, gone.Seq, nil, r.next
		found(last)
	}
}

// vouch reports everything that is listed, for ttl.
func (r *remoteTracker) vouch(now time.Time, ttl time.Duration, found func(discovery.Announcement)) {
	r.vouched = now
	for _, l := range r.listed {
		l.report(ttl, found)
	}
}
