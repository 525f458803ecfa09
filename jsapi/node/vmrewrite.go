package node

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"

	"supercluster/vm"
)

// The names by which rewritten code reaches its context; its scope has them before all others.
const (
	nameScope   = "__sc_context_scope"
	nameThis    = "__sc_context_this"
	nameSelf    = "__sc_context_self"
	nameLexical = "__sc_context_lexical"
)

// parseScript parses code with goja's parser as vm.Compile does.
func parseScript(name, code string) (tree *ast.Program, err error) {
	defer func() {
		if x := recover(); x != nil {
			tree, err = nil, fmt.Errorf("parse %s: the parser failed: %v", name, x)
		}
	}()
	if tree, err = goja.Parse(name, code, parser.WithDisableSourceMaps); err != nil {
		return nil, err
	}
	return tree, vm.TranslateRegexps(tree, code)
}

// A contextScript is a program whose free names are those of a context.
//
// The engine has one global object, so the program becomes the body of a with statement over the context's scope. Its
// functions and variables become properties of the sandbox, its let, const and class stay what they are and are made
// known to the context for the programs after it; this of the program and of sloppy functions is the context's.
type contextScript struct {
	scriptText
	program *goja.Program
	typeofs []string // names that typeof may ask for though they are not there
}

func compileInContext(name, code string) (*contextScript, error) {
	tree, err := parseScript(name, code)
	if err != nil {
		return nil, err
	}
	s := &contextScript{scriptText: scriptText{name, code}}
	w := contextRewriter{script: s}
	w.walk(reflect.ValueOf(tree.Body), true, false)
	var functions, lexicals, rest []ast.Statement
	for _, st := range tree.Body {
		switch st := st.(type) {
		case *ast.FunctionDeclaration:
			id := *st.Function.Name
			functions = append(functions, &ast.ExpressionStatement{Expression: &ast.AssignExpression{
				Operator: token.ASSIGN, Left: &id, Right: st.Function,
			}})
			continue
		case *ast.LexicalDeclaration:
			for _, b := range st.List {
				vm.BoundNames(b.Target, func(n unistring.String) { lexicals = append(lexicals, lexical(n, st.Token == token.LET)) })
			}
		case *ast.ClassDeclaration:
			lexicals = append(lexicals, lexical(st.Class.Name.Name, true))
		}
		rest = append(rest, st)
	}
	var declared []ast.Statement
	for _, d := range tree.DeclarationList {
		for _, b := range d.List {
			vm.BoundNames(b.Target, func(n unistring.String) { declared = append(declared, declareVar(n)) })
		}
	}
	at := file.Idx(1)
	body := slices.Concat(lexicals, functions, declared, rest)
	tree.DeclarationList = nil
	tree.Body = []ast.Statement{&ast.WithStatement{With: at, Object: &ast.Identifier{Name: nameScope, Idx: at},
		Body: &ast.BlockStatement{LeftBrace: at, List: body, RightBrace: at}}}
	vm.GrowStrings(tree, code)
	s.program, err = goja.CompileAST(tree, false)
	return s, err
}

// called is a call of one of the context's own functions.
func called(name string, args ...ast.Expression) *ast.CallExpression {
	return &ast.CallExpression{Callee: &ast.Identifier{Name: unistring.String(name), Idx: 1}, LeftParenthesis: 1, ArgumentList: args, RightParenthesis: 1}
}

// quiet makes a statement whose completion value is undefined.
func quiet(e ast.Expression) ast.Statement {
	return &ast.ExpressionStatement{Expression: &ast.UnaryExpression{Operator: token.VOID, Idx: 1, Operand: e}}
}

// lexical tells the context of a let, const or class: void lexical("x", () => x[, v => { x = v }])
func lexical(name unistring.String, writable bool) ast.Statement {
	text := fmt.Sprintf("void %s(%q, () => %s", nameLexical, name.String(), name.String())
	if writable {
		text += fmt.Sprintf(", (__sc_v) => { %s = __sc_v }", name.String())
	}
	return ownStatement(text + ")")
}

// declareVar gives the sandbox a variable that it has not: void lexical("x")
func declareVar(name unistring.String) ast.Statement {
	return quiet(called(nameLexical, &ast.StringLiteral{Idx: 1, Literal: `""`, Value: name}))
}

// ownStatement parses a statement of ours; a name that cannot stand there is left out.
func ownStatement(text string) ast.Statement {
	tree, err := goja.Parse("", text, parser.WithDisableSourceMaps)
	if err != nil || len(tree.Body) != 1 {
		return &ast.EmptyStatement{Semicolon: 1}
	}
	return tree.Body[0]
}

// contextRewriter replaces this where it would be the global object, and notes what typeof asks for.
type contextRewriter struct{ script *contextScript }

var (
	expressionType = reflect.TypeFor[ast.Expression]()
	listName       = "DeclarationList"
)

// walk goes through a part of the tree; top: outside of functions; strict: in strict code.
func (w *contextRewriter) walk(v reflect.Value, top, strict bool) {
	switch v.Kind() {
	case reflect.Interface:
		w.walkInterface(v, top, strict)
	case reflect.Pointer:
		if !v.IsNil() {
			w.walkNode(v, top, strict)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// The list of declarations repeats parts of the tree.
			if v.Type().Field(i).Name != listName {
				w.walk(v.Field(i), top, strict)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i), top, strict)
		}
	}
}

func (w *contextRewriter) walkInterface(v reflect.Value, top, strict bool) {
	if v.IsNil() {
		return
	}
	if this, ok := v.Interface().(*ast.ThisExpression); ok && v.Type() == expressionType && v.CanSet() {
		switch {
		case top:
			v.Set(reflect.ValueOf(&ast.Identifier{Name: nameThis, Idx: this.Idx}))
		case !strict:
			call := called(nameSelf, this)
			v.Set(reflect.ValueOf(call))
		}
		return
	}
	w.walk(v.Elem(), top, strict)
}

func (w *contextRewriter) walkNode(v reflect.Value, top, strict bool) {
	switch n := v.Interface().(type) {
	case *file.File:
		return
	case *ast.FunctionLiteral:
		strict = strict || isStrict(n.Body.List)
		top = false
	case *ast.ClassLiteral:
		top, strict = false, true
	case *ast.UnaryExpression:
		if id, ok := n.Operand.(*ast.Identifier); ok && n.Operator == token.TYPEOF {
			w.script.typeofs = append(w.script.typeofs, id.Name.String())
		}
	}
	w.walk(v.Elem(), top, strict)
}

// isStrict says whether a function body begins with "use strict".
func isStrict(list []ast.Statement) bool {
	for _, st := range list {
		e, ok := st.(*ast.ExpressionStatement)
		if !ok {
			return false
		}
		text, ok := e.Expression.(*ast.StringLiteral)
		if !ok {
			return false
		}
		if strings.Trim(text.Literal, `"'`) == "use strict" {
			return true
		}
	}
	return false
}
