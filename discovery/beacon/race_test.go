//go:build race

package beacon

// crowd is how many nodes TestStorm has: checking signatures is slow with the race detector.
const crowd = 20
