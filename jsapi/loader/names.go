package loader

import (
	"fmt"
	"strings"

	"supercluster/vm"
)

// checkNames reports a named import that an ES module does not export.
func (l *Loader) checkNames(m *module) error {
	for i, im := range m.unit.imports {
		dep := m.esm.deps[i].mod
		if dep == nil || dep.esm == nil || len(im.names) == 0 {
			continue
		}
		have, known := map[string]bool{}, true
		l.exportNames(dep, have, map[*module]bool{}, &known)
		for _, name := range im.names {
			if known && !have[name] {
				return l.noExport(m, im, name)
			}
		}
	}
	return nil
}

// exportNames collects the names that m exports; known becomes false if they cannot all be known yet.
func (l *Loader) exportNames(m *module, have map[string]bool, seen map[*module]bool, known *bool) {
	if seen[m] {
		return
	}
	seen[m] = true
	for _, n := range m.unit.exports {
		have[n] = true
	}
	for i, im := range m.unit.imports {
		if !im.star {
			continue
		}
		if i >= len(m.esm.deps) || m.esm.deps[i].mod == nil || m.esm.deps[i].mod.esm == nil {
			*known = false // a cycle, or a module whose exports only running it shows
			continue
		}
		l.exportNames(m.esm.deps[i].mod, have, seen, known)
	}
}

func (l *Loader) noExport(m *module, im staticImport, name string) error {
	e := &SyntaxError{File: m.file, Message: fmt.Sprintf("The requested module '%s' does not provide an export named '%s'", im.spec, name)}
	e.Line, e.Col = findImport(m.unit.text, im.spec, name)
	return &thrown{l.syntaxObject(e)}
}

// findImport finds where text imports name from spec: line and column from 1, or zeros. If the name itself is not found it
// is the beginning of the first import from spec.
func findImport(text, spec, name string) (line, col int) {
	at := -1
	for quote := range strings.SplitSeq("'|\"", "|") {
		for from := 0; ; {
			i := strings.Index(text[from:], quote+spec+quote)
			if i < 0 {
				break
			}
			end := from + i
			from = end + 1
			begin := max(strings.LastIndex(text[:end], "import"), strings.LastIndex(text[:end], "export"), 0)
			if at < 0 {
				at = begin
			}
			for i := begin; i < end; i++ {
				if strings.HasPrefix(text[i:], name) && !isWord(text[i-min(i, 1)]) && !isWord(text[i+len(name)]) {
					return placeOf(text, i)
				}
			}
		}
	}
	if at < 0 {
		return 0, 0
	}
	return placeOf(text, at)
}

// placeOf returns line and column, from 1, of an offset in text.
func placeOf(text string, at int) (line, col int) {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	return 1 + strings.Count(text[:at], "\n"), 1 + vm.UTF16Len(text[start:at])
}
