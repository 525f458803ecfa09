package vm

import (
	"encoding/json"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja/file"
	"github.com/go-sourcemap/sourcemap"
)

// CountUTF16 has the positions in f, a text that is compiled under the name, count their columns in UTF-16 units, as
// other engines do, where goja counts bytes. moved is how many columns, in bytes, of the first line stand before the
// user's own, which are not counted; 0 if the text is the user's. A text in ASCII that was not moved costs one look
// at it. Stacks then name the file as file.ResolveSourcemapURL(name, name) does.
func CountUTF16(f *file.File, name string, moved int) error {
	sections := columnSections(f.Source(), name, moved)
	if len(sections) == 0 {
		return nil
	}
	doc, err := json.Marshal(map[string]any{"version": 3, "sections": sections})
	if err != nil {
		return err
	}
	c, err := sourcemap.Parse("", doc)
	if err != nil {
		return err
	}
	f.SetSourceMap(c)
	return nil
}

// columnSection is a section of an index map (https://tc39.es/ecma426/#sec-index-source-map).
type columnSection struct {
	Offset struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	} `json:"offset"`
	Map struct {
		Version  int      `json:"version"`
		Sources  []string `json:"sources"`
		Mappings string   `json:"mappings"`
	} `json:"map"`
}

func newSection(line int, name, mappings string) (s columnSection) {
	s.Offset.Line, s.Map.Version, s.Map.Sources, s.Map.Mappings = line, 3, []string{name}, mappings
	return s
}

// columnSections returns a section for each run of lines whose columns are not what goja takes them for, and an empty
// one for what follows: the consumer would otherwise look for those lines in the section before.
func columnSections(src, name string, moved int) (sections []columnSection) {
	if moved == 0 && IsASCII(src) {
		return nil
	}
	var run columnRun
	begin := -1 // the first line of the run, from 0
	for line := 0; len(src) > 0; line++ {
		n, ascii := firstLine(src)
		switch {
		case (moved > 0 || !ascii) && begin < 0:
			begin, run = line, columnRun{srcLine: -line}
			run.add(src[:n], moved)
		case !ascii:
			run.newLine()
			run.add(src[:n], 0)
		case begin >= 0:
			sections = append(sections, newSection(begin, name, run.out.String()), newSection(line, name, ";"))
			begin = -1
		}
		src, moved = src[n:], 0
	}
	if begin >= 0 {
		sections = append(sections, newSection(begin, name, run.out.String()))
	}
	return sections
}

// columnRun writes the mappings of a run of lines. Both sides count columns from 1, as goja does.
type columnRun struct {
	out      strings.Builder
	line     int // of the run, from 0
	srcLine  int // what the last segment said, so that line-srcLine is what the next one adds
	col, src int // columns of the last segment
	within   bool
}

func (r *columnRun) newLine() {
	r.line++
	r.col, r.within = 0, false
	r.out.WriteByte(';')
}

// add writes a segment for each place in the line where a word, or another character that is none, begins: errors are
// at no other place, and long texts in strings take little room.
func (r *columnRun) add(text string, moved int) {
	wasWord := false
	src := 1 - moved
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		word := c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
		if !word || !wasWord {
			r.segment(i+1, max(src, 1))
		}
		wasWord = word
		i += size
		src += max(utf16.RuneLen(c), 1)
	}
	r.segment(len(text)+1, max(src, 1))
}

func (r *columnRun) segment(col, src int) {
	if r.within {
		r.out.WriteByte(',')
	}
	r.within = true
	b := AppendVLQ(nil, col-r.col)
	b = append(b, 'A')
	b = AppendVLQ(b, r.line-r.srcLine)
	b = AppendVLQ(b, src-r.src)
	r.out.Write(b)
	r.col, r.src, r.srcLine = col, src, r.line
}

// AppendVLQ appends a number as source maps have it: base 64, the least digits first, the sign in the lowest bit
// (https://tc39.es/ecma426/#sec-base64-vlq).
func AppendVLQ(b []byte, v int) []byte {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	u := v << 1
	if v < 0 {
		u = -v<<1 | 1
	}
	for {
		d := u & 31
		if u >>= 5; u != 0 {
			d |= 32
		}
		b = append(b, digits[d])
		if u == 0 {
			return b
		}
	}
}

// firstLine is the length of the first line of text with what ends it, as goja sees lines, and whether it is in ASCII.
func firstLine(text string) (n int, ascii bool) {
	ascii = true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			return i + 1, ascii
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n':
			return i + 2, ascii
		case c == '\r':
			return i + 1, ascii
		case c >= utf8.RuneSelf:
			ascii = false
			if rest := text[i:]; strings.HasPrefix(rest, "\u2028") || strings.HasPrefix(rest, "\u2029") {
				return i + len("\u2028"), false
			}
		}
	}
	return len(text), ascii
}

// IsASCII reports whether s has no other characters than those of ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// UTF16Len is how long s is in UTF-16 units.
func UTF16Len(s string) (n int) {
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
