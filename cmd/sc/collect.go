package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A script's process may hold smallHeap bytes of what nobody refers to any more
// before they are collected, however little is in use: Go's own rule, as much
// as is in use, has a small script collect all the time. Node's young generation
// takes as much. maxPercent bounds what a heap of nearly nothing makes of that.
const (
	smallHeap  = 32 << 20
	maxPercent = 400
)

// collectSeldom has the collector keep to that from now on. Whoever sets GOGC or
// GOMEMLIMIT is obeyed instead.
func collectSeldom(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	t := &collectTuner{percent: maxPercent, live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}
	debug.SetGCPercent(t.percent)
	t.await()
}

// A collectTuner sets the percentage anew after each collection.
type collectTuner struct {
	percent int
	live    []metrics.Sample
}

// await has adjust run after the next collection, which finds the object that
// nobody refers to.
func (t *collectTuner) await() {
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(t *collectTuner) { t.adjust(); t.await() }, t)
}

func (t *collectTuner) adjust() {
	metrics.Read(t.live)
	percent := growth(t.live[0].Value.Uint64())
	if diff := percent - t.percent; diff*10 > t.percent || -diff*10 > t.percent { // each change stops the world for a moment
		t.percent = percent
		debug.SetGCPercent(percent)
	}
}

// growth is by how many percent a heap of which that many bytes are in use may
// grow.
func growth(live uint64) int {
	return int(min(maxPercent, max(100, smallHeap*100/max(live, 1))))
}
