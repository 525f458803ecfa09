package cluster

import (
	"slices"
	"time"
)

// orphan ends the jobs of a master that will not be heard of again.
func (in *intake) orphan(o *owner, why string) {
	for _, j := range o.sorted() {
		switch j.state {
		case jobWants, jobQueued:
			in.remove(j)
		case jobRuns:
			in.end(j, CodeCancelled, why)
		}
	}
	o.grace, o.orphaned = time.Time{}, true
}

// forget drops the results that a lost master has not acknowledged.
func (in *intake) forget(o *owner) {
	for _, j := range slices.Clone(o.over) {
		in.remove(j)
	}
	in.drop(o)
}

// slept takes note that this process, or its whole machine, was stopped for so long: in that time no lost master could
// have come back, so each gets the time again.
func (in *intake) slept(d time.Duration) {
	for _, o := range in.owners {
		if o.s.linked() {
			continue
		}
		o.s.lostAt = o.s.lostAt.Add(d)
		if !o.grace.IsZero() {
			o.grace = o.grace.Add(d)
		}
	}
}

// tick ends the jobs of masters that were lost too long ago, and later forgets their results.
func (in *intake) tick(now time.Time) {
	for _, o := range in.inOrder() {
		x := o.s
		if x.linked() {
			continue
		}
		if !o.grace.IsZero() && !now.Before(o.grace) {
			in.orphan(o, "its master was lost and did not come back")
		}
		if now.Sub(x.lostAt) > keepResults {
			in.forget(o)
		}
		in.drop(o)
	}
	in.tellStatus()
}
