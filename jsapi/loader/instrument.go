package loader

import (
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// Names that stand in no text of a user's that is instrumented.
const (
	probeName  = "__sc_probe" // 0, or the number of the variable that functions are asked for
	keepName   = "__sc_keep"  // keeps what reads the variables of a class
	hiddenName = "__sc_run"   // with a number: tells one run of a scope from another
	ourNames   = "__sc_"
)

// tag is the text that stands in the place of a function's own, which goja keeps for Function.prototype.toString: it
// says which function this is, whatever others have the same text.
func tag(unit, closure int) string {
	return "\x00" + strconv.Itoa(unit) + ":" + strconv.Itoa(closure)
}

// tagged is the inverse of tag.
func tagged(text string) (unit, closure int, ok bool) {
	if !strings.HasPrefix(text, "\x00") {
		return 0, 0, false
	}
	a, b, ok := strings.Cut(text[1:], ":")
	if !ok {
		return 0, 0, false
	}
	unit, err1 := strconv.Atoi(a)
	closure, err2 := strconv.Atoi(b)
	return unit, closure, err1 == nil && err2 == nil
}

// instrument gives each function that uses variables from around it a way to read them from outside: it begins with
//
//	if (__sc_probe) return __sc_probe === 1 ? a : b;
//
// Nothing is made when the function is, and a call costs one test of a variable. The text does not change, so
// neither do lines and columns. Function.prototype.toString of the loader gives the user's text.
func (a *analyser) instrument() {
	for _, c := range a.closures {
		for _, v := range c.vars {
			if v.shared && v.scope.frame.closure != nil {
				c.scopes = append(c.scopes, v.scope)
				a.hide(v.scope)
			}
		}
	}
	for _, c := range a.closures {
		switch {
		case len(c.vars) == 0:
		case c.literal != nil:
			instrumentClass(c, c.literal)
		case c.body != nil:
			instrumentBody(c, c.body)
		}
		c.literal, c.body = nil, nil
	}
}

// hide gives the scope a variable that tells its runs apart.
func (a *analyser) hide(s *scope) {
	if s.hidden != "" || s.block == nil {
		return
	}
	a.hidden++
	s.hidden = hiddenName + strconv.Itoa(a.hidden)
	list := *s.block
	n := directives(list)
	at := file.Idx(1)
	if len(list) > 0 {
		at = list[0].Idx0()
	}
	let := &ast.LexicalDeclaration{Idx: at, Token: token.LET, List: []*ast.Binding{{Target: ident(s.hidden, at)}}}
	*s.block = insert(list, n, let)
}

func insert(list []ast.Statement, n int, s ast.Statement) []ast.Statement {
	out := make([]ast.Statement, 0, len(list)+1)
	out = append(out, list[:n]...)
	out = append(out, s)
	return append(out, list[n:]...)
}

// directives counts the strings that a body begins with.
func directives(list []ast.Statement) int {
	for i, s := range list {
		e, ok := s.(*ast.ExpressionStatement)
		if !ok {
			return i
		}
		if _, ok := e.Expression.(*ast.StringLiteral); !ok {
			return i
		}
	}
	return len(list)
}

func ident(name string, at file.Idx) *ast.Identifier {
	return &ast.Identifier{Name: unistring.NewFromString(name), Idx: at}
}

func instrumentBody(c *closure, body ast.ConciseBody) {
	at := body.Idx0()
	switch body := body.(type) {
	case *ast.ExpressionBody:
		body.Expression = &ast.ConditionalExpression{Test: ident(probeName, at), Consequent: answer(c, at), Alternate: body.Expression}
	case *ast.BlockStatement:
		probe := &ast.IfStatement{If: at, Test: ident(probeName, at), Consequent: &ast.ReturnStatement{Return: at, Argument: answer(c, at)}}
		body.List = insert(body.List, directives(body.List), probe)
	}
}

// instrumentClass gives the class a static block that keeps a function that reads its variables, since a class
// cannot be called without making something.
func instrumentClass(c *closure, cl *ast.ClassLiteral) {
	at := cl.Class
	read := &ast.ArrowFunctionLiteral{
		Start:         at,
		ParameterList: &ast.ParameterList{Opening: at, Closing: at, List: []*ast.Binding{{Target: ident(probeName, at)}}},
		Body:          &ast.ExpressionBody{Expression: chain(c, at)},
	}
	call := &ast.CallExpression{
		Callee: ident(keepName, at), LeftParenthesis: at, RightParenthesis: at,
		ArgumentList: []ast.Expression{&ast.ThisExpression{Idx: at}, read},
	}
	block := &ast.ClassStaticBlock{Static: at, Block: &ast.BlockStatement{
		LeftBrace: at, RightBrace: at, List: []ast.Statement{&ast.ExpressionStatement{Expression: call}},
	}}
	cl.Body = append([]ast.ClassElement{block}, cl.Body...)
}

// answer is what the probe of a function returns. An async function would wait for a value that is a promise, so it
// comes in an array.
func answer(c *closure, at file.Idx) ast.Expression {
	if !c.async {
		return chain(c, at)
	}
	return &ast.ArrayLiteral{LeftBracket: at, RightBracket: at, Value: []ast.Expression{chain(c, at)}}
}

// chain is the value that the probe asks for: the variables from 1 on, then what tells the runs of their scopes apart.
func chain(c *closure, at file.Idx) ast.Expression {
	var list []ast.Expression
	for _, v := range c.vars {
		list = append(list, &ast.Identifier{Name: v.name, Idx: at})
	}
	for _, s := range c.scopes {
		if s.hidden == "" {
			list = append(list, &ast.NullLiteral{Idx: at, Literal: "null"})
			continue
		}
		make := &ast.AssignExpression{Operator: token.ASSIGN, Left: ident(s.hidden, at), Right: &ast.ObjectLiteral{LeftBrace: at, RightBrace: at}}
		list = append(list, &ast.BinaryExpression{Operator: token.LOGICAL_OR, Left: ident(s.hidden, at), Right: make})
	}
	e := list[len(list)-1]
	for i := len(list) - 2; i >= 0; i-- {
		number := &ast.NumberLiteral{Idx: at, Literal: "1", Value: int64(i + 1)}
		test := &ast.BinaryExpression{Operator: token.STRICT_EQUAL, Left: ident(probeName, at), Right: number, Comparison: true}
		e = &ast.ConditionalExpression{Test: test, Consequent: list[i], Alternate: e}
	}
	return e
}

// instrumented makes of the function of a module a function of probe and keep that returns it, and before it a
// function that sets the probe.
func instrumented(module ast.Expression) ast.Expression {
	param := func(names ...string) *ast.ParameterList {
		list := &ast.ParameterList{Opening: 1, Closing: 1}
		for _, n := range names {
			list.List = append(list.List, &ast.Binding{Target: ident(n, 1)})
		}
		return list
	}
	set := &ast.ArrowFunctionLiteral{
		Start: 1, ParameterList: param("value"),
		Body: &ast.ExpressionBody{Expression: &ast.AssignExpression{Operator: token.ASSIGN, Left: ident(probeName, 1), Right: ident("value", 1)}},
	}
	pair := &ast.ArrayLiteral{LeftBracket: 1, RightBracket: 1, Value: []ast.Expression{set, module}}
	return &ast.ArrowFunctionLiteral{Start: 1, ParameterList: param(probeName, keepName), Body: &ast.ExpressionBody{Expression: pair}}
}
