package executor

// Stats is how a Pool is doing, for metrics.
type Stats struct {
	// Alive counts the children that are ready or at work, Busy those that a task has.
	Alive, Busy int
	// Started counts the children that were ready since the Pool began, Ended those of them that are gone: all but the
	// first few took the place of one that was lost.
	Started, Ended uint64
}

// Stats counts.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Stats{Alive: len(p.alive), Busy: p.busy, Started: p.started, Ended: p.started - uint64(len(p.alive))}
}
