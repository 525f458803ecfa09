package cluster

import (
	"testing"
	"time"
)

// TestLossesAndRefusals: what becomes of tasks that may run once, of those whose function is quarantined, and of those
// that wait behind others of a larger priority.
func TestLossesAndRefusals(t *testing.T) {
	once := func(s Spec) Spec { s.Once = true; return s }
	for _, tt := range []struct {
		name  string
		steps func(b *schedulerBench) []step
	}{
		{"a loss takes a retry of a task that may run once", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"},
				{b.submit("a", once(Spec{Retries: 1})), "v<task a.1"},
				{b.lost("v"), "down v"},
				{b.up("w", 1), "up w; w<task a.2"},
				{b.lost("w"), "a done: ERR_UNKNOWN_OUTCOME; down w"},
			}
		}},
		{"a task that may run once and is for a lost worker has an unknown outcome, if it was sent", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", once(Spec{Worker: "w"})), "w<task a.1"},
				{b.submit("b", once(Spec{Worker: "w"})), ""},
				{b.submit("c", Spec{Worker: "w"}), ""},
				{b.lost("w"), "a done: ERR_UNKNOWN_OUTCOME; down w; b done: ERR_NOT_STARTED; c done: ERR_WORKER_LOST"},
			}
		}},
		{"a task that a worker hands back was not started there", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 2), "up w"},
				{b.submit("a", once(Spec{Worker: "w"})), "w<task a.1"},
				{b.submit("b", once(Spec{})), "w<task b.1"},
				{b.refused("w", "a", 1, codeUnavailable), "a done: ERR_NOT_STARTED"},
				{b.refused("w", "b", 1, codeUnavailable), "down w"},
				{b.up("v", 1), "up v; v<task b.2"},
			}
		}},
		{"a function that one worker refuses runs on another, and is given up if that refuses it, too", func(b *schedulerBench) []step {
			return []step{
				{b.up("v", 1), "up v"}, {b.up("w", 1), "up w"},
				{b.submit("a", Spec{Retries: 5}), "v<task a.1"},
				{b.failed("v", "a", 1, codeTaskRefused), "v<ack a.1; judge a at v; judge a at w"},
				{b.judged("a", "v", false), ""},
				{b.judged("a", "w", true), "w<task a.2"},
				{b.failed("w", "a", 2, "ERR_X"), "w<ack a.2; w<task a.3"},
				{b.result("w", "a", 3, "v"), "w<ack a.3; a done: v"},
			}
		}},
		{"who has waited long is before a larger priority", func(b *schedulerBench) []step {
			return []step{
				{b.up("w", 1), "up w"},
				{b.submit("a", Spec{}), "w<task a.1"},
				{b.submit("old", Spec{}), ""},
				{b.pass(ageing + time.Second), ""},
				{b.submit("new", Spec{Priority: 1}), ""},
				{b.submit("urgent", Spec{Priority: 2}), ""},
				{b.result("w", "a", 1, "v"), "w<ack a.1; w<task urgent.1; a done: v"},
				{b.result("w", "urgent", 1, "v"), "w<ack urgent.1; w<task old.1; urgent done: v"},
				{b.result("w", "old", 1, "v"), "w<ack old.1; w<task new.1; old done: v"},
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newSchedulerBench(t)
			b.play(tt.steps(b))
		})
	}
}
