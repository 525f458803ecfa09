package cluster

import (
	"context"
	"encoding/json"
	"log/slog"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// MasterConfig describes a master.
type MasterConfig struct {
	// Identity is who the master is. Required.
	Identity *trust.Identity
	// Data is what its user announces, Host what is known of its machine: JSON, or nil.
	Data, Host json.RawMessage
	// Private keeps it from being announced; nodes of this process and those that it finds still link to it.
	Private bool
	// OnWorker hears of workers that come and go; OnMessage of messages from workers and from tasks. Both may be nil.
	OnWorker  func(PeerEvent)
	OnMessage func(Message)
	// MaxQueued bounds the tasks that wait for a worker; zero means a million. What is beyond fails with
	// ERR_BACKPRESSURE.
	MaxQueued int
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Master sends tasks to workers. It does nothing before a Mesh has joined it, but takes tasks.
type Master struct{}

// NewMaster returns a master; it starts nothing.
func NewMaster(cfg MasterConfig) *Master { return &Master{} }

// ID returns the master's id.
func (m *Master) ID() string { return "" }

// Workers returns the workers that take work now, ordered by id.
func (m *Master) Workers() []Peer { return nil }

// Submit takes a task and returns its id. It never blocks; all else is told by the Spec's callbacks.
func (m *Master) Submit(s Spec) wire.TaskID { return wire.TaskID{} }

// Cancel ends a task that is not done with ERR_CANCELLED and the reason in the message. A running attempt is told to
// stop. It reports whether there was such a task.
func (m *Master) Cancel(id wire.TaskID, reason string) bool { return false }

// Send sends a message to the worker with that id, and returns when it is under way: after all earlier ones, and as
// soon as the receiver has consumed enough of them. Its errors are of type *Error.
func (m *Master) Send(ctx context.Context, worker, name string, data []byte) error { return nil }

// Post is Send for callers that must not block: sent, which may be nil, is called when the message is under way or
// cannot be sent. Messages are sent in the order of the calls.
func (m *Master) Post(worker, name string, data []byte, sent func(error)) {}

// Broadcast posts a message to all workers that are linked. sent, which may be nil, is called once: when the message is
// under way to all, with the first error if there was one.
func (m *Master) Broadcast(name string, data []byte, sent func(error)) {}
