package node

import "io"

// readChunk waits for data, at most chunkSize bytes.
func readChunk(conn io.Reader) ([]byte, error) {
	buf := make([]byte, chunkSize)
	n, err := conn.Read(buf)
	return buf[:n:n], err
}

// tryWrite writes nothing here: there is no way to ask the system what it takes at once.
func tryWrite(io.Writer, []byte) (int, error) { return 0, nil }
