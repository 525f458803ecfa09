// Package beacon finds the nodes of a subnet by UDP broadcast.
//
// Every interval a beacon sends one packet for each node of its process out of each IPv4 interface that is up, from
// the interface's own address to its directed broadcast address; loopback included, so that processes of one host find
// each other with no network at all. It listens on port 44201, which all processes of a host share.
//
// A packet is sealed for the cluster and signed by the node; it is at most 1200 bytes. What a packet says of addresses
// is not believed, only where it came from: a node is reported at the packet's source address with the announced port,
// and only if that source lies on a network that this host has an interface on. Nobody answers by UDP, so the port
// reflects nothing.
//
// The interval is one second, longer where many nodes are heard (a hundredth of a second for each, at most 30 s), so
// that the packets which a host receives stay near 100 a second. Nodes of one host, which share its processors, count for more.
// Who is new is heard at once all the same: it announces itself three times within 300 ms.
package beacon
