package loader

import (
	"regexp"
	"strings"
)

// staticImport is one import of an ES module, with the names that its code takes from it.
type staticImport struct {
	spec  string
	local string // the variable that esbuild put the namespace in; empty for `import "x"` and `export * from`
	star  bool   // export * from
	names []string
}

var (
	requireLine  = regexp.MustCompile(`^(?:var ([\w$]+) = (?:__toESM\()?|__reExport\([\w$]+, )?(?:require|__fetch)\(("(?:[^"\\]|\\.)*")\)`)
	exportsStart = regexp.MustCompile(`(?m)^__export\([\w$]+, \{$`)
	exportName   = regexp.MustCompile(`^  ("(?:[^"\\]|\\.)*"|[\w$]+): \(\) => `)
)

// recordOf reads from code, an ES module as lower made it, what it imports and the names it exports. esbuild puts
// the imports, in order, before the first statement of the module.
func recordOf(code string) (imports []staticImport, exports []string) {
	rest := code
	if loc := exportsStart.FindStringIndex(code); loc != nil {
		rest = code[loc[1]:]
		for line := range strings.Lines(strings.TrimPrefix(rest, "\n")) {
			m := exportName.FindStringSubmatch(line)
			if m == nil {
				break
			}
			if name := unquote(m[1]); name != bodyName {
				exports = append(exports, name)
			}
		}
	}
	if len(exports) == 0 {
		exports = bodyExports(code)
	}
	for _, im := range importLines(rest) {
		if im.local != "" {
			im.names = namesOf(code, im.local)
		}
		imports = append(imports, im)
	}
	return imports, exports
}

var (
	bodyLine   = regexp.MustCompile(`(?m)^  __exports\(\{ .*\}\);$`)
	bodyExport = regexp.MustCompile(`("(?:[^"\\]|\\.)*"|[\w$]+): \(\) => `)
)

// bodyExports is the names that a module with a top-level await exports: see splitBody.
func bodyExports(code string) (exports []string) {
	for _, m := range bodyExport.FindAllStringSubmatch(bodyLine.FindString(code), -1) {
		exports = append(exports, unquote(m[1]))
	}
	return exports
}

var (
	exportLocal = regexp.MustCompile(`("(?:[^"\\]|\\.)*"|[\w$]+): \(\) => ([\w$]+)(?:,| |\n)`)
	declaration = regexp.MustCompile(`(?m)^(  )?(const|class|(?:async )?function\*?) ([\w$]+)`)
	assignment  = regexp.MustCompile(`([\w$]+) (?:[-+*/%&|^<>?]{1,3})?= `)
)

// fixedExports lists the exports of an ES module, as lower made it, that nothing assigns to once it ran: constants,
// and functions and classes whose name stands left of no assignment anywhere.
func fixedExports(code string) (names []string) {
	locals := map[string]string{} // what is exported: local names, and the names of their exports
	block, indent := bodyLine.FindString(code), ""
	if block != "" {
		indent = "  " // its body is a function
	}
	if loc := exportsStart.FindStringIndex(code); block == "" && loc != nil {
		block, _, _ = strings.Cut(code[loc[1]:], "\n});\n")
		block += "\n"
	}
	for _, m := range exportLocal.FindAllStringSubmatch(block, -1) {
		locals[m[2]] = unquote(m[1])
	}
	if len(locals) == 0 {
		return nil
	}
	assigned := map[string]bool{}
	for _, m := range assignment.FindAllStringSubmatch(code, -1) {
		assigned[m[1]] = true
	}
	for _, m := range declaration.FindAllStringSubmatch(code, -1) {
		if name, ok := locals[m[3]]; ok && m[1] == indent && (m[2] == "const" || !assigned[m[3]]) {
			names = append(names, name)
		}
	}
	return names
}

// importLines finds the lines that are esbuild's requires, below its helpers.
func importLines(code string) (imports []staticImport) {
	for line := range strings.Lines(code) {
		m := requireLine.FindStringSubmatch(line)
		if m == nil {
			if len(imports) > 0 || !isPrelude(line) {
				break
			}
			continue
		}
		imports = append(imports, staticImport{spec: unquote(m[2]), local: m[1], star: strings.HasPrefix(line, "__reExport(")})
	}
	return imports
}

// isPrelude reports whether line is one of those that esbuild puts before the requires of a module.
func isPrelude(line string) bool {
	for _, p := range []string{`"`, "var __", " ", ")", "}", "\n", "__export(", "var module_exports", "__self.exports = __to", "module.exports = __to", "const import_meta", "var import_meta"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}

// namesOf lists the properties that code reads of the variable local, which esbuild made for named imports.
func namesOf(code, local string) (names []string) {
	if !strings.HasPrefix(local, "import_") {
		return nil // import * as local: any property may be asked for
	}
	seen := map[string]bool{}
	for rest := code; ; {
		i := strings.Index(rest, local+".")
		if i < 0 {
			return names
		}
		before := i == 0 || !isWord(rest[i-1])
		rest = rest[i+len(local)+1:]
		end := 0
		for end < len(rest) && isWord(rest[end]) {
			end++
		}
		if name := rest[:end]; before && name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// unquote undoes the quotes of a JavaScript string as esbuild prints it; a name without quotes stays as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return s
	}
	return unquoteJS(s)
}
