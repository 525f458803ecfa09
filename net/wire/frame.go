package wire

import (
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

	// maxDepth is how deep the fields that we do not know may nest.
	maxDepth = 32
	// firstRead is how much is allocated on the word of a frame's header; more only as bytes arrive.
	firstRead = 64 << 10
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
// alone, for a longer one.
func ReadFrame(r io.Reader, max int) (Kind, []byte, error) {
	var header [HeaderLen]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	n, kind, err := ParseHeader(header, max)
	if err != nil {
		return kind, nil, err
	}
	body := make([]byte, min(n, firstRead))
	for read := 0; ; {
		m, err := io.ReadFull(r, body[read:])
		if read += m; err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return kind, nil, err
		}
		if read == n {
			return kind, body, nil
		}
		grown := make([]byte, min(n, 2*len(body)))
		copy(grown, body)
		body = grown
	}
}

// ParseHeader returns the length of the body that follows a frame's header, and the frame's kind. The error wraps ErrTooLong if
// the length is above max.
func ParseHeader(header [HeaderLen]byte, max int) (int, Kind, error) {
	n, kind := binary.BigEndian.Uint32(header[:]), Kind(header[4])
	if uint64(n) > uint64(max) {
		return 0, kind, fmt.Errorf("%w: %v of %d bytes, limit %d", ErrTooLong, kind, n, max)
	}
	return int(n), kind, nil
}
