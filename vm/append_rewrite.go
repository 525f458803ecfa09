package vm

import (
	"slices"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// growthSteps are the lengths, in UTF-16 units, beyond which the variable, its first and its second companion are
// moved on. Each costs a copy of half its length for as many appended units as the one before is long.
var growthSteps = [...]int64{256, 16 << 10, 1 << 20}

// companion names what stands beside a variable, as no program can.
func companion(name unistring.String, what string) unistring.String {
	return unistring.String(string(name) + " " + what)
}

// writer makes the parts of a tree that stand at one place of the source.
type writer struct {
	v  *grown
	at file.Idx
}

func (w writer) ref(what string) *ast.Identifier {
	if what == "" {
		return &ast.Identifier{Name: w.v.name, Idx: w.at}
	}
	return &ast.Identifier{Name: companion(w.v.name, what), Idx: w.at}
}

func (w writer) text(s string) ast.Expression {
	return &ast.StringLiteral{Idx: w.at, Literal: "'" + s + "'", Value: unistring.NewFromString(s)}
}

func (w writer) flag(on bool) ast.Expression {
	if on {
		return &ast.BooleanLiteral{Idx: w.at, Literal: "true", Value: true}
	}
	return &ast.BooleanLiteral{Idx: w.at, Literal: "false"}
}

func (w writer) set(what string, value ast.Expression) ast.Expression {
	return &ast.AssignExpression{Operator: token.ASSIGN, Left: w.ref(what), Right: value}
}

func (w writer) add(what string, value ast.Expression) ast.Expression {
	return &ast.AssignExpression{Operator: token.PLUS, Left: w.ref(what), Right: value}
}

func (w writer) list(e ...ast.Expression) ast.Expression { return &ast.SequenceExpression{Sequence: e} }

func (w writer) choose(test, yes, no ast.Expression) ast.Expression {
	return &ast.ConditionalExpression{Test: test, Consequent: yes, Alternate: no}
}

func infix(op token.Token, left, right ast.Expression) ast.Expression {
	return &ast.BinaryExpression{
		Operator: op, Left: left, Right: right,
		Comparison: op == token.GREATER || op == token.STRICT_NOT_EQUAL || op == token.STRICT_EQUAL,
	}
}

// isKind compares typeof what.
func (w writer) isKind(op token.Token, what, kind string) ast.Expression {
	return infix(op, &ast.UnaryExpression{Operator: token.TYPEOF, Idx: w.at, Operand: w.ref(what)}, w.text(kind))
}

func (w writer) longer(what string, step int) ast.Expression {
	length := &ast.DotExpression{Left: w.ref(what), Identifier: ast.Identifier{Name: "length", Idx: w.at}}
	n := growthSteps[step]
	return infix(token.GREATER, length, &ast.NumberLiteral{Idx: w.at, Literal: "0", Value: n})
}

// empty lets go of what the companions hold.
func (w writer) empty() []ast.Expression {
	return []ast.Expression{
		w.set("1", w.text("")), w.set("2", w.text("")), w.set("3", w.text("")), w.set("full", w.flag(false)),
	}
}

// read is the variable's whole value.
func (w writer) read() ast.Expression {
	whole := infix(token.PLUS, w.ref("3"), infix(token.PLUS, w.ref("2"), infix(token.PLUS, w.ref("1"), w.ref(""))))
	parts := append([]ast.Expression{w.set("", whole)}, w.empty()...)
	return w.choose(w.ref("full"), w.list(append(parts, w.ref(""))...), w.ref(""))
}

// forget follows an assignment, which ends what the companions hold.
func (w writer) forget() ast.Expression {
	return infix(token.LOGICAL_AND, w.ref("full"), w.list(w.empty()...))
}

// spill makes room in the variable before an append.
func (w writer) spill() ast.Expression {
	up := infix(token.LOGICAL_AND, w.longer("2", 2), w.list(w.add("3", w.ref("2")), w.set("2", w.text(""))))
	up = infix(token.LOGICAL_AND, w.longer("1", 1), w.list(w.add("2", w.ref("1")), w.set("1", w.text("")), up))
	up = w.choose(w.ref("full"),
		w.list(w.add("1", w.ref("")), w.set("", w.text("")), up),
		w.list(w.set("3", w.ref("")), w.set("", w.text("")), w.set("full", w.flag(true))))
	long := w.longer("", 0)
	if w.v.mixed {
		long = infix(token.LOGICAL_AND, w.isKind(token.STRICT_EQUAL, "", "string"), long)
	}
	return infix(token.LOGICAL_AND, long, up)
}

// grow is `v += e`.
func (w writer) grow(u growthUse) ast.Expression {
	e := u.write
	switch {
	case u.self || w.v.innerWrites && !plain(e.Right):
		// The whole value is taken before the right side is evaluated and converted, whatever that does.
		if !w.v.innerWrites {
			return w.set("", infix(token.PLUS, w.read(), e.Right))
		}
		slow := w.list(w.set("", infix(token.PLUS, w.read(), w.ref("next"))), w.forget())
		if u.self {
			return w.list(w.set("", infix(token.PLUS, w.read(), e.Right)), w.forget())
		}
		converts := infix(token.LOGICAL_AND,
			w.isKind(token.STRICT_NOT_EQUAL, "next", "object"), w.isKind(token.STRICT_NOT_EQUAL, "next", "function"))
		return w.list(w.set("next", e.Right), w.choose(converts, w.list(w.spill(), w.add("", w.ref("next"))), slow))
	case w.v.innerReads && !plain(e.Right):
		return w.list(w.set("next", infix(token.PLUS, w.text(""), e.Right)), w.spill(), w.add("", w.ref("next")))
	}
	return w.list(w.spill(), e)
}

// plain reports whether e is a literal, which needs neither evaluation nor conversion.
func plain(e ast.Expression) bool {
	switch e.(type) {
	case *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return true
	}
	return false
}

// restore puts v back where the walk took it away.
func (v *grown) restore() {
	for _, u := range v.uses {
		if u.first != nil {
			*u.first = writer{v, (*u.first).Idx0()}.ref("")
		}
	}
}

// rewriteReads replaces the uses of v that read it. Those of all variables are replaced before any write, which takes
// its right side as the reads left it.
func (v *grown) rewriteReads() {
	for _, u := range v.uses {
		switch {
		case u.short != nil:
			name := (*u.short).(*ast.PropertyShort).Name
			w := writer{v, name.Idx}
			key := &ast.StringLiteral{Idx: name.Idx, Literal: name.Name.String(), Value: name.Name}
			*u.short = &ast.PropertyKeyed{Key: key, Kind: ast.PropertyKindValue, Value: w.read()}
		case u.write == nil:
			*u.slot = writer{v, (*u.slot).Idx0()}.read()
		}
	}
}

// rewriteWrites replaces the assignments to v, and declares its companions.
func (v *grown) rewriteWrites() {
	for _, u := range v.uses {
		if u.write == nil {
			continue
		}
		w := writer{v, u.write.Left.Idx0()}
		switch {
		case u.first != nil && v.mixed:
			*u.first = w.read()
			fallthrough
		case !u.grows:
			*u.slot = w.list(u.write, w.forget())
		default:
			u.write.Operator = token.PLUS
			*u.slot = w.grow(u)
		}
	}
	w := writer{v, v.binding.Idx0()}
	var extra []*ast.Binding
	for _, what := range []string{"1", "2", "3"} {
		extra = append(extra, &ast.Binding{Target: w.ref(what), Initializer: w.text("")})
	}
	extra = append(extra, &ast.Binding{Target: w.ref("full"), Initializer: w.flag(false)})
	if v.innerReads || v.innerWrites {
		extra = append(extra, &ast.Binding{Target: w.ref("next"), Initializer: w.text("")})
	}
	for _, list := range v.lists {
		i := slices.IndexFunc(*list, func(b *ast.Binding) bool { return b == v.binding })
		*list = slices.Insert(slices.Clone(*list), i+1, extra...)
	}
}
