package vm

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"
)

// realm holds the constructors of one runtime: what Decode makes objects with, and the prototypes that Encode knows
// objects by. Without KeepRealm it belongs to one Decode or Encode and looks into the global object at need.
type realm struct {
	rt       *goja.Runtime
	ctors    map[string]*goja.Object
	iterator *goja.Object // %IteratorPrototype%
}

// realmKey is where KeepRealm leaves the realm on the global object.
var realmKey = goja.NewSymbol("realm")

// realmNames are the constructors that Decode uses and the weak collections that Encode refuses.
var realmNames = []string{
	"Map", "Set", "Date", "RegExp", "Object", "DataView", "WeakMap", "WeakSet",
	"Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
	"Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
	"Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError",
}

// KeepRealm takes hold of the constructors of rt before a script can replace them, for all later calls of Decode and
// Encode in rt. Without it they look into the global object, so a script that replaces Map gets its own Map back from
// Decode. It costs some 50 µs, which a task, whose script can fool none but itself, does without.
func KeepRealm(rt *goja.Runtime) error {
	r := &realm{rt: rt, ctors: make(map[string]*goja.Object)}
	for _, name := range realmNames {
		if _, err := r.ctor(name); err != nil {
			return err
		}
	}
	r.iteratorPrototype()
	return rt.GlobalObject().DefineDataPropertySymbol(realmKey, rt.ToValue(r), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}

// realmOf returns the realm that KeepRealm left, or one that looks at need.
func realmOf(rt *goja.Runtime) *realm {
	if o, ok := rt.GlobalObject().GetSymbol(realmKey).(*goja.Object); ok {
		if r, ok := o.Export().(*realm); ok && r.rt == rt {
			return r
		}
	}
	return &realm{rt: rt, ctors: make(map[string]*goja.Object)}
}

var errNoConstructor = errors.New("is no constructor")

func (r *realm) ctor(name string) (*goja.Object, error) {
	if c := r.ctors[name]; c != nil {
		return c, nil
	}
	c, ok := r.rt.GlobalObject().Get(name).(*goja.Object)
	if ok {
		_, ok = goja.AssertConstructor(c)
	}
	if !ok {
		return nil, fmt.Errorf("the global %s %w", name, errNoConstructor)
	}
	r.ctors[name] = c
	return c, nil
}

// prototype returns the prototype property of a constructor, nil if there is none.
func (r *realm) prototype(name string) *goja.Object {
	c, err := r.ctor(name)
	if err != nil {
		return nil
	}
	p, _ := c.Get("prototype").(*goja.Object)
	return p
}

func (r *realm) iteratorPrototype() *goja.Object {
	if r.iterator == nil {
		if v, err := r.rt.RunProgram(generatorObject); err == nil {
			if p := v.(*goja.Object).Prototype(); p != nil {
				r.iterator = p.Prototype()
			}
		}
	}
	return r.iterator
}
