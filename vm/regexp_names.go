package vm

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// throughRegexp2 begins a pattern that goja is to run by its second engine: the first, which knows no lookahead, tells
// the names of groups only if the pattern has not flag u or the text is ASCII.
const throughRegexp2 = "(?=)"

// mayName reports whether a text may hold a pattern with a named group.
func mayName(text string) bool {
	for {
		i := strings.Index(text, "(?<")
		if i < 0 {
			return false
		}
		if text = text[i+3:]; text == "" || text[0] != '=' && text[0] != '!' {
			return true
		}
	}
}

// groupNames says what is wrong with the names of a pattern's groups and with the references to them, "" if nothing is
// (ECMA-262, 22.2.1.1): goja takes the same name twice, and says of other faults what only its authors understand.
func groupNames(pattern, flags string) (fault string) {
	u := strings.ContainsAny(flags, "uv")
	if !mayName(pattern) && !(u && strings.Contains(pattern, `\k`)) {
		return ""
	}
	var names, references []string
	var badReference string
	depth := 0 // of classes, which flag v nests
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			if i++; pattern[i] != 'k' || depth > 0 {
				continue
			}
			if name, n := groupName(pattern[i+1:]); n > 0 {
				references = append(references, name)
				i += n
			} else if strings.HasPrefix(pattern[i+1:], "<") {
				badReference = "Invalid capture group name"
			} else {
				badReference = "Invalid named reference"
			}
		case c == '[' && (depth == 0 || strings.Contains(flags, "v")):
			depth++
		case c == ']' && depth > 0:
			depth--
		case c == '(' && depth == 0 && strings.HasPrefix(pattern[i:], "(?<") && mayName(pattern[i:min(i+4, len(pattern))]):
			name, n := groupName(pattern[i+2:])
			if n == 0 {
				return "Invalid capture group name"
			}
			if slices.Contains(names, name) {
				return "Duplicate capture group name"
			}
			names = append(names, name)
			i += 1 + n
		}
	}
	if !u && len(names) == 0 {
		return "" // without a name, \k is the letter
	}
	if badReference != "" {
		return badReference
	}
	for _, r := range references {
		if !slices.Contains(names, r) {
			return "Invalid named capture referenced"
		}
	}
	return ""
}

// groupName reads <name> at the start of text; n is its length, 0 if there is none.
func groupName(text string) (name string, n int) {
	if !strings.HasPrefix(text, "<") {
		return "", 0
	}
	for n = 1; n < len(text); {
		if text[n] == '>' {
			if name == "" {
				return "", 0
			}
			return name, n + 1
		}
		r, size := nameRune(text[n:])
		if !(r == '$' || r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r) ||
			name != "" && (unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) || r == 0x200c || r == 0x200d)) {
			return "", 0
		}
		name += string(r)
		n += size
	}
	return "", 0
}

// nameRune reads a character of a name, which may be written as \u0061, \u{61} or two surrogates; a RuneError is no
// character that a name may have.
func nameRune(text string) (r rune, size int) {
	if text[0] != '\\' {
		return utf8.DecodeRuneInString(text)
	}
	if strings.HasPrefix(text, `\u{`) {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return utf8.RuneError, 1
		}
		return hexRune(text[3:end]), end + 1
	}
	unit := func(text string) rune {
		if len(text) < 6 || text[:2] != `\u` {
			return utf8.RuneError
		}
		return hexRune(text[2:6])
	}
	r = unit(text)
	if utf16.IsSurrogate(r) && len(text) > 6 {
		return utf16.DecodeRune(r, unit(text[6:])), 12
	}
	return r, 6
}

func hexRune(digits string) rune {
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n > unicode.MaxRune {
		return utf8.RuneError
	}
	return rune(n)
}
