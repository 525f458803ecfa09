// Package wire says what nodes tell each other, and in which bytes.
//
// A message is a pointer to one of this package's structs. [Append] writes it as a frame: the length of the body (4 bytes,
// big-endian), the message's [Kind] (1 byte), and the body, a msgpack array of the struct's fields in the order in which
// they are declared. [ReadFrame] reads a frame from a stream, [Decode] makes a message of it again.
//
// # Versions
//
// Kinds and fields are only ever added, fields at the end. A decoder skips the fields that it does not know and leaves
// zero those that are missing; it gives [ErrKind] for a kind that it does not know, and its caller drops the
// frame. So two versions understand each other as far as they share. What that rule cannot carry takes a new protocol version:
// both sides tell in [Hello] which ones they speak, and [Negotiate] picks the newest in common. Hello itself, the framing and
// [Bye] never change.
//
// # The path of a task
//
// A master sends Task. The worker answers Received, or Refused; NeedCode if the frame came without code that the worker does not
// have, whereupon the master sends Task again with it. Started, Phase, Log and Progress follow, then one Result, which the master
// confirms with Ack. A worker that lacks a large value which a task refers to sends NeedBlob, once for all tasks, and is answered with
// Blob. Cancel may come at any time. Each names the task and the attempt, so that what an abandoned
// attempt says can be told from what the present one says.
//
// Ask and Answer stand beside that: through them a node tells a member what it runs, and is told to cancel or to drain.
//
// # Limits
//
// Every length that a frame claims is checked against the bytes that are there before anything is allocated, nothing nests
// deeper than [maxDepth], and the limits on whole frames are [MaxHello], [MaxSmall] and [MaxBulk]. Bytes from
// other nodes lead to errors, never to a panic.
//
// The package opens no socket, starts no goroutine and keeps no state; everything may be called from any goroutine.
// Arguments, results and errors are bytes to it, whose form package vm/value knows.
package wire
