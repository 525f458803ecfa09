package loader

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/dop251/goja"
)

type native = func(goja.FunctionCall) goja.Value

// function makes a function object of fn that calls itself name.
func (l *Loader) function(name string, fn native) *goja.Object {
	o := l.rt.ToValue(fn).(*goja.Object)
	_ = o.DefineDataProperty("name", l.rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = o.DefineDataProperty("length", l.rt.ToValue(1), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return o
}

// text is an argument that has to be a string.
func (l *Loader) text(name string, v goja.Value) string {
	s, ok := v.Export().(string)
	if _, isObj := v.(*goja.Object); !ok || isObj {
		raise(&thrown{l.newError("TypeError", "ERR_INVALID_ARG_TYPE", fmt.Sprintf("The %q argument must be of type string. Received %s", name, received(v)))})
	}
	return s
}

// received describes a value of the wrong type.
func received(v goja.Value) string {
	switch x := v.(type) {
	case *goja.Object:
		if _, ok := goja.AssertFunction(x); ok {
			return "function " + x.Get("name").String()
		}
		if c, ok := x.Get("constructor").(*goja.Object); ok {
			return "an instance of " + c.Get("name").String()
		}
		return "an object"
	default:
		if goja.IsUndefined(v) || goja.IsNull(v) {
			return v.String()
		}
		kind := v.ExportType().Kind().String()
		switch {
		case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "float"):
			kind = "number"
		case kind == "bool":
			kind = "boolean"
		}
		return "type " + kind + " (" + v.String() + ")"
	}
}

// requireFunc makes m's require.
func (l *Loader) requireFunc(m *module) goja.Value {
	req := l.function("require", func(c goja.FunctionCall) goja.Value {
		v, err := l.requireFrom(m, l.text("id", c.Argument(0)))
		if err != nil {
			raise(err)
		}
		return v
	})
	return l.equip(req, m)
}

// equip gives a require function what belongs to it.
func (l *Loader) equip(req *goja.Object, m *module) goja.Value {
	resolve := l.function("resolve", func(c goja.FunctionCall) goja.Value {
		return l.rt.ToValue(l.requireResolve(m, c))
	})
	l.set(resolve, "paths", l.function("paths", func(c goja.FunctionCall) goja.Value {
		return l.resolvePaths(m.dir, l.text("request", c.Argument(0)))
	}))
	l.set(req, "resolve", resolve)
	var main goja.Value = goja.Undefined()
	if l.main != nil && l.main.obj != nil && (l.main.esm == nil || l.main.babel) {
		main = l.main.obj
	}
	l.set(req, "main", main)
	l.set(req, "extensions", l.extensions)
	l.set(req, "cache", l.cache)
	return req
}

// requireResolve is require.resolve(spec, {paths}).
func (l *Loader) requireResolve(m *module, c goja.FunctionCall) string {
	spec := l.text("request", c.Argument(0))
	var dirs []string
	if opts, ok := c.Argument(1).(*goja.Object); ok {
		if list := opts.Get("paths"); list != nil && !goja.IsUndefined(list) {
			if err := l.rt.ExportTo(list, &dirs); err != nil {
				raise(&thrown{l.newError("TypeError", "ERR_INVALID_ARG_TYPE", "The \"options.paths\" argument must be an array of strings")})
			}
			return l.resolveIn(m, spec, dirs)
		}
	}
	target, err := l.resolveFor(m, spec, requireConds)
	if err != nil {
		raise(err)
	}
	return target
}

// resolveIn looks for spec from each of the folders dirs.
func (l *Loader) resolveIn(m *module, spec string, dirs []string) string {
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(l.dir(), dir)
		}
		q := l.request(m, requireConds)
		q.dir = dir
		if isRelative(spec) || filepath.IsAbs(spec) {
			if t, err := l.resolve(spec, q); err == nil {
				return t
			}
			continue
		}
		if t, err := l.resolve(spec, q); err == nil {
			return t
		}
	}
	raise(l.requireError(&errNotFound{spec: spec}, m))
	return ""
}

func (l *Loader) resolvePaths(dir, spec string) goja.Value {
	bare := strings.TrimPrefix(spec, "node:")
	if strings.HasPrefix(spec, "sc:") || isOurs(spec) || nodeModules[bare] {
		return goja.Null()
	}
	if isRelative(spec) {
		return l.array([]string{dir})
	}
	return l.array(modulePaths(dir))
}

// installExtensions makes require.extensions. Its own entries only mark what the loader does itself; a script that
// replaces or adds one gets called.
func (l *Loader) installExtensions() {
	l.extensions = l.rt.CreateObject(nil)
	l.ownExts = map[string]goja.Value{}
	for _, ext := range []string{".js", ".json", ".node"} {
		fn := l.function(ext, func(c goja.FunctionCall) goja.Value {
			obj, _ := c.Argument(0).(*goja.Object)
			if m := l.byObject[obj]; m != nil {
				if err := l.runHooked(m, l.text("filename", c.Argument(1)), ext); err != nil {
					raise(err)
				}
			}
			return goja.Undefined()
		})
		l.ownExts[ext] = fn
		l.set(l.extensions, ext, fn)
	}
}

// runHooked is runAs called by a script's hook, which may have given the module a _compile of its own.
func (l *Loader) runHooked(m *module, file, ext string) error {
	own, ok := goja.AssertFunction(m.obj.Get("_compile"))
	if ext != ".js" || !ok || m.obj.Get("_compile") == l.js.compile {
		return l.runAs(m, file, ext)
	}
	text, err := readText(file)
	if err != nil {
		return l.scriptError(err)
	}
	_, err = own(m.obj, l.rt.ToValue(strings.TrimPrefix(text, "\ufeff")), l.rt.ToValue(file))
	return err
}

// hookExts are the extensions that scripts have added.
func (l *Loader) hookExts() (exts []string) {
	for _, k := range l.extensions.Keys() {
		if _, own := l.ownExts[k]; !own {
			exts = append(exts, k)
		}
	}
	sort.Strings(exts)
	return exts
}

// hooked reports whether a script handles the extension itself.
func (l *Loader) hooked(ext string) bool {
	if ext == "" {
		return false
	}
	h := l.extensions.Get(ext)
	return h != nil && h != l.ownExts[ext] && !goja.IsUndefined(h)
}

// runByExtension runs a module that is no ES module: by a script's hook, or ourselves.
func (l *Loader) runByExtension(m *module) error {
	ext := filepath.Ext(m.file)
	if l.hooked(ext) {
		fn, ok := goja.AssertFunction(l.extensions.Get(ext))
		if !ok {
			return &thrown{l.newError("TypeError", "", "require.extensions['"+ext+"'] is not a function")}
		}
		_, err := fn(l.extensions, m.obj, l.rt.ToValue(m.file))
		return err
	}
	return l.runAs(m, m.file, ext)
}

// runAs runs file as the module m, by the rules of the extension ext.
func (l *Loader) runAs(m *module, file, ext string) error {
	switch ext {
	case ".json":
		return l.runJSON(m, file)
	case ".node":
		return &thrown{l.newError("Error", "ERR_DLOPEN_FAILED", "native addons are not supported: "+file)}
	}
	if m.unit == nil || m.unit.file != file {
		text, err := readText(file)
		if err != nil {
			return l.scriptError(err)
		}
		u, err := l.compile(file, text, l.dialectOf(file))
		if err != nil {
			return l.scriptError(err)
		}
		m.unit = u
	}
	return l.call(m, m.unit)
}

func (l *Loader) runJSON(m *module, file string) error {
	text, err := readText(file)
	if err != nil {
		return l.scriptError(err)
	}
	v, err := l.js.parse(goja.Undefined(), l.rt.ToValue(strings.TrimPrefix(text, "\ufeff")))
	if ex, ok := err.(*goja.Exception); ok {
		if o, ok := ex.Value().(*goja.Object); ok {
			l.set(o, "message", file+": "+o.Get("message").String())
		}
	}
	if err != nil {
		return err
	}
	l.set(m.obj, "exports", v)
	return nil
}
