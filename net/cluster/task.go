package cluster

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"supercluster/net/wire"
	"supercluster/vm/value"
)

// Bounds of what a task survives.
const (
	maxLosses = 3  // workers lost while they ran it
	maxStrays = 16 // workers lost before they started it
	// maxBackoff is the longest wait before a retry.
	maxBackoff = time.Minute
	// backup is how much later than the worker the master ends a task that is late.
	backup = 5 * time.Second
)

// task is a task, seen from its master. Its state is one of the constants of State. While at is not nil an attempt
// holds credit there, even if the task is Done; there is never more than one.
type task struct {
	id       wire.TaskID
	spec     Spec
	born     time.Time // when it was submitted
	began    time.Time // when the last attempt that started did
	tail     *tail     // of what it printed; nil if it did not
	hash     [32]byte
	seq      uint64
	state    State
	attempt  uint32
	started  bool // some attempt was
	losses   int
	strays   int
	failures int

	at        *remote
	place     int // in at.attempts
	since     time.Time
	revoking  bool
	avoids    string           // the worker that refuses its function
	phase     string           // what its attempt does, if it said so
	mayRun    map[*remote]bool // what spec.Eligible said
	asked     *Outcome         // of the attempt that RetryIf is asked about; nil if none
	cancelled string           // the reason to be sent as soon as the worker has the attempt; empty if none

	deadline time.Time
	due      int // its place in deadlines, counted from 1
}

func (t *task) size() int { return len(t.spec.Code) + len(t.spec.Args) + len(t.spec.Name) }

// title names the task in messages for people.
func (t *task) title() string {
	if t.spec.Name != "" {
		return fmt.Sprintf("task %s (%s)", t.id.String()[:8], t.spec.Name)
	}
	return "task " + t.id.String()[:8]
}

// picky reports whether the task's user says which workers may run it.
func (t *task) picky() bool {
	return t.spec.Worker == "" && (t.spec.Eligible != nil || len(t.spec.Resources) > 0 || t.guarded())
}

// needs is what the next attempt holds of its worker.
func (t *task) needs() Resources {
	if n := len(t.spec.Resources); n > 0 {
		return t.spec.Resources[min(t.failures, n-1)]
	}
	return nil
}

// once reports whether a second attempt might do harm after the loss of p, which may have run the task.
func (t *task) once(p *Peer) bool {
	if t.spec.Once {
		return true
	}
	return p.Member && len(p.Allows) > 0 && !t.spec.Idempotent && t.spec.Retries == 0
}

// bound reports whether only certain workers may run the task.
func (t *task) bound() bool { return t.spec.Worker != "" || t.picky() }

// backoff is the wait before the retry that follows the next failure.
func (t *task) backoff() time.Duration {
	wait := min(t.spec.Backoff, maxBackoff)
	if !t.spec.Steady {
		for range min(t.failures, 40) {
			wait = min(2*wait, maxBackoff)
		}
	}
	if jitter := min(t.spec.Jitter, 1); jitter > 0 {
		wait = time.Duration(float64(wait) * (1 - jitter*rand.Float64()))
	}
	return wait
}

// message is what a worker is sent.
func (t *task) message(withCode bool) *wire.Task {
	m := &wire.Task{
		ID: t.id, Attempt: t.attempt, Name: t.spec.Name, Hash: t.hash, Args: t.spec.Args, Each: t.spec.Each,
		TimeoutMillis: millis(t.spec.Timeout), Priority: t.spec.Priority, CodeKind: t.spec.CodeKind,
		Engine: t.spec.Engine,
	}
	if withCode {
		m.Code = t.spec.Code
	}
	m.Needs = t.needs().wireNeeds()
	for _, b := range t.spec.Blobs {
		m.Blobs = append(m.Blobs, b.Hash)
	}
	return m
}

// during says in which phase the task is, for the end of a message.
func (t *task) during() string {
	if t.phase == "" || t.state != Running {
		return ""
	}
	return ", in its phase \"" + t.phase + "\""
}

// millis rounds up: no bound must not become of a short one.
func millis(d time.Duration) int64 {
	return int64((max(0, d) + time.Millisecond - 1) / time.Millisecond)
}

// failure encodes an error of ours as the error that a task ends with.
func failure(code, format string, args ...any) []byte {
	return value.Error{Code: code, Message: fmt.Sprintf(format, args...)}.Encode()
}

// codeOf is the code of an encoded error, or "".
func codeOf(err []byte) string {
	e, _ := value.DecodeError(err)
	return e.Code
}

// labelOf is the code of an error, or its name if it has none.
func labelOf(err []byte) string {
	e, _ := value.DecodeError(err)
	return cmp.Or(e.Code, e.Name, "Error")
}

// Reasons of a wire.Cancel that workers know; a user's reason is any other text.
const (
	reasonRevoked   = "\x00revoked"   // only if it has not started: it is wanted elsewhere
	reasonAbandoned = "\x00abandoned" // its master has given up this attempt
)

// userReason makes sure that a user's reason is not taken for one of ours.
func userReason(s string) string { return strings.TrimLeft(s, "\x00") }
