package loader

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

const (
	frameContext  = 3   // lines before and after
	maxFrameWidth = 120 // columns of a line that are shown
	tabWidth      = 4
)

// Frame shows the line of file, 1-based, with three lines around it and a caret below col (1-based, in UTF-16 units; 0
// means no caret). Long lines are cut around the caret, tabs become spaces. It is empty if the file cannot be read or
// has no such line.
func (l *Loader) Frame(file string, line, col int) string {
	text, ok := l.textOf(file)
	if !ok || line < 1 {
		return ""
	}
	lines := strings.Split(text, "\n")
	if line > len(lines) {
		return ""
	}
	from, to := max(line-frameContext, 1), min(line+frameContext, len(lines))
	for to > line && strings.TrimSpace(lines[to-1]) == "" {
		to--
	}
	width := len(strconv.Itoa(to))
	shift := cutAt(strings.TrimSuffix(lines[line-1], "\r"), col)
	var b strings.Builder
	for n := from; n <= to; n++ {
		src := strings.TrimSuffix(lines[n-1], "\r")
		shown, caret := show(src, shift, 0)
		mark := "  "
		if n == line {
			shown, caret = show(src, shift, col)
			mark = "> "
		}
		gutter := fmt.Sprintf("%s%*d |", mark, width, n)
		fmt.Fprintf(&b, "%s %s", l.paint(dim, gutter), shown)
		trimRight(&b)
		b.WriteByte('\n')
		if n == line && caret >= 0 {
			blank := strings.Repeat(" ", width+3)
			fmt.Fprintf(&b, "%s %s%s\n", l.paint(dim, blank+"|"), strings.Repeat(" ", caret), l.paint(red, "^"))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func trimRight(b *strings.Builder) {
	s := strings.TrimRight(b.String(), " ")
	b.Reset()
	b.WriteString(s)
}

// cutAt is how many shown columns to leave out so that the caret's is seen.
func cutAt(line string, col int) int {
	_, caret := show(line, 0, col)
	if _, width := expand(line, -1); width <= maxFrameWidth || caret < maxFrameWidth*3/4 {
		return 0
	}
	return caret - maxFrameWidth/2
}

// show is what is seen of a line from the column shift on, and where the caret of col stands in that; -1 if nowhere.
func show(line string, shift, col int) (string, int) {
	target := -1
	if col > 0 {
		target = byteOf(line, col-1)
	}
	cells, caret := expand(line, target)
	if caret >= 0 {
		caret -= shift
	}
	runes := []rune(cells)
	if col == 0 {
		caret = -1
	}
	if shift >= len(runes) {
		return "", caret
	}
	runes = runes[shift:]
	if shift > 0 {
		runes[0] = '…'
	}
	if len(runes) > maxFrameWidth {
		return string(runes[:maxFrameWidth-1]) + "…", caret
	}
	return string(runes), caret
}

// expand writes tabs as spaces. It returns the column that the byte offset target comes to stand in, or the width of
// the line for an offset that is not in it.
func expand(line string, target int) (string, int) {
	var b strings.Builder
	n, at := 0, -1
	for i, r := range line {
		if i == target {
			at = n
		}
		if r == '\t' {
			w := tabWidth - n%tabWidth
			b.WriteString(strings.Repeat(" ", w))
			n += w
			continue
		}
		if r < ' ' {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	if at < 0 {
		at = n
	}
	return b.String(), at
}

type colour string

const (
	red colour = "\x1b[31m"
	dim colour = "\x1b[2m"
)

func (l *Loader) paint(c colour, s string) string {
	if !l.cfg.Color {
		return s
	}
	return string(c) + s + "\x1b[0m"
}

func (l *Loader) unitOf(file string) *unit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if u := l.files[file]; u != nil {
		return u
	}
	return l.units[file]
}

// textOf is the user's text of a loaded file, or of another one on disk that looks like text.
func (l *Loader) textOf(file string) (string, bool) {
	if u := l.unitOf(file); u != nil {
		return u.text, true
	}
	st, err := os.Stat(file)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxSource {
		return "", false
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	return strings.TrimPrefix(string(data), "\ufeff"), true
}

// maxSource is the largest file, in bytes, that is read for a code frame alone.
const maxSource = 32 << 20
