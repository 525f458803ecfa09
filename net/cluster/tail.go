package cluster

import (
	"strings"
	"sync"
)

// tail keeps the end of what a task printed. It is safe for concurrent use; nil is one of a task that printed nothing.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// write adds text, and forgets what is more than maxTail bytes back.
func (t *tail) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(text) > maxTail {
		text = text[len(text)-maxTail:]
	}
	t.buf = append(t.buf, text...)
	if len(t.buf) > 2*maxTail {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-maxTail:]...)
	}
}

// text returns the last maxTail bytes, from the beginning of a line if that is among them.
func (t *tail) text() string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := string(t.buf)
	if len(s) > maxTail {
		s = s[len(s)-maxTail:]
		if _, rest, ok := strings.Cut(s, "\n"); ok && rest != "" {
			s = rest
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
