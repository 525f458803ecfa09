package link

import (
	"io"
	"net/netip"
)

// A carrier is what a link runs on: a QUIC connection, or one end of a Pipe. Read and Write are for the stream of small messages,
// each called by one goroutine at a time. Everything fails once the connection has ended.
type carrier interface {
	io.Reader
	// Write returns when the carrier has taken p, which may be long after the peer stopped reading.
	io.Writer
	// tryWrite takes all of p at once, or nothing and returns false.
	tryWrite(p []byte) (bool, error)
	// openBulk begins a stream of its own, which Close ends.
	openBulk() (io.WriteCloser, error)
	// acceptBulk waits for one that the peer began.
	acceptBulk() (io.Reader, error)
	// closeWith ends the connection at once. Only the first call counts, on either side.
	closeWith(code uint64, reason string)
	// ended is closed when the connection has ended.
	ended() <-chan struct{}
	// cause returns why the connection ended, in this package's terms; while it has not, it translates err, which another
	// method returned.
	cause(err error) error
	remoteAddr() netip.AddrPort
	// received returns how many packets have come; false if the carrier has none, and its peer cannot fall silent.
	received() (uint64, bool)
}
