package loader

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"

	"supercluster/vm"
)

// SyntaxError is a text that does not compile.
type SyntaxError struct {
	File      string
	Line, Col int // from 1, in the user's text, Col in UTF-16 units; 0 if unknown
	Len       int // UTF-16 units that are wrong; 0 if unknown
	Message   string
	Hint      string // what may help; empty if nothing

	open bool // of a Line: a template goes on
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: SyntaxError: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: SyntaxError: %s", e.File, e.Line, e.Col, e.Message)
}

// syntaxErrorOf makes one of what esbuild found in text.
func syntaxErrorOf(file, text string, m api.Message) *SyntaxError {
	e := &SyntaxError{File: file, Message: m.Text}
	if loc := m.Location; loc != nil {
		line := lineAt(text, loc.Line)
		col := min(loc.Column, len(line))
		e.Line, e.Col = loc.Line, vm.UTF16Len(line[:col])+1
		e.Len = vm.UTF16Len(line[col:min(col+loc.Length, len(line))])
	}
	if strings.HasPrefix(m.Text, "The JSX syntax extension is not currently enabled") {
		e.Message = "JSX is not understood in this kind of file"
		e.Hint = "name the file .jsx or .tsx"
	}
	for _, n := range m.Notes {
		if e.Hint == "" && n.Location == nil {
			e.Hint = n.Text
		}
	}
	return e
}

// compilerPlace is the place at the end of goja's messages.
var compilerPlace = regexp.MustCompile(` at (.*):(\d+):(\d+)$`)

// engineError makes a SyntaxError of what goja found in u.code.
func engineError(u *unit, err error) *SyntaxError {
	e := &SyntaxError{File: u.file, Message: err.Error()}
	var (
		list parser.ErrorList
		ce   *goja.CompilerSyntaxError
	)
	line, col := 0, 0 // from 1, in u.code
	switch {
	case errors.As(err, &list) && len(list) > 0:
		e.Message, line, col = list[0].Message, list[0].Position.Line, list[0].Position.Column
	case errors.As(err, &ce):
		e.Message = strings.TrimPrefix(ce.Message, "SyntaxError: ")
		if ce.File != nil {
			p := compiledPlace(u.code, ce.Offset)
			line, col = p[0], p[1]
		}
		e.Message = compilerPlace.ReplaceAllString(e.Message, "")
	}
	if line > 0 {
		text := lineAt(u.code, line)
		col = vm.UTF16Len(text[:min(max(col-1, 0), len(text))])
		e.explain(text, col)
		if u.maps != nil {
			l, c, ok := u.maps.lookup(line-1, col)
			if !ok {
				return e
			}
			line, col = l+1, c
		}
		e.Line, e.Col = line, col+1
	}
	return e
}

// compiledPlace is the line and column, from 1, of a byte offset.
func compiledPlace(code string, off int) [2]int {
	off = max(min(off, len(code)), 0)
	return [2]int{1 + strings.Count(code[:off], "\n"), off - strings.LastIndexByte(code[:off], '\n')}
}

// inlineFlags finds the modifiers that goja's regular expressions lack.
var inlineFlags = regexp.MustCompile(`\(\?[ims]*-?[ims]*:`)

// explain says in words what goja cannot do, where its own message does not.
func (e *SyntaxError) explain(line string, col int) {
	const engine = " is not supported by the engine"
	switch {
	case strings.HasSuffix(e.Message, "RegExp constructor 'v'") || strings.Contains(e.Message, "Invalid flags") && flagsAt(line, col, "v"):
		e.Message, e.Hint = "regular expression flag v (set notation)"+engine, "use flag u, and alternatives instead of set operations"
	case strings.Contains(e.Message, "Invalid flags") && flagsAt(line, col, "d"):
		e.Message, e.Hint = "regular expression flag d (match indices)"+engine, "use match.index and the lengths of the groups"
	case strings.Contains(e.Message, "Invalid group"):
		if m := inlineFlags.FindString(line[min(byteOf(line, col), len(line)):]); m != "" && m != "(?:" {
			e.Message, e.Hint = "regular expression modifiers "+m+"…)"+engine, "use flags for the whole expression"
		}
	}
}

// flagsAt reports whether the regular expression at col has the flag.
func flagsAt(line string, col int, flag string) bool {
	m := regexpLiteral.FindStringSubmatch(line[min(byteOf(line, col), len(line)):])
	return m != nil && strings.Contains(m[1], flag)
}

var regexpLiteral = regexp.MustCompile(`^/(?:[^/\\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+/([a-z]*)`)

// syntaxObject makes the JavaScript error; its stack begins with the place, as Node's does.
func (l *Loader) syntaxObject(e *SyntaxError) *goja.Object {
	o := l.newError("SyntaxError", "", e.Message)
	head := e.File
	if e.Line > 0 {
		head = fmt.Sprintf("%s:%d", e.File, e.Line)
		if u := l.unitOf(e.File); u != nil || e.Line > 0 {
			if line, caret := l.sourceLine(e.File, e.Line, e.Col, e.Len); line != "" {
				head += "\n" + line + "\n" + caret
			}
		}
	}
	stack := o.Get("stack").String()
	_ = o.DefineDataProperty("stack", l.rt.ToValue(head+"\n\n"+stack), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	l.problems[o] = e
	return o
}

// sourceLine is a line of the user's text, and one with carets below.
func (l *Loader) sourceLine(file string, line, col, length int) (text, carets string) {
	src, ok := l.textOf(file)
	if !ok {
		return "", ""
	}
	text = lineAt(src, line)
	if col == 0 || len(text) > maxFrameWidth*4 {
		return text, ""
	}
	return text, pad(text, col-1) + strings.Repeat("^", max(length, 1))
}

// pad is the white space that reaches below column col (from 0, UTF-16) of line: tabs stay tabs.
func pad(line string, col int) string {
	var b strings.Builder
	n := 0
	for _, r := range line {
		if n >= col {
			break
		}
		n += max(utf16.RuneLen(r), 1)
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	for ; n < col; n++ {
		b.WriteByte(' ')
	}
	return b.String()
}

// lineAt is the line n, from 1, of text, without its end.
func lineAt(text string, n int) string {
	for ; n > 1; n-- {
		i := strings.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r")
}

// byteOf is the byte offset in line of the column col, from 0, in UTF-16 units.
func byteOf(line string, col int) int {
	off := 0
	for col > 0 && off < len(line) {
		r, size := utf8.DecodeRuneInString(line[off:])
		off += size
		col -= max(utf16.RuneLen(r), 1)
	}
	return off
}
