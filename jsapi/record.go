package jsapi

import (
	"time"

	"supercluster/net/cluster"
	"supercluster/vm"
	"supercluster/vm/value"
)

// TaskRecord is a task of a script that has ended, for a record of the run.
type TaskRecord struct {
	ID, Name string
	Worker   string // id of that of the last attempt; empty if there was none
	Addr     string // of that worker; empty if it is in this process
	Calls    int    // of the function: of a map one an item, else 1
	Failed   int    // of these
	Attempts int
	// Asked is when the script asked for it, Began when its last attempt got a
	// slot (zero if none did), Ended when the master had its outcome.
	Asked, Began, Ended time.Time
	// Code and Error are those of the first failure, "TypeError: no"; both are
	// empty if there was none.
	Code, Error string
}

// record tells of a task that has ended, and counts the calls that failed.
func (t *scriptTask) record(o cluster.Outcome, now time.Time) (failed int) {
	failure := o.Err
	switch {
	case failure != nil:
		failed = t.calls
	case t.each:
		failed, failure = vm.EachFailures(o.Value)
	}
	tell := t.script.session.settings.TaskEnded
	if tell == nil {
		return failed
	}
	r := TaskRecord{
		ID: t.id, Name: t.name, Worker: o.Peer.ID, Calls: t.calls, Failed: failed, Attempts: o.Attempts,
		Asked: t.asked, Began: t.beganAt(), Ended: now,
	}
	if soonest := now.Add(-o.Run); o.Run > 0 && (r.Began.IsZero() || r.Began.After(soonest)) {
		r.Began = soonest // the word that it began came late, or with its end
	}
	if o.Peer.Addr.IsValid() {
		r.Addr = o.Peer.Addr.String()
	}
	if e, ok := value.DecodeError(failure); failure != nil && ok {
		r.Code, r.Error = e.Code, e.Name+": "+e.Message
	}
	tell(r)
	return failed
}

// beganAt is when the last attempt got a slot.
func (t *scriptTask) beganAt() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.began
}
