package loader

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/unistring"
	"github.com/evanw/esbuild/pkg/api"

	"supercluster/vm"
)

// unit is one compiled file.
type unit struct {
	file    string // its path, as the user knows it
	name    string // what goja calls it: file, or file and compiledMark
	text    string // the user's text, without byte order mark
	code    string // the compiled text; the same as text if maps is nil
	maps    mapping
	esm     bool
	tla     bool
	program *goja.Program
	params  []string
	imports []staticImport // of an ES module, in order
	exports []string       // names that an ES module exports itself; those of `export *` are not among them

	number   int             // among those that are instrumented, from 1 on; 0 for others
	closures []*closure      // its functions, by the number in their tags
	shift    int             // how far the text that was parsed is ahead of code
	setters  []goja.Callable // set the probe of each run
	check    *checker        // of Check
	lines    []int           // where the lines of code begin, once asked for
	bundled  *bundle         // a unit that is only there for the stacks of what was bundled
}

// compiledMark follows a file's path where positions in its compiled text are meant.
const compiledMark = "?compiled"

// cjsParams, esmParams are the parameters of a module's function. __import and its kin are what lowered code asks for.
var (
	cjsParams = []string{"exports", "require", "module", "__filename", "__dirname"}
	esmParams = []string{"__fetch", "__self", "__import", "__meta", "__export", "__toESM", "__reExport", "__toCommonJS", "__exports"}
)

// compile makes a unit of the text of the file at path: as it stands if goja parses it and d allows, otherwise lowered. The
// error is a *SyntaxError.
func (l *Loader) compile(path, text string, d dialect) (*unit, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	u := &unit{file: path, name: path, text: text, code: text, esm: d.esm, params: cjsParams}
	if l.instruments(path, text) {
		l.instrumented++
		u.number, u.check = l.instrumented, l.checking
	}
	if d.esm {
		u.params = esmParams
	}
	l.mu.Lock()
	l.files[path] = u // an error, too, shows lines of it
	l.mu.Unlock()
	if !d.lower && !(d.esm && looksESM(text)) {
		if u.build() == nil {
			l.keep(u)
			return u, nil
		}
	}
	low, msgs := l.lowerCached(text, d)
	if msgs != nil {
		return nil, syntaxErrorOf(path, text, msgs[0])
	}
	if err := u.useLowered(low, d); err != nil {
		return nil, err
	}
	l.keep(u)
	return u, nil
}

// useLowered makes u's program of the lowered text.
func (u *unit) useLowered(low *lowered, d dialect) error {
	m, err := decodeMappings(low.Map)
	if err != nil {
		return &SyntaxError{File: u.file, Message: err.Error()}
	}
	u.name, u.code, u.maps, u.esm, u.tla = u.file+compiledMark, low.Code, m, low.ESM, low.TLA
	u.params = append(append([]string{}, cjsParams...), "__import")
	if u.esm {
		u.params = esmParams
		if !d.esm {
			u.params = append(append([]string{}, esmParams...), undeclared(u.code, cjsParams)...)
		}
		u.imports, u.exports = recordOf(u.code)
		for i, im := range u.imports {
			u.imports[i].names = append(im.names, low.Unused[im.spec]...)
		}
	}
	if err := u.build(); err != nil {
		return engineError(u, err)
	}
	return nil
}

// topName finds the names that lines at the top level declare, those in a pattern on one line included.
var topName = regexp.MustCompile(`(?m)^(?:const|let|var|class) (?:([\w$]+)|[{\[]([^}\]\n]*)[}\]])`)

// undeclared returns those of names that code, a module as lower made it, does not declare itself at its top level.
func undeclared(code string, names []string) (free []string) {
	declared := map[string]bool{}
	for _, m := range topName.FindAllStringSubmatch(code, -1) {
		declared[m[1]] = true
		for _, f := range strings.FieldsFunc(m[2], func(r rune) bool { return r == ' ' || r == ',' || r == ':' }) {
			declared[f] = true
		}
	}
	for _, n := range names {
		if !declared[n] {
			free = append(free, n)
		}
	}
	return free
}

// build parses and compiles u.code, and u.maps if it has one, as the body of a function of u.params: not by text
// around it, which would move the columns of the first line, but by a function literal around its tree. A pass that
// analyses or rewrites modules belongs before it: all that comes after knows only code, maps and params.
func (u *unit) build() (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("the parser failed: %v", x) // goja's does, for '\u{10FFFF}'
		}
	}()
	tree, err := parser.ParseFile(nil, u.name, u.code, 0, parser.WithDisableSourceMaps)
	if returnsFirst(err) {
		return u.buildWrapped()
	}
	if err != nil {
		return err
	}
	fn := &ast.FunctionLiteral{
		Function:        1,
		ParameterList:   &ast.ParameterList{Opening: 1, Closing: 1},
		Body:            &ast.BlockStatement{List: tree.Body, LeftBrace: 1, RightBrace: 1},
		DeclarationList: tree.DeclarationList,
	}
	for _, n := range u.params {
		id := &ast.Identifier{Name: unistring.NewFromString(n), Idx: 1}
		fn.ParameterList.List = append(fn.ParameterList.List, &ast.Binding{Target: id})
	}
	tree.Body = []ast.Statement{&ast.ExpressionStatement{Expression: u.instrument(fn, tree.File.Source())}}
	tree.DeclarationList = nil
	return u.finish(tree, u.maps.inBytes(u.code, 0), 0)
}

// returnsFirst reports whether err begins with `return` at the top level, which a CommonJS module may have. What the
// parser says after that may come of what it skipped.
func returnsFirst(err error) bool {
	list, ok := err.(parser.ErrorList)
	return ok && len(list) > 0 && list[0].Message == "Illegal return statement"
}

// buildWrapped is build for a text that returns at its top level, which goja parses only in a function. What it
// moves on the first line is moved back by finish.
func (u *unit) buildWrapped() error {
	head := "(function (" + strings.Join(u.params, ", ") + ") { "
	text := u.code
	if strings.HasPrefix(text, "#!") {
		text = "//" + text[2:]
	}
	tree, err := parser.ParseFile(nil, u.name, head+text+"\n})", 0, parser.WithDisableSourceMaps)
	if err != nil {
		return err
	}
	if e, ok := tree.Body[0].(*ast.ExpressionStatement); ok {
		if fn, ok := e.Expression.(*ast.FunctionLiteral); ok {
			u.shift = len(head)
			e.Expression = u.instrument(fn, tree.File.Source())
		}
	}
	return u.finish(tree, u.maps.inBytes(u.code, len(head)), len(head))
}

// finish compiles the tree. m, with columns in bytes, maps the text that was parsed; if it is nil, that is the user's,
// but for moved columns before its first line.
func (u *unit) finish(tree *ast.Program, m mapping, moved int) error {
	if m == nil {
		if err := vm.CountUTF16(tree.File, u.name, moved); err != nil {
			return err
		}
	} else {
		c, err := m.consumer(u.file)
		if err != nil {
			return err
		}
		tree.File.SetSourceMap(c)
	}
	if err := vm.TranslateRegexps(tree, u.code); err != nil {
		return err
	}
	vm.GrowStrings(tree, u.code)
	p, err := goja.CompileAST(tree, u.esm)
	if err != nil {
		return err
	}
	u.program = p
	return nil
}

// instrument analyses the function of the whole module, if its functions may be sent, and gives them their probes.
func (u *unit) instrument(fn *ast.FunctionLiteral, src string) ast.Expression {
	if u.number == 0 {
		return fn
	}
	if u.check != nil {
		u.check.sites, u.check.specs = nil, nil
	}
	a := &analyser{src: src, strict: u.esm || directive(fn.Body.List), number: u.number, frame: &frame{}, check: u.check}
	a.open(nil)
	for _, p := range fn.ParameterList.List {
		vm.BoundNames(p.Target, a.scope.declare)
	}
	a.body(fn.Body, fn.DeclarationList)
	a.instrument()
	u.closures = a.closures
	return instrumented(fn)
}

// looksESM reports whether text may hold imports or exports, so that parsing it as CommonJS first would be in vain.
func looksESM(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t")
		if strings.HasPrefix(line, "import") || strings.HasPrefix(line, "export") {
			return true
		}
	}
	return strings.Contains(text, "import.meta") || strings.Contains(text, "import(") || strings.Contains(text, "await")
}

// keep remembers u for MapStack, Locate and Frame.
func (l *Loader) keep(u *unit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.units[u.name] = u
	l.files[u.file] = u
	for _, name := range []string{u.name, u.file} {
		if alias := file.ResolveSourcemapURL(u.name, name); alias != nil && alias.String() != name {
			l.aliases[alias.String()] = name
		}
	}
	clear(l.sites)
}

// loaderOf returns esbuild's loader for a file name's extension; plain reports whether goja may try first.
func loaderOf(ext string) (loader api.Loader, plain bool) {
	switch ext {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS, false
	case ".tsx":
		return api.LoaderTSX, false
	case ".jsx":
		return api.LoaderJSX, false
	}
	return api.LoaderJS, true
}
