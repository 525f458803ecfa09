package loader

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// lowered is what esbuild made of a text, patched so that the names of doc comment patchESM come from the loader.
type lowered struct {
	Code string
	Map  string // mappings
	ESM  bool   // the text was an ES module
	TLA  bool   // its body is the async function that it exports as bodyName
	// Unused are names that it imports and does not use, by module.
	Unused map[string][]string
}

// dialect says how a file's text is to be read.
type dialect struct {
	loader   api.Loader
	esm      bool   // it is an ES module whatever it holds
	lower    bool   // goja may misread it although it parses: TypeScript, JSX
	ts       bool   // TypeScript that is not marked as an ES module: default imports as tsc's esModuleInterop has them
	tsconfig string // text of the nearest tsconfig.json, for TypeScript and JSX
}

// unsupported names what goja cannot parse; everything else stays as it is (measured over Node's own tests).
// Regular expressions are left alone, so that what goja lacks in them is found when the file is loaded.
func unsupported() map[string]bool {
	return map[string]bool{
		"async-generator": false, "for-await": false, "using": false, "decorators": false, "dynamic-import": false,
		"import-meta": false, "import-attributes": false, "hashbang": false, "unicode-escapes": false,
	}
}

// transform runs esbuild once. The name of the source is the same for all files, so that the output depends on the text alone.
func transform(text string, d dialect, format api.Format, more map[string]bool) api.TransformResult {
	features := unsupported()
	maps.Copy(features, more)
	return api.Transform(text, api.TransformOptions{
		Format: format, Platform: api.PlatformNeutral, Target: api.ESNext, Supported: features,
		Loader: d.loader, Sourcefile: sourceName, Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude,
		LegalComments: api.LegalCommentsNone, TsconfigRaw: d.tsconfig, LogLevel: api.LogLevelSilent, LogLimit: 5,
	})
}

const (
	sourceName = "module.js"
	tlaMessage = "Top-level await is currently not supported"
	bodyName   = "__body"
)

// lower makes CommonJS that goja parses of text, in two passes if it awaits at its top level: see splitBody.
func lower(text string, d dialect) (*lowered, []api.Message) {
	r := transform(text, d, api.FormatCommonJS, nil)
	if d.tsconfig != "" && badConfig(r.Errors) {
		d.tsconfig = "" // the code may do without
		return lower(text, d)
	}
	if len(r.Errors) == 0 {
		low := &lowered{Code: string(r.Code), Map: mappingsOf(r.Map)}
		low.ESM = d.esm || isESM(low.Code, text, r.Warnings)
		if low.ESM {
			low.Code = patchESM(low.Code)
		}
		low.Code = dropHelpers(patchImport(low.Code))
		low.noteUnused(text, d)
		return low, nil
	}
	for _, e := range r.Errors {
		if !strings.HasPrefix(e.Text, tlaMessage) {
			return nil, r.Errors
		}
	}
	return lowerTLA(text, d)
}

// noteUnused fills in Unused.
func (low *lowered) noteUnused(text string, d dialect) {
	if low.ESM {
		imports, _ := recordOf(low.Code)
		low.Unused = unusedImports(text, d, imports)
	}
}

// badConfig reports whether errors are about the tsconfig.json.
func badConfig(errors []api.Message) bool {
	for _, e := range errors {
		if e.Location != nil && e.Location.File != sourceName {
			return true
		}
	}
	return false
}

func mappingsOf(doc []byte) string {
	var m struct{ Mappings string }
	if json.Unmarshal(doc, &m) != nil {
		return ""
	}
	return m.Mappings
}

// importLine finds a static import at the beginning of a line. TypeScript's `import x = require("y")` is none.
var importLine = regexp.MustCompile(`(?m)^[ \t]*import[ \t]*(?:["'{*]|[\w$]+[ \t]*(?:,|[ \t]from\b)|type[ \t{])`)

// isESM tells from esbuild's output, and from the text where the output does not say, whether text is an ES module.
func isESM(code, text string, warnings []api.Message) bool {
	if strings.Contains(code, "\nmodule.exports = __toCommonJS(") {
		return true
	}
	for _, w := range warnings {
		if w.ID == "empty-import-meta" {
			return true
		}
	}
	return importLine.MatchString(text)
}

// A call of import(), as esbuild writes it in CommonJS, and ours, of the same length and with as many parentheses to close.
const (
	esbuildImport = "Promise.resolve().then(() => __toESM(require("
	ourImport     = "__import((("
)

// patchImport gives calls of import() to the function __import: esbuild's own form could not wait for a module that
// awaits, and would evaluate its argument too late.
func patchImport(code string) string {
	return strings.ReplaceAll(code, esbuildImport, ourImport+strings.Repeat(" ", len(esbuildImport)-len(ourImport)))
}

// helperNames are the functions that esbuild defines at the top of its output and that the loader has better ones for.
// They get their values as parameters of the module's function.
var helperNames = []string{"__export", "__toESM", "__reExport", "__toCommonJS"}

// patchESM takes esbuild's definitions of helperNames out of the way, without moving any text: the module then uses
// the parameters of that name. So namespaces are live, and alike for all that import them. The module's own imports
// and exports go through the parameters __fetch and __self, so that require and module need not be there.
func patchESM(code string) string {
	for _, name := range helperNames {
		old := "\nvar " + name + " = "
		if i := strings.Index(code, old); i >= 0 {
			code = code[:i] + "\nvar " + name[:len(name)-1] + "_ = " + code[i+len(old):]
		}
	}
	var b strings.Builder
	b.Grow(len(code))
	rest, imports := code, false
	for line := range strings.Lines(code) {
		switch {
		case requireLine.MatchString(line):
			imports = true
			line = strings.Replace(line, "require(", "__fetch(", 1)
			line = strings.Replace(line, ", module.exports);", ", __self.exports);", 1)
		case strings.HasPrefix(line, "module.exports = __toCommonJS("):
			line = "__self" + line[len("module"):]
		case imports || !isPrelude(line):
			b.WriteString(rest)
			return patchHelpers(b.String())
		}
		b.WriteString(line)
		rest = rest[len(line):]
	}
	return patchHelpers(b.String())
}

// helperStart finds the definition of a helper of esbuild's that vm.Globals has a better one of.
var helperStart = regexp.MustCompile(`(?m)^var (__asyncGenerator|__yieldStar|__forAwait|__await) = `)

// dropHelpers takes those definitions out of the way, without moving any text: the code then uses the globals.
func dropHelpers(code string) string {
	return helperStart.ReplaceAllStringFunc(patchLoops(code), func(m string) string {
		return m[:6] + strings.ToUpper(m[6:7]) + m[7:] // still one of esbuild's lines, see isPrelude
	})
}

// loopError finds, in the head of what esbuild makes of "for await", the variable that keeps the loop's error.
var loopError = regexp.MustCompile(`(for \(var iter\d* = __forAwait\(.*\), more\d*, temp\d*, error\d*); more`)

// patchLoops has that variable begin anew: it is the function's, so in a loop around the loop it would still hold an
// error of an earlier round that was caught, and throw it again.
func patchLoops(code string) string {
	return loopError.ReplaceAllString(code, "$1 = void 0; more")
}

// patchHelpers gives import.meta its value, the parameter __meta.
func patchHelpers(code string) string {
	for _, kind := range []string{"const", "var"} {
		old := "\n" + kind + " import_meta = {};\n"
		if i := strings.Index(code, old); i >= 0 {
			return code[:i] + "\n" + kind + " import_meta = __meta;\n" + code[i+len(old):]
		}
	}
	return code
}
