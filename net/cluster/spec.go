package cluster

import (
	"time"

	"supercluster/net/wire"
)

// Spec describes a task. The slices must not be changed afterwards.
type Spec struct {
	// Name is for people: logs, and lists of tasks.
	Name string
	// Code is what CodeKind says: the function as vm.Function.Encode makes it, or a package as nodepkg.Package.Encode
	// does. Args is an encoded array.
	Code, Args []byte
	CodeKind   wire.CodeKind
	// Engine is what is to run a function; zero leaves that to the worker. EngineNode is refused by workers that do not
	// know its master for a member of their cluster.
	Engine wire.Engine
	// MembersOnly keeps the task from workers that do not hold the cluster's key, as its arguments are nobody else's business. A
	// package, and what node is to run, is kept from them in any case.
	MembersOnly bool
	// Each calls the function once for each element of the first argument.
	Each bool
	// Worker is the id of the one worker that may run the task, which then never moves; empty means any.
	Worker string
	// Eligible says whether a worker may run the task, if Worker is empty; nil means all may. It is asked once for each
	// worker and judges by what does not change: ID, Data and Host.
	Eligible func(Peer) bool
	// Timeout bounds one attempt's time in a slot; QueueTimeout the time until its first start. Zero means no bound.
	Timeout, QueueTimeout time.Duration
	// Retries is how often a task that failed or timed out runs again; Backoff is the wait before the first of these,
	// doubled each time up to a minute unless it is Steady. Jitter, from 0 to 1, is the share of a wait that is random.
	// Lost workers are counted apart.
	Retries int
	Backoff time.Duration
	Steady  bool
	Jitter  float64
	// RetryIf is asked before a retry, with the number of attempts that failed and the last outcome; it, or somebody
	// later, calls decide once. Nil means that all failures are worth another attempt.
	RetryIf func(attempt int, o Outcome, decide func(again bool))
	// Resources is what the task holds of its worker while it runs: for each attempt that follows a failure the next
	// element, and then the last one. Only workers that have as much in all are asked.
	Resources []Resources
	// Blobs are the large values that Args refers to by their hashes. They travel once to each worker.
	Blobs []*Blob
	// Priority: larger is sooner, and a task of one less that was submitted 10 s earlier is as soon. Tasks of one priority
	// start in the order in which they were submitted. It counts from -1000000 to 1000000.
	Priority int
	// Once says that a second attempt might do harm: after a loss the task runs again only if it cannot have started, or
	// if it has retries left, of which the loss takes one.
	Once bool
	// Idempotent says that a second attempt does no harm. Without it, and without Retries, a task that a worker with
	// permissions for its tasks (Peer.Allows) was lost with counts as Once: it may have done something out there.
	Idempotent bool

	// OnState tells of each state that an attempt comes to: Sent, Received, Running; and Waiting or Queued when the
	// task must run again. Received is left out when the worker runs it at once.
	OnState func(State, Peer)
	// OnLog gets what the task printed: the stream ("stdout", "stderr") and the text with its line ends.
	OnLog func(p Peer, stream, text string)
	// OnProgress gets what the task reported, from 0 to 1.
	OnProgress func(Peer, float64)
	// OnPhase tells what a running package does: "clone", "install", "run". May be nil.
	OnPhase func(p Peer, phase string)
	// OnDone is called exactly once, after all others. Required.
	OnDone func(Outcome)
}

// Outcome is what became of a task.
type Outcome struct {
	// Peer is the worker of the last attempt; the zero value if there was none.
	Peer Peer
	// Value is the result as vm.Encode made it. Err is the error as value.Error encodes it; if it is not nil the task
	// failed.
	Value, Err []byte
	// Attempts counts how often the task was given to a worker.
	Attempts int
	code     string // of Err, if it is one of ours
	// Run is the time in a slot of the attempt that gave the outcome.
	Run time.Duration
	// Engine says in words what ran it, and why, if that was not our own engine from the first.
	Engine string
}

// State is where a task is, seen from its master.
type State uint8

// States of a task.
const (
	// Queued: it waits at its master until a worker has credit for it.
	Queued State = iota + 1
	// Waiting: it failed and waits at its master for its back-off to end.
	Waiting
	// Sent: an attempt was put on the link to a worker that has not answered yet.
	Sent
	// Received: the worker has the attempt in its own queue.
	Received
	// Running: the attempt has a slot.
	Running
	// Done: OnDone was called. An attempt may still hold credit until its worker has let go of it.
	Done
)

// String returns the state in lower case.
func (s State) String() string {
	switch s {
	case Queued:
		return "queued"
	case Waiting:
		return "waiting"
	case Sent:
		return "sent"
	case Received:
		return "received"
	case Running:
		return "running"
	case Done:
		return "done"
	}
	return "unknown"
}
