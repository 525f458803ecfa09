package cluster

import "container/list"

// maxCodeBytes is how much code a worker keeps.
const maxCodeBytes = 64 << 20

// codeCache keeps code by its hash; what was used least recently goes first.
type codeCache struct {
	max, bytes int
	byHash     map[[32]byte]*list.Element
	recent     *list.List // of codeEntry, the most recent in front
}

type codeEntry struct {
	hash [32]byte
	code []byte
}

func newCodeCache(limit int) codeCache {
	return codeCache{max: limit, byHash: make(map[[32]byte]*list.Element), recent: list.New()}
}

func (c *codeCache) get(hash [32]byte) ([]byte, bool) {
	e := c.byHash[hash]
	if e == nil {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(codeEntry).code, true
}

// put keeps code, of which the caller has checked that hash is its hash. The newest is kept whatever its size.
func (c *codeCache) put(hash [32]byte, code []byte) {
	if _, ok := c.get(hash); ok {
		return
	}
	c.byHash[hash] = c.recent.PushFront(codeEntry{hash, code})
	c.bytes += len(code)
	for c.bytes > c.max && c.recent.Len() > 1 {
		old := c.recent.Remove(c.recent.Back()).(codeEntry)
		delete(c.byHash, old.hash)
		c.bytes -= len(old.code)
	}
}
