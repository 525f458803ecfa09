package vm

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// effect walks through an expression whose value nobody takes.
func (g *grower) effect(slot *ast.Expression) {
	switch e := (*slot).(type) {
	case *ast.SequenceExpression:
		for i := range e.Sequence {
			g.effect(&e.Sequence[i])
		}
	case *ast.BinaryExpression:
		if e.Operator == token.LOGICAL_AND || e.Operator == token.LOGICAL_OR || e.Operator == token.COALESCE {
			g.expr(&e.Left)
			g.effect(&e.Right)
			return
		}
		g.expr(slot)
	case *ast.ConditionalExpression:
		g.expr(&e.Test)
		g.effect(&e.Consequent)
		g.effect(&e.Alternate)
	case *ast.AssignExpression:
		id, ok := e.Left.(*ast.Identifier)
		if !ok || e.Operator != token.PLUS && e.Operator != token.ASSIGN {
			g.expr(slot)
			return
		}
		g.write(id, e, slot)
	default:
		g.expr(slot)
	}
}

// write walks through an assignment to id, by += or =, whose value nobody takes.
func (g *grower) write(id *ast.Identifier, e *ast.AssignExpression, slot *ast.Expression) {
	v, _ := g.find(id.Name)
	if v == nil {
		g.expr(&e.Right)
		return
	}
	u := growthUse{slot: slot, write: e, grows: e.Operator == token.PLUS}
	if first := leftmost(&e.Right, id.Name); first != nil && !u.grows {
		u.grows = true
		if sum := e.Right.(*ast.BinaryExpression); first == &sum.Left {
			e.Operator, e.Right = token.PLUS, sum.Right // the same for every value
		} else {
			u.first = first // the same for strings only
		}
	}
	before := len(v.uses)
	if u.first != nil {
		*u.first = &ast.StringLiteral{Idx: id.Idx, Literal: "''"} // until it is known what it will be
	}
	g.expr(&e.Right)
	for _, read := range v.uses[before:] {
		u.self = u.self || read.fn == g.fn
	}
	g.use(id.Name, id.Idx, u)
}

// leftmost returns the place of the variable in `name + a + b`, nil if e is no such sum.
func leftmost(e *ast.Expression, name unistring.String) *ast.Expression {
	for {
		sum, ok := (*e).(*ast.BinaryExpression)
		if !ok || sum.Operator != token.PLUS {
			return nil
		}
		e = &sum.Left
		if id, ok := sum.Left.(*ast.Identifier); ok && id.Name == name {
			return e
		}
	}
}

func (g *grower) expressions(list []ast.Expression) {
	for i := range list {
		g.expr(&list[i])
	}
}

func (g *grower) expr(slot *ast.Expression) {
	switch e := (*slot).(type) {
	case nil, *ast.BooleanLiteral, *ast.NullLiteral, *ast.NumberLiteral, *ast.RegExpLiteral, *ast.StringLiteral,
		*ast.ThisExpression, *ast.SuperExpression, *ast.MetaProperty:
	case *ast.Identifier:
		g.use(e.Name, e.Idx, growthUse{slot: slot})
	case *ast.AssignExpression:
		g.assigned(&e.Left)
		g.expr(&e.Right)
	case *ast.UnaryExpression:
		if id, ok := e.Operand.(*ast.Identifier); ok && changes(e.Operator) {
			g.spoil(id.Name)
			return
		}
		g.expr(&e.Operand)
	case *ast.BinaryExpression:
		g.expr(&e.Left)
		g.expr(&e.Right)
	case *ast.ConditionalExpression:
		g.expr(&e.Test)
		g.expr(&e.Consequent)
		g.expr(&e.Alternate)
	case *ast.SequenceExpression:
		g.expressions(e.Sequence)
	case *ast.ArrayLiteral:
		g.expressions(e.Value)
	case *ast.ObjectLiteral:
		for i := range e.Value {
			g.property(&e.Value[i])
		}
	case *ast.TemplateLiteral:
		g.expr(&e.Tag)
		g.expressions(e.Expressions)
	case *ast.SpreadElement:
		g.expr(&e.Expression)
	case *ast.YieldExpression:
		g.expr(&e.Argument)
	case *ast.AwaitExpression:
		g.expr(&e.Argument)
	default:
		g.access(e)
	}
}

// changes reports whether a unary operator assigns to or removes its operand.
func changes(op token.Token) bool {
	return op == token.INCREMENT || op == token.DECREMENT || op == token.DELETE
}

// access walks through members, calls, functions and classes.
func (g *grower) access(e ast.Expression) {
	switch e := e.(type) {
	case *ast.DotExpression:
		g.expr(&e.Left)
	case *ast.PrivateDotExpression:
		g.expr(&e.Left)
	case *ast.BracketExpression:
		g.expr(&e.Left)
		g.expr(&e.Member)
	case *ast.OptionalChain:
		g.expr(&e.Expression)
	case *ast.Optional:
		g.expr(&e.Expression)
	case *ast.CallExpression:
		if id, ok := e.Callee.(*ast.Identifier); ok {
			g.spoil(id.Name) // whose error would tell another text
			if id.Name == "eval" {
				g.spoilAll()
			}
		} else {
			g.expr(&e.Callee)
		}
		g.expressions(e.ArgumentList)
	case *ast.NewExpression:
		g.expr(&e.Callee)
		g.expressions(e.ArgumentList)
	case *ast.FunctionLiteral:
		g.functionOf(e)
	case *ast.ArrowFunctionLiteral:
		g.arrow(e)
	case *ast.ClassLiteral:
		g.class(e)
	default:
		g.spoilAll() // a kind of expression that is unknown here
	}
}

func (g *grower) property(slot *ast.Property) {
	switch p := (*slot).(type) {
	case *ast.PropertyShort:
		g.expr(&p.Initializer)
		g.use(p.Name.Name, p.Name.Idx, growthUse{short: slot})
	case *ast.PropertyKeyed:
		g.expr(&p.Key)
		g.expr(&p.Value)
	case *ast.SpreadElement:
		g.expr(&p.Expression)
	default:
		g.spoilAll()
	}
}

// call walks through the inside of a function.
func (g *grower) call(walk func()) {
	fn, loops, scope := g.fn, g.loops, g.scope
	g.fn, g.loops = new(function), 0
	g.open()
	walk()
	g.fn, g.loops, g.scope = fn, loops, scope
}

func (g *grower) functionOf(f *ast.FunctionLiteral) {
	if f == nil {
		return
	}
	g.call(func() {
		if f.Name != nil {
			g.declare(f.Name.Name, nil)
		}
		g.parameters(f.ParameterList)
		g.body(f.Body, f.DeclarationList)
	})
}

func (g *grower) arrow(f *ast.ArrowFunctionLiteral) {
	g.call(func() {
		g.parameters(f.ParameterList)
		switch b := f.Body.(type) {
		case *ast.BlockStatement:
			g.body(b, f.DeclarationList)
		case *ast.ExpressionBody:
			g.expr(&b.Expression)
		}
	})
}

func (g *grower) parameters(list *ast.ParameterList) {
	if list == nil {
		return
	}
	g.open() // a function's own name may be that of a parameter
	for _, p := range list.List {
		BoundNames(p.Target, func(name unistring.String) { g.declare(name, nil) })
	}
	BoundNames(list.Rest, func(name unistring.String) { g.declare(name, nil) })
	for _, p := range list.List {
		g.binding(p)
	}
	g.target(list.Rest)
}

// body walks through a function's block. A name that is a parameter as well is none of ours, as both are one variable.
func (g *grower) body(b *ast.BlockStatement, vars []*ast.VariableDeclaration) {
	params := g.scope.vars
	g.open()
	g.vars(vars)
	g.hoist(b.List)
	for name := range params {
		if v := g.scope.vars[name]; v != nil {
			v.bad = true
		}
	}
	g.statements(b.List, &block{b.RightBrace})
	g.close()
}

func (g *grower) class(c *ast.ClassLiteral) {
	g.open()
	if c.Name != nil {
		g.declare(c.Name.Name, nil)
	}
	g.expr(&c.SuperClass)
	for _, el := range c.Body {
		switch el := el.(type) {
		case *ast.MethodDefinition:
			g.expr(&el.Key)
			g.functionOf(el.Body)
		case *ast.FieldDefinition:
			g.expr(&el.Key)
			g.call(func() { g.expr(&el.Initializer) })
		case *ast.ClassStaticBlock:
			g.call(func() { g.body(el.Block, el.DeclarationList) })
		default:
			g.spoilAll()
		}
	}
	g.close()
}
