package vm

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// hoist declares what stands in a list of statements, but for var.
func (g *grower) hoist(list []ast.Statement) {
	for _, s := range list {
		for label, ok := s.(*ast.LabelledStatement); ok; label, ok = s.(*ast.LabelledStatement) {
			s = label.Statement
		}
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			for _, b := range s.List {
				if id, ok := b.Target.(*ast.Identifier); ok && s.Token == token.LET && g.startsAsText(id, b) {
					v := &grown{name: id.Name, fn: g.fn, binding: b, lists: []*[]*ast.Binding{&s.List}, loops: g.loops}
					g.grown = append(g.grown, v)
					g.declare(id.Name, v)
					continue
				}
				BoundNames(b.Target, func(name unistring.String) { g.declare(name, nil) })
			}
		case *ast.FunctionDeclaration:
			// In sloppy code it declares a variable of the function around as well.
			g.spoil(s.Function.Name.Name)
			g.declare(s.Function.Name.Name, nil)
		case *ast.ClassDeclaration:
			g.declare(s.Class.Name.Name, nil)
		}
	}
}

// startsAsText reports whether b declares a variable of interest with a string.
func (g *grower) startsAsText(id *ast.Identifier, b *ast.Binding) bool {
	if !g.names[id.Name] || g.fn == nil || b.Initializer == nil {
		return false
	}
	switch e := b.Initializer.(type) {
	case *ast.StringLiteral:
		return true
	case *ast.TemplateLiteral:
		return e.Tag == nil
	}
	return false
}

// vars declares what var declares anywhere in a function.
func (g *grower) vars(list []*ast.VariableDeclaration) {
	for _, d := range list {
		for _, b := range d.List {
			id, ok := b.Target.(*ast.Identifier)
			if !ok || !g.startsAsText(id, b) {
				BoundNames(b.Target, func(name unistring.String) { g.declare(name, nil) })
				continue
			}
			v := &grown{name: id.Name, fn: g.fn, hoisted: true, lists: []*[]*ast.Binding{&d.List}}
			g.grown = append(g.grown, v)
			g.declare(id.Name, v)
		}
	}
}

// block is a list of statements that run one after the other: none that follows a declaration runs before it.
type block struct{ end file.Idx }

// statements walks through a list; b is nil if they may run in another order.
func (g *grower) statements(list []ast.Statement, b *block) {
	for _, s := range list {
		if d, ok := s.(*ast.VariableStatement); ok {
			g.variables(d, b)
			continue
		}
		g.statement(s)
	}
}

// variables walks through a var statement, which b encloses.
func (g *grower) variables(d *ast.VariableStatement, b *block) {
	for _, bind := range d.List {
		id, ok := bind.Target.(*ast.Identifier)
		if !ok || !g.names[id.Name] {
			g.binding(bind)
			continue
		}
		g.expr(&bind.Initializer)
		v, _ := g.find(id.Name)
		switch {
		case v == nil:
		case b == nil || v.binding != nil || !g.startsAsText(id, bind):
			v.bad = true
		default:
			v.binding, v.loops = bind, g.loops
			v.lists = append(v.lists, &d.List)
			v.at, v.end = d.Var, b.end
		}
	}
}

// inside walks through a list with a scope of its own.
func (g *grower) inside(s *ast.BlockStatement) {
	if s == nil {
		return
	}
	g.open()
	g.hoist(s.List)
	g.statements(s.List, &block{s.RightBrace})
	g.close()
}

// loop walks through what may run again.
func (g *grower) loop(walk func()) {
	g.loops++
	walk()
	g.loops--
}

func (g *grower) statement(s ast.Statement) {
	switch s := s.(type) {
	case nil, *ast.EmptyStatement, *ast.BranchStatement, *ast.DebuggerStatement:
	case *ast.BlockStatement:
		g.inside(s)
	case *ast.ExpressionStatement:
		g.effect(&s.Expression)
	case *ast.IfStatement:
		g.expr(&s.Test)
		g.statement(s.Consequent)
		g.statement(s.Alternate)
	case *ast.LabelledStatement:
		g.statement(s.Statement)
	case *ast.ReturnStatement:
		g.expr(&s.Argument)
	case *ast.ThrowStatement:
		g.expr(&s.Argument)
	case *ast.TryStatement:
		g.inside(s.Body)
		if s.Catch != nil {
			g.open()
			BoundNames(s.Catch.Parameter, func(name unistring.String) { g.declare(name, nil) })
			g.target(s.Catch.Parameter)
			g.inside(s.Catch.Body)
			g.close()
		}
		g.inside(s.Finally)
	case *ast.SwitchStatement:
		g.switching(s)
	case *ast.VariableStatement:
		g.variables(s, nil)
	case *ast.LexicalDeclaration:
		for _, b := range s.List {
			g.binding(b)
		}
	case *ast.WithStatement:
		g.expr(&s.Object)
		g.spoilAll()
		g.statement(s.Body)
		g.spoilAll()
	case *ast.FunctionDeclaration:
		g.functionOf(s.Function)
	case *ast.ClassDeclaration:
		g.class(s.Class)
	default:
		g.loopStatement(s)
	}
}

func (g *grower) switching(s *ast.SwitchStatement) {
	g.expr(&s.Discriminant)
	g.open()
	for _, c := range s.Body {
		g.hoist(c.Consequent)
	}
	for _, c := range s.Body {
		g.expr(&c.Test)
		g.statements(c.Consequent, nil)
	}
	g.close()
}

func (g *grower) loopStatement(s ast.Statement) {
	switch s := s.(type) {
	case *ast.WhileStatement:
		g.loop(func() { g.expr(&s.Test); g.statement(s.Body) })
	case *ast.DoWhileStatement:
		g.loop(func() { g.statement(s.Body); g.expr(&s.Test) })
	case *ast.ForStatement:
		g.open()
		g.initializer(s.Initializer)
		g.loop(func() { g.expr(&s.Test); g.effect(&s.Update); g.statement(s.Body) })
		g.close()
	case *ast.ForInStatement:
		g.each(s.Into, &s.Source, s.Body)
	case *ast.ForOfStatement:
		g.each(s.Into, &s.Source, s.Body)
	default:
		g.spoilAll() // a kind of statement that is unknown here
	}
}

func (g *grower) initializer(init ast.ForLoopInitializer) {
	switch init := init.(type) {
	case *ast.ForLoopInitializerExpression:
		g.effect(&init.Expression)
	case *ast.ForLoopInitializerVarDeclList:
		for _, b := range init.List {
			BoundNames(b.Target, g.spoil)
			g.binding(b)
		}
	case *ast.ForLoopInitializerLexicalDecl:
		for _, b := range init.LexicalDeclaration.List {
			BoundNames(b.Target, func(name unistring.String) { g.declare(name, nil) })
			g.binding(b)
		}
	}
}

func (g *grower) each(into ast.ForInto, source *ast.Expression, body ast.Statement) {
	g.open()
	switch into := into.(type) {
	case *ast.ForIntoVar:
		BoundNames(into.Binding.Target, g.spoil)
		g.binding(into.Binding)
	case *ast.ForDeclaration:
		BoundNames(into.Target, func(name unistring.String) { g.declare(name, nil) })
		g.target(into.Target)
	case *ast.ForIntoExpression:
		g.assigned(&into.Expression)
	}
	g.expr(source)
	g.loop(func() { g.statement(body) })
	g.close()
}

// binding walks through a declared target and what it is given.
func (g *grower) binding(b *ast.Binding) {
	if b != nil {
		g.target(b.Target)
		g.expr(&b.Initializer)
	}
}

// target walks through the expressions in a target that declares.
func (g *grower) target(e ast.Expression) {
	if _, ok := e.(*ast.Identifier); !ok && e != nil {
		g.pattern(e, g.target)
	}
}

// assigned walks through a target that is assigned to.
func (g *grower) assigned(slot *ast.Expression) {
	switch e := (*slot).(type) {
	case nil:
	case *ast.Identifier:
		g.spoil(e.Name)
	case *ast.ArrayPattern, *ast.ObjectPattern, *ast.AssignExpression, *ast.Binding:
		g.pattern(e, func(e ast.Expression) { g.assigned(&e) })
	default:
		BoundNames(e, g.spoil)
		g.expr(slot)
	}
}

// pattern walks through the parts of a pattern: targets by each, and expressions.
func (g *grower) pattern(e ast.Expression, each func(ast.Expression)) {
	switch e := e.(type) {
	case *ast.Binding:
		each(e.Target)
		g.expr(&e.Initializer)
	case *ast.AssignExpression:
		each(e.Left)
		g.expr(&e.Right)
	case *ast.SpreadElement:
		each(e.Expression)
	case *ast.ArrayPattern:
		for _, el := range e.Elements {
			if el != nil {
				each(el)
			}
		}
		if e.Rest != nil {
			each(e.Rest)
		}
	case *ast.ObjectPattern:
		for _, p := range e.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				each(&p.Name)
				g.expr(&p.Initializer)
			case *ast.PropertyKeyed:
				g.expr(&p.Key)
				each(p.Value)
			}
		}
		if e.Rest != nil {
			each(e.Rest)
		}
	}
}
