//go:build unix

package nodepool

import (
	"errors"
	"net"
	"syscall"
)

// isReset reports whether err is how a connection ends whose other side died with something unread.
func isReset(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}
