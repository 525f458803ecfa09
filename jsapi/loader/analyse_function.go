package loader

import (
	"unsafe"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"

	"supercluster/vm"
)

// functionKind tells how a function literal came about.
type functionKind byte

const (
	functionExpression functionKind = iota
	functionDeclared
	functionMethod
	functionAccessor // and constructors, which are not sent alone either
)

// enter begins the frame of a function or class whose text is source.
func (a *analyser) enter(source string) *closure {
	c := &closure{strict: a.strict}
	if off := uintptr(unsafe.Pointer(unsafe.StringData(source))) - uintptr(unsafe.Pointer(unsafe.StringData(a.src))); source != "" && off <= uintptr(len(a.src)) {
		c.start = file.Idx(off) + 1
		c.end = c.start + file.Idx(len(source))
	}
	a.closures = append(a.closures, c)
	a.frame = &frame{parent: a.frame, depth: a.frame.depth + 1, closure: c}
	return c
}

func (a *analyser) function(fn *ast.FunctionLiteral, kind functionKind) {
	outer, strict := a.scope, a.strict
	c := a.enter(fn.Source)
	mark := len(a.closures) - 1
	c.async, c.generator = fn.Async, fn.Generator
	if fn.Name != nil && kind == functionExpression {
		a.open(nil)
		a.scope.declare(fn.Name.Name)
	}
	a.open(nil)
	a.scope.declare("arguments")
	a.params(c, fn.ParameterList, fn.Body, fn.DeclarationList)
	a.body(fn.Body, fn.DeclarationList)
	a.scope, a.strict, a.frame = outer, strict, a.frame.parent
	if kind != functionAccessor {
		fn.Source = tag(a.number, mark)
		c.body = fn.Body
	}
	if a.check != nil && kind == functionDeclared {
		a.declaredFunction(fn.Name.Name, c)
	}
}

func (a *analyser) arrow(fn *ast.ArrowFunctionLiteral) {
	outer, strict := a.scope, a.strict
	c := a.enter(fn.Source)
	mark := len(a.closures) - 1
	c.async = fn.Async
	_, c.arrow = fn.Body.(*ast.ExpressionBody)
	a.open(nil)
	body, _ := fn.Body.(*ast.BlockStatement)
	a.params(c, fn.ParameterList, body, fn.DeclarationList)
	if body != nil {
		a.body(body, fn.DeclarationList)
	} else if e, ok := fn.Body.(*ast.ExpressionBody); ok {
		a.expr(e.Expression)
	}
	a.scope, a.strict, a.frame = outer, strict, a.frame.parent
	fn.Source, c.body = tag(a.number, mark), fn.Body
}

// params declares parameters and goes through their patterns and defaults.
func (a *analyser) params(c *closure, list *ast.ParameterList, body *ast.BlockStatement, vars []*ast.VariableDeclaration) {
	c.params = len(list.List)
	simple := true
	for _, p := range list.List {
		vm.BoundNames(p.Target, a.scope.declare)
		if _, ok := p.Target.(*ast.Identifier); !ok {
			c.patterns, simple = true, false
		}
		if p.Initializer != nil {
			c.patterns, simple = true, false
		}
	}
	if list.Rest != nil {
		vm.BoundNames(list.Rest, a.scope.declare)
		if _, ok := list.Rest.(*ast.Identifier); !ok {
			c.patterns, simple = true, false
		}
	}
	if body != nil && directive(body.List) {
		a.strict, c.strict = true, true
	}
	if simple {
		return
	}
	for _, p := range list.List {
		a.target(p.Target, false)
		a.expr(p.Initializer)
		c.computed = c.computed || runsCode(p.Target)
	}
	a.target(list.Rest, false)
	c.computed = c.computed || runsCode(list.Rest)
	if body != nil && len(c.vars) > 0 {
		c.shadowed = a.hides(c, body, vars)
	}
}

// runsCode reports whether taking an argument apart runs code of the function's: keys in brackets do.
func runsCode(e ast.Expression) bool {
	switch e := e.(type) {
	case *ast.AssignExpression:
		return runsCode(e.Left)
	case *ast.ArrayPattern:
		for _, el := range e.Elements {
			if runsCode(el) {
				return true
			}
		}
		return runsCode(e.Rest)
	case *ast.ObjectPattern:
		for _, p := range e.Properties {
			if k, ok := p.(*ast.PropertyKeyed); ok && (k.Computed || runsCode(k.Value)) {
				return true
			}
		}
	}
	return false
}

// hides reports whether the body declares a name that the parameters take from around the function.
func (a *analyser) hides(c *closure, body *ast.BlockStatement, vars []*ast.VariableDeclaration) bool {
	inner := &scope{}
	keep := a.scope
	a.scope = inner
	a.declareVars(vars)
	a.declareList(body.List)
	a.scope = keep
	for _, v := range c.vars {
		if inner.find(v.name) != nil {
			return true
		}
	}
	return false
}

// body goes through the body of a function, whose parameters are declared.
func (a *analyser) body(body *ast.BlockStatement, vars []*ast.VariableDeclaration) {
	a.open(&body.List)
	a.declareVars(vars)
	a.declareList(body.List)
	a.statements(body.List)
	a.close()
}

// directive reports whether a body begins with "use strict".
func directive(list []ast.Statement) bool {
	for _, s := range list {
		e, ok := s.(*ast.ExpressionStatement)
		if !ok {
			return false
		}
		str, ok := e.Expression.(*ast.StringLiteral)
		if !ok {
			return false
		}
		if str.Literal == `"use strict"` || str.Literal == `'use strict'` {
			return true
		}
	}
	return false
}

func (a *analyser) class(cl *ast.ClassLiteral) {
	outer, strict := a.scope, a.strict
	a.strict = true
	c := a.enter(cl.Source)
	mark := len(a.closures) - 1
	c.class = true
	if cl.Name != nil {
		a.open(nil)
		a.scope.declare(cl.Name.Name)
	}
	a.expr(cl.SuperClass)
	for _, el := range cl.Body {
		a.element(c, el)
	}
	a.scope, a.strict, a.frame = outer, strict, a.frame.parent
	cl.Source, c.literal = tag(a.number, mark), cl
	if a.check != nil && cl.Name != nil {
		a.declaredFunction(cl.Name.Name, c)
	}
}

func (a *analyser) element(c *closure, el ast.ClassElement) {
	key := func(k ast.Expression, computed bool) {
		if _, ok := k.(*ast.PrivateIdentifier); ok {
			c.private = true
		} else if computed {
			a.expr(k)
		}
	}
	switch el := el.(type) {
	case *ast.MethodDefinition:
		key(el.Key, el.Computed)
		kind := functionMethod
		if el.Kind != ast.PropertyKindMethod || isConstructor(el) {
			kind = functionAccessor
		}
		a.function(el.Body, kind)
	case *ast.FieldDefinition:
		key(el.Key, el.Computed)
		a.open(nil)
		a.scope.declare("arguments")
		a.expr(el.Initializer)
		a.close()
	case *ast.ClassStaticBlock:
		a.open(nil)
		a.declareVars(el.DeclarationList)
		a.blockOf(&el.Block.List)
		a.close()
	}
}

func isConstructor(el *ast.MethodDefinition) bool {
	if el.Static || el.Computed {
		return false
	}
	s, ok := el.Key.(*ast.StringLiteral)
	return ok && s.Value == "constructor"
}
