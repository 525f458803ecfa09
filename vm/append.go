package vm

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// GrowStrings rewrites the local variables of tree that a loop appends to, as in `s += x`, so that building a string
// takes linear time. goja copies the whole string at each append, which is quadratic: 80,000 appends took it 600 times
// as long as V8, which keeps a rope.
//
// Such a variable gets four companions. s alone holds what was appended last; once it is longer than the first of
// growthSteps it moves to the end of the first companion, that in turn to the second, and then to the third, and the
// flag, the fourth, says that they hold something. So a character is copied a few times at most, however long the
// string gets (in the last companion once per megabyte that follows it). A read puts all together again:
//
//	s += e    →    (s.length > 256 && (full ? (s1 += s, s = '', …) : (s3 = s, s = '', full = true)), s += e)
//	s         →    (full ? (s = s3 + (s2 + (s1 + s)), s1 = s2 = s3 = '', full = false, s) : s)
//
// It is done only where it cannot be told from the original, save by its speed:
//
//   - the variable is declared with a string, by let, or by var where all its uses follow in the same block;
//   - each write is an append or an assignment whose value nobody takes; nothing else assigns to it; neither eval nor
//     with can see it;
//   - if inner functions read it, which they may do while the right side of an append is evaluated, that side is
//     made a string first, which is the same since only strings were ever assigned to it;
//   - if inner functions write it, the right sides of all appends are literals and declared names, whose evaluation
//     runs no code; objects, whose conversion may run some, take the slow way.
//
// Only strings' own length is looked up, so no change to a prototype is seen or matters. Texts of functions stay as
// they were written. code is the text of the tree.
func GrowStrings(tree *ast.Program, code string) {
	names := appendedNames(code)
	if len(names) == 0 {
		return
	}
	g := &grower{names: names}
	g.open()
	g.hoist(tree.Body)
	g.vars(tree.DeclarationList)
	g.statements(tree.Body, nil)
	for _, v := range g.grown {
		if v.worth() {
			v.rewriteReads()
		} else {
			v.restore()
		}
	}
	for _, v := range g.grown {
		if v.worth() {
			v.rewriteWrites()
		}
	}
}

// appendedNames returns the names that code appends to, as far as a glance tells: `name +=` and `name = name +`.
func appendedNames(code string) map[unistring.String]bool {
	var names map[unistring.String]bool
	for at := 0; ; at++ {
		i := strings.IndexByte(code[at:], '=')
		if i < 0 {
			return names
		}
		at += i
		plus := at > 0 && code[at-1] == '+'
		end := at
		if plus {
			end--
		}
		name := lastName(code[:end])
		if name == "" || !plus && !appendsTo(code[at+1:], name) {
			continue
		}
		if names == nil {
			names = make(map[unistring.String]bool)
		}
		names[unistring.NewFromString(name)] = true
	}
}

// lastName returns the name at the end of code, blanks aside.
func lastName(code string) string {
	code = strings.TrimRight(code, " \t\r\n")
	return code[strings.LastIndexFunc(code, func(r rune) bool { return !inName(r) })+1:]
}

func inName(r rune) bool {
	return r == '_' || r == '$' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// appendsTo reports whether code, what follows an equals sign, begins with name and a plus sign.
func appendsTo(code, name string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(code, " \t\r\n"), name)
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "+")
}

// grower finds the variables in one walk through a tree.
type grower struct {
	names map[unistring.String]bool // the only variables looked at
	scope *growthScope
	fn    *function // the function around; nil at the top
	loops int       // around, in that function
	grown []*grown
}

// function stands for one function, or a class's field or static block, which are run like one. It has a size, so that
// no two are equal.
type function struct{ _ byte }

// growthScope holds the names that a scope declares; those of no interest with nil.
type growthScope struct {
	parent *growthScope
	fn     *function
	vars   map[unistring.String]*grown
}

// grown is a variable whose name is appended to somewhere.
type grown struct {
	name    unistring.String
	fn      *function
	bad     bool // it has to stay as it is
	hoisted bool // it was declared by var
	binding *ast.Binding
	lists   []*[]*ast.Binding // the declaration's list of bindings; a var has another one, of what is hoisted
	at, end file.Idx          // of a var: where its uses may stand
	loops   int               // around its declaration
	uses    []growthUse

	looped      bool // appended to in a loop or a function that the declaration is outside of
	mixed       bool // what is assigned to it may be no string
	innerReads  bool
	innerWrites bool
	runs        bool // the right side of an append may run code
}

// growthUse is a place where the variable stands.
type growthUse struct {
	fn    *function       // around it
	slot  *ast.Expression // what to replace
	short *ast.Property   // the same for {s} in an object literal
	write *ast.AssignExpression
	grows bool            // write appends
	first *ast.Expression // of write's right side, if it appends as in `v = v + a + b`: where v stood
	self  bool            // the right side of write reads the variable, outside of inner functions
}

// worth reports whether v is to be rewritten, and may be.
func (v *grown) worth() bool {
	if v.bad || v.binding == nil || !v.looped {
		return false
	}
	if (v.innerReads || v.innerWrites) && v.mixed {
		return false
	}
	return !v.innerWrites || !v.runs
}

func (g *grower) open() { g.scope = &growthScope{parent: g.scope, fn: g.fn} }

func (g *grower) close() { g.scope = g.scope.parent }

// declare notes that the scope declares name; v is nil for what is not to be touched.
func (g *grower) declare(name unistring.String, v *grown) {
	if g.scope.vars == nil {
		g.scope.vars = make(map[unistring.String]*grown)
	}
	if old, again := g.scope.vars[name]; again && (old != nil || v != nil) {
		for _, x := range []*grown{old, v} {
			if x != nil {
				x.bad = true
			}
		}
		return
	}
	g.scope.vars[name] = v
}

// find returns the variable that name means here, nil if it is none of interest, and whether a scope declares it.
func (g *grower) find(name unistring.String) (v *grown, declared bool) {
	for s := g.scope; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// spoil keeps the variable that name means from being rewritten.
func (g *grower) spoil(name unistring.String) {
	if v, _ := g.find(name); v != nil {
		v.bad = true
	}
}

// spoilAll does so to every variable in sight: code that is unknown may do anything to them.
func (g *grower) spoilAll() {
	for s := g.scope; s != nil; s = s.parent {
		for _, v := range s.vars {
			if v != nil {
				v.bad = true
			}
		}
	}
}

// use notes a use of name; u.write is nil for a read.
func (g *grower) use(name unistring.String, at file.Idx, u growthUse) {
	if !g.names[name] {
		return
	}
	v, _ := g.find(name)
	if v == nil {
		return
	}
	inner := v.fn != g.fn
	switch {
	case v.hoisted && (inner || v.binding == nil || at < v.at || at > v.end):
		v.bad = true // it may not have its first value yet
	case inner && u.write != nil:
		v.innerWrites = true
	case inner:
		v.innerReads = true
	}
	if u.grows {
		v.looped = v.looped || inner || g.loops > v.loops
		v.runs = v.runs || !g.inert(u.write.Right)
	} else if u.write != nil {
		v.mixed = v.mixed || !v.isText(u.write.Right)
	}
	u.fn = g.fn
	v.uses = append(v.uses, u)
}

// isText reports whether e is sure to be a string, if v is one.
func (v *grown) isText(e ast.Expression) bool {
	switch e := e.(type) {
	case *ast.StringLiteral:
		return true
	case *ast.TemplateLiteral:
		return e.Tag == nil
	case *ast.Identifier:
		return e.Name == v.name
	case *ast.BinaryExpression:
		return e.Operator == token.PLUS && (v.isText(e.Left) || v.isText(e.Right))
	case *ast.ConditionalExpression:
		return v.isText(e.Consequent) && v.isText(e.Alternate)
	}
	return false
}

// inert reports whether evaluating e runs no code of the user's.
func (g *grower) inert(e ast.Expression) bool {
	switch e := e.(type) {
	case *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return true
	case *ast.Identifier:
		_, declared := g.find(e.Name)
		return declared
	}
	return false
}
