package link

import "sync"

// An order counts the small messages that were handled, so that a long one can wait for those that were sent before it.
type order struct {
	mu      sync.Mutex
	handled uint64
	least   uint64        // the lowest count that anybody waits for
	changed chan struct{} // closed when handled reaches least; nil if nobody waits
}

// advance counts one more.
func (o *order) advance() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handled++
	if o.changed != nil && o.handled >= o.least {
		close(o.changed)
		o.changed = nil
	}
}

// reach waits until n were handled and returns true, or false if ended is closed before.
func (o *order) reach(n uint64, ended <-chan struct{}) bool {
	for {
		o.mu.Lock()
		if o.handled >= n {
			o.mu.Unlock()
			return true
		}
		if o.changed == nil {
			o.changed, o.least = make(chan struct{}), n
		}
		o.least = min(o.least, n)
		changed := o.changed
		o.mu.Unlock()
		select {
		case <-changed:
		case <-ended:
			return false
		}
	}
}
