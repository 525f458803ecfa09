package vm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

var (
	errEnv     = errors.New("captured variables and arguments are not in the form of JoinEnv")
	errNoParts = errors.New("a part of code that is not there")
)

// function reads a function: code and perhaps the captured values of it, or a part of the code that is there.
func (d *decoder) function(n int) goja.Value {
	number := len(d.objects)
	d.add(nil)
	if !d.o.Functions {
		return d.refuse(errFunctionRefused)
	}
	if d.r.Type() == value.Bin {
		return d.wholeFunction(number, n)
	}
	i := d.r.Int()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	if i < 0 || i >= int64(len(d.o.parts)) || n < 1 {
		return d.refuse(errNoParts)
	}
	f := d.o.parts[i]
	switch f.Kind {
	case KindModule, KindBuiltin, KindGlobal:
		return d.known(number, f, n-1)
	case KindRequire:
		return d.requireFunction(number, f, n-1)
	case KindInstance:
		return d.instance(number, n-1)
	}
	return d.closure(number, f, n-1)
}

// wholeFunction reads a function among arguments.
func (d *decoder) wholeFunction(number, n int) goja.Value {
	b := d.r.Bin()
	var env []byte
	if n == 2 {
		env = d.r.Bin()
	}
	if n > 2 || d.r.Err() != nil {
		return d.fail("function with too many parts")
	}
	f, err := DecodeFunction(b)
	if err != nil {
		return d.refuse(err)
	}
	inner := d.o
	inner.depth++
	o, err := f.instantiate(d.rt, env, inner)
	if err != nil {
		return d.refuse(err)
	}
	d.objects[number] = o
	return o
}

// instantiate makes the function in rt, with the captures that env holds.
func (f *Function) instantiate(rt *goja.Runtime, env []byte, o DecodeOptions) (*goja.Object, error) {
	compile := o.Compile
	if compile == nil {
		compile = (*Function).Compile
	}
	if len(env) == 0 {
		if len(f.Names) > 0 {
			return nil, errEnv
		}
		p, err := compile(f)
		if err != nil {
			return nil, err
		}
		return f.Bind(rt, p)
	}
	o.parts, o.Functions = append([]*Function{f}, f.Parts...), true
	v, err := Decode(rt, env, o)
	if err != nil {
		return nil, err
	}
	fn, ok := v.(*goja.Object)
	if !ok {
		return nil, errNotFunction
	}
	if _, ok := goja.AssertFunction(fn); !ok {
		return nil, errNotFunction
	}
	return fn, nil
}

func (d *decoder) program(f *Function) *goja.Program {
	compile := d.o.Compile
	if compile == nil {
		compile = (*Function).Compile
	}
	p, err := compile(f)
	if err != nil {
		d.refuse(err)
	}
	return p
}

// closure reads the captures of f and makes it. A function is there before its captures, which may refer to it; a
// class, whose own code runs when it is made, comes after them.
func (d *decoder) closure(number int, f *Function, n int) goja.Value {
	if n != len(f.Names) && n != len(f.Names)+3 {
		return d.fail("captures that are not those of the code")
	}
	p := d.program(f)
	if p == nil {
		return goja.Undefined()
	}
	var o *goja.Object
	var set goja.Callable
	var err error
	if f.Kind != KindClass {
		if o, set, err = f.bind(d.rt, p); err != nil {
			return d.refuse(err)
		}
		d.objects[number] = o
	}
	args := make([]goja.Value, len(f.Names))
	assign := func() {
		if set != nil && d.err == nil {
			if _, err := set(nil, args...); err != nil {
				d.refuse(err)
			}
		}
	}
	for i := range args {
		args[i] = d.captured(func(v goja.Value) {
			args[i] = v
			assign()
		})
		if d.r.Err() != nil {
			return goja.Undefined()
		}
	}
	if f.Kind == KindClass {
		if o, _, err = f.bind(d.rt, p, args...); err != nil {
			return d.refuse(err)
		}
		d.objects[number] = o
		for _, fix := range d.pending[number] {
			fix(o)
		}
		delete(d.pending, number)
	} else {
		assign()
	}
	if n > len(f.Names) {
		d.own(o)
	}
	return o
}

// captured reads a captured value. If it is a class that is still being made, fix is called with it later.
func (d *decoder) captured(fix func(goja.Value)) goja.Value {
	if d.r.PeekExt() != value.KindReference {
		return d.value()
	}
	_, p := d.r.Ext()
	if len(p) != 4 {
		return d.fail("extension that is no value")
	}
	n := binary.BigEndian.Uint32(p)
	if uint64(n) < uint64(len(d.objects)) && d.objects[n] == nil {
		if d.pending == nil {
			d.pending = make(map[int][]func(goja.Value))
		}
		d.pending[int(n)] = append(d.pending[int(n)], fix)
		return goja.Undefined()
	}
	return d.reference(n)
}

// own reads what a function has beyond its code.
func (d *decoder) own(o *goja.Object) {
	props, proto, parent := d.value(), d.value(), d.value()
	if d.r.Err() != nil {
		return
	}
	copyTo := func(from goja.Value, to *goja.Object) {
		src, ok := from.(*goja.Object)
		if !ok {
			d.fail("own properties that are no object")
			return
		}
		for _, k := range src.Keys() {
			d.define(to, k, src.Get(k), goja.FLAG_TRUE)
		}
	}
	copyTo(props, o)
	p, ok := o.Get("prototype").(*goja.Object)
	if !ok {
		return
	}
	copyTo(proto, p)
	if class, ok := parent.(*goja.Object); ok {
		if up, ok := class.Get("prototype").(*goja.Object); ok {
			if err := p.SetPrototype(up); err != nil {
				d.refuse(err)
			}
		}
	}
}

// known finds what f stands for, by the properties that follow.
func (d *decoder) known(number int, f *Function, n int) goja.Value {
	v, err := d.base(f)
	if err != nil {
		return d.refuse(err)
	}
	for ; n > 0 && d.r.Err() == nil; n-- {
		name := d.r.Str()
		if d.r.Err() != nil {
			break
		}
		o := v.ToObject(d.rt)
		if v = o.Get(name); v == nil {
			return d.refuse(fmt.Errorf("there is no %s here", name))
		}
	}
	if o, ok := v.(*goja.Object); ok {
		d.objects[number] = o
	}
	return v
}

// base returns what a module exports, or the global object. A module runs once.
func (d *decoder) base(f *Function) (goja.Value, error) {
	if f.Kind == KindGlobal {
		return d.rt.GlobalObject(), nil
	}
	if v, ok := d.bases[f]; ok {
		return v, nil
	}
	v, err := d.load(f)
	if err != nil {
		return nil, err
	}
	if d.bases == nil {
		d.bases = make(map[*Function]goja.Value)
	}
	d.bases[f] = v
	return v, nil
}

func (d *decoder) load(f *Function) (goja.Value, error) {
	require := d.rt.GlobalObject().Get("require")
	if f.Kind == KindBuiltin {
		call, ok := goja.AssertFunction(require)
		if !ok {
			return nil, fmt.Errorf("module %q is not available here", f.Source)
		}
		v, err := call(nil, d.rt.ToValue(f.Source))
		if err != nil || f.Name == "" {
			return v, err
		}
		return d.namespace(v), nil
	}
	p := d.program(f)
	if p == nil {
		return nil, d.err
	}
	body, err := d.rt.RunProgram(p)
	if err != nil {
		return nil, err
	}
	call, ok := goja.AssertFunction(body)
	if !ok {
		return nil, errNotFunction
	}
	if require == nil {
		require = goja.Undefined()
	}
	mod, exports := d.rt.NewObject(), d.rt.NewObject()
	d.define(mod, "exports", exports, goja.FLAG_TRUE)
	if _, err := call(exports, exports, require, mod); err != nil {
		return nil, err
	}
	return mod.Get("exports"), nil
}

// namespace is a module's exports as import has them.
func (d *decoder) namespace(exports goja.Value) *goja.Object {
	ns := d.rt.NewObject()
	if o, ok := exports.(*goja.Object); ok {
		for _, k := range o.Keys() {
			d.define(ns, k, o.Get(k), goja.FLAG_TRUE)
		}
	}
	d.define(ns, "default", exports, goja.FLAG_TRUE)
	return ns
}

// importName is the function that lowered code calls for import().
const importName = "__import"

// importFunction makes an import() of a require.
func importFunction(rt *goja.Runtime, require func(spec string) (goja.Value, error)) *goja.Object {
	return nativeFunction(rt, "import", 1, func(call goja.FunctionCall) goja.Value {
		p, resolve, reject := rt.NewPromise()
		v, err := require(call.Argument(0).String())
		if err != nil {
			_ = reject(Thrown(rt, err))
		} else {
			_ = resolve(v)
		}
		return rt.ToValue(p)
	})
}

// requireFunction makes a require that knows the modules that follow, and else does what the worker's own does.
func (d *decoder) requireFunction(number int, f *Function, n int) goja.Value {
	if n != len(f.Names) {
		return d.fail("captures that are not those of the code")
	}
	modules := make(map[string]goja.Value, n)
	own := func(args ...goja.Value) (goja.Value, error) {
		call, ok := goja.AssertFunction(d.rt.GlobalObject().Get("require"))
		if !ok {
			panic(newError(d.rt, "Error", "Cannot find module '"+args[0].String()+"'", "MODULE_NOT_FOUND"))
		}
		return call(nil, args...)
	}
	o := importFunction(d.rt, func(spec string) (goja.Value, error) {
		if v, ok := modules[spec]; ok {
			return v, nil
		}
		v, err := own(d.rt.ToValue(spec))
		if err != nil {
			return nil, err
		}
		return d.namespace(v), nil
	})
	if f.Name != importName {
		o = nativeFunction(d.rt, "require", 1, func(call goja.FunctionCall) goja.Value {
			if v, ok := modules[call.Argument(0).String()]; ok {
				return v
			}
			v, err := own(call.Argument(0))
			if err != nil {
				panic(rethrow(d.rt, err))
			}
			return v
		})
	}
	d.objects[number] = o
	for _, name := range f.Names {
		modules[name] = d.value()
	}
	return o
}

// instance reads an object of a captured class.
func (d *decoder) instance(number, n int) goja.Value {
	if n != 2 {
		return d.fail("instance with too many parts")
	}
	o := d.rt.NewObject()
	d.objects[number] = o
	adopt := func(v goja.Value) {
		class, ok := v.(*goja.Object)
		if !ok {
			return
		}
		if proto, ok := class.Get("prototype").(*goja.Object); ok {
			if err := o.SetPrototype(proto); err != nil {
				d.refuse(err)
			}
		}
	}
	adopt(d.captured(adopt))
	if d.r.Err() == nil {
		d.properties(o, goja.FLAG_TRUE)
	}
	return o
}
