//go:build !race

package beacon

// crowd is how many nodes TestStorm has.
const crowd = 200
