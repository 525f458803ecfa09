package loader

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// knownIndex finds what the modules that are loaded export.
type knownIndex struct {
	loads   int
	exports map[*goja.Object]exported // what modules export, as a whole
	parts   map[*goja.Object]exported // and the functions among its properties
}

// exported is what a module exports, as a whole or one property of it.
type exported struct {
	m       *module // nil: builtin
	builtin string
	ns      bool // as import has it
	name    string
}

// importAsWell marks a builtin module that is to be given as import has it.
const importAsWell = "namespace"

// Known implements vm.Snapshot.
func (s *snapshot) Known(v goja.Value) (*vm.Reference, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return s.l.native(v), nil
	}
	if r := s.stands[o]; r != nil {
		return r, nil
	}
	x := s.l.exportsNow()
	if e, ok := x.exports[o]; ok {
		return s.l.referTo(e, o)
	}
	if _, isFn := goja.AssertFunction(o); !isFn {
		return s.object(o)
	}
	if s.l.saidOf(o) != nil {
		return nil, nil
	}
	u, _ := s.l.closureOf(o)
	if u != nil && (s.l.main != nil && u == s.l.main.unit || mentions(u.text)) {
		return nil, nil
	}
	if e, ok := x.parts[o]; ok {
		return s.l.referTo(e, o)
	}
	if u != nil {
		return nil, nil
	}
	return s.l.native(v), nil
}

// object is Known for what is no function.
func (s *snapshot) object(o *goja.Object) (*vm.Reference, error) {
	if r := s.l.native(o); r != nil {
		return r, nil
	}
	proto := o.Prototype()
	if proto == nil || s.l.native(proto) != nil {
		return nil, nil
	}
	class, ok := proto.Get("constructor").(*goja.Object)
	if !ok {
		return nil, nil
	}
	if _, ok := goja.AssertFunction(class); !ok || s.l.native(class) != nil {
		return nil, nil
	}
	if u, _ := s.l.closureOf(class); u != nil {
		return nil, nil
	}
	if text, err := s.l.toString(class); err == nil && s.l.Locate(text.String(), vm.Position{}).File != "" {
		return nil, nil // a class of a file of the script's
	}
	return nil, fmt.Errorf("it is an object of the class %s, which belongs to this process; send plain data of it", class.Get("name"))
}

// addBuiltin notes the exports of a builtin module. The library's get what only the loader can give them.
func (l *Loader) addBuiltin(o *goja.Object, name string) {
	l.builtinOf[o] = name
	l.loads++
	if isOurs(name) && o.Get("fn") == nil {
		l.set(o, "fn", l.function("fn", l.fn))
	}
}

// referTo makes the reference to what a module exports.
func (l *Loader) referTo(e exported, o *goja.Object) (*vm.Reference, error) {
	var path []string
	if e.name != "" {
		path = []string{e.name}
	}
	if e.m == nil {
		if !vm.TaskModule(e.builtin) {
			if r := l.native(o); r != nil {
				return r, nil
			}
			what := ""
			if e.name != "" {
				what = e.name + " of "
			}
			return nil, fmt.Errorf("%sthe module %q is not available on workers; use it here, and send what it gives", what, e.builtin)
		}
		part := &vm.Function{Kind: vm.KindBuiltin, Source: e.builtin}
		if e.ns {
			part.Name = importAsWell
		}
		return &vm.Reference{Part: part, Path: path}, nil
	}
	if _, isFn := goja.AssertFunction(o); !isFn && e.name == "" && l.plainData(o, 0) {
		return nil, nil
	}
	part, err := l.bundleOf(e.m.file, e.ns)
	if err != nil {
		return nil, err
	}
	if e.ns {
		path = slices.Insert(path, 0, bundledNamespace)
	}
	return &vm.Reference{Part: part, Path: path}, nil
}

// plainData reports whether an object holds nothing but data, so that it is copied as it is now.
func (l *Loader) plainData(o *goja.Object, depth int) bool {
	if depth > 20 || o.ClassName() != "Object" && o.ClassName() != "Array" || len(o.Symbols()) > 0 {
		return false
	}
	for _, k := range o.Keys() {
		p, ok := o.Get(k).(*goja.Object)
		if ok && !l.plainData(p, depth+1) {
			return false
		}
	}
	return true
}

// exportsNow is the index of what is loaded now.
func (l *Loader) exportsNow() *knownIndex {
	if l.index != nil && l.index.loads == l.loads {
		return l.index
	}
	x := &knownIndex{loads: l.loads, exports: map[*goja.Object]exported{}, parts: map[*goja.Object]exported{}}
	for _, m := range l.known {
		if m != l.main && m.unit != nil && !mentions(m.unit.text) {
			l.addModule(x, m)
		}
	}
	for o, name := range l.builtinOf {
		x.add(o, exported{builtin: name}, true)
	}
	for name, ns := range l.natives {
		if o, ok := ns.(*goja.Object); ok {
			x.add(o, exported{builtin: name, ns: true}, false)
		}
	}
	l.index = x
	return x
}

func (l *Loader) addModule(x *knownIndex, m *module) {
	if m.esm != nil {
		if m.esm.rec == nil {
			return
		}
		x.add(l.namespace(m), exported{m: m, ns: true}, true)
		if o, ok := m.esm.requireNS.(*goja.Object); ok {
			x.add(o, exported{m: m}, false)
		}
		return
	}
	if m.obj == nil {
		return
	}
	if o, ok := m.obj.Get("exports").(*goja.Object); ok {
		x.add(o, exported{m: m}, true)
	}
	for _, ns := range []*goja.Object{m.ns, m.babelNS} {
		if ns != nil {
			x.add(ns, exported{m: m, ns: true}, false)
		}
	}
}

// add notes the whole, and if parts is set the functions among its properties; getters are not asked.
func (x *knownIndex) add(o *goja.Object, e exported, parts bool) {
	if _, ok := x.exports[o]; ok {
		return
	}
	x.exports[o] = e
	if !parts {
		return
	}
	for _, k := range o.Keys() {
		p, ok := o.Get(k).(*goja.Object)
		if !ok {
			continue
		}
		if _, isFn := goja.AssertFunction(p); !isFn {
			continue
		}
		if _, ok := x.parts[p]; !ok {
			part := e
			part.name = k
			x.parts[p] = part
		}
	}
}

// require stands for the require, or the import(), of a module in a function that is sent: the modules that the function
// names travel with it.
func (s *snapshot) require(u *unit, c *closure, name string) goja.Value {
	l := s.l
	r := &vm.Reference{Part: &vm.Function{Kind: vm.KindRequire, Name: name}}
	from := &module{file: u.file, dir: dirOf(u.file)}
	conds, ns := requireConds, false
	if name == "__import" {
		conds, ns = importConds, true
	}
	for _, spec := range c.requires {
		target, err := l.resolve(spec, l.request(from, conds))
		if err != nil || !isPath(target) || slices.Contains(r.Part.Names, spec) {
			continue // the worker says what is wrong, if it comes to that
		}
		part, err := l.bundleOf(target, ns)
		if err != nil {
			continue
		}
		ref := &vm.Reference{Part: part}
		if ns {
			ref.Path = []string{bundledNamespace}
		}
		r.Part.Names = append(r.Part.Names, spec)
		r.Specs = append(r.Specs, s.stand(ref))
	}
	return s.stand(r)
}

// stand makes an object that stands for r.
func (s *snapshot) stand(r *vm.Reference) *goja.Object {
	if s.stands == nil {
		s.stands = map[*goja.Object]*vm.Reference{}
	}
	o := s.l.rt.NewObject()
	s.stands[o] = r
	return o
}

// native finds a part of the language, which every runtime has: a function such as Math.max, an object such as JSON, a
// symbol such as Symbol.iterator.
func (l *Loader) native(v goja.Value) *vm.Reference {
	if l.parts == nil {
		l.findParts()
	}
	return l.parts[v]
}

// languageNames are the names of the global object of a runtime without anything of ours.
var languageNames = sync.OnceValue(func() []string {
	return goja.New().GlobalObject().GetOwnPropertyNames()
})

// taskGlobal reports whether every task has a global of the name.
func taskGlobal(name string) bool { return taskGlobals()[name] }

var taskGlobals = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{"undefined": true, "NaN": true, "Infinity": true}
	for _, n := range vm.TaskGlobals() {
		set[n] = true
	}
	return set
})

// unusual reports whether a name that nothing declares may be something else than what every task has.
func unusual(name string) bool { return !taskGlobal(name) }

// findParts walks through the language, two levels deep, without calling a getter.
func (l *Loader) findParts() {
	l.parts = map[goja.Value]*vm.Reference{}
	part := &vm.Function{Kind: vm.KindGlobal}
	global := l.rt.GlobalObject()
	l.parts[global] = &vm.Reference{Part: part}
	add := func(v goja.Value, path ...string) *goja.Object {
		switch v := v.(type) {
		case *goja.Symbol:
			if l.parts[v] == nil {
				l.parts[v] = &vm.Reference{Part: part, Path: slices.Clone(path)}
			}
		case *goja.Object:
			if l.parts[v] == nil {
				l.parts[v] = &vm.Reference{Part: part, Path: slices.Clone(path)}
				return v
			}
		}
		return nil
	}
	members := func(o *goja.Object, path ...string) {
		for _, k := range o.GetOwnPropertyNames() {
			if k == "caller" || k == "arguments" || k == "constructor" {
				continue
			}
			l.rt.Try(func() { add(o.Get(k), append(path, k)...) })
		}
	}
	for _, name := range append(slices.Clone(languageNames()), "console", "Buffer", "URL", "URLSearchParams", "TextEncoder", "TextDecoder",
		"AbortController", "AbortSignal", "Event", "EventTarget", "structuredClone", "queueMicrotask", "atob", "btoa", "performance",
		"setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate") {
		if strings.HasPrefix(name, "__") || name == "globalThis" {
			continue
		}
		var o *goja.Object
		l.rt.Try(func() { o = add(global.Get(name), name) })
		if o == nil {
			continue
		}
		members(o, name)
		if p, ok := o.Get("prototype").(*goja.Object); ok {
			members(p, name, "prototype")
		}
	}
}
