// Package tracker finds nodes across subnets: a list kept over HTTP, which nodes announce themselves to and read.
//
// A [Server] answers, on port 44201 by default:
//
//	GET  /hostsAvailable   {"masters": [{"addr", "port", "data", …}], "workers": […]}
//	POST /hostsAvailable   the same, after taking in the announcements of the body
//	POST /announce         what changed since a cursor, after taking in the body; waits for a change if asked to
//	POST /relay            a place in a session that package relay carries packets for
//	GET, POST /revoked     in a keyed cluster, the signed list of revoked tokens
//
// The body of a POST is one node, {"role": "worker", "port": 5000, "data": {…}}, or several in the form that GET
// answers. A node is listed at the address that the request came from, or one that it advertises, with that one as "seen". If it says an id, it must have signed what it
// says; nodes without one, as those announced with curl, are told apart by address and port. A node that was not
// announced for three intervals is taken off the list, and so is one that says goodbye. An interval is 3 s, longer
// with more than 6000 nodes; every answer to /announce says how long.
//
// A [Client] is the discovery.Source that uses a tracker, or several: it announces to all, and takes the union of what
// they list. A tracker that is down, slow or no tracker at all costs nothing but itself.
//
// # Nodes that cannot reach each other
//
// Two nodes each behind a NAT of its own find each other here, and neither can dial the other. One of them, whose dial
// had no answer, posts {"id", "peer", "pub", "sig"} to /relay, signed by its identity. The tracker makes a session of
// the two in its [relay.Server], answers with {"session", "token", "port"}, and calls the peer: the answer to its
// /announce, which ends its wait, has {"calls": [{"id", "peer", "session"}]}. The peer posts the same with the name of the
// session and gets a token of its own. Both open a socket to that UDP port of the tracker's host, and the one who
// asked dials through it with QUIC as it would have dialled the other; who answers is proven end to end as always.
// The UDP port is the one after the HTTP port, 44202 by default, or one that the system picks if that is taken.
//
// A session is made only if the peer is listed, or if the one who names the session is, as after the tracker was started
// again: both nodes then ask for the same session, and the connection over it goes on if that takes less than the 6 s
// after which a link is lost. Otherwise they begin anew. See package relay for what bounds sessions, bytes and rates, how addresses are
// proven, and when sessions end. Whoever can read the path between a node and its tracker can take its place in a session, and
// drop its packets; he can read and forge nothing.
//
// # Trust
//
// In a keyed cluster the same is said inside TLS, and to members alone: see [ServerConfig.Trust].
//
// A tracker is not trusted: it can hide nodes or list false ones, which wastes a dial; who a node is shows when it is
// dialled. It holds everything in memory, and nothing that must survive: after a restart the nodes announce themselves
// within an interval. Figures that change all the time, such as load, do not belong in data.
package tracker
