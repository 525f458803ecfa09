package loader

import (
	"path/filepath"
	"strings"

	"github.com/dop251/goja"
)

// host is the native half of loader_module.js.
func (l *Loader) host() *goja.Object {
	o := l.rt.NewObject()
	l.set(o, "dirname", func(c goja.FunctionCall) goja.Value {
		return l.rt.ToValue(filepath.Dir(c.Argument(0).String()))
	})
	l.set(o, "require", func(c goja.FunctionCall) goja.Value {
		v, err := l.requireFrom(l.moduleOf(c.Argument(0)), l.text("id", c.Argument(1)))
		if err != nil {
			raise(err)
		}
		return v
	})
	l.set(o, "compile", func(c goja.FunctionCall) goja.Value {
		m := l.moduleOf(c.Argument(0))
		file := l.text("filename", c.Argument(2))
		u, err := l.compile(file, l.text("content", c.Argument(1)), dialect{loader: 2})
		if err != nil {
			raise(l.scriptError(err))
		}
		m.file, m.dir = file, filepath.Dir(file)
		if err := l.call(m, u); err != nil {
			raise(err)
		}
		return goja.Undefined()
	})
	l.set(o, "load", func(c goja.FunctionCall) goja.Value {
		m := l.moduleOf(c.Argument(0))
		m.file = l.text("filename", c.Argument(1))
		m.dir = filepath.Dir(m.file)
		l.set(m.obj, "filename", m.file)
		if err := l.runByExtension(m); err != nil {
			raise(err)
		}
		l.set(m.obj, "loaded", true)
		return goja.Undefined()
	})
	return o
}

// moduleOf is the record of a module object; a script may have made the object itself.
func (l *Loader) moduleOf(v goja.Value) *module {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	if m, ok := l.byObject[o]; ok {
		return m
	}
	file := ""
	for _, name := range []string{"filename", "id"} {
		if s, ok := o.Get(name).Export().(string); ok && s != "" {
			file = s
			break
		}
	}
	m := l.newModule(file, nil)
	m.obj = o
	l.byObject[o] = m
	return m
}

// installModule gives the class Module what `require('module')` has.
func (l *Loader) installModule() {
	c := l.js.moduleClass
	l.nativeLoad = l.function("_load", func(c goja.FunctionCall) goja.Value {
		v, err := l.load(l.moduleOf(c.Argument(1)), l.text("id", c.Argument(0)))
		if err != nil {
			raise(err)
		}
		return v
	})
	l.nativeResolve = l.function("_resolveFilename", func(c goja.FunctionCall) goja.Value {
		m := l.moduleOf(c.Argument(1))
		spec := l.text("request", c.Argument(0))
		if opts, ok := c.Argument(3).(*goja.Object); ok {
			var dirs []string
			if list := opts.Get("paths"); list != nil && l.rt.ExportTo(list, &dirs) == nil && dirs != nil {
				return l.rt.ToValue(l.resolveIn(m, spec, dirs))
			}
		}
		t, err := l.resolveNative(m, spec, requireConds, nil)
		if err != nil {
			raise(err)
		}
		return l.rt.ToValue(t)
	})
	l.set(c, "_load", l.nativeLoad)
	l.set(c, "_resolveFilename", l.nativeResolve)
	l.set(c, "_cache", l.cache)
	l.set(c, "_extensions", l.extensions)
	l.set(c, "_nodeModulePaths", l.function("_nodeModulePaths", func(c goja.FunctionCall) goja.Value {
		return l.array(modulePaths(l.text("from", c.Argument(0))))
	}))
	l.set(c, "builtinModules", l.array(builtinNames()))
	l.set(c, "isBuiltin", l.function("isBuiltin", func(c goja.FunctionCall) goja.Value {
		name, _ := c.Argument(0).Export().(string)
		bare := strings.TrimPrefix(name, "node:")
		return l.rt.ToValue(nodeModules[bare] || bare != name && schemeOnly[bare] || strings.HasPrefix(name, "sc:") || isOurs(name))
	}))
	l.set(c, "createRequire", l.function("createRequire", l.createRequire))
	l.set(c, "syncBuiltinESMExports", l.function("syncBuiltinESMExports", func(goja.FunctionCall) goja.Value {
		clear(l.natives)
		return goja.Undefined()
	}))
}

func (l *Loader) createRequire(c goja.FunctionCall) goja.Value {
	arg := c.Argument(0)
	if o, ok := arg.(*goja.Object); ok {
		arg = o.Get("href") // a URL
	}
	file := l.text("filename", arg)
	if strings.HasPrefix(file, "file:") {
		slash := strings.HasSuffix(file, "/")
		path, err := pathOfURL(file)
		if err != nil {
			raise(l.scriptError(err))
		}
		file = path
		if slash && !strings.HasSuffix(file, string(filepath.Separator)) {
			file += string(filepath.Separator)
		}
	}
	if !filepath.IsAbs(file) {
		raise(&thrown{l.newError("TypeError", "ERR_INVALID_ARG_VALUE",
			"The argument 'filename' must be a file URL object, file URL string, or absolute path string. Received '"+file+"'")})
	}
	if strings.HasSuffix(file, string(filepath.Separator)) {
		file = filepath.Join(file, "noop.js")
	}
	m := l.newModule(file, nil)
	if err := l.object(m, file); err != nil {
		raise(err)
	}
	return l.requireFunc(m)
}
