// Package trust says who a node is, and keeps announcements from those whom they do not concern.
//
// An [Identity] is an ed25519 key with a certificate that it signed itself. Its [ID] is a hash of the public key, so a node
// cannot claim an ID without the key to it: both sides of a TLS connection show their certificate, the handshake
// proves that they hold the key, and [PeerID] reads the ID. That certificate has no issuer, never expires, and a
// wrong clock locks nobody out.
//
// A [Credential] makes members of nodes: beside the identity they show a certificate for the same public key, signed by an
// authority that follows from the cluster's key. A [Ring] holds a process's credentials and judges what others
// show: who proves no membership is a guest, and in a keyed cluster is refused. A token is a credential as text: the whole key, or
// a part that is good for one role, or for one node of it. [Revocations] take single tokens back.
//
// A [Sealer] encrypts the datagrams by which nodes find one another, under a key that all nodes of a cluster derive
// from the cluster's key, or, if it has none, from its public name. The latter hides nothing; it keeps clusters of
// different names apart and gives both modes one format and one parser. What a sealed datagram says is a hint:
// only the connection that follows it shows who is there.
//
// A [Secret] is a key: an account's own, from which its processes derive what they alone must know, or a cluster's.
//
// All of this is safe for concurrent use. Bytes from other nodes lead to errors, never to a panic, and nothing here opens a
// socket, starts a goroutine, or touches a file but those of LoadSecret, ReadKeyFile and a [Store].
package trust
