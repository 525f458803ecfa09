// Package tracker finds nodes across subnets: a list kept over HTTP, which nodes announce themselves to and read.
//
// A [Server] answers, on port 44201 by default:
//
//	GET  /hostsAvailable   {"masters": [{"addr", "port", "data", …}], "workers": […]}
//	POST /hostsAvailable   the same, after taking in the announcements of the body
//	POST /announce         what changed since a cursor, after taking in the body; waits for a change if asked to
//
// The body of a POST is one node, {"role": "worker", "port": 5000, "data": {…}}, or several in the form that GET
// answers. A node is listed at the address that the request came from. If it says an id, it must have signed what it
// says; nodes without one, as those announced with curl, are told apart by address and port. A node that was not
// announced for three intervals is taken off the list, and so is one that says goodbye. An interval is 3 s, longer
// with more than 6000 nodes; every answer to /announce says how long.
//
// A [Client] is the discovery.Source that uses a tracker, or several: it announces to all, and takes the union of what
// they list. A tracker that is down, slow or no tracker at all costs nothing but itself.
//
// A tracker is not trusted: it can hide nodes or list false ones, which wastes a dial; who a node is shows when it is
// dialled. It holds everything in memory, and nothing that must survive: after a restart the nodes announce themselves
// within an interval. Figures that change all the time, such as load, do not belong in data.
package tracker
