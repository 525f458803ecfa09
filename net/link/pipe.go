package link

import "supercluster/net/wire"

// Pipe returns two links that are joined in memory, the first of which says the hello a, the second b. They behave as links
// over a Socket do, but for idle time-outs, which need a peer that can vanish. Both must be run or closed. Nothing in
// them waits for the outside world, so they work in a testing/synctest bubble.
func Pipe(a, b wire.Hello) (*Link, *Link) { return &Link{peer: b, dialled: true}, &Link{peer: a} }
