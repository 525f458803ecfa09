package cluster

import (
	"context"
	"log/slog"

	"supercluster/discovery"
	"supercluster/net/link"
)

// Node is a Master or a Worker.
type Node interface {
	// ID returns the node's id, as trust.ID writes it.
	ID() string
}

// MeshConfig describes a Mesh.
type MeshConfig struct {
	// Socket carries the links to other processes; nil links the nodes of this process only. The caller runs it.
	Socket *link.Socket
	// Sources find nodes; the mesh runs them.
	Sources []discovery.Source
	// Cluster is the name of the cluster; nodes of another are not linked.
	Cluster string
	// Version is the program's, for the hello.
	Version string
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// Mesh links the masters and workers of this process to the workers and masters that are found, and to one another.
type Mesh struct{}

// NewMesh returns a mesh; it starts nothing.
func NewMesh(cfg MeshConfig) *Mesh { return &Mesh{} }

// Run works until ctx is done: then it says goodbye for the nodes that are joined, and returns after everything that
// it started. It returns nil if it was cancelled.
func (m *Mesh) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Join makes n a part of the cluster: it is announced, found, and linked. It waits until Run has been called.
// A node may be joined again after it has left.
func (m *Mesh) Join(ctx context.Context, n Node) error { return nil }

// Leave ends what Join began: the node says goodbye, its links are closed, tasks that a master still has end with
// ERR_LEFT, those of a worker are cancelled. It returns when that is done.
func (m *Mesh) Leave(ctx context.Context, n Node) error { return nil }
