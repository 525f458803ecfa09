package vm

import (
	"container/heap"
	"context"
	"time"

	"github.com/dop251/goja"
)

// timer is one entry of the loop's clock. Times are whole milliseconds since the loop was made, as in Node, so that
// timers of one delay that were set in order fire in order.
type timer struct {
	id     int64 // its number, once something asked for it
	at     int64
	seq    int64
	index  int // in the heap; -1 if it waits for nothing
	delay  int64
	repeat bool
	ref    bool // keeps the loop alive
	fn     func()

	callback goja.Value // of a Timeout: what fn calls
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is of heap.Interface.
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

// Pop is of heap.Interface.
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}

func (l *Loop) clock() int64 { return time.Since(l.base).Milliseconds() }

// arm starts t, or starts it anew.
func (l *Loop) arm(t *timer) {
	l.disarm(t)
	l.lastTimer++
	t.seq = l.lastTimer
	t.at = l.clock() + t.delay
	if t.ref {
		l.timerRefs++
	}
	heap.Push(&l.timers, t)
}

func (l *Loop) disarm(t *timer) {
	if t.index < 0 {
		return
	}
	heap.Remove(&l.timers, t.index)
	if t.ref {
		l.timerRefs--
	}
}

// cancel ends t for good, from inside its own callback too.
func (l *Loop) cancel(t *timer) {
	l.disarm(t)
	t.repeat = false
	delete(l.timerIDs, t.id)
}

func (l *Loop) setRef(t *timer, ref bool) {
	if t.ref == ref {
		return
	}
	t.ref = ref
	switch {
	case t.index < 0:
	case ref:
		l.timerRefs++
	default:
		l.timerRefs--
	}
}

// After has fn run once d has passed, in whole milliseconds, at least one; it keeps the loop alive unless it is
// cancelled. Loop goroutine only.
func (l *Loop) After(d time.Duration, fn func()) (cancel func()) {
	t := &timer{index: -1, delay: max(1, d.Milliseconds()), ref: true, fn: fn}
	l.arm(t)
	return func() { l.cancel(t) }
}

// runTimers fires what is due; what is set meanwhile, a millisecond ahead at least, waits for the next turn.
func (l *Loop) runTimers(ctx context.Context) {
	now := l.clock()
	for len(l.timers) > 0 && l.timers[0].at <= now && !l.over(ctx) {
		t := l.timers[0]
		l.disarm(t)
		l.turn(func() {
			// The next round begins when the callback returns, as in Node, whether or not it throws.
			defer func() {
				if t.repeat && t.index < 0 {
					l.arm(t)
				} else if t.index < 0 {
					delete(l.timerIDs, t.id)
				}
			}()
			t.fn()
		})
	}
}

type immediate struct {
	fn  func()
	ref bool
}

// Immediate has fn run in the check phase of this turn of the loop. Loop goroutine only.
func (l *Loop) Immediate(fn func()) (cancel func()) {
	m := &immediate{fn: fn, ref: true}
	l.addImmediate(m)
	return func() { l.cancelImmediate(m) }
}

func (l *Loop) addImmediate(m *immediate) {
	if m.ref {
		l.immedRefs++
	}
	l.immediates = append(l.immediates, m)
}

func (l *Loop) cancelImmediate(m *immediate) {
	if m.fn != nil && m.ref {
		l.immedRefs--
	}
	m.fn = nil
}

// runImmediates runs those set before this phase began.
func (l *Loop) runImmediates(ctx context.Context) {
	batch := l.immediates
	l.immediates = nil
	for i, m := range batch {
		if l.over(ctx) {
			l.immediates = append(batch[i:len(batch):len(batch)], l.immediates...)
			return
		}
		fn := m.fn
		l.cancelImmediate(m)
		if fn != nil {
			l.turn(fn)
		}
	}
}
