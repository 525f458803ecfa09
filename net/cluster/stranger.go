package cluster

import (
	"slices"
	"strings"
	"time"
)

// strangerCheck is how often it is looked whether an address that somebody named is still that of a linked node.
const strangerCheck = 2 * time.Second

// A node that was found without its id, as one that a name server or a plain tracker lists, is a stranger: its tie has
// an id of the form "role@address", is dialled to see who answers, and then waits while that node is linked in a tie
// of its own.

// strangerRole returns the role that an id of that form names.
func strangerRole(id string) (role string, ok bool) {
	role, _, ok = strings.Cut(id, "@")
	return role, ok
}

// met takes note of who answered a dial. It matters to strangers alone: other ties keep the link themselves.
func (t *tie) met(id string, now time.Time) {
	if _, stranger := strangerRole(t.id); stranger {
		t.alias = id
		t.dialling, t.failures = false, 0
		t.plan(strangerCheck, now)
	}
}

// knows reports whether the node that a stranger's address leads to is linked by now, through which tie ever.
func (m *member) knows(t *tie) bool {
	if _, stranger := strangerRole(t.id); !stranger {
		return false
	}
	if known := m.ties[t.alias]; known != nil && known.current != nil {
		return true
	}
	for _, other := range m.ties {
		if other.current != nil && slices.Contains(t.addrs, other.current.RemoteAddr()) {
			t.alias = other.id
			return true
		}
	}
	return false
}
