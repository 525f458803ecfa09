package loader

import (
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

var (
	// namedImport finds what may be an import of names: in comments and strings, too.
	namedImport = regexp.MustCompile(`(?m)\bimport\b[^;'"` + "`" + `]*\{([^}]*)\}\s*from\s*["']`)
	// printedImport finds those that are, as esbuild prints them.
	printedImport = regexp.MustCompile(`(?m)^import (?:[\w$]+, )?(?:\{([^}]*)\}|[\w$]+) from ("(?:[^"\\]|\\.)*")`)
	wordOrString  = regexp.MustCompile(`[\w$\x80-\xff]+|"(?:[^"\\]|\\.)*"`)
)

// unusedImports lists by module the names that the JavaScript in text imports and does not use: CommonJS made of it does
// not ask for them, but who runs it is to hear of one that is missing. In TypeScript they may be types. used are the imports
// of the lowered text, with the names that it uses.
func unusedImports(text string, d dialect, used []staticImport) map[string][]string {
	if d.loader != api.LoaderJS && d.loader != api.LoaderJSX || !maybeUnused(text, used) {
		return nil
	}
	// Without comments and with strings on one line each, what begins a line with "import" is an import.
	r := transform(text, d, api.FormatESModule, map[string]bool{"template-literal": false})
	if len(r.Errors) > 0 {
		return nil // it was lowered without, so these are of no account
	}
	unused := map[string][]string{}
	for _, m := range printedImport.FindAllStringSubmatch(string(r.Code), -1) {
		spec := unquote(m[2])
		for _, name := range importedNames(m[1]) {
			if !slices.ContainsFunc(used, func(im staticImport) bool { return im.spec == spec && slices.Contains(im.names, name) }) {
				unused[spec] = append(unused[spec], name)
			}
		}
	}
	return unused
}

// maybeUnused reports whether text seems to import a name that is not among those used.
func maybeUnused(text string, used []staticImport) bool {
	for _, m := range namedImport.FindAllStringSubmatch(text, -1) {
		for _, name := range importedNames(m[1]) {
			if !slices.ContainsFunc(used, func(im staticImport) bool { return slices.Contains(im.names, name) }) {
				return true
			}
		}
	}
	return false
}

// importedNames are the names that stand between the braces of an import, as their module has them.
func importedNames(list string) (names []string) {
	for part := range strings.SplitSeq(list, ",") {
		if word := wordOrString.FindString(part); word != "" {
			names = append(names, unquote(word))
		}
	}
	return names
}
