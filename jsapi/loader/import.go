package loader

import (
	"strings"

	"github.com/dop251/goja"
)

// importNow gives m the namespace of one of its static imports.
func (l *Loader) importNow(m *module, spec string) (goja.Value, error) {
	for _, d := range m.esm.deps {
		if d.spec == spec {
			return l.importValue(m, d)
		}
	}
	return nil, l.importError(&errNotFound{spec: spec}, m)
}

// importValue runs what d stands for and returns its namespace.
func (l *Loader) importValue(m *module, d dependency) (goja.Value, error) {
	if d.mod == nil {
		return l.builtinNamespace(d.builtin, m)
	}
	if d.mod.esm != nil {
		if _, err := l.evaluate(d.mod); err != nil {
			return nil, err
		}
		return l.namespace(d.mod), nil
	}
	return l.scriptNamespace(d.mod, m.babel)
}

func (l *Loader) builtinNamespace(name string, m *module) (goja.Value, error) {
	key := strings.TrimPrefix(name, "node:")
	if ns, ok := l.natives[key]; ok {
		return ns, nil
	}
	v, err := l.builtinExports(name, m)
	if err != nil {
		return nil, err
	}
	ns, err := l.js.ofCommonJS(goja.Undefined(), v, l.rt.ToValue(false))
	if err == nil {
		l.natives[key] = ns
		l.loads++
	}
	return ns, err
}

// scriptNamespace runs a module that is no ES module, if it did not run yet, and returns its namespace.
func (l *Loader) scriptNamespace(m *module, babel bool) (goja.Value, error) {
	if !m.started {
		if err := l.runCommonJS(m, m.file); err != nil {
			return nil, err
		}
	}
	kept := &m.ns
	if babel {
		kept = &m.babelNS
	}
	if *kept != nil {
		return *kept, nil
	}
	ns, err := l.js.ofCommonJS(goja.Undefined(), m.obj.Get("exports"), l.rt.ToValue(babel), l.rt.ToValue(!m.loaded))
	if err != nil {
		return nil, err
	}
	if m.loaded {
		*kept = ns.(*goja.Object)
		l.loads++
	}
	return ns, nil
}

// requireESM is require of an ES module: allowed as long as nothing in it awaits.
func (l *Loader) requireESM(m *module) (goja.Value, error) {
	if err := l.link(m); err != nil {
		return nil, err
	}
	if m.esm.async && !m.esm.settled {
		return nil, &thrown{l.newError("Error", "ERR_REQUIRE_ASYNC_MODULE", "require() cannot be used on an ESM graph with top-level await. Use import() instead: "+m.file)}
	}
	if _, err := l.evaluate(m); err != nil {
		return nil, err
	}
	if m.esm.requireNS == nil || !m.esm.settled {
		v, err := l.js.forRequire(goja.Undefined(), l.namespace(m))
		if err != nil {
			return nil, err
		}
		m.esm.requireNS = v
		l.loads++
	}
	return m.esm.requireNS, nil
}

// importFunc makes m's import().
func (l *Loader) importFunc(m *module) goja.Value {
	return l.function("import", func(c goja.FunctionCall) goja.Value {
		p, resolve, reject := l.rt.NewPromise()
		fail := func(err error) {
			v, ok := l.valueOf(err)
			if !ok {
				raise(err)
			}
			_ = reject(v)
		}
		var spec string
		if _, isSym := c.Argument(0).(*goja.Symbol); isSym {
			fail(&thrown{l.newError("TypeError", "", "Cannot convert a Symbol value to a string")})
			return l.rt.ToValue(p)
		}
		if ex := l.rt.Try(func() { spec = c.Argument(0).ToString().String() }); ex != nil {
			fail(ex)
			return l.rt.ToValue(p)
		}
		l.soon(func() {
			ns, wait, err := l.importLater(m, spec)
			switch {
			case err != nil:
				fail(err)
			case wait != nil:
				l.then(wait, func(goja.Value) { _ = resolve(ns) }, func(v goja.Value) { _ = reject(v) })
			default:
				_ = resolve(ns)
			}
		})
		return l.rt.ToValue(p)
	})
}

// importLater is import(spec) in m: a namespace, and the promise to wait for before it is given away.
func (l *Loader) importLater(m *module, spec string) (ns goja.Value, wait *goja.Object, err error) {
	d, err := l.depend(m, spec)
	if err != nil {
		return nil, nil, err
	}
	if d.mod != nil && d.mod.esm != nil {
		wait, err := l.evaluate(d.mod)
		return l.namespace(d.mod), wait, err
	}
	ns, err = l.importValue(m, d)
	return ns, nil, err
}

// soon runs fn as a promise job.
func (l *Loader) soon(fn func()) {
	p, resolve, _ := l.rt.NewPromise()
	_ = resolve(goja.Undefined())
	l.then(l.rt.ToValue(p), func(goja.Value) { fn() }, nil)
}

// then calls done or failed when the promise (or value) p settles.
func (l *Loader) then(p goja.Value, done, failed func(goja.Value)) {
	o, ok := p.(*goja.Object)
	if !ok {
		done(p)
		return
	}
	wrap := func(fn func(goja.Value)) goja.Value {
		if fn == nil {
			return goja.Undefined()
		}
		return l.rt.ToValue(func(c goja.FunctionCall) goja.Value {
			fn(c.Argument(0))
			return goja.Undefined()
		})
	}
	then, ok := goja.AssertFunction(o.Get("then"))
	if !ok {
		done(p)
		return
	}
	if _, err := then(o, wrap(done), wrap(failed)); err != nil {
		raise(err)
	}
}

// meta makes m's import.meta.
func (l *Loader) meta(m *module) *goja.Object {
	meta := l.rt.CreateObject(nil)
	l.set(meta, "dirname", m.dir)
	l.set(meta, "filename", m.file)
	l.set(meta, "main", l.main == m)
	l.set(meta, "resolve", l.function("resolve", func(c goja.FunctionCall) goja.Value {
		target, err := l.resolveImport(m, l.text("specifier", c.Argument(0)))
		if err != nil {
			raise(err)
		}
		if isPath(target) {
			target = urlOfPath(target)
		} else if !strings.Contains(target, ":") {
			target = "node:" + target
		}
		return l.rt.ToValue(target)
	}))
	l.set(meta, "url", urlOfPath(m.file))
	return meta
}
