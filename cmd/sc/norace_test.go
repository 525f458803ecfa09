//go:build !race

package main

// raceDetector says that the race detector is built in, whose memory counts as a task's.
const raceDetector = false
