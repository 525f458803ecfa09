package vm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// function encodes a function among arguments: as code, and a value with what it captures. Among captured values it
// is the number of a part, and its own captures.
func (e *encoder) function(o *goja.Object) error {
	if !e.o.Functions && e.pack == nil {
		return e.fail("a function cannot be sent here, only in arguments")
	}
	if e.pack != nil {
		f, c, err := e.pack.take(o, false)
		if err != nil {
			return e.refused(err)
		}
		return e.closure(o, f, c)
	}
	f, err := FunctionOf(e.rt, o, e.o.Locate)
	if err != nil {
		return e.refused(err)
	}
	e.number(o)
	parts := 1
	if f.Env != nil {
		parts = 2
	}
	if err := e.begin(value.KindFunction, parts); err != nil {
		return err
	}
	defer e.leave(1)
	e.w.Bin(f.Encode())
	if f.Env != nil {
		e.w.Bin(f.Env)
	}
	return e.size()
}

// refused puts the path before why a function cannot be sent.
func (e *encoder) refused(err error) error {
	if variable := (*CaptureError)(nil); e.pack != nil && errors.As(err, &variable) {
		return err
	}
	return e.fail("%v", err)
}

// closure encodes a function or class and its captures, in the form that only captured values have.
func (e *encoder) closure(o *goja.Object, f *Function, c *Closure) error {
	n := len(f.Names)
	own, err := e.ownParts(o, f)
	if err != nil {
		return err
	}
	if own != nil {
		n += 3
	}
	e.number(o)
	if err := e.begin(value.KindFunction, 1+n); err != nil {
		return err
	}
	defer e.leave(1)
	e.w.Int(int64(e.pack.part(f)))
	if c != nil {
		for _, v := range c.Variables {
			if err := e.captured(f, v); err != nil {
				return err
			}
		}
	}
	if own != nil {
		return e.ownValues(own)
	}
	return e.size()
}

// captured encodes one variable of f.
func (e *encoder) captured(f *Function, v Variable) error {
	base, before := len(e.path), e.w.Len()
	err := error(nil)
	switch {
	case v.Why != "":
		e.path = append(e.path, step{name: v.Name, form: 'p'})
		err = e.fail("%s", v.Why)
	case v.Value == nil:
		e.path = append(e.path, step{name: v.Name, form: 'p'})
		err = e.fail("it is not initialised yet; send the function after that")
	default:
		err = e.at(step{name: v.Name, form: 'p'}, v.Value)
	}
	var bad *ValueError
	if errors.As(err, &bad) {
		variable := e.pathFrom(base)
		if v.Shown != "" {
			variable = v.Shown + strings.TrimPrefix(variable, v.Name)
		}
		if r := []rune(variable); len(r) > maxVariableShown {
			variable = string(r[:maxVariableShown/2]) + "…" + string(r[len(r)-maxVariableShown/2:])
		}
		ce := &CaptureError{Function: f.Name, Variable: variable, What: ", but " + bad.What}
		if why, ok := strings.CutPrefix(bad.What, "cannot send "); ok {
			ce.What = ", which cannot be sent: " + why
		}
		ce.Place, ce.Frame = e.pack.snap.Frame(v.At)
		return ce
	}
	if n := e.w.Len() - before; err == nil && n > largeCapture && base == 0 {
		place, _ := e.pack.snap.Frame(v.At)
		e.pack.snap.Warn(fmt.Sprintf("%s uses %s, of %.1f MB: each value that it has travels to each worker; make it an argument that master.put has stored", place, v.Name, float64(n)/(1<<20)))
	}
	return err
}

// pathFrom is the path to the value being encoded from the step base on.
func (e *encoder) pathFrom(base int) string {
	path, root := e.path, e.o.Path
	e.path, e.o.Path = e.path[base:], ""
	text := e.pathText()
	e.path, e.o.Path = path, root
	return strings.TrimPrefix(text, ".")
}

// known encodes what the worker finds by itself; it reports whether v is that.
func (e *encoder) known(v goja.Value) (bool, error) {
	ref, err := e.pack.snap.Known(v)
	if err != nil {
		return true, e.fail("%v", err)
	}
	if ref == nil {
		return false, nil
	}
	o, _ := v.(*goja.Object)
	e.number(o)
	if err := e.begin(value.KindFunction, 1+len(ref.Path)+len(ref.Specs)); err != nil {
		return true, err
	}
	defer e.leave(1)
	e.w.Int(int64(e.pack.part(ref.Part)))
	for _, s := range ref.Specs {
		if err := e.value(s); err != nil {
			return true, err
		}
	}
	for _, name := range ref.Path {
		e.w.Str(name)
	}
	return true, e.size()
}

// instance encodes an object of a class that can be captured: the class and the object's own properties. It reports
// whether o is one.
func (e *encoder) instance(o, proto *goja.Object) (bool, error) {
	if e.call(builtins.hasOwn, proto, e.rt.ToValue("constructor")).ToBoolean() {
		class, ok := proto.Get("constructor").(*goja.Object)
		if !ok {
			return false, nil
		}
		if _, ok := goja.AssertFunction(class); !ok || class.Get("prototype") != goja.Value(proto) {
			return false, nil
		}
		c, err := e.pack.snap.Closure(class)
		if err != nil || c == nil {
			if ref, err := e.pack.snap.Known(class); ref == nil || err != nil {
				return false, nil
			}
		}
		if c != nil && c.Private {
			return true, e.fail("an object of a class with private members cannot be sent, as nothing can read them; send plain data of it, and make " +
				"the object in the function")
		}
		e.number(o)
		if err := e.begin(value.KindFunction, 3); err != nil {
			return true, err
		}
		defer e.leave(1)
		e.w.Int(int64(e.pack.part(&Function{Kind: KindInstance})))
		if err := e.at(step{name: "constructor", form: 'p'}, class); err != nil {
			return true, err
		}
		return true, e.properties(o)
	}
	return false, nil
}

// ownParts are what a function carries beyond its code: its own properties, those of its prototype, and the class
// that its prototype inherits from. nil if there is nothing of the kind.
func (e *encoder) ownParts(o *goja.Object, f *Function) ([]goja.Value, error) {
	keys := o.Keys()
	props, proto, parent := e.rt.NewObject(), e.rt.NewObject(), goja.Undefined()
	for _, k := range keys {
		if err := props.Set(k, o.Get(k)); err != nil {
			return nil, err
		}
	}
	some := len(keys) > 0
	if p, ok := o.Get("prototype").(*goja.Object); ok && f.Kind != KindMethod {
		if f.Kind != KindClass {
			for _, k := range p.GetOwnPropertyNames() {
				if k == "constructor" {
					continue
				}
				some = true
				if err := proto.Set(k, p.Get(k)); err != nil {
					return nil, err
				}
			}
			if up := p.Prototype(); up != nil && up != e.plain {
				if class, ok := up.Get("constructor").(*goja.Object); ok && class.Get("prototype") == goja.Value(up) {
					if ref, _ := e.pack.snap.Closure(class); ref != nil {
						parent, some = class, true
					}
				}
			}
		} else {
			for _, k := range p.Keys() { // methods of a class are not enumerable; what was added is
				some = true
				if err := proto.Set(k, p.Get(k)); err != nil {
					return nil, err
				}
			}
		}
	}
	if !some {
		return nil, nil
	}
	return []goja.Value{props, proto, parent}, nil
}

func (e *encoder) ownValues(own []goja.Value) error {
	for i, name := range []string{"", "prototype", "prototype"} {
		var err error
		if name == "" {
			err = e.value(own[i])
		} else {
			err = e.at(step{name: name, form: 'p'}, own[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
