package nodepool

import (
	"encoding/binary"
	"fmt"
	"io"

	"supercluster/vm/value"
)

// maxFrame is the longest frame that a process may send, in bytes: a value and what stands around it.
const maxFrame = 256<<20 + 64<<10

// writeFrame writes a length of four bytes and what follows, as node_link.js does.
func writeFrame(w io.Writer, body []byte) error {
	head := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err := w.Write(append(head, body...))
	return err
}

// readFrame reads one; memory grows as bytes arrive, whatever length the process claims.
func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[:]))
	if n > maxFrame {
		return nil, fmt.Errorf("frame of %d bytes, limit %d", n, maxFrame)
	}
	const step = 1 << 20
	body := make([]byte, 0, min(n, step))
	for len(body) < n {
		part := min(n-len(body), max(step, len(body)))
		body = append(body, make([]byte, part)...)
		if _, err := io.ReadFull(r, body[len(body)-part:]); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// confinedMessage is what the launcher says before it becomes node.
func confinedMessage(lines []string) []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(1 + len(lines))
	w.Str("confined")
	for _, line := range lines {
		w.Str(mend(line))
	}
	return w.Bytes()
}

// parseConfined is the inverse of confinedMessage.
func parseConfined(body []byte) ([]string, error) {
	r := value.NewReader(body, value.Limits{MaxDepth: 2, MaxNodes: 32})
	n := r.ArrayLen()
	if what := r.Str(); r.Err() == nil && what != "confined" {
		return nil, fmt.Errorf("message %.20q instead of confined", what)
	}
	var lines []string
	for range n - 1 {
		lines = append(lines, r.Str())
	}
	return lines, r.End()
}

// taskMessage is what a process gets to do.
func taskMessage(run int64, t *Task) []byte {
	w := value.NewWriter(make([]byte, 0, 512+len(t.Code)+len(t.Args)))
	w.ArrayLen(2)
	w.Str("task")
	w.MapLen(8)
	w.Str("run")
	w.Int(run)
	for _, text := range [][2]string{{"id", t.ID}, {"name", t.Name}, {"workerId", t.WorkerID}, {"workerData", string(t.WorkerData)}} {
		w.Str(text[0])
		w.Str(mend(text[1]))
	}
	w.Str("each")
	w.Bool(t.Each)
	w.Str("code")
	w.Bin(t.Code)
	w.Str("args")
	w.Bin(t.Args)
	return w.Bytes()
}

// abortMessage tells a task that holds its signal that it is to end.
func abortMessage(run int64, why string) []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(3)
	w.Str("abort")
	w.Int(run)
	w.Str(mend(why))
	return w.Bytes()
}

// postedMessage answers the post n of a task.
func postedMessage(run, n int64, err error) []byte {
	code, text := "", ""
	if err != nil {
		if text = err.Error(); text == "" {
			text = "the message was not sent"
		}
		if coded, ok := err.(interface{ ErrorCode() string }); ok {
			code = coded.ErrorCode()
		}
	}
	w := value.NewWriter(nil)
	w.ArrayLen(5)
	w.Str("posted")
	w.Int(run)
	w.Int(n)
	w.Str(mend(code))
	w.Str(mend(text))
	return w.Bytes()
}

// A said is a message of a process.
type said struct {
	what        string
	run         int64
	text, event string // of a log: the stream and the text
	data        []byte
	fraction    float64
	post        int64
	to          int64
	target      string
}

// size is what it counts as output, in bytes.
func (s *said) size() int64 { return int64(len(s.text) + len(s.event) + len(s.target) + len(s.data)) }

func parseSaid(body []byte) (s said, err error) {
	r := value.NewReader(body, value.Limits{MaxDepth: 2, MaxNodes: 16})
	n := r.ArrayLen()
	s.what = r.Str()
	if r.Err() != nil {
		return s, r.Err()
	}
	parts := map[string]int{"ready": 1, "signal": 2, "progress": 3, "result": 3, "error": 3, "log": 4, "send": 4, "post": 7}
	if parts[s.what] != n {
		return s, fmt.Errorf("message %.20q with %d parts", s.what, n)
	}
	if n > 1 {
		s.run = r.Int()
	}
	switch s.what {
	case "progress":
		s.fraction = r.Number()
	case "result", "error":
		s.data = r.Bin()
	case "log":
		s.event, s.text = r.Str(), r.Str()
	case "send":
		s.event, s.data = r.Str(), r.Bin()
	case "post":
		s.post, s.to, s.target, s.event, s.data = r.Int(), r.Int(), r.Str(), r.Str(), r.Bin()
	}
	return s, r.End()
}
