package tracker

// Stats is what a Server counted, for metrics.
type Stats struct {
	// Listed counts the nodes that are listed now, by role.
	Listed map[string]int
	// Requests counts the requests that came in, Refused those of them that were turned away for who asked or how often.
	Requests, Refused uint64
	// Relays counts the pairs of nodes that packets are relayed between, RelayedBytes what was relayed for all there were.
	Relays       int
	RelayedBytes uint64
}

// Stats counts.
func (s *Server) Stats() Stats {
	st := Stats{Listed: make(map[string]int), Requests: s.requests.Load(), Refused: s.refused.Load()}
	st.Relays, st.RelayedBytes = s.relays.Stats()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.store.entries {
		st.Listed[e.Role]++
	}
	return st
}
