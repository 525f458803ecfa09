package loader

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/unistring"

	"supercluster/vm"
)

// A Sent is a function that a file sends, as far as its text tells.
type Sent struct {
	Call      string // what sends it, such as "run"
	Name      string // of the function, "" if it has none
	File      string
	Line, Col int // from 1
	Captures  []Capture
	Problems  []string // why it cannot be sent as it is
}

// A Capture is a variable that a function takes with it, itself or by way of another that it uses.
type Capture struct {
	Name    string
	What    string // such as "function", `module "lodash"`, "string", "value known only when it is sent"
	Bytes   int    // how much it adds, about; -1 is unknown before the script runs
	Via     string // the function that uses it, "" if that is the one that is sent
	Problem string // why it cannot be sent; "" if nothing is known against it
}

// checker collects the calls that send functions, and the modules that are named in calls.
type checker struct {
	sites []site
	specs []string
}

type site struct {
	call    string
	at      file.Idx
	closure *closure
	v       *variable // what the function was named by
}

// senders are the methods that send a function, and which argument it is.
var senders = map[unistring.String]int{"run": 0, "map": 1, "sendTaskTo": 1, "sendTaskToAll": 0, "sendTo": 1}

// sending notes a call that sends a function: of a method of senders, with a function in the right place.
func (a *analyser) sending(e *ast.CallExpression) {
	dot, ok := e.Callee.(*ast.DotExpression)
	if !ok {
		return
	}
	i, ok := senders[dot.Identifier.Name]
	if !ok || i >= len(e.ArgumentList) {
		return
	}
	s := site{call: dot.Identifier.Name.String(), at: dot.Identifier.Idx}
	switch arg := e.ArgumentList[i].(type) {
	case *ast.Identifier:
		s.v = a.lookUp(arg.Name)
	default:
		s.closure = a.closureIn(arg)
	}
	if s.closure != nil || s.v != nil {
		a.check.sites = append(a.check.sites, s)
	}
}

func (a *analyser) lookUp(name unistring.String) *variable {
	for s := a.scope; s != nil; s = s.parent {
		if v := s.find(name); v != nil {
			return v
		}
	}
	return nil
}

// closureIn returns the closure of a function or class literal, which has its tag already.
func (a *analyser) closureIn(e ast.Expression) *closure {
	source := ""
	switch e := e.(type) {
	case *ast.FunctionLiteral:
		source = e.Source
	case *ast.ArrowFunctionLiteral:
		source = e.Source
	case *ast.ClassLiteral:
		source = e.Source
	}
	if _, i, ok := tagged(source); ok {
		return a.closures[i]
	}
	return nil
}

// declaredAs notes what variables were declared with.
func (a *analyser) declaredAs(target, init ast.Expression) {
	vm.BoundNames(target, func(name unistring.String) {
		if v := a.lookUp(name); v != nil {
			v.init = init
			if _, plain := target.(*ast.Identifier); plain {
				v.closure = a.closureIn(init)
			}
		}
	})
}

func (a *analyser) declaredFunction(name unistring.String, c *closure) {
	if v := a.lookUp(name); v != nil {
		v.closure = c
	}
}

// CheckConfig is what Check has to know of the program that would run the file.
type CheckConfig struct {
	Builtins []string // the names of its builtin modules, without "node:"
	CacheDir string   // as in Config
	Color    bool     // as in Config
}

// Check reads the file at path and those of the user's own that it imports, without running any, and tells which functions
// they send and what these take with them. The Reports say of files that are not there, or have syntax that cannot be run.
func Check(path string, cfg CheckConfig) ([]Sent, []Report) {
	l := New(Config{
		Loop: vm.NewLoop(vm.LoopConfig{}), CacheDir: cfg.CacheDir, Color: cfg.Color,
		Builtin: func(name string) (goja.Value, bool, error) {
			return goja.Undefined(), slices.Contains(cfg.Builtins, name) || isOurs(strings.TrimPrefix(name, "sc:")), nil
		},
	})
	main, err := l.MainFile(path)
	if err != nil {
		return nil, []Report{l.Describe(err)}
	}
	var sent []Sent
	var bad []Report
	files := []string{main}
	for i := 0; i < len(files); i++ { // it grows
		more, imports, err := l.checkFile(files[i])
		if err != nil {
			bad = append(bad, l.Describe(err))
			continue
		}
		sent = append(sent, more...)
		for _, f := range imports {
			if !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	return sent, bad
}

// checkFile checks one file, and returns the user's own files that it imports.
func (l *Loader) checkFile(file string) (sent []Sent, imports []string, err error) {
	text, err := readText(file)
	if err != nil {
		return nil, nil, l.exception(l.scriptError(err))
	}
	c := &checker{}
	l.checking = c
	u, err := l.compile(file, text, l.dialectOf(file))
	l.checking = nil
	if err != nil {
		return nil, nil, l.exception(l.scriptError(err))
	}
	for _, s := range c.sites {
		if s.closure == nil && s.v != nil {
			s.closure = s.v.closure
		}
		if s.closure == nil {
			continue // no function that the text shows
		}
		sent = append(sent, l.checkSite(u, s))
	}
	return sent, l.ownImports(u, c.specs), nil
}

// ownImports are the files of the user's own, not of packages, that u imports, the modules that its text names being specs.
func (l *Loader) ownImports(u *unit, specs []string) (files []string) {
	conds := requireConds
	if u.esm {
		conds = importConds
	}
	for _, im := range u.imports {
		specs = append(specs, im.spec)
	}
	for _, spec := range specs {
		target, err := l.resolve(spec, l.request(&module{file: u.file, dir: dirOf(u.file)}, conds))
		if err != nil || !isPath(target) || belowModules(dirOf(target)) || filepath.Ext(target) == ".json" || slices.Contains(files, target) {
			continue // what cannot be found may be asked for in vain on purpose
		}
		files = append(files, target)
	}
	return files
}

func (l *Loader) checkSite(u *unit, s site) Sent {
	snap := &snapshot{l: l}
	sent := Sent{Call: s.call}
	if s.v != nil {
		sent.Name = s.v.name.String()
	}
	sent.File, sent.Line, sent.Col = l.place(snap.position(u, s.at))
	l.checkClosure(u, s.closure, "", &sent, map[*closure]bool{})
	return sent
}

// checkClosure adds what c captures to sent; via is c's name if it is itself captured.
func (l *Loader) checkClosure(u *unit, c *closure, via string, sent *Sent, seen map[*closure]bool) {
	if seen[c] {
		return
	}
	seen[c] = true
	if why := c.unreadable(); why != "" {
		sent.Problems = append(sent.Problems, why)
	}
	for _, v := range c.vars {
		name := v.name.String()
		if ownName(name) || slices.ContainsFunc(sent.Captures, func(k Capture) bool { return k.Name == name && k.Via == via }) {
			continue
		}
		k := l.checkVariable(u, c, v)
		if shown := l.shownName(u, v); shown != "" {
			k.Name = shown
		}
		k.Via = via
		sent.Captures = append(sent.Captures, k)
		if v.closure != nil {
			l.checkClosure(u, v.closure, name, sent, seen)
		}
	}
	for _, g := range c.globals {
		name := g.name.String()
		if onlyScripts[name] && !strings.Contains(c.text(u), "typeof "+name) {
			sent.Captures = append(sent.Captures, Capture{Name: name, What: "global", Bytes: -1, Via: via, Problem: "not available on workers"})
		}
	}
}

// onlyScripts are the globals that scripts have and tasks have not.
var onlyScripts = map[string]bool{"WebSocket": true, "navigator": true}

// checkVariable says what the text tells of a captured variable.
func (l *Loader) checkVariable(u *unit, c *closure, v captured) Capture {
	k := Capture{Name: v.name.String(), What: "value known only when it is sent", Bytes: -1}
	if v.closure != nil {
		k.What, k.Bytes = "function", len(v.closure.text(u))
		if v.closure.class {
			k.What = "class"
		}
	} else if spec := specOf(v.init); spec != "" {
		l.checkModule(u, spec, &k)
	} else {
		literal(v.init, &k)
	}
	if len(within(v.writes, c)) > 0 {
		k.What += ", assigned to: the worker changes its own copy"
	}
	return k
}

// checkModule says what a module adds, which is made ready as if it was sent.
func (l *Loader) checkModule(u *unit, spec string, k *Capture) {
	k.What = fmt.Sprintf("module %q", spec)
	target, err := l.resolve(spec, l.request(&module{file: u.file, dir: dirOf(u.file)}, requireConds))
	bare := strings.TrimPrefix(strings.TrimPrefix(target, "node:"), "sc:")
	switch {
	case err != nil:
		k.Problem = "not found"
	case !isPath(target):
		k.Bytes = 0
		if !vm.TaskModule(bare) {
			k.Problem = "not available on workers"
		}
	case filepath.Ext(target) == ".json":
		if text, err := readText(target); err == nil {
			k.Bytes = len(text)
		}
	default:
		part, err := l.bundleOf(target, false)
		if err != nil {
			k.Problem = err.Error()
			return
		}
		k.Bytes = len(part.Source)
	}
}

// specOf returns the module that an expression gets: require("x"), or what lower makes of an import; "" if none.
func specOf(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.CallExpression:
		id, ok := e.Callee.(*ast.Identifier)
		if !ok || len(e.ArgumentList) == 0 {
			return ""
		}
		switch id.Name {
		case "require", "__fetch", "__import":
			if s, ok := e.ArgumentList[0].(*ast.StringLiteral); ok {
				return s.Value.String()
			}
		case "__toESM":
			return specOf(e.ArgumentList[0])
		}
	case *ast.DotExpression:
		return specOf(e.Left)
	}
	return ""
}

// literal says what an expression is whose value the text shows.
func literal(e ast.Expression, k *Capture) {
	switch e := e.(type) {
	case *ast.NumberLiteral:
		k.What, k.Bytes = "number", 9
	case *ast.BooleanLiteral:
		k.What, k.Bytes = "boolean", 1
	case *ast.NullLiteral:
		k.What, k.Bytes = "null", 1
	case *ast.StringLiteral:
		k.What, k.Bytes = "string", len(e.Value.String())
	case *ast.RegExpLiteral:
		k.What, k.Bytes = "regular expression", len(e.Literal)
	case *ast.ArrayLiteral:
		k.What = fmt.Sprintf("array of %d elements at first", len(e.Value))
	case *ast.ObjectLiteral:
		k.What = fmt.Sprintf("object of %d properties at first", len(e.Value))
	}
}

// unreadable says why the variables of a function cannot be read, "" if they can.
func (c *closure) unreadable() string {
	switch {
	case c.dynamic == "eval":
		return "it calls eval, so what it uses from around it cannot be known"
	case c.dynamic == "with":
		return "there is a with statement in or around it, so what it uses from around it cannot be known"
	case len(c.vars) > 0 && c.computed:
		return "its parameters have computed keys, so what it uses from around it cannot be read"
	case len(c.vars) > 0 && c.shadowed:
		return "its parameters use a variable whose name means another one in its body"
	}
	return ""
}
