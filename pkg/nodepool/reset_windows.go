package nodepool

import (
	"errors"
	"os"
	"syscall"
)

// isReset reports whether err is how a pipe ends whose other side died.
func isReset(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, os.ErrClosed)
}
