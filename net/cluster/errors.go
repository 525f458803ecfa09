package cluster

import (
	"errors"
	"fmt"
)

// Codes of the errors that this package gives to tasks and callers. Their meaning never changes.
const (
	CodeNoWorker     = "ERR_NO_WORKER"     // the worker that was named is not there
	CodeWorkerLost   = "ERR_WORKER_LOST"   // its worker was lost, and it may not run elsewhere (again)
	CodeTaskTimeout  = "ERR_TASK_TIMEOUT"  // it ran longer than its timeout
	CodeQueueTimeout = "ERR_QUEUE_TIMEOUT" // no worker started it within its queueTimeout
	CodeCancelled    = "ERR_CANCELLED"     // its sender cancelled it
	CodeBackPressure = "ERR_BACKPRESSURE"  // too much waits already
	CodeLeft         = "ERR_LEFT"          // the node left the cluster
	CodeTooLarge     = "ERR_TOO_LARGE"     // it does not fit into a message
	CodeNoMaster     = "ERR_NO_MASTER"     // the master that a message is for is not there
	CodeMasterLost   = "ERR_MASTER_LOST"   // it was lost before the message was under way
	CodeNoNode       = "ERR_NO_NODE"       // the node that a message is for is not there
	CodeNodeLost     = "ERR_NODE_LOST"     // it was lost before the message was under way
	CodeResources    = "ERR_RESOURCES"     // the worker that was named does not have what the task needs
	CodeBlobLost     = "ERR_BLOB_LOST"     // its master does not have a value any more that the task refers to
	CodeBadName      = "ERR_INVALID_ARG_VALUE"
	CodeNoTask       = "ERR_NO_TASK"      // the node that was asked knows no such task
	CodeUnsupported  = "ERR_UNSUPPORTED"  // the node that was asked does not understand the question
	CodeKeyRequired  = "ERR_KEY_REQUIRED" // only who holds the cluster's key may do that
	CodeNotStarted   = "ERR_NOT_STARTED"  // it was given to a worker that went before it began, and may not run elsewhere
	// CodeUnknownOutcome: a task that may run only once was given to a worker that was lost.
	CodeUnknownOutcome = "ERR_UNKNOWN_OUTCOME"
)

// Codes with which a worker refuses a task; none of them reaches a user.
const (
	codeUnavailable = "ERR_UNAVAILABLE"      // it takes no tasks
	codeRevoked     = "ERR_REVOKED"          // it was called back in time
	codeTaskRefused = "ERR_TASK_QUARANTINED" // an executor's, in a result: the function is quarantined there
	codeCode        = "ERR_BAD_CODE"         // the code is not that of its hash
)

// Error is an error of this package with its code.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Message }

// tooLarge says that what takes n bytes and does not fit into a message.
func tooLarge(what string, n int) *Error {
	return &Error{CodeTooLarge, fmt.Sprintf("%s takes %d bytes, limit %d", what, n, maxMessage)}
}

// ErrClosed is returned by a Mesh that has ended.
var ErrClosed = errors.New("mesh has ended")
