package node

import (
	"errors"
	"net"
	"os"
)

// channelsWork says whether children can be forked here.
const channelsWork = false

var errNoChannel = errors.New("channels between processes are not available on Windows")

func socketPair() (a, b *os.File, err error) { return nil, nil, errNoChannel }

func unixConn(*os.File) (*net.UnixConn, error) { return nil, errNoChannel }

func receive(*net.UnixConn, []byte) (int, []*os.File, error) { return 0, nil, errNoChannel }

func transmit(*net.UnixConn, []byte, *os.File) error { return errNoChannel }
