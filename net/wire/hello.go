package wire

import (
	"errors"
	"fmt"
	"math"

	"supercluster/vm/value"
)

// The protocol versions that this program speaks.
const (
	ProtoMin uint16 = 1
	ProtoMax uint16 = 1
)

// ErrVersion means that two nodes have no protocol version in common. The error around it is a VersionError.
var ErrVersion = errors.New("no protocol version in common")

// A Hello is the first message in each direction of a connection.
type Hello struct {
	// ProtoMin and ProtoMax are the oldest and the newest protocol version that the sender speaks.
	ProtoMin, ProtoMax uint16
	// Version is that of the sender's program, for people to read.
	Version string
	Node    Node
}

// Kind returns KindHello.
func (*Hello) Kind() Kind { return KindHello }

// A Node is what a node says of itself when it connects.
type Node struct {
	// ID is the text of its trust.ID; package link refuses a Hello whose ID is not that of the sender's certificate.
	ID string
	// Role is "master" or "worker".
	Role string
	// Boot is a random number that differs between two lives of one identity.
	Boot uint64
	// Cluster is the name of the cluster that it belongs to.
	Cluster string
	// Addr is the address, "host:port", at which it wants to be reached; empty if it is the one that others see.
	Addr string
	// Slots is how many tasks a worker runs at once, 0 on a master.
	Slots int
	// Available tells whether a worker takes tasks now. It changes with Status.
	Available bool
	// Data is what its user says of it, and Host what its host is, both one JSON value; empty means null.
	Data, Host []byte
	// Pid is the number of its process on its host.
	Pid int
}

// A VersionError tells which protocol versions two nodes speak that have none in common.
type VersionError struct {
	OurMin, OurMax, TheirMin, TheirMax uint16
	// Theirs is the version of the other node's program.
	Theirs string
}

// Error names both ranges, and which side to update.
func (e *VersionError) Error() string {
	older := "this program"
	if e.TheirMax < e.OurMin {
		older = "the other node's"
	}
	return fmt.Sprintf("%v: ours %d to %d, theirs %d to %d (version %q); %s is older and needs an update",
		ErrVersion, e.OurMin, e.OurMax, e.TheirMin, e.TheirMax, e.Theirs, older)
}

// Unwrap returns ErrVersion.
func (e *VersionError) Unwrap() error { return ErrVersion }

// Negotiate returns the newest protocol version that both sides speak, or a *VersionError. Both sides come to the same.
func Negotiate(ours, theirs *Hello) (uint16, error) {
	newest := min(ours.ProtoMax, theirs.ProtoMax)
	if newest < max(ours.ProtoMin, theirs.ProtoMin) {
		return 0, &VersionError{
			OurMin: ours.ProtoMin, OurMax: ours.ProtoMax,
			TheirMin: theirs.ProtoMin, TheirMax: theirs.ProtoMax, Theirs: theirs.Version,
		}
	}
	return newest, nil
}

func (m *Hello) size() int {
	n := &m.Node
	return overhead + len(m.Version) + len(n.ID) + len(n.Role) + len(n.Cluster) + len(n.Addr) + len(n.Data) + len(n.Host)
}

func (m *Hello) encode(w *value.Writer) {
	w.ArrayLen(4)
	w.Uint(uint64(m.ProtoMin))
	w.Uint(uint64(m.ProtoMax))
	text(w, m.Version)
	m.Node.encode(w)
}

func (m *Hello) decode(f *fields) {
	m.ProtoMin = uint16(f.uint(math.MaxUint16))
	m.ProtoMax = uint16(f.uint(math.MaxUint16))
	m.Version = f.text()
	if f.next() {
		node := enter(f.r)
		m.Node.decode(&node)
		node.leave()
	}
}

func (n *Node) encode(w *value.Writer) {
	w.ArrayLen(10)
	text(w, n.ID)
	text(w, n.Role)
	w.Uint(n.Boot)
	text(w, n.Cluster)
	text(w, n.Addr)
	count(w, n.Slots)
	w.Bool(n.Available)
	w.Bin(n.Data)
	w.Bin(n.Host)
	count(w, n.Pid)
}

func (n *Node) decode(f *fields) {
	n.ID = f.text()
	n.Role = f.text()
	n.Boot = f.uint64()
	n.Cluster = f.text()
	n.Addr = f.text()
	n.Slots = f.count()
	n.Available = f.bool()
	n.Data = f.json()
	n.Host = f.json()
	n.Pid = f.count()
}
