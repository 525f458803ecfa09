package vm

import (
	"reflect"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
)

// mayNeedTranslation reports whether code may hold a regular expression that has to be translated: one with property
// classes or named groups, or what looks like the end of one with flag v.
func mayNeedTranslation(code string) bool {
	if strings.Contains(code, `\p{`) || strings.Contains(code, `\P{`) || mayName(code) {
		return true
	}
	for {
		i := strings.IndexByte(code, '/')
		if i < 0 {
			return false
		}
		code = code[i+1:]
		n := 0
		for n < len(code) && strings.IndexByte("dgimsvy", code[n]) >= 0 {
			n++
		}
		ended := n == len(code) || !inName(rune(code[n])) || code[n] == '$'
		if ended && strings.Count(code[:n], "v") == 1 {
			return true
		}
	}
}

// TranslateRegexps writes the regular expression literals of a tree so that goja understands them: property
// classes (\p{…}), which it takes for the letter p, silently, as ranges; and flag v, which it refuses, as flag u with
// the sets worked out; and named groups of flag u, which it forgets. What has flag v and cannot be translated stays, for
// goja to refuse; a property that there is not is a syntax error, and so are wrong names of groups. Only the tree changes, so a function's text keeps what the user
// wrote. `new RegExp(text)` is not seen here: see js/prelude_regexp.js.
func TranslateRegexps(tree *ast.Program, code string) (err error) {
	if !mayNeedTranslation(code) {
		return nil
	}
	walk(reflect.ValueOf(tree.Body), func(lit *ast.RegExpLiteral) {
		fitting, flags, fault := translateRegexp(lit.Pattern, lit.Flags)
		switch {
		case fault == "":
			lit.Pattern, lit.Flags = fitting, flags
		case fault != noPattern && err == nil:
			err = &goja.CompilerSyntaxError{CompilerError: goja.CompilerError{
				Message: "Invalid regular expression: " + lit.Literal + ": " + fault, File: tree.File, Offset: int(lit.Idx) - 1,
			}}
		}
	})
	return err
}

// noPattern is the fault of a pattern with flag v of which nothing is known but that it cannot be translated.
const noPattern = "not a pattern that the engine can make anything of"

// translateRegexp is TranslateRegexps for a pattern that is only there at run time. fault says what is
// wrong with it, "" if nothing is known to be.
func translateRegexp(pattern, flags string) (fitting, otherFlags, fault string) {
	v, u := strings.Contains(flags, "v"), strings.Contains(flags, "u")
	if fault := groupNames(pattern, flags); fault != "" {
		return "", "", fault
	}
	named := (u || v) && mayName(pattern)
	if v == u || u && !named && !strings.Contains(pattern, `\p`) && !strings.Contains(pattern, `\P`) {
		return pattern, flags, "" // goja finds what is wrong with it
	}
	fitting, ok := translatePattern(pattern, v)
	switch {
	case !ok && v:
		return "", "", noPattern
	case !ok || property(fitting):
		return "", "", "Invalid property name"
	}
	if named {
		fitting = throughRegexp2 + fitting
	}
	return withShown(fitting, pattern, flags), strings.Replace(flags, "v", "u", 1), ""
}

// property reports whether there is a \p or \P in a pattern still, which goja would take for a letter.
func property(pattern string) bool {
	for i := 0; i+1 < len(pattern); i++ {
		if pattern[i] != '\\' {
			continue
		}
		if i++; pattern[i] == 'p' || pattern[i] == 'P' {
			return true
		}
	}
	return false
}

var (
	literalType = reflect.TypeFor[*ast.RegExpLiteral]()
	programPkg  = reflect.TypeFor[ast.Program]().PkgPath()
)

// walk calls found for the regular expressions below v, which is part of a tree; a tree has no cycles.
func walk(v reflect.Value, found func(*ast.RegExpLiteral)) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), found)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Type() == literalType {
			found(v.Interface().(*ast.RegExpLiteral))
		} else if v.Type().Elem().PkgPath() == programPkg {
			walk(v.Elem(), found)
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Interface || k == reflect.Pointer || k == reflect.Struct {
			for i := range v.Len() {
				walk(v.Index(i), found)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// The declarations are in the body as well.
			if name := v.Type().Field(i).Name; name != "File" && name != "DeclarationList" {
				walk(v.Field(i), found)
			}
		}
	}
}

// translatePattern returns the pattern of flag u (or v) for goja; false if something in it is not understood.
func translatePattern(p string, v bool) (string, bool) {
	t := &translator{in: p, v: v}
	for t.pos < len(p) {
		switch c := p[t.pos]; {
		case c == '[' && v:
			set, ok := t.class()
			if !ok {
				return "", false
			}
			t.out.WriteString(set.pattern())
		case c == '[':
			t.oldClass()
		case c == '\\' && t.isProperty():
			set, ok := t.property()
			if !ok {
				return "", false
			}
			t.out.WriteString(set.pattern())
		default:
			t.copy()
		}
	}
	return t.out.String(), true
}

// translator reads a pattern.
type translator struct {
	in  string
	pos int
	v   bool
	out strings.Builder
}

// copy takes one character, or an escape, as it is.
func (t *translator) copy() {
	n := 1
	if t.in[t.pos] == '\\' && t.pos+1 < len(t.in) {
		n = 2
	}
	t.out.WriteString(t.in[t.pos : t.pos+n])
	t.pos += n
}

// oldClass copies a class of flag u, which nests nothing, with its properties as ranges; an unknown one stays.
func (t *translator) oldClass() {
	t.copy()
	for t.pos < len(t.in) {
		if t.isProperty() {
			start := t.pos
			if set, ok := t.property(); ok && len(set.strings) == 0 {
				t.out.WriteString(set.ranges())
				continue
			}
			t.pos = start
		}
		end := t.in[t.pos] == ']'
		t.copy()
		if end {
			return
		}
	}
}

func (t *translator) isProperty() bool {
	rest := t.in[t.pos:]
	return len(rest) > 3 && rest[0] == '\\' && (rest[1] == 'p' || rest[1] == 'P') && rest[2] == '{'
}

// property reads \p{…} or \P{…}.
func (t *translator) property() (*charSet, bool) {
	not := t.in[t.pos+1] == 'P'
	end := strings.IndexByte(t.in[t.pos:], '}')
	if end < 0 {
		return nil, false
	}
	name := t.in[t.pos+3 : t.pos+end]
	t.pos += end + 1
	if text, ok := sequences(name); ok && t.v && !not {
		return &charSet{strings: []string{text}}, true
	}
	spans, ok := propertySpans(name)
	if not {
		spans = complement(spans)
	}
	return &charSet{spans: spans}, ok
}
