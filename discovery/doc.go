// Package discovery says which nodes of a cluster are there to be dialled.
//
// A [Source] is one way of hearing of nodes: discovery/beacon hears them on the subnet, discovery/tracker asks a list
// kept over HTTP. Each calls found for every [Announcement] it hears, often many times for one node: once an
// interface, once a tracker, once a second. A [Table] turns that stream into one [Event] a change: it knows a node by
// its id and boot, lets the higher sequence number win, keeps the addresses in order of preference, and forgets a node
// that was not announced for its TTL.
//
// An announcement is a hint, never a fact. Whoever hears one may dial the address; whether the node lives and is who
// it says follows from the authenticated connection alone. For the same reason a goodbye is a reason to look, not to
// drop: the table reports it and leaves the node where it is.
//
// The package does no I/O, starts no goroutine and reads no clock.
package discovery
