package jsapi

import (
	"fmt"
	"sync"
	"time"
)

// When a function counts as heavy: its calls on goja took heavyTotal of processor time in all, which is about what a
// node process costs to start (60 to 110 ms), and heavyCall each on average, since a call through node costs about
// 0.3 ms and another 1.5 ms of processor time for its context, and V8 is rarely less than twice as fast.
const (
	heavyTotal = 100 * time.Millisecond
	heavyCall  = 4 * time.Millisecond
	// maxWeighed bounds the functions that are remembered.
	maxWeighed = 4096
)

// A weight is what is known of a function: how long its calls took on goja and, once it moved or is to stay, why.
type weight struct {
	calls int
	busy  time.Duration
	moved string // why it runs on node; "" if it does not
	stays string // why it does not, though it is heavy
}

// scales weigh functions, by the hashes of their code. Safe for concurrent use.
type scales struct {
	mu sync.Mutex
	of map[[32]byte]*weight // guarded by mu
}

// moved returns why a function runs on node, or "", and why it stays on goja although it is heavy, or "".
func (s *scales) moved(hash [32]byte) (moved, stays string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.of[hash]; w != nil {
		return w.moved, w.stays
	}
	return "", ""
}

// weigh adds a call on goja. It returns why the function moves to node from now on; "" if it does not, or did before.
func (s *scales) weigh(hash [32]byte, busy time.Duration, stays string) (moves string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.of[hash]
	if w == nil {
		if busy < heavyCall { // as most are: they need no room
			return ""
		}
		if s.of == nil {
			s.of = make(map[[32]byte]*weight)
		}
		for other, w := range s.of {
			if len(s.of) < maxWeighed {
				break
			}
			if w.moved == "" {
				delete(s.of, other)
			}
		}
		w = new(weight)
		s.of[hash] = w
	}
	w.calls++
	w.busy += busy
	if w.moved != "" || w.stays != "" || w.busy < heavyTotal || w.busy/time.Duration(w.calls) < heavyCall {
		return ""
	}
	took := fmt.Sprintf("%s took %v of processor time on goja", times(w.calls), w.busy.Round(time.Millisecond))
	if stays != "" {
		w.stays = fmt.Sprintf("goja: %s, but %s", took, stays)
		return ""
	}
	w.moved = "node: the function moved there after " + took
	return w.moved
}

// stay keeps a function on goja for good.
func (s *scales) stay(hash [32]byte, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.of[hash]; w != nil {
		w.moved, w.stays = "", "goja: "+why
	}
}

func times(n int) string {
	if n == 1 {
		return "1 call"
	}
	return fmt.Sprintf("%d calls", n)
}
