package vm

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A runtime that was made ahead is like one that was not: fresh, used once, and its time begins with its task.
func TestPrepare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := NewEngine(EngineConfig{})
		task := taskOf(t, `() => [globalThis.left, globalThis.left = 1, performance.now(), performance.timeOrigin - Date.now()]`, "")
		for i := range 3 {
			e.Prepare()
			first := e.spare.Load()
			time.Sleep(time.Hour)
			e.Prepare()
			if e.spare.Load() != first {
				t.Fatal("a second spare was made")
			}
			if got, want := run(t, e, task, nil), "[undefined,1,0,0]"; got != want {
				t.Errorf("task %d: %s, want %s", i, got, want)
			}
			if e.spare.Load() != nil {
				t.Fatal("the spare is still there")
			}
		}
		if got, want := run(t, e, task, nil), "[undefined,1,0,0]"; got != want {
			t.Errorf("without a spare: %s, want %s", got, want)
		}
	})
}

// Tasks at once share no spare.
func TestPrepareAtOnce(t *testing.T) {
	e := NewEngine(EngineConfig{})
	got := make(chan string)
	for i := range 8 {
		go func() {
			e.Prepare()
			got <- run(t, e, taskOf(t, fmt.Sprintf(`() => { const had = globalThis.x; globalThis.x = %d; return had }`, i), ""), nil)
		}()
	}
	for range 8 {
		if s := <-got; s != "undefined" {
			t.Errorf("a task saw %s of another", s)
		}
	}
}

// The clock of a guest's task tells whole milliseconds, also in a runtime that was made ahead; that of others is finer.
func TestGuestClock(t *testing.T) {
	e := NewEngine(EngineConfig{})
	task := taskOf(t, `() => { let fine = false; const end = Date.now() + 20; while (Date.now() < end) fine ||= performance.now() % 1 !== 0; return fine; }`, "")
	for _, ahead := range []bool{false, true} {
		for grants, want := range map[Grants]string{0: "true", KeyRequired: "false"} {
			if ahead {
				e.Prepare()
			}
			task.Grants = grants
			if got := run(t, e, task, nil); got != want {
				t.Errorf("made ahead %v, grants %v: finer than 1 ms: %s, want %s", ahead, grants, got, want)
			}
		}
	}
}
