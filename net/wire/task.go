package wire

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// A TaskID names a task in the whole cluster. It is random.
type TaskID [16]byte

// NewTaskID returns a random TaskID.
func NewTaskID() TaskID {
	var id TaskID
	rand.Read(id[:]) // never fails, says crypto/rand
	return id
}

// String returns 32 hexadecimal digits in lower case.
func (id TaskID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names no task.
func (id TaskID) IsZero() bool { return id == TaskID{} }

// ParseTaskID is the inverse of String.
func ParseTaskID(s string) (TaskID, error) {
	var id TaskID
	if b, err := hex.DecodeString(s); err == nil && len(b) == len(id) {
		copy(id[:], b)
		if id.String() == s {
			return id, nil
		}
	}
	return TaskID{}, fmt.Errorf("task id %q is not %d hexadecimal digits", s, 2*len(id))
}

// CodeKind says what a task's Code is. Numbers on the wire: new ones are appended.
type CodeKind uint8

const (
	// CodeFunction is a vm.Function's encoding.
	CodeFunction CodeKind = 0
	// CodePackage is a nodepkg.Package's encoding.
	CodePackage CodeKind = 1
)

// Engine says what is to run a function. Numbers on the wire: new ones are appended.
type Engine uint8

const (
	// EngineAuto leaves it to the worker.
	EngineAuto Engine = 0
	// EngineGoja is our own engine, in a sandbox.
	EngineGoja Engine = 1
	// EngineNode is a node process.
	EngineNode Engine = 2
)

// A Task asks a worker to run a function, or a package.
type Task struct {
	ID TaskID
	// Attempt counts the times that the task was given to a worker, from 1.
	Attempt uint32
	// Name is for people to read.
	Name string
	// Hash is that of the code, by which the worker keeps it.
	Hash [32]byte
	// Code is what CodeKind says; empty if the master thinks that the worker has it.
	Code []byte
	// Args are the encoded arguments.
	Args []byte
	// Each tells that the function is to be called for each element of the first argument, which is an array.
	Each bool
	// TimeoutMillis is for how many milliseconds the task may run, 0 for ever.
	TimeoutMillis int64
	// Priority orders the tasks that wait in the worker, larger ones first.
	Priority int
	// Needs are the resources that the task holds while it runs.
	Needs []Need
	// Blobs are the hashes of the large values that Args refers to, which the worker keeps or asks for.
	Blobs [][32]byte
	// CodeKind says what Code, and what Hash stands for, is.
	CodeKind CodeKind
	// Engine is what is to run it.
	Engine Engine
}

// A Need is so much of a resource, which both sides know by its name.
type Need struct {
	Name   string
	Amount float64
}

// Kind returns KindTask.
func (*Task) Kind() Kind { return KindTask }

// A NeedCode asks the master to send a task again with its code.
type NeedCode struct {
	ID      TaskID
	Attempt uint32
	Hash    [32]byte
}

// Kind returns KindNeedCode.
func (*NeedCode) Kind() Kind { return KindNeedCode }

// A Received tells that a task waits or runs in the worker, which will send a Result.
type Received struct {
	ID      TaskID
	Attempt uint32
}

// Kind returns KindReceived.
func (*Received) Kind() Kind { return KindReceived }

// A Started tells that a task runs.
type Started struct {
	ID      TaskID
	Attempt uint32
}

// Kind returns KindStarted.
func (*Started) Kind() Kind { return KindStarted }

// A Result tells how a task ended.
type Result struct {
	ID      TaskID
	Attempt uint32
	// Value is what the function returned, encoded; Err is the encoded Error if it ended with one, and then Value is empty.
	Value, Err []byte
	// RunMicros is for how many microseconds the task ran.
	RunMicros int64
	// Engine says in words what ran it, and why, if that was not our own engine from the first.
	Engine string
}

// Kind returns KindResult.
func (*Result) Kind() Kind { return KindResult }

// An Ack tells that a Result has arrived, so that the worker may forget it.
type Ack struct {
	ID      TaskID
	Attempt uint32
}

// Kind returns KindAck.
func (*Ack) Kind() Kind { return KindAck }

// A Refused tells that the worker does not take a task, which has not run.
type Refused struct {
	ID      TaskID
	Attempt uint32
	// Err is an encoded Error that says why.
	Err []byte
}

// Kind returns KindRefused.
func (*Refused) Kind() Kind { return KindRefused }

// A Cancel tells the worker to end a task, or not to begin it.
type Cancel struct {
	ID      TaskID
	Attempt uint32
	Reason  string
}

// Kind returns KindCancel.
func (*Cancel) Kind() Kind { return KindCancel }

// A Log is what a task printed.
type Log struct {
	ID      TaskID
	Attempt uint32
	// Stream is "stdout" or "stderr".
	Stream string
	Text   string
}

// Kind returns KindLog.
func (*Log) Kind() Kind { return KindLog }

// A Phase tells what a task that runs does now.
type Phase struct {
	ID      TaskID
	Attempt uint32
	// Name is "clone", "install" or "run" of a package; a function has no phases.
	Name string
}

// Kind returns KindPhase.
func (*Phase) Kind() Kind { return KindPhase }

// A Progress is how far a task is.
type Progress struct {
	ID      TaskID
	Attempt uint32
	// Fraction is from 0 to 1 if the task says so; it may be any number.
	Fraction float64
}

// Kind returns KindProgress.
func (*Progress) Kind() Kind { return KindProgress }

// An Event is a message from one node's user to another's.
type Event struct {
	// Seq counts the sender's events to this receiver, from 1.
	Seq uint64
	// Name is the event's, Data its encoded value, which may be empty.
	Name string
	Data []byte
	// TaskID is that of the task that sent it, or zero.
	TaskID TaskID
	// Bus tells that it is one of the event bus, for all nodes alike.
	Bus bool
}

// Kind returns KindEvent.
func (*Event) Kind() Kind { return KindEvent }

// A NeedBlob asks the master for a large value that a task refers to.
type NeedBlob struct {
	Hash [32]byte
}

// Kind returns KindNeedBlob.
func (*NeedBlob) Kind() Kind { return KindNeedBlob }

// A Blob is a large value that was asked for.
type Blob struct {
	Hash [32]byte
	// Data is the encoded value; empty if the master does not have it any more.
	Data []byte
}

// Kind returns KindBlob.
func (*Blob) Kind() Kind { return KindBlob }
