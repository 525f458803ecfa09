package loader

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/dop251/goja/ast"
)

// expandClasses writes the property classes (\p{…}) of the regular expression literals with flag u as ranges: goja
// takes them for the letter p, silently. Only the tree changes, so a function's text keeps what the user wrote.
// `new RegExp(text)` is not seen here.
func expandClasses(tree *ast.Program, code string) {
	if !strings.Contains(code, `\p{`) && !strings.Contains(code, `\P{`) {
		return
	}
	walk(reflect.ValueOf(tree.Body), func(lit *ast.RegExpLiteral) {
		if strings.ContainsAny(lit.Flags, "u") {
			lit.Pattern = expandPattern(lit.Pattern)
		}
	})
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
			if name := v.Type().Field(i).Name; name != "File" && name != "DeclarationList" {
				walk(v.Field(i), found)
			}
		}
	}
}

// expandPattern replaces each \p{…} and \P{…} that it knows; the rest stays.
func expandPattern(p string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			if (p[i+1] == 'p' || p[i+1] == 'P') && i+2 < len(p) && p[i+2] == '{' {
				if end := strings.IndexByte(p[i:], '}'); end > 0 {
					if ranges, ok := propertyRanges(p[i+3:i+end], p[i+1] == 'P'); ok {
						if !inClass {
							ranges = "[" + ranges + "]"
						}
						b.WriteString(ranges)
						i += end
						continue
					}
				}
			}
			b.WriteString(p[i : i+2])
			i++
		default:
			if c == '[' {
				inClass = true
			} else if c == ']' {
				inClass = false
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

// propertyRanges is the content of a character class for a Unicode property, or for everything else if not is set.
func propertyRanges(prop string, not bool) (string, bool) {
	table, ok := propertyTable(prop)
	if !ok {
		return "", false
	}
	var b strings.Builder
	next := rune(0) // the first code point that may be outside
	emit := func(lo, hi rune) {
		if lo <= hi {
			b.WriteString(escape(lo))
			if hi > lo {
				b.WriteString("-" + escape(hi))
			}
		}
	}
	for _, r := range merged(table) {
		if not {
			emit(next, r[0]-1)
			next = r[1] + 1
		} else {
			emit(r[0], r[1])
		}
	}
	if not {
		emit(next, unicode.MaxRune)
	}
	return b.String(), true
}

func escape(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\u{%x}`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// propertyTable finds the table of a property as ECMA-262 names it: General_Category=L, gc=L, L, Script=Greek,
// sc=Greek, White_Space.
func propertyTable(prop string) (*unicode.RangeTable, bool) {
	name, value, pair := strings.Cut(prop, "=")
	if pair {
		switch name {
		case "Script", "sc", "Script_Extensions", "scx":
			t, ok := unicode.Scripts[value]
			return t, ok
		case "General_Category", "gc":
			return category(value)
		}
		return nil, false
	}
	switch prop {
	case "Any":
		return &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0, Hi: unicode.MaxRune, Stride: 1}}}, true
	case "ASCII":
		return &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 0x7f, Stride: 1}}}, true
	case "Alphabetic", "Alpha":
		return joined(unicode.L, unicode.Nl, unicode.Other_Alphabetic), true
	case "Uppercase", "Upper":
		return joined(unicode.Lu, unicode.Other_Uppercase), true
	case "Lowercase", "Lower":
		return joined(unicode.Ll, unicode.Other_Lowercase), true
	case "ID_Start", "IDS":
		return joined(unicode.L, unicode.Nl, unicode.Other_ID_Start), true
	case "ID_Continue", "IDC":
		return joined(unicode.L, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Start, unicode.Other_ID_Continue), true
	case "space":
		return unicode.White_Space, true
	}
	if t, ok := category(prop); ok {
		return t, true
	}
	t, ok := unicode.Properties[prop]
	return t, ok
}

// category finds a general category by its short or long name.
func category(name string) (*unicode.RangeTable, bool) {
	if long, ok := unicode.CategoryAliases[name]; ok {
		name = long
	}
	t, ok := unicode.Categories[name]
	return t, ok
}

func joined(tables ...*unicode.RangeTable) *unicode.RangeTable {
	out := new(unicode.RangeTable)
	for _, t := range tables {
		out.R16 = append(out.R16, t.R16...)
		out.R32 = append(out.R32, t.R32...)
	}
	return out
}
