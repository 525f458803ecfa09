// Package rawecho echoes frames over one QUIC stream, as the least that a call between two processes can cost.
//
// It is what 'sc bench --all' measures calls against: Serve in one process, a Client in another, and between them the
// same QUIC implementation as of net/link, but no tasks, no scheduling, no values and no JavaScript. A frame is its
// length (4 bytes, big-endian), a number (8 bytes) and a payload; the server sends each back as it came, many with one
// write when many have come. Clients and their calls may be used by any number of goroutines.
//
// It proves nobody's identity, so it is for measurements on one machine only: Serve listens on the loopback interface.
package rawecho
