package cluster

import (
	"context"

	"supercluster/discovery"
)

// Peers returns all nodes that are linked now, of whatever role and whether they take work or not, ordered by id; see
// Mesh.Reach.
func (m *Master) Peers() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.peers.peers("")
}

// Found returns the nodes of the cluster that the sources know of, linked or not, ordered by id. Those that were found
// without an id are not among them: what they are shows when they are linked.
func (m *Mesh) Found(ctx context.Context) ([]discovery.Node, error) {
	result := make(chan []discovery.Node, 1)
	err := m.do(ctx, func(_ context.Context, l *loop) {
		var list []discovery.Node
		for _, n := range l.table.Nodes() {
			if _, stranger := strangerRole(n.ID); !stranger && n.Cluster == m.cfg.Cluster && !n.Bye {
				list = append(list, n)
			}
		}
		result <- list
	})
	if err != nil {
		return nil, err
	}
	return <-result, nil
}
