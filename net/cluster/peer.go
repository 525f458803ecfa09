package cluster

import (
	"encoding/json"
	"net/netip"
)

// Roles of a node, as announcements and hellos name them.
const (
	RoleMaster = "master"
	RoleWorker = "worker"
	// RoleTracker is that of a tracker that takes part in the event bus.
	RoleTracker = "tracker"
)

// Peer is a snapshot of another node. Its JSON must not be changed.
type Peer struct {
	ID   string
	Role string
	// Member says that it proved on the connection to it that it holds the cluster's key. A guest did not: it is told
	// and given only what any stranger may have.
	Member bool
	Addr   netip.AddrPort // where it is seen; the zero value if it is in this process
	// Relayed says that neither node could dial the other: a tracker carries their packets, and Addr may be its address.
	Relayed bool
	// Data is what its user announces, Host what it says of its machine; both are JSON, or nil.
	Data, Host json.RawMessage
	// Slots is how many tasks it can run at once; zero for a master. Running and Queued count the tasks of all masters
	// as the worker last said.
	Slots, Running, Queued int
	// Available says that a worker takes work. A master is always available.
	Available bool
	// Draining says that a worker is being emptied; it is not available then.
	Draining bool
	Pid      int
	// Version is that of the program that it runs.
	Version string
	// Resources is what a worker has in all, as Host says under "resources".
	Resources Resources
	// Allows are the kinds of things outside that a worker's tasks may use if their master is a member, "read" or "net",
	// as Host says under "allows".
	Allows []string
	// Guests is what it gives to guests, as Host says under "guests": of a Quota the fields Tasks, Queue and Size.
	Guests Quota
}

// mayControl reports whether the peer may ask for the tasks of others, and change them: a worker has no need to, and who
// holds a worker's token alone is none of those who give work.
func (p *Peer) mayControl() bool { return p.Member && p.Role == RoleMaster }

// PeerEvent tells that a peer came or went.
type PeerEvent struct {
	Peer Peer
	// Up says that it came. A worker that only stops taking work goes, too; Reason tells the difference.
	Up bool
	// Reason says in words why it went.
	Reason string
}

// Message is a message of one node's user to another's.
type Message struct {
	From Peer
	// Task is the task that sent it, as wire.TaskID writes it; empty if no task did.
	Task string
	Name string
	Data []byte
	// Bus says that it was published on the event bus.
	Bus  bool
	done func()
}

// Done says that the message was consumed. It must be called once for every message, from any goroutine: until then
// the message counts as under way, and when too many are, the sender waits.
func (m Message) Done() {
	if m.done != nil {
		m.done()
	}
}
