package loader

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"supercluster/vm"
)

// maxSites bounds how many texts Locate remembers, and how many places of one text it looks at.
const maxSites = 1000

// Locate returns where the text of a function, as Function.prototype.toString gave it, begins in the compiled text
// of a loaded file. If it stands in several places, the one in near's file (compiled or the user's name) that is
// nearest to near's line is meant. The zero Position means that no loaded file holds it.
func (l *Loader) Locate(source string, near vm.Position) vm.Position {
	var best vm.Position
	for _, p := range l.placesOf(source) {
		if best.File == "" || closer(p, best, near) {
			best = p
		}
	}
	return best
}

func closer(a, b, near vm.Position) bool {
	same := func(p vm.Position) bool {
		return p.File == near.File || strings.TrimSuffix(p.File, compiledMark) == near.File
	}
	if same(a) != same(b) {
		return same(a)
	}
	return same(a) && abs(a.Line-near.Line) < abs(b.Line-near.Line)
}

func abs(n int) int { return max(n, -n) }

func (l *Loader) placesOf(source string) []vm.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	if sites, ok := l.sites[source]; ok {
		return sites
	}
	sites := l.search(source)
	// goja leaves out the parentheses that end an arrow function's text; whoever mends that may add one too many.
	for text := source; len(sites) == 0 && strings.HasSuffix(text, ")"); {
		text = strings.TrimRight(strings.TrimSuffix(text, ")"), " \t\r\n")
		sites = l.search(text)
	}
	if len(l.sites) >= maxSites {
		clear(l.sites)
	}
	l.sites[source] = sites
	return sites
}

// search finds all places of text. l.mu is held.
func (l *Loader) search(text string) (sites []vm.Position) {
	if text == "" {
		return nil
	}
	for name, u := range l.units {
		for off, line := 0, 1; len(sites) < maxSites; {
			i := strings.Index(u.code[off:], text)
			if i < 0 {
				break
			}
			line += strings.Count(u.code[off:off+i], "\n")
			off += i
			start := strings.LastIndexByte(u.code[:off], '\n') + 1
			sites = append(sites, vm.Position{File: name, Line: line, Col: vm.UTF16Len(u.code[start:off])})
			if u.code[off] == '\n' {
				line++
			}
			off++
		}
	}
	slices.SortFunc(sites, func(a, b vm.Position) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return sites
}

// stackPlace is the place at the end of a line of a stack in V8's form: file:line:column, perhaps in parentheses.
var stackPlace = regexp.MustCompile(`(?m)^(\s+at (?:.* \()?)(.+?):(\d+):(\d+)(\)?)$`)

// MapStack rewrites a stack in compiled coordinates, as it comes from a worker, in V8's form and the user's own files
// and lines. It leaves alone what it does not know, so a stack may pass through it twice.
func (l *Loader) MapStack(stack string) string {
	stack = vm.CleanStack(stack)
	return stackPlace.ReplaceAllStringFunc(stack, func(line string) string {
		m := stackPlace.FindStringSubmatch(line)
		row, _ := strconv.Atoi(m[3])
		col, _ := strconv.Atoi(m[4])
		file, row, col := l.Position(m[2], row, col)
		return m[1] + file + ":" + strconv.Itoa(row) + ":" + strconv.Itoa(col) + m[5]
	})
}

// Position turns a place of a stack, line and col from 1, col in UTF-16 units, into the user's. What is no compiled text
// stays as it is.
func (l *Loader) Position(file string, line, col int) (string, int, int) {
	l.mu.Lock()
	u := l.units[file]
	if u == nil {
		if real, ok := l.aliases[file]; ok {
			file = real
			u = l.units[file]
		}
	}
	l.mu.Unlock()
	if u != nil && u.bundled != nil {
		if file, line, col, ok := u.bundled.position(line, col); ok {
			return file, line, col
		}
	}
	if u == nil || u.maps == nil {
		return file, line, col
	}
	srcLine, srcCol, ok := u.maps.lookup(line-1, max(col-1, 0))
	if !ok {
		// A helper of esbuild's: no line of the user's, but his file.
		return u.file, max(line, 1), max(col, 1)
	}
	return u.file, srcLine + 1, srcCol + 1
}
