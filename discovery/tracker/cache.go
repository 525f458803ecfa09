package tracker

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	// stale is the longest that an answer from the cache lags behind the list.
	stale = 250 * time.Millisecond
	// maxViews is how many answers the cache holds.
	maxViews = 32
	// minZip is the shortest answer that is compressed, in bytes.
	minZip = 1024
)

// cache holds answers ready to be sent, one for each form of the list. It is safe for concurrent use.
type cache struct {
	mu    sync.Mutex
	pages map[form]*page
}

// form says what an answer holds: the plain lists, or a cursor's full answer for the roles wanted, as seen from an
// address.
type form struct {
	plain bool
	want  wanted
	view  netip.Addr
}

// page is an answer to everybody who asks for its form.
type page struct {
	version uint64
	built   time.Time
	cost    time.Duration // of building it
	body    []byte
	zipped  []byte // nil until somebody can use it
}

// get returns the page of f for the version of the list at now, or one that is a little older: building takes at most a
// tenth of the time, or the lists of ten thousand nodes would take all of it.
func (c *cache) get(f form, version uint64, now time.Time, zip bool, build func() (uint64, []byte)) page {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pages[f]
	if p == nil || p.version != version && now.Sub(p.built) >= min(stale, 10*p.cost) {
		if c.pages == nil || len(c.pages) >= maxViews {
			c.pages = make(map[form]*page)
		}
		begin := time.Now()
		v, body := build()
		p = &page{version: v, built: now, cost: time.Since(begin), body: body}
		c.pages[f] = p
	}
	if zip && p.zipped == nil && len(p.body) >= minZip {
		var b bytes.Buffer
		z := gzip.NewWriter(&b) // neither errs on a buffer
		z.Write(p.body)
		z.Close()
		p.zipped = b.Bytes()
	}
	return *p
}

// serve answers a request with p, or says that the caller has it already.
func (p page) serve(w http.ResponseWriter, r *http.Request, etag string, zip bool) {
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if r.Method != http.MethodPost && strings.TrimSpace(tag) == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body := p.body
	if zip && p.zipped != nil {
		h.Set("Content-Encoding", "gzip")
		body = p.zipped
	}
	send(w, http.StatusOK, body)
}

// acceptsGzip reports whether the caller can read a compressed answer.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}
