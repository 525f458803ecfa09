package jsapi

import (
	"context"

	"supercluster/discovery"
	"supercluster/net/cluster"
	"supercluster/net/trust"
)

// An Observer sees who is in a cluster: a master that nobody is told of, and
// that is linked to nodes of all roles.
type Observer struct {
	master *cluster.Master
	mesh   *cluster.Mesh
	net    *network
}

// OpenObserver joins an observer, which is in the cluster until the session
// ends.
func (s *Session) OpenObserver(ctx context.Context) (*Observer, error) {
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, err
	}
	c := s.conf()
	c.silent = true
	n, err := s.network(c, id)
	if err != nil {
		return nil, err
	}
	if err := n.held.checkRole(roleMaster); err != nil {
		return nil, err
	}
	m := cluster.NewMaster(cluster.MasterConfig{Identity: id, Logger: s.settings.Logger})
	if err := n.mesh.Join(ctx, m); err != nil {
		return nil, err
	}
	return &Observer{m, n.mesh, n}, n.mesh.Reach(ctx, m)
}

// TrackerErr says why no tracker answers, one a line; nil if one does, or none
// is asked.
func (o *Observer) TrackerErr() error {
	if o.net.trackers == nil {
		return nil
	}
	return o.net.trackers.Err()
}

// Linked returns the nodes that the observer is linked to, by id.
func (o *Observer) Linked() []cluster.Peer { return o.master.Peers() }

// Unlinked returns the nodes that were found and could not be linked yet, by
// id.
func (o *Observer) Unlinked(ctx context.Context) ([]discovery.Node, error) {
	found, err := o.mesh.Found(ctx)
	if err != nil {
		return nil, err
	}
	linked := map[string]bool{o.master.ID(): true}
	for _, p := range o.master.Peers() {
		linked[p.ID] = true
	}
	var rest []discovery.Node
	for _, n := range found {
		if !linked[n.ID] {
			rest = append(rest, n)
		}
	}
	return rest, nil
}

// Find returns the tasks whose id begins so, of all nodes that are linked; see
// cluster.Master.Find.
func (o *Observer) Find(ctx context.Context, prefix string) ([]cluster.TaskRow, error) {
	return o.master.Find(ctx, prefix)
}

// Console asks the node with that id, which must be linked, for its tasks, and
// tells it to cancel or to drain.
func (o *Observer) Console(node string) *cluster.Console { return o.master.Console(node) }
