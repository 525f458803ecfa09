// Package link connects two nodes by one QUIC connection, on which they send each other the messages of package wire.
//
// A [Socket] is one UDP socket on which a process listens and from which it dials, for all of its nodes: the TLS server name says
// which of them is wanted. A [Link] is one connection between two nodes, authenticated on both sides; [Pipe] makes two
// that are joined in memory. Its owner calls [Link.Run] once, which hands over what arrives and returns when the link
// has ended, with the reason.
//
// # The path of a message
//
// [Link.Send] encodes a message of at most wire.MaxSmall bytes behind those that wait to be written. Whoever finds nobody writing,
// writes: a lone caller waits for nobody, and while one writes, the others' messages gather for the next write. All small messages
// share one stream and arrive in the order in which they were sent. A longer one has a stream of its own, so that it holds up
// nobody: messages sent after it may arrive before it, but those sent before it arrive before it. The receiver's Run
// calls handle for one message at a time.
//
// # Back-pressure
//
// While handle works, nothing is read; QUIC's flow control then stops the sender, whose Send blocks once [Config.Pending] bytes
// wait. So a handle that calls Send on its own link must bound it with a context: two nodes whose handles wait for each
// other to read would wait for ever. What a peer can make this side hold is bounded too: the windows of QUIC, and
// [Config.Bulk] bytes of unfinished long messages.
//
// # The end of a link
//
// [Link.Close] sends what was queued, then a wire.Bye with a code and a reason, which the other side's Run returns as a
// [*CloseError]. A peer of which nothing was heard for [Config.Idle] is lost ([ErrIdle]); one that was restarted with the
// same [Config.ResetKey] and port tells so at the next heartbeat ([ErrRestarted]). An interface that is down, a full
// buffer, a missing route count as packet loss and end nothing by themselves.
//
// # Trust
//
// Both sides show certificates of package trust. A dialler that wants a certain node refuses any other; who may join is not
// decided here but by the accept function of [Socket.Serve], which sees the peer's proven ID. Nothing is sent before
// the handshake is complete, and there are no session tickets, so a revoked identity cannot resume.
package link
