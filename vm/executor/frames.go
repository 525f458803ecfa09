package executor

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// frames reads frames from a connection. It is not safe for concurrent use.
type frames struct {
	r     *bufio.Reader
	trust bool // allocate what a header claims at once
	taken int  // bytes of r's buffer that the last body occupies
}

// readBuffer is the buffer of a connection's reader, in bytes: shorter frames are parsed in it.
const readBuffer = 32 << 10

func newFrames(r io.Reader, trust bool) *frames {
	return &frames{r: bufio.NewReaderSize(r, readBuffer), trust: trust}
}

// next returns the next frame. The body is valid until the next call; with own it is the caller's for good. The end
// of the stream between two frames is io.EOF.
func (f *frames) next() (k kind, body []byte, own bool, err error) {
	if f.taken > 0 {
		_, _ = f.r.Discard(f.taken) // they are in the buffer
		f.taken = 0
	}
	head, err := f.r.Peek(headerSize)
	if err != nil {
		if err == io.EOF && len(head) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, false, err
	}
	n := int(binary.BigEndian.Uint32(head))
	k = kind(head[4])
	if int(k) >= len(maxBody) || n > maxBody[k] {
		return 0, nil, false, fmt.Errorf("frame of kind %d and %d bytes", k, n)
	}
	_, _ = f.r.Discard(headerSize)
	if n <= f.r.Size() {
		f.taken = n
		body, err = f.r.Peek(n)
	} else {
		own = true
		body, err = f.read(n)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		f.taken = 0
		return 0, nil, false, err
	}
	return k, body, own, nil
}

// read returns the next n bytes. Unless the peer is trusted, the buffer grows only as bytes arrive.
func (f *frames) read(n int) ([]byte, error) {
	step := n
	if !f.trust {
		step = min(n, 1<<20)
	}
	body := make([]byte, 0, step)
	for {
		k := len(body)
		body = body[:cap(body)]
		if _, err := io.ReadFull(f.r, body[k:]); err != nil {
			return nil, err
		}
		if len(body) == n {
			return body, nil
		}
		grown := make([]byte, len(body), min(n, 2*len(body)))
		copy(grown, body)
		body = grown
	}
}
