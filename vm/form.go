package vm

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// maxClosing is how many closing parentheses goja may have lost at the end of an arrow function's text.
const maxClosing = 8

// maxForms bounds the memory of formOf; a program has few functions that it sends often.
const maxForms = 1000

var (
	classText  = regexp.MustCompile(`^class(\s+[^\s(]|\{|\s*/[*/])`)
	nativeText = regexp.MustCompile(`\{ \[native code\] \}\s*$`)
)

// form is a text that can be evaluated.
type form struct {
	source string
	method bool
}

// forms remembers the form of texts, since each costs a parse and masters send the same few functions again.
var forms = struct {
	sync.Mutex
	of map[string]form
}{of: make(map[string]form)}

// formOf turns what goja's Function.prototype.toString gave into text that can be evaluated elsewhere: it puts back
// the closing parentheses that goja loses at the end of an arrow function, and tells methods from expressions.
func formOf(text, name string) (form, error) {
	forms.Lock()
	f, ok := forms.of[text]
	forms.Unlock()
	if ok {
		return f, nil
	}
	f, err := findForm(text, name)
	if err != nil {
		return f, err
	}
	forms.Lock()
	defer forms.Unlock()
	if len(forms.of) >= maxForms {
		clear(forms.of)
	}
	forms.of[text] = f
	return f, nil
}

func findForm(text, name string) (form, error) {
	called := "the function"
	if name != "" {
		called = fmt.Sprintf("the function %q", name)
	}
	switch {
	case text == "" || nativeText.MatchString(text):
		if rest, bound := strings.CutPrefix(name, "bound "); bound {
			return form{}, fmt.Errorf("cannot send the bound function %q: pass the original function and its arguments", rest)
		}
		return form{}, fmt.Errorf("cannot send %s: it is native; wrap it in a function of your own", called)
	case classText.MatchString(text):
		return form{}, fmt.Errorf("cannot send the class %q: send a function that makes and uses it", name)
	}
	if src, fn := expression(text); fn != nil {
		if reason := bindsOutside(fn); reason != "" {
			return form{}, fmt.Errorf("cannot send %s: %s", called, reason)
		}
		return compiles(form{source: src}, "("+src+"\n)", called)
	}
	f, err := methodForm(text)
	if err != nil {
		return form{}, fmt.Errorf("cannot send %s: %w", called, err)
	}
	return compiles(f, "({"+f.source+"\n})", called)
}

// compiles returns f if src, which is f's text in its glue, is a whole program: what parses may still refer to
// private members of a class around it.
func compiles(f form, src, called string) (form, error) {
	_, err := Compile("", src, false)
	switch {
	case err == nil:
		return f, nil
	case strings.Contains(err.Error(), "rivate"):
		return form{}, fmt.Errorf("cannot send %s: it uses private members of its class", called)
	}
	return form{}, fmt.Errorf("cannot send %s: %w", called, err)
}

// expression returns text with the endings that make a function expression of it, and its tree; nil if none does.
// Text with too few parentheses never parses, so the first that does is right.
func expression(text string) (string, ast.Expression) {
	// goja takes the last character of `(x)++` for the parenthesis.
	candidates := []string{text}
	if n := len(text); n > 0 && (strings.HasSuffix(text, ")+") || strings.HasSuffix(text, ")-")) {
		candidates = append(candidates, text+text[n-1:])
	}
	for range maxClosing {
		text += ")"
		candidates = append(candidates, text)
	}
	for _, src := range candidates {
		switch e := parseExpression("(" + src + "\n)").(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
			return src, e
		}
	}
	return "", nil
}

// parseExpression returns the only expression of src, or nil.
func parseExpression(src string) (e ast.Expression) {
	defer func() {
		if recover() != nil {
			e = nil // a fault of the parser: the text cannot be used
		}
	}()
	tree, err := goja.Parse("", src, parser.WithDisableSourceMaps)
	if err != nil || len(tree.Body) != 1 {
		return nil
	}
	if s, ok := tree.Body[0].(*ast.ExpressionStatement); ok {
		return s.Expression
	}
	return nil
}

// methodForm takes text as a member of an object literal.
func methodForm(text string) (form, error) {
	e, ok := parseExpression("({" + text + "\n})").(*ast.ObjectLiteral)
	if !ok || len(e.Value) != 1 {
		if strings.HasPrefix(text, "#") || strings.Contains(text, ".#") {
			return form{}, errors.New("it uses private members of its class")
		}
		return form{}, errors.New("its text cannot be evaluated on its own; give it a body in braces")
	}
	p, ok := e.Value[0].(*ast.PropertyKeyed)
	if !ok {
		return form{}, errNotFunction
	}
	switch p.Kind {
	case ast.PropertyKindGet, ast.PropertyKindSet:
		return form{}, errors.New("it is a getter or a setter; send a function that uses it")
	case ast.PropertyKindMethod:
	default:
		return form{}, errNotFunction
	}
	if reason := bindsOutside(p.Value); reason != "" {
		return form{}, errors.New(reason)
	}
	if p.Computed {
		text = plainKey(text)
	}
	return form{source: text, method: true}, nil
}

// plainKey replaces a computed key, whose variables are unknown elsewhere, by one of the same length.
func plainKey(text string) string {
	open := strings.IndexByte(text, '[')
	for end := open + 1; end < len(text); end++ {
		if text[end] != ']' {
			continue
		}
		// The first bracket that closes an expression is the key's own.
		if parseExpression("("+text[open+1:end]+"\n)") == nil {
			continue
		}
		blank := strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, text[open+2:end])
		return text[:open+1] + "0" + blank + text[end:]
	}
	return text
}

// bindsOutside says what of the place where a function was made it cannot do without: "" if nothing.
func bindsOutside(fn ast.Expression) string {
	root := reflect.ValueOf(fn).Elem()
	_, arrow := fn.(*ast.ArrowFunctionLiteral)
	switch {
	case uses(root, reflect.TypeFor[ast.SuperExpression]()):
		return "it uses super"
	case arrow && uses(root, reflect.TypeFor[ast.ThisExpression]()):
		return "it is an arrow function that uses the this of the place where it was made"
	}
	return ""
}

// uses reports whether the tree v holds a node of type t, leaving out the functions and classes inside, which have a
// this and a super of their own.
func uses(v reflect.Value, t reflect.Type) bool {
	switch v.Kind() {
	case reflect.Interface:
		return uses(v.Elem(), t)
	case reflect.Pointer:
		if v.IsNil() {
			return false
		}
		switch v.Type().Elem() {
		case t:
			return true
		case reflect.TypeFor[ast.FunctionLiteral](), reflect.TypeFor[ast.ClassLiteral]():
			return false
		}
		return uses(v.Elem(), t)
	case reflect.Struct:
		for i := range v.NumField() {
			// The list of declarations repeats parts of the tree.
			if v.Type().Field(i).Name != "DeclarationList" && uses(v.Field(i), t) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if uses(v.Index(i), t) {
				return true
			}
		}
	}
	return false
}

// WholeText returns the text of an arrow function with the closing parentheses that goja leaves out at its end; other text
// as it is.
func WholeText(text string) string {
	if whole, fn := expression(text); fn != nil {
		return whole
	}
	return text
}
