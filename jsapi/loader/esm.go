package loader

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// esmState is what an ES module has beyond a module.
type esmState struct {
	rec       *goja.Object // of module.js's record
	deps      []dependency // its static imports, in order
	linked    bool         // deps are known, and theirs
	async     bool         // it awaits, or something that it imports does
	settled   bool         // its body ran to its end
	promise   *goja.Object // of an async module that was started
	err       error        // why it failed
	requireNS goja.Value   // what require gives
}

// dependency is what a static import stands for: a module, or a builtin one's name.
type dependency struct {
	spec    string
	mod     *module
	builtin string
}

// namespace returns the ES module's namespace object, which is there from the beginning.
func (l *Loader) namespace(m *module) *goja.Object { return l.record(m).Get("ns").(*goja.Object) }

func (l *Loader) record(m *module) *goja.Object {
	if m.esm.rec == nil {
		v, err := l.js.record(goja.Undefined())
		if err != nil {
			raise(err)
		}
		m.esm.rec = v.(*goja.Object)
	}
	return m.esm.rec
}

// link compiles all that m imports statically, and what that imports, before any of it runs; so a missing module, a
// missing export or a syntax error is found before a program does half its work, as the language has it.
func (l *Loader) link(m *module) error {
	if m.esm.linked {
		return nil
	}
	m.esm.linked = true
	m.esm.async = m.unit.tla
	for _, im := range m.unit.imports {
		d, err := l.depend(m, im.spec)
		if err != nil {
			m.esm.linked, m.esm.deps = false, nil
			return err
		}
		m.esm.deps = append(m.esm.deps, d)
		if d.mod != nil && d.mod.esm != nil && d.mod.esm.async {
			m.esm.async = true
		}
	}
	return l.checkNames(m)
}

// depend finds one static import of m, and links it.
func (l *Loader) depend(m *module, spec string) (dependency, error) {
	d := dependency{spec: spec}
	target, err := l.resolveImport(m, spec)
	if err != nil {
		return d, err
	}
	if !isPath(target) {
		d.builtin = target
		return d, nil
	}
	d.mod, err = l.importable(target, m)
	if err == nil && d.mod.esm != nil {
		err = l.link(d.mod)
	}
	return d, err
}

func (l *Loader) resolveImport(m *module, spec string) (string, error) {
	if strings.HasPrefix(spec, "data:") || strings.HasPrefix(spec, "https:") || strings.HasPrefix(spec, "http:") {
		scheme, _, _ := strings.Cut(spec, ":")
		return "", &thrown{l.newError("Error", "ERR_UNSUPPORTED_ESM_URL_SCHEME", fmt.Sprintf(
			"Only URLs with a scheme in: file, node, and sc are supported by the ES module loader. Received protocol '%s:'", scheme))}
	}
	target, err := l.resolve(spec, l.request(m, importConds))
	if err != nil {
		return "", l.importError(err, m)
	}
	return target, nil
}

// importable is moduleAt for an import, which refuses extensions that mean nothing.
func (l *Loader) importable(file string, from *module) (*module, error) {
	if c, ok := l.cache.Get(file).(*goja.Object); ok {
		if m := l.byObject[c]; m != nil {
			return m, nil
		}
	}
	ext := filepath.Ext(file)
	known := ext == "" || ext == ".json" || ext == ".node" || slices.Contains(jsExts, ext) || l.hooked(ext)
	if !known && !belowModules(filepath.Dir(file)) {
		return nil, &thrown{l.newError("TypeError", "ERR_UNKNOWN_FILE_EXTENSION", fmt.Sprintf("Unknown file extension %q for %s", ext, file))}
	}
	return l.moduleAt(file, from)
}

// evaluate runs the ES module m, if it did not run yet, after what it imports. The result is a promise if it awaits
// something, and nil if it ran to its end, or runs further up the stack.
func (l *Loader) evaluate(m *module) (*goja.Object, error) {
	st := m.esm
	if m.started {
		return st.promise, st.err
	}
	m.started = true
	if !st.async {
		err := l.runBody(m)
		l.finishESM(m, err)
		return nil, err
	}
	l.evaluateAsync(m)
	return st.promise, nil
}

// evaluateAsync starts a module that awaits, or that imports one that does, and gives it its promise.
func (l *Loader) evaluateAsync(m *module) {
	p, resolve, reject := l.rt.NewPromise()
	m.esm.promise = l.rt.ToValue(p).(*goja.Object)
	l.then(m.esm.promise, func(goja.Value) {}, func(goja.Value) {}) // who imports it hears of its errors; nobody else need to
	end := func(err error) {
		l.finishESM(m, err)
		if err == nil {
			_ = resolve(goja.Undefined())
		} else if v, ok := l.valueOf(err); ok {
			_ = reject(v)
		}
	}
	failed := func(v goja.Value) { end(&thrown{v}) }
	body := func() {
		if err := l.runBody(m); err != nil || !m.unit.tla {
			end(err)
			return
		}
		rest, err := l.callBody(m)
		if err != nil {
			end(err)
			return
		}
		l.then(rest, func(goja.Value) { end(nil) }, failed)
	}
	waits, err := l.evaluateDeps(m)
	switch {
	case err != nil:
		end(err)
	case len(waits) == 0:
		body()
	default:
		all, err := l.js.promiseAll(l.js.promise, l.rt.NewArray(waits...))
		if err != nil {
			end(err)
			return
		}
		l.then(all, func(goja.Value) { body() }, failed)
	}
}

// evaluateDeps starts all that m imports, in order, and returns the promises to wait for.
func (l *Loader) evaluateDeps(m *module) (waits []any, err error) {
	for _, d := range m.esm.deps {
		if d.mod == nil || d.mod.esm == nil {
			if _, err := l.importValue(m, d); err != nil {
				return nil, err
			}
			continue
		}
		p, err := l.evaluate(d.mod)
		if err != nil {
			return nil, err
		}
		if p != nil && !d.mod.esm.settled && !l.reaches(d.mod, m, map[*module]bool{}) {
			waits = append(waits, p)
		}
	}
	return waits, nil
}

// reaches reports whether from imports to, directly or not: then waiting for it would never end.
func (l *Loader) reaches(from, to *module, seen map[*module]bool) bool {
	if from == to {
		return true
	}
	if seen[from] || from.esm == nil {
		return false
	}
	seen[from] = true
	for _, d := range from.esm.deps {
		if d.mod != nil && l.reaches(d.mod, to, seen) {
			return true
		}
	}
	return false
}

func (l *Loader) finishESM(m *module, err error) {
	m.esm.err = err
	m.esm.settled = true
	l.loads++
	m.loaded = err == nil
	if err == nil {
		if _, err := l.js.seal(goja.Undefined(), l.namespace(m), l.array(fixedExports(m.unit.code))); err != nil {
			m.esm.err = err
		}
	}
	if m.obj != nil {
		l.set(m.obj, "loaded", true)
	}
}

// runBody calls the function of the ES module m. Its imports are calls of its require.
func (l *Loader) runBody(m *module) error {
	if err := l.object(m, m.file); err != nil {
		return err
	}
	fn, err := l.bodyOf(m.unit)
	if err != nil {
		return err
	}
	args := make([]goja.Value, 0, len(m.unit.params))
	for _, p := range m.unit.params {
		args = append(args, l.esmArgument(m, p))
	}
	_, err = fn(goja.Undefined(), args...)
	return err
}

// callBody calls the async function that is the body of a module with a top-level await.
func (l *Loader) callBody(m *module) (goja.Value, error) {
	holder, ok := l.record(m).Get("body").(*goja.Object)
	if !ok {
		return goja.Undefined(), nil
	}
	fn, ok := goja.AssertFunction(holder.Get(bodyName))
	if !ok {
		return goja.Undefined(), nil
	}
	return fn(goja.Undefined())
}

func (l *Loader) esmArgument(m *module, param string) goja.Value {
	rec := l.record(m)
	switch param {
	case "__fetch":
		return l.function("require", func(c goja.FunctionCall) goja.Value {
			v, err := l.importNow(m, c.Argument(0).String())
			if err != nil {
				raise(err)
			}
			return v
		})
	case "__self":
		return m.obj
	case "__meta":
		if strings.Contains(m.unit.code, "__meta") {
			return l.meta(m)
		}
	case "__export":
		return l.js.exportTo
	case "__toESM":
		return l.js.toESM
	case "__reExport":
		return l.js.reExport
	case "__toCommonJS":
		return rec.Get("toCommonJS")
	case "__exports":
		return rec.Get("exports")
	default:
		return l.argument(m, param)
	}
	return goja.Undefined()
}
