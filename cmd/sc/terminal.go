package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// useColor reports whether what is written to w may carry colours: NO_COLOR
// and FORCE_COLOR decide (https://no-color.org), then whether it is a terminal.
func (e *environment) useColor(w io.Writer) bool {
	switch {
	case e.getenv("NO_COLOR") != "":
		return false
	case e.getenv("FORCE_COLOR") != "" && e.getenv("FORCE_COLOR") != "0":
		return true
	}
	return isTerminal(w) && e.getenv("TERM") != "dumb"
}

// canRedraw reports whether lines on w may be overwritten: a terminal, and
// none that a CI system keeps as a log.
func (e *environment) canRedraw(w io.Writer) bool {
	return isTerminal(w) && e.getenv("TERM") != "dumb" && e.getenv("CI") == ""
}

// terminalSize is the size of w in columns and rows, 80×24 if it has none.
func terminalSize(w any) (columns, rows int) {
	if f, ok := w.(*os.File); ok {
		if c, r, err := term.GetSize(int(f.Fd())); err == nil && c > 0 && r > 0 {
			return c, r
		}
	}
	return 80, 24
}

// fold breaks text between words so that it fits the terminal that w is, where
// its first line begins at column first, and further ones at column rest. What
// is no terminal gets it as it is, so that programs find a line.
func fold(w any, first, rest int, text string) string {
	if !isTerminal(w) || strings.Contains(text, "\n") {
		return text
	}
	columns, _ := terminalSize(w)
	return foldAt(columns, first, rest, text)
}

func foldAt(columns, first, rest int, text string) string {
	var b strings.Builder
	at := first
	for i, word := range strings.SplitAfter(text, " ") { // several blanks stay
		n := utf8.RuneCountInString(strings.TrimRight(word, " "))
		if at+n > columns && i > 0 && at > rest {
			folded := strings.TrimRight(b.String(), " ")
			b.Reset()
			b.WriteString(folded + "\n" + strings.Repeat(" ", rest))
			at = rest
		}
		b.WriteString(word)
		at += utf8.RuneCountInString(word)
	}
	return b.String()
}

// narrow is w for a table: on a terminal, a line that is too long for it is cut
// and ends with "…", so that each row is one. Every line must end.
func narrow(w io.Writer) io.Writer {
	if !isTerminal(w) {
		return w
	}
	columns, _ := terminalSize(w)
	return &narrowWriter{w: w, columns: columns}
}

type narrowWriter struct {
	w       io.Writer
	columns int
	line    []byte // what came of a line without its end
}

func (n *narrowWriter) Write(p []byte) (int, error) {
	n.line = append(n.line, p...)
	for {
		line, rest, ended := bytes.Cut(n.line, []byte("\n"))
		if !ended {
			return len(p), nil
		}
		if _, err := fmt.Fprintln(n.w, clip(strings.TrimRight(string(line), " "), n.columns)); err != nil {
			return 0, err
		}
		n.line = append(n.line[:0], rest...)
	}
}

// say prints a line of sc's own for the person at the terminal.
func (e *environment) say(format string, args ...any) {
	fmt.Fprintln(e.stderr, fold(e.stderr, 0, 4, "sc: "+fmt.Sprintf(format, args...)))
}

// Styles of a terminal. Green and amber are those of the 256 colours that have
// a contrast of 4.4 or more to black and to white (WCAG 2.2, 1.4.3), as green
// and yellow of the first eight are hard to read on a light ground. Red is that
// of the person's own theme. Nothing is dim, which many show too faintly.
const (
	styleBold  = "\x1b[1m"
	styleLine  = "\x1b[4m" // underlined, for titles of tables
	styleRed   = "\x1b[31m"
	styleGreen = "\x1b[38;5;28m"
	styleAmber = "\x1b[38;5;130m"
	styleBack  = "\x1b[7m" // reverse
	styleOff   = "\x1b[0m"
)

// paint gives text a style, if there are any.
func paint(color bool, style, text string) string {
	if !color {
		return text
	}
	return style + text + styleOff
}

// maxText bounds a program that is read from stdin, in bytes.
const maxText = 16 << 20

// readText reads a program from r.
func readText(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err == nil && len(text) > maxText {
		err = fmt.Errorf("stdin holds more than %d bytes", maxText)
	}
	return string(text), err
}

// count is a number of things in words: "1 task", "2 tasks".
func count(n int, thing string) string {
	return fmt.Sprintf("%d %s", n, noun(n, thing))
}

// noun is what so many of a thing are called.
func noun(n int, thing string) string {
	if n == 1 {
		return thing
	}
	return thing + "s"
}
