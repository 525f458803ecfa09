package vm

import (
	"math"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// maxRegexps is what the RegExps of one value may cost. Compiling them takes memory and time out of proportion to
// their text, cannot be interrupted, and is done by whoever receives them.
const maxRegexps = 64 << 10

// maxProperties is how many property classes a RegExp that is received may have: each becomes up to 10 KB of ranges,
// before their size can be looked at.
const maxProperties = 64

// regexpCost estimates what a RegExp costs in bytes of text: repetitions are copied out, and groups inside each other
// take more than linear time. With flag u, the braces of \u{1F600} and \p{L} are none of a repetition.
func regexpCost(source string, unicode bool) int {
	cost, depth, deepest := 64+len(source), 0, 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '\\':
			i++
			if unicode && i+1 < len(source) && strings.IndexByte("upP", source[i]) >= 0 && source[i+1] == '{' {
				i += max(strings.IndexByte(source[i:], '}'), 0)
			}
		case '(':
			depth++
			deepest = max(deepest, depth)
		case ')':
			depth--
		case '{':
			most, n := 0, 0
			for i++; i < len(source) && (source[i] == ',' || source[i] >= '0' && source[i] <= '9'); i++ {
				if n = n*10 + int(source[i]-'0'); source[i] == ',' || n > 1<<20 {
					n = 0
				}
				most = max(most, n)
			}
			cost += 8 * most
			i--
		}
	}
	if deepest > 100 {
		return math.MaxInt32
	}
	return cost
}

func (e *encoder) regexp(o *goja.Object) error {
	e.number(o)
	source := e.call(builtins.regexpSource, o)
	var flags []byte
	for _, f := range builtins.regexpFlags {
		if e.call(f.get, o).ToBoolean() {
			flags = append(flags, f.letter)
		}
	}
	if e.regexps += regexpCost(source.String(), slices.Contains(flags, 'u')); e.regexps > maxRegexps {
		return e.fail("RegExps of this size cannot be sent")
	}
	if err := e.begin(value.KindRegExp, 2); err != nil {
		return err
	}
	defer e.leave(1)
	if pattern, v, ok := shownIn(source.String()); ok {
		source = e.rt.ToValue(escapePattern(pattern))
		if v {
			flags[slices.Index(flags, 'u')] = 'v'
		}
	} else if text := source.String(); strings.Contains(text, `\u002f`) && !strings.Contains(text, "\uFFFD") {
		source = e.rt.ToValue(slashes(text))
	}
	e.str(source.(goja.String))
	e.w.StrBytes(flags)
	return e.size()
}

// slashes undoes what goja makes of an unescaped slash in the source of a RegExp, `\u002f`, in favour of what V8
// shows: `\/`, or just the slash within brackets.
func slashes(source string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case strings.HasPrefix(source[i:], `\u002f`):
			if !class {
				b.WriteByte('\\')
			}
			b.WriteByte('/')
			i += len(`\u002f`) - 1
			continue
		case c == '\\' && i+1 < len(source):
			b.WriteByte(c)
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		}
		b.WriteByte(source[i])
	}
	return b.String()
}
