package nodepkg

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"

	"supercluster/vm/value"
)

const (
	// maxLine is how long, in bytes, a line may become before it is passed on in pieces.
	maxLine = 32 << 10
	// maxOutput is how many bytes of each stream become a part of a result; of more only the last.
	maxOutput = 1 << 20
)

// output takes what the processes of a task print: whole lines go to the log, and the text is kept where the result is
// to have it. Its streams may be written to by several goroutines.
type output struct {
	s       Sink
	collect bool // the text is a part of the result

	mu      sync.Mutex // guards what follows, and is held while a line is passed on, so that lines stay in order
	partial map[string][]byte
	text    map[string][]byte
}

func newOutput(s Sink, collect bool) *output {
	return &output{s: s, collect: collect, partial: make(map[string][]byte), text: make(map[string][]byte)}
}

// stream takes a stream, "stdout" or "stderr".
func (o *output) stream(name string) io.Writer { return &outputStream{o, name, true} }

// aside takes one that is logged and no part of the result.
func (o *output) aside(name string) io.Writer { return &outputStream{o, name, false} }

type outputStream struct {
	o    *output
	name string
	keep bool
}

func (w *outputStream) Write(p []byte) (int, error) {
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	if w.keep {
		w.o.keep(w.name, p)
	}
	line := append(w.o.partial[w.name], p...)
	end := bytes.LastIndexByte(line, '\n') + 1
	if end == 0 && len(line) > maxLine {
		end = len(line)
	}
	if end > 0 {
		w.o.s.Log(w.name, mend(string(line[:end])))
	}
	w.o.partial[w.name] = append(w.o.partial[w.name][:0], line[end:]...)
	return len(p), nil
}

// keep remembers the last maxOutput bytes of a stream; stdout is also looked at for a result in JSON.
func (o *output) keep(name string, p []byte) {
	if !o.collect && name != "stdout" {
		return
	}
	text := append(o.text[name], p...)
	if len(text) > 2*maxOutput {
		text = append(text[:0], text[len(text)-maxOutput:]...)
		o.text["cut "+name] = []byte{1}
	}
	o.text[name] = text
}

// flush passes on lines without an end.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range []string{"stdout", "stderr"} {
		if line := o.partial[name]; len(line) > 0 {
			o.s.Log(name, mend(string(line))+"\n")
		}
		o.partial[name] = o.partial[name][:0]
	}
}

// result is a Result with what was printed, if it is to have that.
func (o *output) result() *Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.collect {
		return &Result{}
	}
	return &Result{Output: true, Stdout: o.last("stdout"), Stderr: o.last("stderr")}
}

func (o *output) last(name string) string {
	text := o.text[name]
	return mend(string(text[max(0, len(text)-maxOutput):]))
}

// json is the value that a program printed which knows nothing of us: all of its stdout, if that is one JSON text.
func (o *output) json() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := strings.TrimSpace(string(o.text["stdout"]))
	if o.text["cut stdout"] != nil || text == "" || !json.Valid([]byte(text)) {
		return nil
	}
	v, err := value.FromJSON([]byte(text))
	if err != nil {
		return nil
	}
	return v
}
