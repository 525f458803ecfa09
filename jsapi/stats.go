package jsapi

import (
	"context"
	"slices"

	"supercluster/discovery/tracker"
	"supercluster/net/cluster"
	"supercluster/net/link"
	"supercluster/vm/executor"
)

// Stats is what the nodes of a session counted, for metrics.
type Stats struct {
	Networks []NetworkStats
	Pools    []executor.Stats // of the workers, each of which may have one
	Trackers []tracker.Stats  // of those that listen
}

// NetworkStats is what one network of a session counted.
type NetworkStats struct {
	Mesh cluster.MeshStats
	Link link.Stats
}

// Stats counts. A network that ends meanwhile is left out.
func (s *Session) Stats(ctx context.Context) Stats {
	s.mu.Lock()
	var networks []*network
	for _, n := range s.networks {
		networks = append(networks, n)
	}
	pools := slices.Clone(s.pools)
	var trackers []*tracker.Server
	for t := range s.trackers {
		trackers = append(trackers, t.server)
	}
	s.mu.Unlock()
	var st Stats
	for _, n := range networks {
		if mesh, err := n.mesh.Stats(ctx); err == nil {
			st.Networks = append(st.Networks, NetworkStats{mesh, n.socket.Stats()})
		}
	}
	for _, p := range pools {
		st.Pools = append(st.Pools, p.Stats())
	}
	for _, t := range trackers {
		st.Trackers = append(st.Trackers, t.Stats())
	}
	return st
}
