package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The limits on a frame, in bytes, without its header.
const (
	// HeaderLen is the length of what stands before a frame's body.
	HeaderLen = 5
	// MaxHello is the largest Hello.
	MaxHello = 64 << 10
	// MaxSmall is the largest frame that shares a stream with others; a longer one travels on a stream of its own.
	MaxSmall = 64 << 10
	// MaxFrame is the largest frame that is accepted on a shared stream.
	MaxFrame = 16 << 20
	// MaxBulk is the largest frame at all.
	MaxBulk = 256 << 20
	// MaxGuest is the largest frame that is taken from one that does not belong to the cluster.
	MaxGuest = 1<<20 + 64<<10

	// maxDepth is how deep the fields that we do not know may nest.
	maxDepth = 32
	// maxItems is how many items a body may have.
	maxItems = 1 << 16
	// firstRead is how much is allocated on the word of a frame's header; more only as bytes arrive.
	firstRead = 1 << 20
)

var (
	// ErrTooLong means that a frame is longer than its receiver accepts.
	ErrTooLong = errors.New("frame too long")
	// ErrKind means that a frame is of a kind that this version does not know. The frame is whole and may be skipped.
	ErrKind = errors.New("unknown kind of message")
	// ErrMalformed means that a frame's body is not what its kind says.
	ErrMalformed = errors.New("malformed message")
)

// ReadFrame reads a frame from r, whose body is at most max bytes. What it returns is the caller's own. It returns io.EOF if r ends
// before a frame, io.ErrUnexpectedEOF if it ends inside one, and an error wrapping ErrTooLong, having read the header
// alone, for a longer one. From a bufio.Reader it allocates nothing but the body.
func ReadFrame(r io.Reader, max int) (Kind, []byte, error) {
	kind, n, err := ReadHeader(r, max)
	if err != nil {
		return kind, nil, err
	}
	body, err := ReadBody(r, n)
	return kind, body, err
}

// ReadHeader reads what stands before a body, its kind and its length, for those who want to decide on the latter before
// they call ReadBody. Its errors are those of ReadFrame.
func ReadHeader(r io.Reader, max int) (Kind, int, error) {
	header, err := readHeader(r)
	if err != nil {
		return 0, 0, err
	}
	n, kind := binary.BigEndian.Uint32(header[:]), Kind(header[HeaderLen-1])
	if uint64(n) > uint64(max) {
		return kind, 0, fmt.Errorf("%w: %v of %d bytes, limit %d", ErrTooLong, kind, n, max)
	}
	return kind, int(n), nil
}

func readHeader(r io.Reader) (header [HeaderLen]byte, err error) {
	b, ok := r.(*bufio.Reader)
	if !ok {
		var buf [HeaderLen]byte // escapes, which header then need not
		_, err = io.ReadFull(r, buf[:])
		return buf, err
	}
	peeked, err := b.Peek(HeaderLen)
	if copy(header[:], peeked) == HeaderLen {
		_, err = b.Discard(HeaderLen)
	} else if err == io.EOF && len(peeked) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return header, err
}

// ReadBody reads n bytes into a buffer that grows as they arrive.
func ReadBody(r io.Reader, n int) ([]byte, error) {
	body := make([]byte, min(n, firstRead))
	for read := 0; ; {
		m, err := io.ReadFull(r, body[read:])
		read += m
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		if read == n {
			return body, nil
		}
		grown := make([]byte, min(n, 4*len(body)))
		copy(grown, body)
		body = grown
	}
}
