// Package relay carries UDP packets between two nodes neither of which can be dialled.
//
// A [Server] has one UDP socket. [Server.Join] makes a session of two named nodes and gives each its own [Token]. Each
// opens a [Conn], a socket of its own that it binds to the session, and from then on whatever one sends to the server
// the other one gets, byte for byte. There is no header, so packets lose no room, and there are no queues: a packet is
// sent on or dropped. What is carried is QUIC, encrypted from end to end; the server reads none of it.
//
// # Binding
//
// A packet that begins with magic, which no packet of QUIC version 1 does (RFC 9000 section 17: its second bit is set), is
// a request of 40 bytes: a kind, the token, a cookie. The answer has the same form and length.
//
//	Conn     bind, token, no cookie
//	Server   challenge, token, the cookie of the address that the request came from
//	Conn     bind, token, cookie
//	Server   bound, token, the next cookie
//
// So an address is bound only after it was seen to receive, and no forged source can make the server send to a third
// party. It sends a packet for a packet and never a longer one: nothing is amplified. A Conn binds again every 2 s, which keeps
// NATs open, follows a change of its address, and tells a server that has no such session, as after a restart: the Conn
// then asks its owner for another token, and what runs over it goes on.
//
// # Limits
//
// Sessions are bounded, in all and for one address, and so is what each and all of them carry in a second; see
// [Limits]. A session ends when one side has not bound itself for 30 s.
package relay
