package loader

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"

	"supercluster/vm"
)

// capturer tells vm what functions capture.
type capturer struct{ l *Loader }

func (c capturer) Snapshot(bare bool) vm.Snapshot { return &snapshot{l: c.l, bare: bare} }

// snapshot is what variables hold at one sending.
type snapshot struct {
	l      *Loader
	bare   bool // the next function, which is the one that is sent, captures nothing
	cells  map[cellKey]*goja.Object
	stands map[*goja.Object]*vm.Reference // objects of ours that stand for something at the worker
}

// cellKey is a variable in one run of its scope; run is nil if there is only one.
type cellKey struct {
	v   *variable
	run *goja.Object
}

// Closure implements vm.Snapshot.
func (s *snapshot) Closure(fn *goja.Object) (*vm.Closure, error) {
	said, bare := s.l.saidOf(fn), s.bare
	s.bare = false
	if said != nil {
		fn = said.target
	}
	u, c := s.l.closureOf(fn)
	if c == nil {
		return s.spoken(fn, said), nil
	}
	out := &vm.Closure{Source: c.text(u), Pos: s.position(u, c.start), Class: c.class, Private: c.private, Strict: c.strict}
	if bare || said != nil && !said.capture {
		if said != nil {
			out.Variables = said.variables(nil)
		}
		return out, nil
	}
	if err := s.fit(fn, u, c, said); err != nil {
		return nil, err
	}
	var edits []use
	for i, v := range c.vars {
		name := v.name.String()
		if said != nil && said.has(name) || ownName(name) {
			continue
		}
		value, shared := s.value(fn, u, c, i)
		if s.meansTask(name, value, out.Source) {
			continue
		}
		if shared {
			edits = append(edits, within(v.uses, c)...)
		}
		out.Variables = append(out.Variables, vm.Variable{Name: name, Shown: s.l.shownName(u, v), Value: value, At: s.position(u, v.at)})
		s.warnWrites(fn, u, c, v)
	}
	s.globals(out, u, c)
	out.Source = edited(out.Source, c.start, edits)
	if said != nil {
		out.Variables = said.variables(out.Variables)
	}
	return out, nil
}

// shownName is what the user calls a variable that lower named, "" if it is the same.
func (l *Loader) shownName(u *unit, v captured) string {
	if u.maps == nil || !strings.HasPrefix(v.name.String(), "import_") {
		return ""
	}
	_, line, col := l.place((&snapshot{l: l}).position(u, v.at))
	text := lineAt(u.text, line)
	at := min(col-1, len(text))
	end := at
	for end < len(text) && isWord(text[end]) {
		end++
	}
	return text[at:end]
}

// spoken is the closure of a function of which only sc.fn knows something.
func (s *snapshot) spoken(fn *goja.Object, said *said) *vm.Closure {
	if said == nil {
		return nil
	}
	v, err := s.l.toString(fn)
	if err != nil {
		return nil
	}
	text := v.String()
	return &vm.Closure{Source: text, Pos: s.l.Locate(text, vm.Position{}), Variables: said.variables(nil)}
}

// ownName reports whether a variable of a lowered file is one that every task has as a global.
func ownName(name string) bool {
	return strings.HasPrefix(name, "__") && taskGlobal(name) && name != "__import"
}

// fit says why the variables of a function cannot be known.
func (s *snapshot) fit(fn *goja.Object, u *unit, c *closure, said *said) error {
	why := c.unreadable()
	if why == "" || said != nil && (c.dynamic != "" || said.all(c)) {
		return nil
	}
	name := fn.Get("name").String()
	called := "the function"
	if name != "" {
		called = fmt.Sprintf("the function %q", name)
	}
	place, frame := s.Frame(s.position(u, c.start))
	return fmt.Errorf("cannot send %s: %s; say it by sc.fn(function, {variables}) (%s)\n%s", called, why, place, strings.TrimRight(frame, "\n"))
}

// value reads the i-th variable of c. A shared one becomes an object that all its functions have in common.
func (s *snapshot) value(fn *goja.Object, u *unit, c *closure, i int) (v goja.Value, shared bool) {
	w := c.vars[i]
	name := w.name.String()
	if (name == "require" || name == "__import") && w.scope.frame.closure == nil && !w.shared {
		return s.require(u, c, name), false
	}
	v = s.l.read(fn, u, c, i+1)
	if v == nil || !w.shared {
		return v, false
	}
	key := cellKey{v: w.variable}
	if w.scope.frame.closure != nil {
		n := slices.Index(c.scopes, w.scope)
		run, ok := s.l.read(fn, u, c, len(c.vars)+1+n).(*goja.Object)
		if !ok {
			run = fn // nothing tells runs apart: nothing is shared
		}
		key.run = run
	}
	cell := s.cells[key]
	if cell == nil {
		cell = s.l.rt.NewObject()
		s.l.set(cell, "v", v)
		if s.cells == nil {
			s.cells = map[cellKey]*goja.Object{}
		}
		s.cells[key] = cell
	}
	return cell, true
}

// taskMembers are those by which a function shows that it means the task it runs in, whatever it calls it.
var taskMembers = []string{"setProgress", "sendToMaster", "sendTo", "sendToAll", "bus", "signal"}

// meansTask reports whether a variable of the script has the name of a global of tasks, and the function means that
// global: the variable is none that could travel, or it has not what the function asks of it.
func (s *snapshot) meansTask(name string, v goja.Value, text string) bool {
	if name != "task" && name != "worker" {
		return false
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return v == nil || goja.IsUndefined(v)
	}
	if _, err := s.Known(o); err != nil {
		return true
	}
	return slices.ContainsFunc(taskMembers, func(m string) bool {
		return strings.Contains(text, name+"."+m) && o.Get(m) == nil
	})
}

// within are the uses inside the text of c.
func within(uses []use, c *closure) (in []use) {
	for _, u := range uses {
		if u.at >= c.start && u.at < c.end {
			in = append(in, u)
		}
	}
	return in
}

// edited replaces shared variables in a text that begins at start by the properties of their cells.
func edited(text string, start file.Idx, uses []use) string {
	if len(uses) == 0 {
		return text
	}
	sort.Slice(uses, func(i, j int) bool { return uses[i].at < uses[j].at })
	var b strings.Builder
	from := 0
	for _, u := range uses {
		at := int(u.at - start)
		end := at
		for end < len(text) && (isWord(text[end])) {
			end++
		}
		name := text[at:end]
		b.WriteString(text[from:at])
		switch u.form {
		case useShorthand:
			b.WriteString(name + ":" + name + ".v")
		case useCalled:
			b.WriteString("(0," + name + ".v)")
		default:
			b.WriteString(name + ".v")
		}
		from = end
	}
	b.WriteString(text[from:])
	return b.String()
}

// globals adds what the function uses of the global object that the script itself has put there.
func (s *snapshot) globals(out *vm.Closure, u *unit, c *closure) {
	for _, g := range c.globals {
		name := g.name.String()
		if slices.ContainsFunc(out.Variables, func(v vm.Variable) bool { return v.Name == name }) {
			continue
		}
		v := s.l.globalValue(name)
		if v == nil || goja.IsUndefined(v) || strings.Contains(out.Source, "typeof "+name) {
			continue
		}
		out.Variables = append(out.Variables, vm.Variable{Name: name, Value: v, Why: s.onlyHere(name, v), At: s.position(u, g.at)})
	}
}

// onlyHere says why a global cannot be sent, "" if it can: it is of this program and not of the script.
func (s *snapshot) onlyHere(name string, v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	ref, err := s.Known(o)
	_, isFn := goja.AssertFunction(o)
	if err == nil && (ref != nil || !isFn) {
		return ""
	}
	if u, _ := s.l.closureOf(o); err == nil && u != nil {
		return ""
	}
	return fmt.Sprintf("the global %s is not available on workers", name)
}

func (l *Loader) globalValue(name string) (v goja.Value) {
	l.rt.Try(func() { v = l.rt.GlobalObject().Get(name) })
	return v
}

// position is a place of the parsed text as vm has it.
func (s *snapshot) position(u *unit, at file.Idx) vm.Position {
	off := int(at) - 1 - u.shift
	if off < 0 || off > len(u.code) {
		return vm.Position{File: u.name}
	}
	start := strings.LastIndexByte(u.code[:off], '\n') + 1
	return vm.Position{File: u.name, Line: u.lineOf(off), Col: vm.UTF16Len(u.code[start:off])}
}

// lineOf returns the line, from 1, of an offset in the code.
func (u *unit) lineOf(off int) int {
	if u.lines == nil {
		u.lines = []int{0}
		for i := 0; i < len(u.code); i++ {
			if u.code[i] == '\n' {
				u.lines = append(u.lines, i+1)
			}
		}
	}
	return sort.SearchInts(u.lines, off+1)
}

// Frame implements vm.Snapshot.
func (s *snapshot) Frame(at vm.Position) (place, frame string) {
	if at.Line < 1 {
		return "", ""
	}
	name, line, col := s.l.place(at)
	return fmt.Sprintf("%s:%d:%d", name, line, col), s.l.Frame(name, line, col)
}

// place is the user's place of one in compiled text, from 1.
func (l *Loader) place(at vm.Position) (string, int, int) {
	l.mu.Lock()
	u := l.units[at.File]
	l.mu.Unlock()
	if u == nil || u.maps == nil {
		return strings.TrimSuffix(at.File, compiledMark), at.Line, at.Col + 1
	}
	line, col, ok := u.maps.lookup(at.Line-1, at.Col)
	if !ok {
		return u.file, at.Line, at.Col + 1
	}
	return u.file, line + 1, col + 1
}

// Warn implements vm.Snapshot: each warning once.
func (s *snapshot) Warn(message string) {
	if s.l.warned[message] {
		return
	}
	s.l.warned[message] = true
	if s.l.cfg.Warn != nil {
		s.l.cfg.Warn(message)
		return
	}
	process, ok := s.l.globalValue("process").(*goja.Object)
	if !ok {
		return
	}
	if emit, ok := goja.AssertFunction(process.Get("emitWarning")); ok {
		_, _ = emit(process, s.l.rt.ToValue(message), s.l.rt.ToValue("CaptureWarning"))
	}
}

// warnWrites warns of assignments to a captured variable.
func (s *snapshot) warnWrites(fn *goja.Object, u *unit, c *closure, v captured) {
	in := within(v.writes, c)
	if len(in) == 0 {
		return
	}
	place, _ := s.Frame(s.position(u, in[0].at))
	s.Warn(fmt.Sprintf("%s assigns to %s, which is captured: the worker changes its own copy", place, v.name.String()))
}
