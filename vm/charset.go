package vm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a range of code points, both ends included.
type span struct{ lo, hi rune }

// charSet is what a character class matches: single code points, and with flag v longer strings, as patterns.
type charSet struct {
	spans   []span // in order, none touching another
	strings []string
}

// pattern writes the set so that goja understands it.
func (s *charSet) pattern() string {
	if len(s.strings) == 0 {
		return "[" + s.ranges() + "]"
	}
	alts := slices.Clone(s.strings)
	slices.SortStableFunc(alts, func(a, b string) int { return len(b) - len(a) }) // the longest match comes first
	if len(s.spans) > 0 {
		alts = append(alts, "["+s.ranges()+"]")
	}
	return "(?:" + strings.Join(alts, "|") + ")"
}

// ranges writes the code points as the content of a class.
func (s *charSet) ranges() string {
	var b strings.Builder
	for _, sp := range s.spans {
		b.WriteString(escape(sp.lo))
		if sp.hi > sp.lo {
			b.WriteString("-" + escape(sp.hi))
		}
	}
	return b.String()
}

func escape(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\u{%x}`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// merge puts spans in order, and those that overlap or touch into one.
func merge(spans []span) (out []span) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return int(a.lo - b.lo) })
	for _, s := range spans {
		if n := len(out); n > 0 && s.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, s.hi)
			continue
		}
		out = append(out, s)
	}
	return out
}

// complement is every code point that is not in spans, which are as merge leaves them.
func complement(spans []span) (out []span) {
	next := rune(0)
	for _, s := range spans {
		if s.lo > next {
			out = append(out, span{next, s.lo - 1})
		}
		next = s.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, span{next, unicode.MaxRune})
	}
	return out
}

func intersect(a, b []span) []span {
	return complement(merge(append(complement(a), complement(b)...)))
}

// class reads a class of flag v, which may nest others and take sets apart
// (https://tc39.es/ecma262/#prod-ClassContents). The position is at its bracket, and comes to be behind the other.
func (t *translator) class() (*charSet, bool) {
	t.pos++
	not := t.skip("^")
	out := new(charSet)
	for op := ""; ; op = "" {
		switch {
		case t.skip("]"):
			if not {
				if len(out.strings) > 0 {
					return nil, false
				}
				out.spans = complement(out.spans)
			}
			return out, true
		case t.skip("--"):
			op = "--"
		case t.skip("&&"):
			op = "&&"
		}
		next, ok := t.operand()
		if !ok {
			return nil, false
		}
		switch op {
		case "":
			out.spans = merge(append(out.spans, next.spans...))
			out.strings = append(out.strings, next.strings...)
		case "--":
			out.spans = intersect(out.spans, complement(next.spans))
			out.strings = slices.DeleteFunc(out.strings, func(s string) bool { return slices.Contains(next.strings, s) })
		default:
			out.spans = intersect(out.spans, next.spans)
			out.strings = slices.DeleteFunc(out.strings, func(s string) bool { return !slices.Contains(next.strings, s) })
		}
	}
}

func (t *translator) skip(s string) bool {
	if !strings.HasPrefix(t.in[t.pos:], s) {
		return false
	}
	t.pos += len(s)
	return true
}

// operand reads a nested class, a class escape, a character or a range.
func (t *translator) operand() (*charSet, bool) {
	rest := t.in[t.pos:]
	switch {
	case rest == "":
		return nil, false
	case rest[0] == '[':
		return t.class()
	case t.isProperty():
		return t.property()
	case strings.HasPrefix(rest, `\q{`):
		return t.alternatives()
	}
	if spans, ok := classEscape(rest); ok {
		t.pos += 2
		return &charSet{spans: spans}, true
	}
	lo, ok := t.char()
	if !ok {
		return nil, false
	}
	hi := lo
	if strings.HasPrefix(t.in[t.pos:], "-") && !strings.HasPrefix(t.in[t.pos:], "--") {
		t.pos++
		if hi, ok = t.char(); !ok || hi < lo {
			return nil, false
		}
	}
	return &charSet{spans: []span{{lo, hi}}}, true
}

// alternatives reads \q{abc|d}.
func (t *translator) alternatives() (*charSet, bool) {
	t.pos += len(`\q{`)
	out := new(charSet)
	for {
		var text []rune
		for !strings.HasPrefix(t.in[t.pos:], "|") && !strings.HasPrefix(t.in[t.pos:], "}") {
			r, ok := t.char()
			if !ok {
				return nil, false
			}
			text = append(text, r)
		}
		if len(text) == 1 {
			out.spans = merge(append(out.spans, span{text[0], text[0]}))
		} else {
			var b strings.Builder
			for _, r := range text {
				b.WriteString(escape(r))
			}
			out.strings = append(out.strings, b.String())
		}
		t.pos++
		if t.in[t.pos-1] == '}' {
			return out, true
		}
	}
}

// classEscape is the set of an escape such as \d at the beginning of s.
func classEscape(s string) ([]span, bool) {
	if len(s) < 2 || s[0] != '\\' {
		return nil, false
	}
	var spans []span
	switch s[1] | 0x20 {
	case 'd':
		spans = []span{{'0', '9'}}
	case 'w':
		spans = []span{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	case 's':
		spans = []span{{'\t', '\r'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
			{0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}}
	default:
		return nil, false
	}
	if s[1] < 'a' {
		return complement(spans), true
	}
	return spans, true
}

// char reads one code point, escaped or not.
func (t *translator) char() (rune, bool) {
	rest := t.in[t.pos:]
	if rest == "" {
		return 0, false
	}
	if rest[0] != '\\' {
		r, n := utf8.DecodeRuneInString(rest)
		t.pos += n
		return r, true
	}
	if len(rest) < 2 {
		return 0, false
	}
	t.pos += 2
	switch c := rest[1]; c {
	case 'n', 't', 'r', 'v', 'f', 'b', '0':
		return map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', 'v': '\v', 'f': '\f', 'b': '\b', '0': 0}[c], true
	case 'x':
		return t.hex(2)
	case 'u':
		if !t.skip("{") {
			return t.hex(4)
		}
		end := strings.IndexByte(t.in[t.pos:], '}')
		if end < 0 {
			return 0, false
		}
		r, ok := t.hex(end)
		t.pos++
		return r, ok
	default:
		if c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return 0, false
		}
		return rune(c), true
	}
}

func (t *translator) hex(n int) (rune, bool) {
	if len(t.in) < t.pos+n {
		return 0, false
	}
	v, err := strconv.ParseUint(t.in[t.pos:t.pos+n], 16, 32)
	t.pos += n
	return rune(v), err == nil && v <= unicode.MaxRune
}
