package executor

import "crypto/sha256"

// A child keeps the code of codeSlots functions, each at most maxKept bytes long. The parent decides which: it names
// the slot with each task, so both sides always agree and nothing need be asked for again.
const (
	codeSlots = 64
	maxKept   = 256 << 10
	noSlot    = -1
)

// codes is the parent's record of what a child keeps: the least recently used slot is the next to be overwritten.
// Code is known by its own digest and not by Task.Hash, which is what another node says it is.
type codes struct {
	slots map[[sha256.Size]byte]int
	sums  [codeSlots][sha256.Size]byte
	used  [codeSlots]uint64 // clock of the last use; 0 for a free slot
	clock uint64
}

// place says into which slot of the child code goes, and whether it is there already.
func (c *codes) place(code []byte) (slot int, reuse bool) {
	if len(code) > maxKept {
		return noSlot, false
	}
	if c.slots == nil {
		c.slots = make(map[[sha256.Size]byte]int)
	}
	c.clock++
	sum := sha256.Sum256(code)
	slot, reuse = c.slots[sum]
	if !reuse {
		slot = c.oldest()
		if c.used[slot] > 0 {
			delete(c.slots, c.sums[slot])
		}
		c.slots[sum], c.sums[slot] = slot, sum
	}
	c.used[slot] = c.clock
	return slot, reuse
}

func (c *codes) oldest() int {
	slot := 0
	for i, clock := range c.used {
		if clock < c.used[slot] {
			slot = i
		}
	}
	return slot
}
