package loader

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"

	"supercluster/vm"
)

// analyser walks through a module's tree once, resolves its names, and puts into each function that uses something
// from around it the probe by which the values can be read later (instrument.go).
type analyser struct {
	src      string // the text that was parsed
	strict   bool
	scope    *scope
	frame    *frame
	with     int // bodies of with around
	closures []*closure
	number   int      // of the unit, for marks
	hidden   int      // variables that instrument has made
	check    *checker // what Check looks for; nil if functions are only made ready to be sent
}

// open begins a scope of the current frame.
func (a *analyser) open(block *[]ast.Statement) *scope {
	a.scope = &scope{parent: a.scope, frame: a.frame, block: block}
	return a.scope
}

func (a *analyser) close() { a.scope = a.scope.parent }

// declareList declares what stands in a list of statements, but for var.
func (a *analyser) declareList(list []ast.Statement) {
	for _, s := range list {
		a.declareStatement(s)
	}
}

func (a *analyser) declareStatement(s ast.Statement) {
	switch s := s.(type) {
	case *ast.LexicalDeclaration:
		a.declareBindings(s.List)
	case *ast.FunctionDeclaration:
		a.scope.declare(s.Function.Name.Name)
	case *ast.ClassDeclaration:
		a.scope.declare(s.Class.Name.Name)
	case *ast.LabelledStatement:
		a.declareStatement(s.Statement)
	}
}

func (a *analyser) declareBindings(list []*ast.Binding) {
	for _, b := range list {
		vm.BoundNames(b.Target, a.scope.declare)
	}
}

func (a *analyser) declareVars(list []*ast.VariableDeclaration) {
	for _, d := range list {
		a.declareBindings(d.List)
	}
}

// name notes a use of a name.
func (a *analyser) name(name unistring.String, at file.Idx, form useForm, write bool) {
	if a.with > 0 {
		a.mark("with")
	}
	for s := a.scope; s != nil; s = s.parent {
		v := s.find(name)
		if v == nil {
			continue
		}
		if v.scope.frame == a.frame {
			return
		}
		u := use{at, form}
		v.uses = append(v.uses, u)
		if write {
			v.shared = true
			v.writes = append(v.writes, u)
		}
		a.frame.addFree(v, at)
		return
	}
	if c := a.frame.closure; c != nil && unusual(string(name)) {
		for f := a.frame; f.closure != nil; f = f.parent {
			f.closure.globals = append(f.closure.globals, captured{&variable{name: name}, at})
		}
	}
}

// mark notes for all functions around what keeps their names from being known.
func (a *analyser) mark(what string) {
	for f := a.frame; f.closure != nil; f = f.parent {
		f.closure.dynamic = what
	}
}

func (a *analyser) statements(list []ast.Statement) {
	for _, s := range list {
		a.statement(s)
	}
}

// blockOf goes through a block with a scope of its own, if it declares something.
func (a *analyser) blockOf(list *[]ast.Statement) {
	a.open(list)
	a.declareList(*list)
	a.statements(*list)
	a.close()
}

func (a *analyser) statement(s ast.Statement) {
	switch s := s.(type) {
	case nil:
	case *ast.BlockStatement:
		if s != nil {
			a.blockOf(&s.List)
		}
	case *ast.ExpressionStatement:
		a.expr(s.Expression)
	case *ast.VariableStatement:
		a.bindings(s.List)
	case *ast.LexicalDeclaration:
		a.bindings(s.List)
	case *ast.FunctionDeclaration:
		a.function(s.Function, functionDeclared)
	case *ast.ClassDeclaration:
		a.class(s.Class)
	case *ast.IfStatement:
		a.expr(s.Test)
		a.statement(s.Consequent)
		a.statement(s.Alternate)
	case *ast.ReturnStatement:
		a.expr(s.Argument)
	case *ast.ThrowStatement:
		a.expr(s.Argument)
	case *ast.LabelledStatement:
		a.statement(s.Statement)
	case *ast.TryStatement:
		a.try(s)
	case *ast.SwitchStatement:
		a.expr(s.Discriminant)
		a.open(nil)
		for _, c := range s.Body {
			a.declareList(c.Consequent)
		}
		for _, c := range s.Body {
			a.expr(c.Test)
			a.statements(c.Consequent)
		}
		a.close()
	case *ast.WithStatement:
		a.expr(s.Object)
		a.with++
		a.mark("with")
		a.statement(s.Body)
		a.with--
	default:
		a.loop(s)
	}
}

func (a *analyser) try(s *ast.TryStatement) {
	a.statement(s.Body)
	if c := s.Catch; c != nil {
		a.open(nil)
		if c.Parameter != nil {
			vm.BoundNames(c.Parameter, a.scope.declare)
			a.target(c.Parameter, false)
		}
		a.blockOf(&c.Body.List)
		a.close()
	}
	if s.Finally != nil {
		a.statement(s.Finally)
	}
}

func (a *analyser) loop(s ast.Statement) {
	switch s := s.(type) {
	case *ast.WhileStatement:
		a.expr(s.Test)
		a.statement(s.Body)
	case *ast.DoWhileStatement:
		a.statement(s.Body)
		a.expr(s.Test)
	case *ast.ForStatement:
		a.open(nil)
		switch in := s.Initializer.(type) {
		case *ast.ForLoopInitializerExpression:
			a.expr(in.Expression)
		case *ast.ForLoopInitializerVarDeclList:
			a.bindings(in.List)
		case *ast.ForLoopInitializerLexicalDecl:
			a.declareBindings(in.LexicalDeclaration.List)
			a.bindings(in.LexicalDeclaration.List)
		}
		a.expr(s.Test)
		a.expr(s.Update)
		a.statement(s.Body)
		a.close()
	case *ast.ForInStatement:
		a.forInto(s.Into, s.Source, s.Body)
	case *ast.ForOfStatement:
		a.forInto(s.Into, s.Source, s.Body)
	}
}

func (a *analyser) forInto(into ast.ForInto, source ast.Expression, body ast.Statement) {
	a.open(nil)
	switch in := into.(type) {
	case *ast.ForIntoVar:
		a.target(in.Binding.Target, false)
		a.expr(in.Binding.Initializer)
	case *ast.ForDeclaration:
		vm.BoundNames(in.Target, a.scope.declare)
		a.target(in.Target, false)
	case *ast.ForIntoExpression:
		a.target(in.Expression, true)
	}
	a.expr(source)
	a.statement(body)
	a.close()
}

func (a *analyser) bindings(list []*ast.Binding) {
	for _, b := range list {
		a.target(b.Target, false)
		a.expr(b.Initializer)
		if a.check != nil {
			a.declaredAs(b.Target, b.Initializer)
		}
	}
}

// target goes through what is assigned to; write says that names in it were declared elsewhere.
func (a *analyser) target(e ast.Expression, write bool) {
	switch e := e.(type) {
	case nil:
	case *ast.Identifier:
		if write {
			a.name(e.Name, e.Idx, usePlain, true)
		}
	case *ast.Binding:
		a.target(e.Target, write)
		a.expr(e.Initializer)
	case *ast.AssignExpression:
		a.target(e.Left, write)
		a.expr(e.Right)
	case *ast.SpreadElement:
		a.target(e.Expression, write)
	case *ast.ArrayPattern:
		for _, el := range e.Elements {
			a.target(el, write)
		}
		a.target(e.Rest, write)
	case *ast.ObjectPattern:
		for _, p := range e.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				if write {
					a.name(p.Name.Name, p.Name.Idx, useShorthand, true)
				}
				a.expr(p.Initializer)
			case *ast.PropertyKeyed:
				if p.Computed {
					a.expr(p.Key)
				}
				a.target(p.Value, write)
			}
		}
		a.target(e.Rest, write)
	default:
		a.expr(e)
	}
}

func (a *analyser) exprs(list []ast.Expression) {
	for _, e := range list {
		a.expr(e)
	}
}

func (a *analyser) expr(e ast.Expression) {
	switch e := e.(type) {
	case nil:
	case *ast.Identifier:
		if e != nil {
			a.name(e.Name, e.Idx, usePlain, false)
		}
	case *ast.DotExpression:
		a.expr(e.Left)
	case *ast.CallExpression:
		a.call(e)
	case *ast.BinaryExpression:
		a.expr(e.Left)
		a.expr(e.Right)
	case *ast.AssignExpression:
		if id, ok := e.Left.(*ast.Identifier); ok {
			a.name(id.Name, id.Idx, usePlain, true)
		} else {
			a.target(e.Left, true)
		}
		a.expr(e.Right)
	case *ast.FunctionLiteral:
		a.function(e, functionExpression)
	case *ast.ArrowFunctionLiteral:
		a.arrow(e)
	case *ast.ClassLiteral:
		a.class(e)
	case *ast.ArrayLiteral:
		a.exprs(e.Value)
	case *ast.ObjectLiteral:
		a.object(e)
	case *ast.BracketExpression:
		a.expr(e.Left)
		a.expr(e.Member)
	case *ast.ConditionalExpression:
		a.expr(e.Test)
		a.expr(e.Consequent)
		a.expr(e.Alternate)
	case *ast.UnaryExpression:
		if id, ok := e.Operand.(*ast.Identifier); ok && (e.Operator == token.INCREMENT || e.Operator == token.DECREMENT) {
			a.name(id.Name, id.Idx, usePlain, true)
			return
		}
		a.expr(e.Operand)
	case *ast.TemplateLiteral:
		a.callee(e.Tag)
		a.exprs(e.Expressions)
	case *ast.NewExpression:
		a.expr(e.Callee)
		a.exprs(e.ArgumentList)
	case *ast.SequenceExpression:
		a.exprs(e.Sequence)
	default:
		a.wrapper(e)
	}
}

// wrapper is expr for what only has one expression inside.
func (a *analyser) wrapper(e ast.Expression) {
	switch e := e.(type) {
	case *ast.Optional:
		a.expr(e.Expression)
	case *ast.OptionalChain:
		a.expr(e.Expression)
	case *ast.SpreadElement:
		a.expr(e.Expression)
	case *ast.YieldExpression:
		a.expr(e.Argument)
	case *ast.AwaitExpression:
		a.expr(e.Argument)
	case *ast.PrivateDotExpression:
		a.expr(e.Left)
	case *ast.ArrayPattern, *ast.ObjectPattern, *ast.Binding:
		a.target(e, true)
	}
}

func (a *analyser) object(e *ast.ObjectLiteral) {
	for _, p := range e.Value {
		switch p := p.(type) {
		case *ast.PropertyShort:
			a.name(p.Name.Name, p.Name.Idx, useShorthand, false)
			a.expr(p.Initializer)
		case *ast.PropertyKeyed:
			if p.Computed {
				a.expr(p.Key)
			}
			if fn, ok := p.Value.(*ast.FunctionLiteral); ok && p.Kind != ast.PropertyKindValue {
				kind := functionMethod
				if p.Kind != ast.PropertyKindMethod {
					kind = functionAccessor
				}
				a.function(fn, kind)
				continue
			}
			a.expr(p.Value)
		case *ast.SpreadElement:
			a.expr(p.Expression)
		}
	}
}

func (a *analyser) callee(e ast.Expression) {
	switch c := e.(type) {
	case *ast.Identifier:
		if c != nil {
			a.name(c.Name, c.Idx, useCalled, false)
		}
	case *ast.Optional:
		a.callee(c.Expression)
	default:
		a.expr(e)
	}
}

func (a *analyser) call(e *ast.CallExpression) {
	a.callee(e.Callee)
	a.exprs(e.ArgumentList)
	if a.check != nil {
		a.sending(e)
		if spec := specOf(e); spec != "" {
			a.check.specs = append(a.check.specs, spec)
		}
	}
	id, ok := e.Callee.(*ast.Identifier)
	if !ok || a.frame.closure == nil {
		return
	}
	switch id.Name {
	case "eval":
		a.mark("eval")
	case "require", "__import":
		arg := ast.Expression(nil)
		if len(e.ArgumentList) > 0 {
			arg = e.ArgumentList[0]
		}
		if s, ok := arg.(*ast.StringLiteral); ok {
			for f := a.frame; f.closure != nil; f = f.parent {
				f.closure.requires = append(f.closure.requires, s.Value.String())
			}
		}
	}
}
