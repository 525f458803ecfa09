package nodepkg

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// maxFrame is the longest message of a node process, in bytes; see js/node_link.js.
const maxFrame = 256<<20 + 64<<10

// readChunk is how much is allocated for a frame before its bytes have come.
const readChunk = 1 << 20

func writeFrame(w io.Writer, body []byte) error {
	if len(body) > maxFrame {
		return fmt.Errorf("frame of %d bytes, limit %d", len(body), maxFrame)
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[:]))
	if n > maxFrame {
		return nil, fmt.Errorf("frame of %d bytes, limit %d", n, maxFrame)
	}
	body := make([]byte, 0, min(n, readChunk))
	for len(body) < n {
		at := len(body)
		more := min(n-at, max(readChunk, at))
		body = append(body, make([]byte, more)...)
		if _, err := io.ReadFull(r, body[at:]); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// splitArguments makes texts of the elements of a JSON array: strings as they are, others as JSON. No NUL may be in
// them, which no command line can hold.
func splitArguments(array []byte) ([]string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(array, &items); err != nil {
		return nil, err
	}
	args := make([]string, len(items))
	for i, item := range items {
		if json.Unmarshal(item, &args[i]) != nil {
			args[i] = string(item)
		}
		if strings.ContainsRune(args[i], 0) {
			return nil, fmt.Errorf("args[%d] holds a NUL", i)
		}
	}
	return args, nil
}
