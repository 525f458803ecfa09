package cluster

import (
	"context"
	"encoding/json"
	"log/slog"

	"supercluster/net/trust"
)

// WorkerConfig describes a worker.
type WorkerConfig struct {
	// Identity is who the worker is. Required.
	Identity *trust.Identity
	// Data is what its user announces, Host what is known of its machine: JSON, or nil.
	Data, Host json.RawMessage
	// Slots is how many tasks run at once; zero means one for each CPU.
	Slots int
	// Executor runs the tasks. Required.
	Executor Executor
	// Private keeps it from being announced; masters of this process and those that it finds still link to it.
	Private bool
	// OnMaster hears of masters that come and go, OnTask of each task that is taken, OnMessage of messages from
	// masters. All may be nil.
	OnMaster  func(PeerEvent)
	OnTask    func(master Peer, t TaskInfo)
	OnMessage func(Message)
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// TaskInfo is what a worker tells of a task that it has taken.
type TaskInfo struct {
	ID, Name string
	Attempt  int
	Each     bool
}

// Worker runs tasks of masters. It does nothing before a Mesh has joined it.
type Worker struct{}

// NewWorker returns a worker; it starts nothing.
func NewWorker(cfg WorkerConfig) *Worker { return &Worker{} }

// ID returns the worker's id.
func (w *Worker) ID() string { return "" }

// Masters returns the masters that are linked now, ordered by id.
func (w *Worker) Masters() []Peer { return nil }

// SetAvailable says whether the worker takes new tasks. What it has taken it still runs.
func (w *Worker) SetAvailable(available bool) {}

// Send sends a message to the master with that id, as Master.Send.
func (w *Worker) Send(ctx context.Context, master, name string, data []byte) error { return nil }

// Post sends a message to the master with that id, as Master.Post.
func (w *Worker) Post(master, name string, data []byte, sent func(error)) {}

// Broadcast posts a message to all masters that are linked. sent, which may be nil, is called once: when the message is
// under way to all, with the first error if there was one.
func (w *Worker) Broadcast(name string, data []byte, sent func(error)) {}
