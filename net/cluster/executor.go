package cluster

import (
	"context"
	"time"

	"supercluster/net/wire"
)

// Executor runs tasks. Execute returns when nothing of the task is left; the end of ctx means that it must end at once,
// and context.Cause(ctx) says why. It is called from as many goroutines as the worker has slots.
type Executor interface {
	Execute(ctx context.Context, t Task, s Sink) Result
}

// Task is one attempt of a task, as an Executor gets it.
type Task struct {
	ID, Name string
	// Code is the function or package, as CodeKind says, Hash its SHA-256, Args the encoded array of arguments.
	Code, Args []byte
	CodeKind   wire.CodeKind
	Hash       [32]byte
	Each       bool
	// Engine is what is to run a function.
	Engine wire.Engine
	// Blobs are the large values that Args refers to by their hashes.
	Blobs []*Blob
	// Timeout bounds the run; zero means no bound. An executor that keeps it gives the better error: the worker ends
	// ctx only a while later.
	Timeout time.Duration
	// Master is who sent it, and Member whether that is a member of the cluster. A guest's task gets nothing that needs
	// the cluster's key: no file, package, network, process or environment.
	Master Peer
	Member bool
	// WorkerID and WorkerData (JSON) are what the task may know of the worker.
	WorkerID   string
	WorkerData []byte
}

// Sink takes what a running task has to say. Its methods may wait for a slow network, and do nothing once Execute has
// returned.
type Sink interface {
	// Log takes text for a stream ("stdout", "stderr"), line ends included.
	Log(stream, text string)
	// Progress takes a fraction from 0 to 1.
	Progress(fraction float64)
	// Phase takes the name of what the task does from now on, for tasks that have phases.
	Phase(name string)
	// Send takes a message to the task's master.
	Send(event string, data []byte)
	// Engine takes what runs the task, and why, for those who ask where it is.
	Engine(text string)
}

// Result is what became of an attempt.
type Result struct {
	// Value is the result as vm.Encode made it, or Err the error as value.Error encodes it.
	Value, Err []byte
	// Run is the time that the code ran; zero lets the worker measure.
	Run time.Duration
}
