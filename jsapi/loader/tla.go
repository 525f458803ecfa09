package loader

import "strings"

// splitBody takes an ES module as esbuild prints it (helpers, imports, body, one export clause) and makes of it one
// that can become CommonJS although its body awaits: the imports stay, the body becomes an async function, and the
// export clause becomes getters that it hands to __exports first. It returns the number, from 0, of the one line it
// puts in; every other line stays the same, which keeps source maps simple.
//
//	import { a } from "./a";             import { a } from "./a";
//	const b = await a;                   export const __body = async () => { __exports({ "b": () => b });
//	export {                             const b = await a;
//	  b                                  };
//	};
func splitBody(code string) (split string, at int) {
	lines := strings.Split(code, "\n")
	at = bodyStart(lines)
	end, clause := exportClause(lines, at)
	out := make([]string, 0, len(lines)+2)
	out = append(out, lines[:at]...)
	out = append(out, "export const "+bodyName+" = async () => { __exports({"+getters(clause)+"});")
	out = append(out, lines[at:end]...)
	out = append(out, "};")
	return strings.Join(out, "\n"), at
}

// bodyStart returns the line after the last import. Helpers stand before the imports, so they stay outside of the
// function; without imports they may as well be part of it.
func bodyStart(lines []string) int {
	start := 0
	for i := 0; i < len(lines); i++ {
		switch {
		case isImport(lines[i]):
			for i < len(lines) && !strings.HasSuffix(lines[i], ";") {
				i++
			}
			start = i + 1
		case !isHelper(lines, &i):
			return min(start, len(lines))
		}
	}
	return min(start, len(lines))
}

func isImport(line string) bool {
	return strings.HasPrefix(line, "import ") || strings.HasPrefix(line, "export * from ")
}

// isHelper reports whether a definition of esbuild's begins at line *i, and moves *i to its last line.
func isHelper(lines []string, i *int) bool {
	if !strings.HasPrefix(lines[*i], "var __") && !strings.HasPrefix(lines[*i], "var import_meta = ") &&
		!strings.HasPrefix(lines[*i], "const import_meta = ") {
		return false
	}
	for j := *i; j < len(lines); j++ {
		// Lines inside a definition are indented, or close it.
		if j+1 == len(lines) || lines[j+1] != "" && lines[j+1][0] != ' ' && lines[j+1][0] != '}' && lines[j+1][0] != ')' {
			*i = j
			return true
		}
	}
	return false
}

// exportClause finds the clause that ends the module: the line it begins at and its items, "local" or "local as name".
func exportClause(lines []string, from int) (begin int, items []string) {
	for i := len(lines) - 1; i >= from; i-- {
		if lines[i] != "export {" {
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
