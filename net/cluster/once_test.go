package cluster

import "testing"

// TestPermissionsRunOnce checks that a task which may have had permissions does not run again, unless its master said
// that it may.
func TestPermissionsRunOnce(t *testing.T) {
	b := newSchedulerBench(t)
	giving := func(id string) func() {
		return func() {
			x := b.session(id, RoleWorker, 3, true)
			x.peer.Member, x.peer.Allows = true, []string{"write"}
			b.s.up(x, b.now)
		}
	}
	b.play([]step{
		{giving("v"), "up v"},
		{b.submit("a", Spec{}), "v<task a.1"},
		{b.submit("b", Spec{Idempotent: true}), "v<task b.1"},
		{b.submit("c", Spec{Retries: 1}), "v<task c.1"},
		{b.lost("v"), "a done: ERR_UNKNOWN_OUTCOME; down v"},
		{giving("w"), "up w; w<task b.2; w<task c.2"},
	})
}
