package loader

import (
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// capture is what the loader keeps so that functions can be sent with the variables that they use.
type capture struct {
	sends     bool // some file mentions the library
	toString  goja.Callable
	readers   *goja.Object // a WeakMap: classes to functions that read their variables
	said      *goja.Object // a WeakMap: functions of sc.fn to what was said of them
	weakGet   goja.Callable
	weakSet   goja.Callable
	byNumber  map[int]*unit
	builtinOf map[*goja.Object]string // exports of builtin modules, and their names
	loads     int                     // grows whenever exports may be new
	checking  *checker                // while Check compiles
	index     *knownIndex
	parts     map[goja.Value]*vm.Reference // of the language
	bundles   map[string]*vm.Function
	warned    map[string]bool
}

// smallFile is the length in bytes up to which it is not worth asking whether a file's functions may ever be sent.
const smallFile = 512 << 10

// instruments reports whether the functions of a file may be sent and captured: those of the script's own files, but
// for large ones that come before any that mentions the library. What packages export is found again by its name.
func (l *Loader) instruments(path, text string) bool {
	if l.cfg.NoCapture || strings.Contains(text, ourNames) {
		return false
	}
	l.sends = l.sends || mentions(text)
	return (l.sends || len(text) <= smallFile) && !belowModules(path)
}

// mentions reports whether a file uses the library itself, so that it cannot run again at a worker.
func mentions(text string) bool {
	return strings.Contains(text, "'supercluster'") || strings.Contains(text, `"supercluster"`) ||
		strings.Contains(text, "sc:supercluster") || strings.Contains(text, "'nnet'") || strings.Contains(text, `"nnet"`)
}

// installCapture gives the runtime a toString of functions that knows the texts behind tags, and lets vm ask what
// functions capture.
func (l *Loader) installCapture() {
	proto := l.rt.GlobalObject().Get("Function").ToObject(l.rt).Get("prototype").ToObject(l.rt)
	own := proto.Get("toString")
	l.toString, _ = goja.AssertFunction(own)
	text := l.function("toString", func(c goja.FunctionCall) goja.Value {
		v, err := l.toString(c.This)
		if err != nil {
			raise(err)
		}
		if unit, i, ok := tagged(v.String()); ok {
			if u := l.byNumber[unit]; u != nil && i < len(u.closures) {
				return l.rt.ToValue(u.closures[i].whole(u))
			}
		}
		return v
	})
	_ = text.DefineDataProperty("length", l.rt.ToValue(0), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = proto.DefineDataProperty("toString", text, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	class := l.rt.GlobalObject().Get("WeakMap").ToObject(l.rt)
	weak := class.Get("prototype").ToObject(l.rt)
	l.weakGet, _ = goja.AssertFunction(weak.Get("get"))
	l.weakSet, _ = goja.AssertFunction(weak.Get("set"))
	l.readers, l.said = l.weakMap(class), l.weakMap(class)
	l.byNumber, l.builtinOf = map[int]*unit{}, map[*goja.Object]string{}
	l.bundles, l.warned = map[string]*vm.Function{}, map[string]bool{}
	if err := vm.KeepCaptures(l.rt, capturer{l}); err != nil {
		panic(err) // a new runtime refuses no property
	}
}

func (l *Loader) weakMap(class *goja.Object) *goja.Object {
	o, err := l.rt.New(class)
	if err != nil {
		panic(err)
	}
	return o
}

// text is the function's text, as the user wrote it or as lower made it.
func (c *closure) text(u *unit) string {
	start, end := int(c.start)-1-u.shift, int(c.end)-1-u.shift
	if start < 0 || end > len(u.code) || start > end {
		return ""
	}
	return u.code[start:end]
}

// whole is text with all of its end; goja takes an arrow function to end before the parentheses around its value.
func (c *closure) whole(u *unit) string {
	if c.mended == "" {
		c.mended = c.text(u)
		if c.arrow {
			c.mended = vm.WholeText(c.mended)
		}
	}
	return c.mended
}

// bodyOf returns the function of a compiled module, in a new run.
func (l *Loader) bodyOf(u *unit) (goja.Callable, error) {
	v, err := l.rt.RunProgram(u.program)
	if err != nil {
		return nil, err
	}
	fn, _ := goja.AssertFunction(v)
	if u.number == 0 {
		return fn, nil
	}
	l.byNumber[u.number] = u
	v, err = fn(goja.Undefined(), l.rt.ToValue(0), l.function("keep", func(c goja.FunctionCall) goja.Value {
		_, err := l.weakSet(l.readers, c.Argument(0), c.Argument(1))
		if err != nil {
			raise(err)
		}
		return goja.Undefined()
	}))
	if err != nil {
		return nil, err
	}
	pair := v.ToObject(l.rt)
	set, _ := goja.AssertFunction(pair.Get("0"))
	u.setters = append(u.setters, set)
	fn, _ = goja.AssertFunction(pair.Get("1"))
	return fn, nil
}

// closureOf finds which function of an instrumented file o is.
func (l *Loader) closureOf(o *goja.Object) (*unit, *closure) {
	v, err := l.toString(o)
	if err != nil {
		return nil, nil
	}
	number, i, ok := tagged(v.String())
	u := l.byNumber[number]
	if !ok || u == nil || i >= len(u.closures) {
		return nil, nil
	}
	return u, u.closures[i]
}

// read asks o, the closure c of u, for the value with the given number, from 1 on. It returns nil if the variable is not
// initialised yet.
func (l *Loader) read(o *goja.Object, u *unit, c *closure, number int) goja.Value {
	if c.class {
		reader, err := l.weakGet(l.readers, o)
		if err != nil {
			return nil
		}
		fn, ok := goja.AssertFunction(reader)
		if !ok {
			return nil
		}
		v, err := fn(goja.Undefined(), l.rt.ToValue(number))
		if err != nil {
			return nil
		}
		return v
	}
	fn, ok := goja.AssertFunction(o)
	if !ok {
		return nil
	}
	l.probe(u, number)
	defer l.probe(u, 0)
	var args []goja.Value
	if c.patterns {
		for range c.params {
			args = append(args, l.js.anything)
		}
	}
	v, err := fn(goja.Undefined(), args...)
	if err != nil {
		return nil
	}
	return l.answer(v, c)
}

func (l *Loader) probe(u *unit, number int) {
	n := l.rt.ToValue(number)
	for _, set := range u.setters {
		_, _ = set(goja.Undefined(), n) // an assignment
	}
}

// answer takes what a probe returned out of the promise or the generator that it came in.
func (l *Loader) answer(v goja.Value, c *closure) goja.Value {
	o, ok := v.(*goja.Object)
	switch {
	case ok && c.generator:
		next, ok := goja.AssertFunction(o.Get("next"))
		if !ok {
			return nil
		}
		r, err := next(o)
		if err != nil {
			return nil
		}
		return r.ToObject(l.rt).Get("value")
	case ok && c.async:
		p, ok := o.Export().(*goja.Promise)
		if !ok {
			return nil
		}
		if p.State() != goja.PromiseStateFulfilled {
			l.then(o, func(goja.Value) {}, func(goja.Value) {}) // nobody else hears of it
			return nil
		}
		return p.Result().ToObject(l.rt).Get("0")
	}
	return v
}
