//go:build race

package cluster

// raceDetector says that the test runs many times slower than it would.
const raceDetector = true
