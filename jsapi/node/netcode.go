package node

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"supercluster/pkg/errno"
)

// netCode finds node's code and number of an error of the network.
func netCode(err error) (code string, number int) {
	var dns *net.DNSError
	switch {
	case errors.Is(err, io.EOF):
		return "EOF", -4095
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe), errors.Is(err, context.Canceled):
		return "ECANCELED", errno.NumberOf("ECANCELED")
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return "EAI_AGAIN", -3001
		}
		return "ENOTFOUND", -3008
	}
	if code, number, ok := errno.Platform(err); ok {
		return code, number
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return "ETIMEDOUT", errno.NumberOf("ETIMEDOUT")
	}
	var addr *net.AddrError
	if errors.As(err, &addr) {
		return "EINVAL", errno.NumberOf("EINVAL")
	}
	return errno.Code(err)
}
