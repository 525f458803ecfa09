package loader

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/dop251/goja"
)

// module is one loaded file.
type module struct {
	file   string
	dir    string
	parent *module
	unit   *unit        // nil for JSON
	obj    *goja.Object // what scripts see as `module`
	stdin  bool         // its text came from standard input
	babel  bool         // its default imports are as tsc's esModuleInterop has them

	started bool         // its code ran, or runs
	loaded  bool         // its code ran to the end
	ns      *goja.Object // what import gives
	babelNS *goja.Object // the same for modules whose babel is set
	esm     *esmState    // of an ES module
}

// isPath tells a path from a builtin module's name in what resolve returned.
func isPath(target string) bool { return filepath.IsAbs(target) }

// newModule makes the record and the object of a module.
func (l *Loader) newModule(file string, parent *module) *module {
	m := &module{file: file, dir: filepath.Dir(file), parent: parent}
	return m
}

// object gives m the object that scripts see.
func (l *Loader) object(m *module, id string) error {
	if m.obj != nil {
		return nil
	}
	var parent goja.Value = goja.Undefined()
	if m == l.main {
		parent = goja.Null()
	}
	if m.parent != nil && m.parent.obj != nil {
		parent = m.parent.obj
	}
	obj, err := l.rt.New(l.js.moduleClass, l.rt.ToValue(id), parent)
	if err != nil {
		return err
	}
	l.set(obj, "path", m.dir)
	l.set(obj, "filename", m.file)
	l.set(obj, "paths", l.array(modulePaths(m.dir)))
	m.obj = obj
	l.byObject[obj] = m
	return nil
}

// requireFrom is require(spec) in m. A script may have replaced Module._load, which then decides.
func (l *Loader) requireFrom(m *module, spec string) (goja.Value, error) {
	if load := l.js.moduleClass.Get("_load"); load != l.nativeLoad {
		if fn, ok := goja.AssertFunction(load); ok {
			return fn(l.js.moduleClass, l.rt.ToValue(spec), l.moduleValue(m), l.rt.ToValue(false))
		}
	}
	return l.load(m, spec)
}

func (l *Loader) moduleValue(m *module) goja.Value {
	if m == nil || m.obj == nil {
		return goja.Undefined()
	}
	return m.obj
}

// load finds what spec means to m and returns its exports.
func (l *Loader) load(m *module, spec string) (goja.Value, error) {
	target, err := l.resolveFor(m, spec, requireConds)
	if err != nil {
		return nil, err
	}
	if !isPath(target) {
		if c, ok := l.cache.Get(target).(*goja.Object); ok { // a script's own, for the name without "node:"
			return c.Get("exports"), nil
		}
		return l.builtinExports(target, m)
	}
	return l.requireFile(target, m)
}

// resolveFor is resolve on behalf of m for require; a script may have replaced Module._resolveFilename.
func (l *Loader) resolveFor(m *module, spec string, conds []string) (string, error) {
	if hook := l.js.moduleClass.Get("_resolveFilename"); hook != l.nativeResolve {
		if fn, ok := goja.AssertFunction(hook); ok {
			v, err := fn(l.js.moduleClass, l.rt.ToValue(spec), l.moduleValue(m), l.rt.ToValue(false))
			if err != nil {
				return "", err
			}
			return v.String(), nil
		}
	}
	return l.resolveNative(m, spec, conds, nil)
}

func (l *Loader) resolveNative(m *module, spec string, conds, paths []string) (string, error) {
	if spec == "" {
		return "", &thrown{l.newError("TypeError", "ERR_INVALID_ARG_VALUE", "The argument 'id' must be a non-empty string. Received ''")}
	}
	q := l.request(m, conds)
	q.paths = paths
	target, err := l.resolve(spec, q)
	if err != nil {
		return "", l.requireError(err, m)
	}
	return target, nil
}

func (l *Loader) request(m *module, conds []string) request {
	q := request{conds: conds, exts: l.hookExts(), imp: slices.Contains(conds, "import")}
	if m != nil {
		q.dir, q.from = m.dir, m.file
	}
	return q
}

// builtinExports returns the exports of a builtin module as resolve named it.
func (l *Loader) builtinExports(name string, m *module) (goja.Value, error) {
	bare := strings.TrimPrefix(name, "node:")
	if bare == "module" {
		return l.js.moduleClass, l.completeModule()
	}
	if l.cfg.Builtin != nil {
		if v, ok, err := l.cfg.Builtin(bare); ok || err != nil {
			if o, isObj := v.(*goja.Object); isObj && l.builtinOf[o] == "" {
				l.addBuiltin(o, strings.TrimPrefix(bare, "sc:"))
			}
			return v, l.builtinError(err)
		}
	}
	if strings.Contains(name, ":") {
		return nil, &thrown{l.newError("Error", "ERR_UNKNOWN_BUILTIN_MODULE", "No such built-in module: "+name)}
	}
	return nil, l.requireError(&errNotFound{spec: name}, m)
}

// requireFile returns the exports of the module at the real path file, running it if it did not run yet.
func (l *Loader) requireFile(file string, parent *module) (goja.Value, error) {
	if c, ok := l.cache.Get(file).(*goja.Object); ok {
		l.adopt(parent, c)
		return c.Get("exports"), nil
	}
	m, err := l.moduleAt(file, parent)
	if err != nil {
		return nil, err
	}
	if m.esm != nil {
		return l.requireESM(m)
	}
	if err := l.runCommonJS(m, file); err != nil {
		return nil, err
	}
	return m.obj.Get("exports"), nil
}

// adopt makes the module object c a child of parent, if it is none yet.
func (l *Loader) adopt(parent *module, c *goja.Object) {
	if parent == nil || parent.obj == nil {
		return
	}
	kids, ok := parent.obj.Get("children").(*goja.Object)
	if !ok {
		return
	}
	var list []goja.Value
	if l.rt.ExportTo(kids, &list) != nil {
		return
	}
	for _, k := range list {
		if k == goja.Value(c) {
			return
		}
	}
	if push, ok := goja.AssertFunction(kids.Get("push")); ok {
		_, _ = push(kids, c) // a changed array is the script's own affair
	}
}

// runCommonJS runs a module that is no ES module. While it runs, others see what it has exported so far; if it
// throws, it is forgotten, and the next require tries again.
func (l *Loader) runCommonJS(m *module, id string) error {
	m.started = true
	if err := l.object(m, id); err != nil {
		return err
	}
	l.set(l.cache, m.file, m.obj)
	err := l.runByExtension(m)
	if err != nil {
		if l.cache.Get(m.file) == goja.Value(m.obj) {
			_ = l.cache.Delete(m.file)
		}
		delete(l.known, m.file)
		l.disown(m)
		return err
	}
	m.loaded = true
	l.loads++
	l.set(m.obj, "loaded", true)
	return nil
}

// disown takes a module that failed from its parent's children.
func (l *Loader) disown(m *module) {
	if m.parent == nil || m.parent.obj == nil {
		return
	}
	kids, ok := m.parent.obj.Get("children").(*goja.Object)
	if !ok {
		return
	}
	if last := kids.Get("length").ToInteger() - 1; last >= 0 && kids.Get(l.rt.ToValue(last).String()) == goja.Value(m.obj) {
		if pop, ok := goja.AssertFunction(kids.Get("pop")); ok {
			_, _ = pop(kids)
		}
	}
}

// call runs the function of a compiled CommonJS module.
func (l *Loader) call(m *module, u *unit) error {
	fn, err := l.bodyOf(u)
	if err != nil {
		return err
	}
	exports := m.obj.Get("exports")
	args := make([]goja.Value, 0, len(u.params))
	for _, p := range u.params {
		args = append(args, l.argument(m, p))
	}
	_, err = fn(exports, args...)
	return err
}

// argument is the value of a parameter of a module's function.
func (l *Loader) argument(m *module, param string) goja.Value {
	switch param {
	case "exports":
		return m.obj.Get("exports")
	case "require":
		return l.requireFunc(m)
	case "module":
		return m.obj
	case "__filename":
		if m.stdin {
			return l.rt.ToValue(stdinName)
		}
		return l.rt.ToValue(m.file)
	case "__dirname":
		if m.stdin {
			return l.rt.ToValue(".")
		}
		return l.rt.ToValue(m.dir)
	case "__import":
		return l.importFunc(m)
	}
	return goja.Undefined()
}

// moduleAt returns the module of the real path file, compiled but perhaps not run.
func (l *Loader) moduleAt(file string, parent *module) (*module, error) {
	if m, ok := l.known[file]; ok && (m.esm != nil || !m.started) {
		return m, nil
	}
	m := l.newModule(file, parent)
	if l.isScript(file) {
		text, err := readText(file)
		if err != nil {
			return nil, l.scriptError(err)
		}
		if err := l.open(m, text, l.dialectOf(file)); err != nil {
			return nil, err
		}
	}
	l.known[file] = m
	return m, nil
}

// open compiles text as the module m.
func (l *Loader) open(m *module, text string, d dialect) error {
	u, err := l.compile(m.file, text, d)
	if err != nil {
		return l.scriptError(err)
	}
	m.unit, m.babel = u, d.ts
	if u.esm {
		m.esm = &esmState{}
	}
	return nil
}

// isScript reports whether file is compiled here: not JSON, not an addon, not something a script has a hook for.
func (l *Loader) isScript(file string) bool {
	ext := filepath.Ext(file)
	return ext != ".json" && ext != ".node" && !l.hooked(ext)
}

// dialectOf says how the file is to be read: by its extension and the package around it.
func (l *Loader) dialectOf(file string) dialect {
	ext := filepath.Ext(file)
	loader, plain := loaderOf(ext)
	d := dialect{loader: loader, lower: !plain}
	switch ext {
	case ".mjs", ".mts":
		d.esm = true
	case ".cjs", ".cts":
	default:
		p := l.scopeOf(file)
		d.esm = p != nil && p.typ == "module"
	}
	d.ts = isTypeScript(file) && !d.esm
	if d.lower {
		d.tsconfig = l.tsconfigNear(file)
	}
	return d
}

func readText(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		code := "EIO"
		switch {
		case errors.Is(err, os.ErrPermission):
			code = "EACCES"
		case errors.Is(err, os.ErrNotExist):
			code = "ENOENT"
		case errors.Is(err, syscall.EISDIR):
			code = "EISDIR"
		}
		return "", &ioError{code: code, path: file, err: err}
	}
	return string(data), nil
}
