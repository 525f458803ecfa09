package executor

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

const (
	// A function that ended deadlyEnds executors within quarantineTime is refused until the first of these ends is
	// longer ago than that.
	deadlyEnds     = 3
	quarantineTime = 10 * time.Minute
	// maxSuspects bounds the functions that are remembered; the one whose last end is longest ago is forgotten first.
	maxSuspects = 1000
)

// Quarantine remembers which functions ended executors. A function is known by the digest of its code, never by what
// a peer says its hash is. The zero value is ready to use. Safe for concurrent use.
type Quarantine struct {
	mu       sync.Mutex
	suspects map[[sha256.Size]byte]*suspect
}

type suspect struct {
	ends []time.Time // the latest deadlyEnds, the oldest first
	last string      // what the last task died of
}

// Refuses explains why code is not to be run now; "" means that it may.
func (q *Quarantine) Refuses(code []byte, now time.Time) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.suspects) == 0 { // the usual case costs no digest
		return ""
	}
	s := q.suspects[sha256.Sum256(code)]
	if s == nil || len(s.ends) < deadlyEnds {
		return ""
	}
	left := quarantineTime - now.Sub(s.ends[0])
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf("its function ended %d executors within %v, the last one by: %s; this worker refuses it for %v more",
		deadlyEnds, quarantineTime, s.last, left.Round(time.Second))
}

// Blame holds the end of an executor against code. No code, as only tests run, cannot be told from other code.
func (q *Quarantine) Blame(code []byte, why string, now time.Time) {
	if len(code) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.suspects == nil {
		q.suspects = make(map[[sha256.Size]byte]*suspect)
	}
	sum := sha256.Sum256(code)
	s := q.suspects[sum]
	if s == nil {
		q.forget()
		s = &suspect{}
		q.suspects[sum] = s
	}
	s.last = why
	s.ends = append(s.ends, now)
	s.ends = s.ends[max(0, len(s.ends)-deadlyEnds):]
}

// forget makes room for one more suspect.
func (q *Quarantine) forget() {
	if len(q.suspects) < maxSuspects {
		return
	}
	var oldest [sha256.Size]byte
	var when time.Time
	for sum, s := range q.suspects {
		if last := s.ends[len(s.ends)-1]; when.IsZero() || last.Before(when) {
			oldest, when = sum, last
		}
	}
	delete(q.suspects, oldest)
}
