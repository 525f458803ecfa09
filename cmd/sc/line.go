package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/term"
)

// newLineReader reads from the terminal, with history and completion, or from
// what else stdin is.
func newLineReader(env *environment, complete func(string) []string) lineReader {
	in, ok := env.stdin.(*os.File)
	if !ok || !isTerminal(in) || !isTerminal(env.stdout) {
		return &pipeReader{bufio.NewReader(env.stdin)}
	}
	e := &lineEditor{in: in, complete: complete, history: loadHistory()}
	e.term = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{e: e, in: in}, env.stdout}, "")
	e.term.History = e.history
	e.term.AutoCompleteCallback = e.key
	return e
}

// A pipeReader gives the lines of a pipe or a file.
type pipeReader struct{ in *bufio.Reader }

func (p *pipeReader) readLine(string) (string, error) {
	line, err := p.in.ReadString('\n')
	if line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (p *pipeReader) close() {}

// A lineEditor lets a person edit lines on a terminal, which is in raw mode
// only while it reads one.
type lineEditor struct {
	in       *os.File
	term     *term.Terminal
	complete func(string) []string
	history  *history
	dropped  bool        // Ctrl-C was pressed in the line
	reading  atomic.Bool // a line is edited: what is printed goes through term
}

// keys is what the terminal is read through: term.Terminal takes Ctrl-C for
// the end of all, so it gets other keys that give up the line alone.
type keys struct {
	e  *lineEditor
	in io.Reader
}

const (
	keyCtrlC = "\x03"
	// End of the line, delete what is before, Return.
	dropLine = "\x05\x15\r"
)

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.in.Read(p[:max(1, len(p)/len(dropLine))])
	if !bytes.Contains(p[:n], []byte(keyCtrlC)) {
		return n, err
	}
	k.e.dropped = true
	return copy(p, bytes.ReplaceAll(bytes.Clone(p[:n]), []byte(keyCtrlC), []byte(dropLine))), err
}

func (e *lineEditor) readLine(prompt string) (string, error) {
	old, err := term.MakeRaw(int(e.in.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(int(e.in.Fd()), old) }() // nothing could be done
	columns, rows := terminalSize(e.in)
	if err := e.term.SetSize(columns, rows); err != nil {
		return "", err
	}
	e.term.SetPrompt(prompt)
	e.dropped = false
	e.reading.Store(true)
	line, err := e.term.ReadLine()
	e.reading.Store(false)
	if e.dropped {
		return "", errInterrupted
	}
	return line, err
}

func (e *lineEditor) close() { e.history.save() }

// key completes at Tab: as far as all candidates agree, and lists them if that
// is no further.
func (e *lineEditor) key(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	if strings.TrimSpace(line[:pos]) == "" {
		return line[:pos] + "  " + line[pos:], pos + 2, true
	}
	list := e.complete(line[:pos])
	if len(list) == 0 {
		return line, pos, true
	}
	start := pos
	for start > 0 && isNamePart(line[start-1]) {
		start--
	}
	shared := sharedPrefix(list)
	if shared == line[start:pos] && len(list) > 1 {
		fmt.Fprint(e.term, columnsOf(list, terminalWidth(e.in)))
	}
	return line[:start] + shared + line[pos:], start + len(shared), true
}

func terminalWidth(f *os.File) int { columns, _ := terminalSize(f); return columns }

func isNamePart(c byte) bool {
	return c == '.' || c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// sharedPrefix is what all the words begin with.
func sharedPrefix(words []string) string {
	shared := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	return shared
}

// maxListed bounds how many candidates are shown.
const maxListed = 200

// columnsOf lays words out in columns of a terminal, without the path that
// they have in common.
func columnsOf(words []string, width int) string {
	more := len(words) - maxListed
	if more > 0 {
		words = words[:maxListed]
	}
	longest := 0
	short := make([]string, len(words))
	for i, w := range words {
		short[i] = w[strings.LastIndexByte(w, '.')+1:]
		longest = max(longest, len(short[i]))
	}
	perLine := max(1, (width-1)/(longest+2))
	var b strings.Builder
	for i, w := range short {
		if i%perLine == perLine-1 || i == len(short)-1 {
			b.WriteString(w + "\n")
			continue
		}
		fmt.Fprintf(&b, "%-*s", longest+2, w)
	}
	if more > 0 {
		fmt.Fprintf(&b, "… and %d more\n", more)
	}
	return b.String()
}

// maxHistory bounds the lines that are kept, maxHistoryBytes the file that is
// read.
const (
	maxHistory      = 1000
	maxHistoryBytes = 1 << 20
)

// A history is the lines of this prompt and of those before, the latest last;
// it is kept in a file that only this user can read.
type history struct {
	path  string // "" means that it is not kept
	lines []string
}

func loadHistory() *history {
	h := &history{}
	dir := configDir()
	if dir == "" {
		return h
	}
	h.path = filepath.Join(dir, "repl_history")
	f, err := os.Open(h.path)
	if err != nil {
		return h // there is none yet
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxHistoryBytes))
	if err != nil {
		return h
	}
	for line := range strings.Lines(string(text)) {
		h.Add(strings.TrimSuffix(line, "\n"))
	}
	return h
}

// Add, Len and At implement term.History; entry 0 is the latest.
func (h *history) Add(line string) {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	if len(h.lines) == maxHistory {
		h.lines = append(h.lines[:0], h.lines[1:]...)
	}
	h.lines = append(h.lines, line)
}

func (h *history) Len() int { return len(h.lines) }

func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

func (h *history) save() {
	if h.path == "" || len(h.lines) == 0 {
		return
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return // it is a convenience
	}
	_ = os.WriteFile(h.path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) // likewise
}
