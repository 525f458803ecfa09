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

// checkNames reports a named import that an ES module does not export.
func (l *Loader) checkNames(m *module) error {
	for i, im := range m.unit.imports {
		dep := m.esm.deps[i].mod
		if dep == nil || dep.esm == nil || len(im.names) == 0 {
			continue
		}
		have, known := map[string]bool{}, true
		l.exportNames(dep, have, map[*module]bool{}, &known)
		for _, name := range im.names {
			if known && !have[name] {
				return l.noExport(m, im, name)
			}
		}
	}
	return nil
}

// exportNames collects the names that m exports; known becomes false if they cannot all be known yet.
func (l *Loader) exportNames(m *module, have map[string]bool, seen map[*module]bool, known *bool) {
	if seen[m] {
		return
	}
	seen[m] = true
	for _, n := range m.unit.exports {
		have[n] = true
	}
	for i, im := range m.unit.imports {
		if !im.star {
			continue
		}
		if i >= len(m.esm.deps) || m.esm.deps[i].mod == nil || m.esm.deps[i].mod.esm == nil {
			*known = false // a cycle, or a module whose exports only running it shows
			continue
		}
		l.exportNames(m.esm.deps[i].mod, have, seen, known)
	}
}

func (l *Loader) noExport(m *module, im staticImport, name string) error {
	e := &SyntaxError{File: m.file, Message: fmt.Sprintf("The requested module '%s' does not provide an export named '%s'", im.spec, name)}
	e.Line, e.Col = findImport(m.unit.text, im.spec, name)
	return &thrown{l.syntaxObject(e)}
}

// findImport finds where text imports name from spec: line and column from 1, or zeros.
func findImport(text, spec, name string) (line, col int) {
	for quote := range strings.SplitSeq("'|\"", "|") {
		end := strings.Index(text, quote+spec+quote)
		if end < 0 {
			continue
		}
		begin := max(strings.LastIndex(text[:end], "import"), strings.LastIndex(text[:end], "export"), 0)
		at := begin
		for i := begin; i < end; i++ {
			if strings.HasPrefix(text[i:], name) && !isWord(text[i-min(i, 1)]) && !isWord(text[i+len(name)]) {
				at = i
				break
			}
		}
		line = 1 + strings.Count(text[:at], "\n")
		return line, at - strings.LastIndexByte(text[:at], '\n')
	}
	return 0, 0
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
	p, resolve, reject := l.rt.NewPromise()
	st.promise = l.rt.ToValue(p).(*goja.Object)
	l.handled(st.promise)
	fail := func(err error) {
		l.finishESM(m, err)
		if v, ok := l.valueOf(err); ok {
			_ = reject(v)
		}
	}
	done := func() {
		l.finishESM(m, nil)
		_ = resolve(goja.Undefined())
	}
	waits, err := l.evaluateDeps(m)
	if err != nil {
		fail(err)
		return st.promise, nil
	}
	body := func() {
		if err := l.runBody(m); err != nil {
			fail(err)
			return
		}
		if !m.unit.tla {
			done()
			return
		}
		bp, err := l.callBody(m)
		if err != nil {
			fail(err)
			return
		}
		l.then(bp, func(goja.Value) { done() }, func(v goja.Value) { fail(&thrown{v}) })
	}
	if len(waits) == 0 {
		body()
		return st.promise, nil
	}
	all, err := l.js.promiseAll(l.js.promise, l.rt.NewArray(waits...))
	if err != nil {
		fail(err)
		return st.promise, nil
	}
	l.then(all, func(goja.Value) { body() }, func(v goja.Value) { fail(&thrown{v}) })
	return st.promise, nil
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
	m.loaded = err == nil
	if err == nil {
		if _, err := l.js.seal(goja.Undefined(), l.namespace(m)); err != nil {
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
	v, err := l.rt.RunProgram(m.unit.program)
	if err != nil {
		return err
	}
	fn, _ := goja.AssertFunction(v)
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

// handled keeps the promise from counting as an unhandled rejection: the loader passes its errors on itself.
func (l *Loader) handled(p *goja.Object) {
	l.then(p, func(goja.Value) {}, func(goja.Value) {})
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
