package loader

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"
)

// Line is a text that somebody typed: JavaScript or TypeScript, with imports and await at its top level. What it
// declares there is a property of the global object, so that later lines see it, and functions that are sent take it
// along.
type Line struct {
	l *Loader
	u *unit
}

// Line compiles text as a line of the name that stacks show. The error is a *SyntaxError; see Incomplete.
func (l *Loader) Line(name, text string) (*Line, error) {
	u := &unit{file: name, name: name + compiledMark, text: text, params: append(slices.Clone(cjsParams), "__import")}
	if l.instruments(name, text) {
		l.instrumented++
		u.number = l.instrumented
	}
	l.mu.Lock()
	l.files[name] = u // an error, too, shows lines of it
	l.mu.Unlock()
	printed, err := printLine(name, text)
	if err != nil {
		return nil, err
	}
	if err := u.buildLine(printed); err != nil {
		return nil, err
	}
	l.keep(u)
	return &Line{l, u}, nil
}

// Run runs the line, as often as it is called. It returns a promise of an array: of the value of the last statement,
// if that is an expression, or empty. The error is as that of Loader.Run.
func (n *Line) Run() (*goja.Object, error) {
	l := n.l
	m := l.prompt
	if m == nil {
		m = l.newModule(filepath.Join(l.dir(), "[prompt]"), nil)
		if err := l.object(m, "."); err != nil {
			return nil, err
		}
		l.prompt = m
	}
	fn, err := l.bodyOf(n.u)
	if err != nil {
		return nil, l.exception(err)
	}
	args := make([]goja.Value, 0, len(n.u.params))
	for _, p := range n.u.params {
		args = append(args, l.argument(m, p))
	}
	v, err := fn(goja.Undefined(), args...)
	if err != nil {
		return nil, l.exception(err)
	}
	promise, ok := v.(*goja.Object)
	if !ok {
		return nil, errors.New("the line gave no promise")
	}
	return promise, nil
}

// Incomplete reports whether err, of Line, says no more than that the text is not finished.
func Incomplete(err error) bool {
	var se *SyntaxError
	if !errors.As(err, &se) {
		return false
	}
	return strings.Contains(se.Message, "end of file") || strings.Contains(se.Message, "to terminate multi-line comment") || se.open
}

// printLine has esbuild print text as an ES module, a statement a line. Braces at the beginning are an object, if they
// can be.
func printLine(name, text string) (api.TransformResult, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") && !strings.HasSuffix(strings.TrimSpace(text), ";") {
		if r := printOne("(" + text + "\n)"); len(r.Errors) == 0 {
			return r, nil
		}
	}
	r := printOne(text)
	if len(r.Errors) > 0 {
		se := syntaxErrorOf(name, text, r.Errors[0])
		se.open = strings.HasPrefix(se.Message, "Unterminated") && strings.Count(text, "`")%2 == 1
		return r, se
	}
	return r, nil
}

func printOne(text string) api.TransformResult {
	const keepImports = `{"compilerOptions": {"verbatimModuleSyntax": true}}`
	r := transform(text, dialect{loader: api.LoaderTS, tsconfig: keepImports}, api.FormatESModule, nil)
	if len(r.Errors) > 0 {
		if js := transform(text, dialect{loader: api.LoaderJS}, api.FormatESModule, nil); len(js.Errors) == 0 {
			return js
		}
	}
	return r
}

// buildLine makes u's program of what printLine gave: an async function, in which what was declared is assigned and
// the last value returned.
func (u *unit) buildLine(r api.TransformResult) error {
	maps, err := decodeMappings(mappingsOf(r.Map))
	if err != nil {
		return &SyntaxError{File: u.file, Message: err.Error()}
	}
	u.code, u.maps = importsOf(dropHelpers(patchImport(string(r.Code)))), maps
	head := "(async function (" + strings.Join(u.params, ", ") + ") { "
	_, fn, err := parseLine(u.name, head, u.code)
	if err != nil {
		return engineError(u, err)
	}
	hoisted := u.assign(fn, len(head))
	head += hoisted
	tree, fn, err := parseLine(u.name, head, u.code)
	if err != nil {
		return engineError(u, err)
	}
	u.shift = len(head)
	tree.Body[0].(*ast.ExpressionStatement).Expression = u.instrument(fn, tree.File.Source())
	if len(u.maps) == 0 {
		u.maps = nil // an empty line, or a directive
	}
	if err := u.finish(tree, u.maps.inBytes(u.code, len(head)), len(head)); err != nil {
		return engineError(u, err)
	}
	return nil
}

func parseLine(name, head, code string) (*ast.Program, *ast.FunctionLiteral, error) {
	tree, err := parser.ParseFile(nil, name, head+code+"\nreturn [];\n})", 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, nil, err
	}
	if len(tree.Body) == 1 {
		if e, ok := tree.Body[0].(*ast.ExpressionStatement); ok {
			if fn, ok := e.Expression.(*ast.FunctionLiteral); ok {
				return tree, fn, nil
			}
		}
	}
	return nil, nil, errors.New("the line ends what it did not begin")
}

// importForm takes a static import apart, as esbuild prints it.
var importForm = regexp.MustCompile(`^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+) )?(?:\{ ?([^}]*?) ?\} )?(?: ?from )?("(?:[^"\\]|\\.)*").*;$`)

// importsOf makes declarations of static imports, each on its line.
func importsOf(code string) string {
	var b strings.Builder
	number := 0
	for line := range strings.Lines(code) {
		m := importForm.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			b.WriteString(line)
			continue
		}
		number++
		space := fmt.Sprintf("__space%d", number)
		fmt.Fprintf(&b, "const %s = await __import(%s)", space, m[4])
		if m[1] != "" {
			fmt.Fprintf(&b, ", %s = %s.default", m[1], space)
		}
		if m[2] != "" {
			fmt.Fprintf(&b, ", %s = %s", m[2], space)
		}
		if m[3] != "" {
			fmt.Fprintf(&b, ", { %s } = %s", strings.ReplaceAll(m[3], " as ", ": "), space)
		}
		b.WriteString(";\n")
	}
	return b.String()
}

// assign changes u.code, and u.maps with it: what the statements of fn declare becomes an assignment to the global
// object, and the last expression is returned. Functions are assigned by what it returns, which belongs before all.
// esbuild begins each statement on a line of its own.
func (u *unit) assign(fn *ast.FunctionLiteral, head int) (hoisted string) {
	list := fn.Body.List[:len(fn.Body.List)-1] // without what parseLine added
	end := len(u.code)
	for i := len(list) - 1; i >= 0; i-- {
		s := list[i]
		begin := strings.LastIndexByte(u.code[:min(int(beginOf(s))-1-head, len(u.code))], '\n') + 1
		text := u.code[begin:end]
		body := strings.TrimRight(text, "; \n")
		rest := text[len(body):]
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			u.code = u.code[:begin] + assigned(body, s.List, s.Token.String(), head+begin) + rest + u.code[end:]
		case *ast.VariableStatement:
			if !strings.HasPrefix(body, "var __") { // esbuild's own
				u.code = u.code[:begin] + assigned(body, s.List, "var", head+begin) + rest + u.code[end:]
			}
		case *ast.ClassDeclaration:
			name := s.Class.Name.Name.String()
			u.code = u.code[:begin] + name + " = " + body + ";" + rest + u.code[end:]
		case *ast.FunctionDeclaration:
			name := s.Function.Name.Name.String()
			hoisted += "globalThis." + name + " = " + name + "; "
		case *ast.ExpressionStatement:
			if i == len(list)-1 {
				u.code = u.code[:begin] + "return [(\n" + body + "\n)];" + rest + u.code[end:]
				u.moveLines(strings.Count(u.code[:begin], "\n"))
			}
		}
		end = begin
	}
	return hoisted
}

// beginOf is a place on the first line of a statement. The parser leaves that of an if statement out.
func beginOf(s ast.Statement) file.Idx {
	if s, ok := s.(*ast.IfStatement); ok {
		return s.Test.Idx0()
	}
	return s.Idx0()
}

// moveLines takes account of a line that was put in before the given one, from 0.
func (u *unit) moveLines(from int) {
	for i := range u.maps {
		if u.maps[i].line >= from {
			u.maps[i].line++
		}
	}
}

// assigned makes an assignment of a declaration, whose text begins at the offset in the parsed text.
func assigned(text string, list []*ast.Binding, word string, offset int) string {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Initializer == nil {
			at := int(list[i].Target.Idx1()) - 1 - offset
			text = text[:at] + " = void 0" + text[at:]
		}
	}
	return strings.Repeat(" ", len(word)) + "(" + text[len(word)+1:] + ")"
}
