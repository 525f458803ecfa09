package loader

import (
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// lowerTLA is lower for an ES module with a top-level await, which esbuild does not make CommonJS of: it is printed
// as an ES module first, then taken apart by splitBody, then made CommonJS.
func lowerTLA(text string, d dialect) (*lowered, []api.Message) {
	first, msgs := printESM(text, d)
	if msgs != nil {
		return nil, msgs
	}
	split := splitBody(patchLoops(patchImport(patchHelpers(string(first.Code)))))
	second := transform(split, dialect{loader: api.LoaderJS}, api.FormatCommonJS, nil)
	if len(second.Errors) > 0 {
		return nil, second.Errors
	}
	inner, err := decodeMappings(mappingsOf(first.Map))
	if err != nil {
		return nil, []api.Message{{Text: err.Error()}}
	}
	for i := range inner {
		inner[i].line++ // the line that splitBody put in
	}
	outer, err := decodeMappings(mappingsOf(second.Map))
	if err != nil {
		return nil, []api.Message{{Text: err.Error()}}
	}
	low := &lowered{Code: patchESM(string(second.Code)), Map: outer.through(inner).encode(0), ESM: true, TLA: true}
	low.noteUnused(text, d)
	return low, nil
}

// printESM has esbuild print text as an ES module in which every line that looks like an import at the top level is
// one: if the lines of template literals do, template literals are lowered.
func printESM(text string, d dialect) (api.TransformResult, []api.Message) {
	r := transform(text, d, api.FormatESModule, nil)
	if len(r.Errors) > 0 {
		return r, r.Errors
	}
	if code := string(r.Code); strings.Contains(code, "`") && topLines(code) > 0 {
		plain := transform(text, d, api.FormatESModule, map[string]bool{"template-literal": false})
		if len(plain.Errors) == 0 && topLines(string(plain.Code)) != topLines(code) {
			return plain, nil
		}
	}
	return r, nil
}

// topLines counts the lines that splitBody takes for imports or for an export clause.
func topLines(code string) (n int) {
	for line := range strings.Lines(code) {
		if isImport(line) || line == exportLine+"\n" {
			n++
		}
	}
	return n
}

const exportLine = "export {"

func isImport(line string) bool {
	return strings.HasPrefix(line, "import ") || strings.HasPrefix(line, "export * from ")
}

// splitBody takes an ES module as esbuild prints it (helpers, imports, body, one export clause) and makes of it one
// that can become CommonJS although its body awaits: the imports move to a line of their own at the top, the body becomes
// an async function, and the export clause becomes getters that it hands to __exports first. All other lines stay
// where they are, one further down, which keeps source maps simple.
//
//	const b = await a;                   import { a } from "./a"; export const __body = async () => { __exports({ "b": () => b });
//	import { a } from "./a";             const b = await a;
//	export {
//	  b                                  };
//	};
func splitBody(code string) string {
	lines := strings.Split(code, "\n")
	end, clause := exportClause(lines)
	var imports strings.Builder
	for i := 0; i < end; i++ {
		if !isImport(lines[i]) {
			continue
		}
		for ; i < end; i++ {
			last := strings.HasSuffix(lines[i], ";")
			imports.WriteString(lines[i] + " ")
			lines[i] = ""
			if last {
				break
			}
		}
	}
	head := imports.String() + "export const " + bodyName + " = async () => { __exports({" + getters(clause) + "});\n"
	return head + strings.Join(lines[:end], "\n") + "\n};"
}

// exportClause finds the clause that ends the module: the line it begins at and its items, "local" or "local as name".
func exportClause(lines []string) (begin int, items []string) {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] != exportLine {
			continue
		}
		for _, l := range lines[i+1:] {
			if l == "};" {
				break
			}
			items = append(items, strings.TrimSuffix(strings.TrimSpace(l), ","))
		}
		return i, items
	}
	return len(lines), nil
}

// getters makes the items of an object literal of those of an export clause.
func getters(items []string) string {
	var b strings.Builder
	for _, it := range items {
		local, name, found := strings.Cut(it, " as ")
		if !found {
			name = local
		}
		if !strings.HasPrefix(name, `"`) {
			name = `"` + name + `"`
		}
		b.WriteString(name + ": () => " + local + ", ")
	}
	return b.String()
}
