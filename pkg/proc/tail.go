package proc

import (
	"fmt"
	"sync"
)

// Tail is an io.Writer that remembers the beginning and the end of what was written to it, and forgets the middle.
// A Go crash names its cause in its first lines and another program in its last: both survive. The zero Tail keeps
// nothing; use NewTail. It is safe for concurrent use.
type Tail struct {
	mu   sync.Mutex
	size int
	head []byte
	ring []byte // the last size bytes after head, oldest at next once it is full
	next int
	lost int64 // bytes that fell out of ring
}

// NewTail returns a Tail that keeps the first and the last size bytes.
func NewTail(size int) *Tail {
	return &Tail{size: max(size, 0)}
}

// Write remembers p; it never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	k := min(t.size-len(t.head), len(p))
	t.head = append(t.head, p[:k]...)
	p = p[k:]
	if over := len(p) - t.size; over > 0 {
		t.lost += int64(over) // what p itself would overwrite
		p = p[over:]
	}
	k = min(t.size-len(t.ring), len(p))
	t.ring = append(t.ring, p[:k]...)
	p = p[k:]
	t.lost += int64(len(p))
	for len(p) > 0 {
		k = copy(t.ring[t.next:], p)
		t.next = (t.next + k) % t.size
		p = p[k:]
	}
	return n, nil
}

// String returns what is remembered, with a note of how many bytes are missing between beginning and end.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	end := string(t.ring[t.next:]) + string(t.ring[:t.next])
	if t.lost == 0 {
		return string(t.head) + end
	}
	return fmt.Sprintf("%s\n[%d bytes left out]\n%s", t.head, t.lost, end)
}
